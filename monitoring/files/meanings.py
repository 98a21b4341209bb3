"""What a column of a file may give. No database here."""

from patients.models import Measure

PRESSURE, RATE, GLUCOSE = Measure.BLOOD_PRESSURE.value, Measure.HEART_RATE.value, Measure.GLUCOSE.value
WEIGHT, SPO2 = Measure.WEIGHT.value, Measure.SPO2.value
TEMPERATURE, RESPIRATION = Measure.TEMPERATURE.value, Measure.RESPIRATORY_RATE.value
SYSTOLIC, DIASTOLIC = "systolic", "diastolic"
MOMENT, DATE, TIME, ZONE = "moment", "date", "time", "zone"
MEASURE, VALUE, SECOND, UNIT = "measure", "value", "second_value", "unit"
SERIAL, MRN, KIND, SOURCE = "serial", "mrn", "kind", "source"

LABELS = {
    MOMENT: "Date and time",
    DATE: "Date",
    TIME: "Time",
    ZONE: "Time zone or offset",
    SYSTOLIC: "Systolic",
    DIASTOLIC: "Diastolic",
    PRESSURE: "Blood pressure, like 134/84",
    RATE: "Heart rate",
    GLUCOSE: "Glucose",
    WEIGHT: "Weight",
    SPO2: "SpO₂",
    TEMPERATURE: "Temperature",
    RESPIRATION: "Respiratory rate",
    MEASURE: "Which measure",
    VALUE: "Value of that measure",
    SECOND: "Second value (diastolic)",
    UNIT: "Unit",
    SERIAL: "Device’s serial number",
    MRN: "Patient’s MRN",
    KIND: "Kind of line",
    SOURCE: "Automatic or typed",
}
# Columns that hold a value by themselves, and the measure that it is of.
MEASURES = {
    SYSTOLIC: PRESSURE,
    DIASTOLIC: PRESSURE,
    **{name: name for name in (PRESSURE, RATE, GLUCOSE, WEIGHT, SPO2, TEMPERATURE, RESPIRATION)},
}


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
