"""What the cells of a column of names say: a measure, a kind of line, automatic or typed. No database here."""

import re
from dataclasses import dataclass
from functools import lru_cache

from monitoring.files import headings
from monitoring.files import meanings as m
from monitoring.models import Source

_LOINC = {
    "8480-6": m.SYSTOLIC,
    "8462-4": m.DIASTOLIC,
    "85354-9": m.PRESSURE,
    "55284-4": m.PRESSURE,
    "8867-4": m.RATE,
    "2339-0": m.GLUCOSE,
    "2345-7": m.GLUCOSE,
    "41653-7": m.GLUCOSE,
    "15074-8": m.GLUCOSE,
    "29463-7": m.WEIGHT,
    "3141-9": m.WEIGHT,
    "59408-5": m.SPO2,
    "2708-6": m.SPO2,
    "8310-5": m.TEMPERATURE,
    "9279-1": m.RESPIRATION,
}
_PREFIXES = re.compile(r"^(HKQuantityTypeIdentifier|HKCategoryTypeIdentifier|com\.google\.)")
# Kinds of lines that hold a reading, and kinds that hold something else, even where a value stands beside it: the
# thresholds of a sensor's alarm stand in its column of glucose.
_READINGS = m.words(
    "egv 0 1 2 glucose reading measurement bp bloodpressure weight spo2 data vital vitals result bg blood patient"
)
_OTHERS = m.words(
    "3 4 5 6 alert alarm calibration insulin carbs carbohydrates exercise health notes note meal food"
    " medication device firstname lastname dateofbirth patientidentifier sensor event symptom mood"
    " steps sleep activity status battery heartbeat comment ketone control controlsolution controltest cs"
)
_TYPED = m.words(
    "manual manually manualentry typed entered user userentered self selfreported hand handentry manuell"
)
_SUMMARY = re.compile(
    r"(average|avg|mean|max(imum)?|min(imum)?|total|sum(me|mary)?|count|std(dev)?|standarddeviation|mittel(wert)?"
    r"|durchschnitt|anzahl|moyenne|promedio|media)(values?|readings?|measurements?|werte?|messungen)?\d*"
)
_YES = m.words("yes y true t 1 x ja j wahr si oui vrai verdadero")
_NO = m.words("no n false f 0 nein falsch non faux falso")
_AUTOMATIC = m.words(
    "automatic auto automatically device bluetooth ble cellular sync synced measured transmitted meter"
)


@dataclass(frozen=True, slots=True)
class Named:
    """`meaning`: one of `meanings.MEASURES`, or nothing; `unit`: in UCUM, where the name says it."""

    meaning: str = ""
    unit: str = ""


@lru_cache(maxsize=4096)
def measure(text: str) -> Named:
    if text in _LOINC:
        meaning = _LOINC[text]
        return Named(meaning) if meaning in m.MEASURES else Named()
    found = headings.understood(_PREFIXES.sub("", text)[: headings.LONGEST].replace("_", " "))
    return Named(found.meaning, found.unit) if found.meaning in m.MEASURES else Named()


def is_reading(kind: str) -> bool | None:
    """Whether lines of this kind hold a reading; None where nobody here knows the kind."""
    plain = headings.key(kind)
    if plain in _OTHERS:
        return False
    return True if plain in _READINGS or measure(kind).meaning else None


def is_summary(text: str) -> bool:
    """Of the first cell of a line: below the readings, or above them."""
    return bool(_SUMMARY.fullmatch(headings.key(text)))


def source(text: str, heading: str = "") -> Source | None:
    """Of a column that asks one of the two, like `Manual` or `WasUserEntered`, its yes and no."""
    plain = headings.key(text)
    if (asks := headings.source_asked(heading)) and (plain in _YES or plain in _NO):
        other = Source.AUTOMATIC if asks == Source.TYPED else Source.TYPED
        return Source(asks) if plain in _YES else other
    if plain in _TYPED:
        return Source.TYPED
    return Source.AUTOMATIC if plain in _AUTOMATIC else None
