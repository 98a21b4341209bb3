"""What OBX-3 and OBX-6 mean: the codes of `interchange.codes`, and names that systems use of their own."""

from interchange.codes import (
    BREATHS,
    DIASTOLIC,
    GLUCOSE,
    LOINC,
    MDC,
    MDC_UNITS,
    OXYGEN,
    PANEL,
    PULSE,
    SYSTOLIC,
    TEMPERATURE,
    WEIGHT,
    Meaning,
)
from interchange.hl7.er7 import Segment

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
