"""The shapes of codes and numbers, and the sentence to say when one is wrong.

ICD-10-CM is checked by shape and against the headings that remote monitoring meets (families below, as of the
April 2026 release). A heading that is not listed passes: the whole code set of 98,505 codes is not carried here.
"""

import re

_ICD = re.compile(r"[A-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?")
_LETTER, _EITHER = "[AC-HJKMNP-RT-Y]", "[0-9AC-HJKMNP-RT-Y]"
_MBI = re.compile(f"[1-9]{_LETTER}{_EITHER}[0-9]{_LETTER}{_EITHER}[0-9]{_LETTER}{{2}}[0-9]{{2}}")

# The five families of diabetes are built alike; what follows the family is not yet a complete code.
_DIABETES = ("E08", "E09", "E10", "E11", "E13")
_DIABETES_HEADINGS = """
    .0 .1 .2 .3 .31 .32 .321 .329 .33 .331 .339 .34 .341 .349 .35 .351 .352 .353 .354 .355 .359 .37 .4 .5 .6 .61 .62
    .63 .64
"""
_OTHER_HEADINGS = """
    D63 E03 E05 E05.0 E05.1 E05.2 E05.3 E05.4 E05.8 E05.9 E10.A E66 E66.0 E66.8 E66.81 E78 E78.0 E78.4 E78.7 E78.8
    E87 E87.2 E87.7 F32 F32.8 F33 F33.4 G47 G47.0 G47.1 G47.2 G47.3 G47.4 G47.41 G47.42 G47.5 G47.6
    I11 I12 I13 I13.1 I15 I16 I1A I20 I20.8 I21 I21.0 I21.1 I21.2 I21.A I25 I25.1 I25.11 I25.4 I25.7 I25.70 I25.71
    I25.72 I25.73 I25.75 I25.76 I25.79 I25.8 I25.81 I27 I27.2 I27.8 I27.84 I42 I48 I48.1 I48.2 I48.9
    I50 I50.2 I50.3 I50.4 I50.8 I50.81 I63 I69 I95 I95.8 J43 J44 J44.8 J45 J45.2 J45.3 J45.4 J45.5 J45.9 J45.90
    J45.99 J47 J96 J96.0 J96.1 J96.2 J96.9 N18 N18.3 O10 O11 O13 O14 O14.0 O14.1 O14.2 O14.9 O16 O24 O24.0 O24.1
    O24.3 O24.4 O24.8 O24.9 R03 Z79 Z79.0 Z79.5 Z79.6 Z79.8
"""
HEADINGS = frozenset(
    {*_OTHER_HEADINGS.split(), *_DIABETES}
    | {
        family + rest
        for family in _DIABETES
        for rest in _DIABETES_HEADINGS.split()
        if family + rest != "E10.0"
    }
)
# A full code to offer beside a heading, where one is met often.
_INSTEAD = {
    "E10": "E10.65",
    "E11": "E11.65",
    "I11": "I11.0",
    "I48": "I48.91",
    "I50": "I50.22",
    "J44": "J44.9",
    "N18": "N18.32",
}


def tidy_icd(text: str) -> str:
    """`e1165` → `E11.65`."""
    code = text.strip().upper().replace(".", "")
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code


def icd_codes(text: str) -> list[str]:
    """The codes of a text divided by commas, semicolons or spaces, tidied, in order, each once."""
    return list(dict.fromkeys(tidy_icd(part) for part in re.split(r"[,;\s]+", text) if part))


def why_not_icd(code: str) -> str | None:
    """What is wrong with a tidied ICD-10-CM code, or None."""
    if not _ICD.fullmatch(code):
        return f"{code} is not a diagnosis code. Write ICD-10-CM codes like I10 or E11.65, divided by commas"
    if code not in HEADINGS:
        return None
    if instead := _INSTEAD.get(code[:3]):
        return f"{code} is a heading; choose a full code such as {instead}"
    return f"{code} is a heading; choose a full code below it"


def tidy_mbi(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def why_not_mbi(number: str) -> str | None:
    """What is wrong with a tidied Medicare number, or None. It has no check digit."""
    if _MBI.fullmatch(number):
        return None
    return "Medicare number must be 11 characters, like the one on the card. It never contains S, L, O, I, B or Z"
