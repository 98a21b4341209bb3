"""Units as devices and their apps write them, in headings and in cells. No database here."""

import re
import unicodedata

from monitoring.files.meanings import GLUCOSE, PRESSURE, RATE, RESPIRATION, SPO2, TEMPERATURE, WEIGHT

# Each in UCUM, and how it is met; compared in small letters, without accents and blanks.
_SPELLINGS = {
    "mm[Hg]": "mmhg mm[hg] mm/hg mm_hg millimeterofmercury",
    "/min": "/min 1/min bpm b/min beats/min beatsperminute beat/min count/min min-1 min^-1 {beats}/min {beat}/min ppm"
    " lpm spm pulse/min breaths/min breathsperminute brpm br/min rpm {breaths}/min schlage/min batt/min puls/min",
    "kPa": "kpa",
    "g/L": "g/l",
    "mg/dL": "mg/dl mgdl mg/100ml mgperdl mg_dl mg%",
    "mmol/L": "mmol/l mmoll mmolperl mmol_l mmol",
    "kg": "kg kgs kilogram kilograms kilogramm kilo kilos kilogramme kilogrammes kilogramo kilogramos",
    "[lb_av]": "lb lbs [lb_av] pound pounds lb. lbs. libra libras livre livres",
    "g": "g gram grams gr gramm gramme grammes gramo gramos",
    "%": "% percent pct %spo2 prozent",
    "Cel": "°c ºc c cel celsius degc [degc] degreecelsius degreescelsius",
    "[degF]": "°f ºf f [degf] fahrenheit degf degreefahrenheit degreesfahrenheit",
}
_UNITS = {spelling: unit for unit, spellings in _SPELLINGS.items() for spelling in spellings.split()}
# A letter or a word that is a unit in brackets or behind a number, and not as the last word of a heading.
_NOT_AS_A_WORD = {"c", "f", "g", "mmol", "kilo", "kilos", "ppm", "lpm", "rpm", "gr", "livre", "livres"}

OF = {
    PRESSURE: ("mm[Hg]", "kPa"),
    RATE: ("/min",),
    GLUCOSE: ("mg/dL", "mmol/L", "g/L"),
    WEIGHT: ("kg", "[lb_av]", "g"),
    SPO2: ("%",),
    TEMPERATURE: ("Cel", "[degF]"),
    RESPIRATION: ("/min",),
}
# Measures whose unit has to be said: a figure alone can be one of several.
SAID = {GLUCOSE, WEIGHT, TEMPERATURE}
IN_WORDS = {"mm[Hg]": "mmHg", "[lb_av]": "lb", "Cel": "°C", "[degF]": "°F"}


def known(text: str) -> str:
    """The unit in UCUM that this spells, or nothing."""
    return _UNITS.get(_key(text), "")


def as_last_words(words: list[str]) -> tuple[str, int]:
    """The unit that a heading's last words spell, and how many they are: `glucose mg dl` has one of two."""
    for count in (2, 1):
        joined = "".join(words[-count:])
        if len(words) > count and joined not in _NOT_AS_A_WORD and (unit := _UNITS.get(joined)):
            return unit, count
    return "", 0


def only_of(unit: str) -> str:
    """The measure that alone has this unit, if a column may be named after it: `mg/dL` is glucose."""
    return next((measure for measure in (GLUCOSE, WEIGHT) if unit in OF[measure]), "")


def shown(unit: str) -> str:
    return IN_WORDS.get(unit, unit)


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("º", "°")).casefold()
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return re.sub(r"\s+", "", plain)
