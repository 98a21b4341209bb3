"""What OBX-3 and OBX-6 mean: LOINC, the IEEE 11073 codes of home hubs, and names that systems use of their own."""

from dataclasses import dataclass
from enum import StrEnum

from interchange.hl7.er7 import Segment
from patients.models import Measure


class Part(StrEnum):
    """Which part of a measure one OBX says. `PANEL` is its heading, which may say both parts: `120/80`."""

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

LOINC = {
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
    "8331-1": TEMPERATURE,
    "8332-9": TEMPERATURE,
    "9279-1": BREATHS,
    "2339-0": GLUCOSE,
    "41653-7": GLUCOSE,
    "15074-8": GLUCOSE,
    "14743-9": GLUCOSE,
    "99504-3": GLUCOSE,
}
MDC = {
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
OF_THEIR_OWN = {
    "BP": PANEL,
    "SYS": SYSTOLIC,
    "SBP": SYSTOLIC,
    "SYSTOLIC": SYSTOLIC,
    "DIA": DIASTOLIC,
    "DBP": DIASTOLIC,
    "DIASTOLIC": DIASTOLIC,
    "HR": PULSE,
    "PULSE": PULSE,
    "SPO2": OXYGEN,
    "WT": WEIGHT,
    "WEIGHT": WEIGHT,
    "TEMP": TEMPERATURE,
    "RR": BREATHS,
    "RESP": BREATHS,
    "GLU": GLUCOSE,
    "GLUCOSE": GLUCOSE,
}
# Of IEEE 11073, by number and by name → UCUM.
MDC_UNITS = {
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


def meaning_of(obx: Segment) -> Meaning | None:
    """By the first of the two codes of OBX-3 that is known in the system that it names."""
    for first in (1, 4):
        code, system = obx.get(3, first), obx.get(3, first + 2).upper()
        if found := _table(system).get(code.upper()):
            return found
    return None


def _table(system: str) -> dict[str, Meaning]:
    if system in {"LN", "LOINC", "2.16.840.1.113883.6.1"}:
        return LOINC
    if system == "MDC":
        return MDC
    # Without a system the code must be known by its shape: no name of a system's own is a number.
    return OF_THEIR_OWN | LOINC if not system else OF_THEIR_OWN if _is_local(system) else {}


def _is_local(system: str) -> bool:
    """`L`, and `99` with whatever letters (table 0396)."""
    return system == "L" or system.startswith("99")


def unit_of(obx: Segment) -> str:
    """In UCUM, or as it is written; empty where none is said."""
    code, name = obx.get(6), obx.get(6, 2)
    return MDC_UNITS.get(code) or MDC_UNITS.get(name) or code or name
