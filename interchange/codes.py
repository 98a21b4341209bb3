"""What each measure is called by others: LOINC, and IEEE 11073 (MDC), which home hubs send. One table for FHIR and HL7.

Where each code was looked up is in docs/devices.md. No database.
"""

from dataclasses import dataclass
from enum import StrEnum

from patients.models import DeviceKind, Measure


class Part(StrEnum):
    """Which part of a measure a code says. `PANEL` is the heading of two parts."""

    WHOLE = "whole"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    PANEL = "panel"


@dataclass(frozen=True, slots=True)
class Meaning:
    measure: Measure
    part: Part = Part.WHOLE


SYSTOLIC = Meaning(Measure.BLOOD_PRESSURE, Part.SYSTOLIC)
DIASTOLIC = Meaning(Measure.BLOOD_PRESSURE, Part.DIASTOLIC)
PANEL = Meaning(Measure.BLOOD_PRESSURE, Part.PANEL)
PULSE = Meaning(Measure.HEART_RATE)
OXYGEN = Meaning(Measure.SPO2)
WEIGHT = Meaning(Measure.WEIGHT)
GLUCOSE = Meaning(Measure.GLUCOSE)
TEMPERATURE = Meaning(Measure.TEMPERATURE)
BREATHS = Meaning(Measure.RESPIRATORY_RATE)

LOINC: dict[str, Meaning] = {
    "85354-9": PANEL,
    "55284-4": PANEL,
    "8480-6": SYSTOLIC,
    "8462-4": DIASTOLIC,
    "8867-4": PULSE,
    "8889-8": PULSE,
    "59408-5": OXYGEN,
    "2708-6": OXYGEN,
    "29463-7": WEIGHT,
    "3141-9": WEIGHT,
    "8310-5": TEMPERATURE,
    "8328-7": TEMPERATURE,
    "8331-1": TEMPERATURE,
    "8332-9": TEMPERATURE,
    "8333-7": TEMPERATURE,
    "9279-1": BREATHS,
    "2339-0": GLUCOSE,
    "41653-7": GLUCOSE,
    "15074-8": GLUCOSE,
    "14743-9": GLUCOSE,
    "99504-3": GLUCOSE,
}
MDC: dict[str, Meaning] = {
    "150020": PANEL,
    "150021": SYSTOLIC,
    "150022": DIASTOLIC,
    "149546": PULSE,
    "149530": PULSE,
    "147842": PULSE,
    "150456": OXYGEN,
    "188736": WEIGHT,
    "150364": TEMPERATURE,
    "151562": BREATHS,
    "160184": GLUCOSE,
}
MDC_DEVICES: dict[DeviceKind, str] = {
    DeviceKind.BP_CUFF: "528391",
    DeviceKind.SCALE: "528399",
    DeviceKind.GLUCOMETER: "528401",
    DeviceKind.OXIMETER: "528388",
    DeviceKind.THERMOMETER: "528392",
}
# By number and by name → UCUM.
MDC_UNITS: dict[str, str] = {
    "266016": "mm[Hg]",
    "MDC_DIM_MMHG": "mm[Hg]",
    "264864": "/min",
    "MDC_DIM_BEAT_PER_MIN": "/min",
    "264928": "/min",
    "MDC_DIM_RESP_PER_MIN": "/min",
    "262688": "%",
    "MDC_DIM_PERCENT": "%",
    "263875": "kg",
    "MDC_DIM_KILO_G": "kg",
    "263904": "[lb_av]",
    "MDC_DIM_LB": "[lb_av]",
    "268192": "Cel",
    "MDC_DIM_DEGC": "Cel",
    "266560": "[degF]",
    "MDC_DIM_FAHR": "[degF]",
    "264274": "mg/dL",
    "MDC_DIM_MILLI_G_PER_DL": "mg/dL",
    "266866": "mmol/L",
    "MDC_DIM_MILLI_MOLE_PER_L": "mmol/L",
}


def loinc_of(*meanings: Meaning) -> frozenset[str]:
    """Every code that means one of these."""
    return frozenset(code for code, meaning in LOINC.items() if meaning in meanings)
