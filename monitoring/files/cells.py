"""One cell of a value: its figure, with the unit it names. No database here."""

import re
from decimal import Decimal
from functools import lru_cache

from monitoring.files import units
from monitoring.files.moments import quoted

EMPTY = {
    "",
    "-",
    "--",
    "---",
    "–",
    "—",
    "n/a",
    "na",
    "null",
    "none",
    "nan",
    "nil",
    "#n/a",
    "keine",
    "k.a.",
    "n.a.",
}
_BEYOND = {"hi", "high", "lo", "low", "hoch", "tief", "niedrig", "alto", "bajo"}
_FIGURE = re.compile(r"([+-]?\d[\d.,'’\s]*?\d|[+-]?\d)(?!\s*[\d.,]|['’]\d)\s*(.*)")
_STONE = re.compile(r"(\d{1,2})\s?st(?:one)?s?\s*(\d{1,2}(?:[.,]\d+)?)\s*(?:lbs?|pounds?)?\.?", re.I)
_PAIR = re.compile(r"(\d[\d.,]*)\s*(?:mmhg|mm\[hg\])?\s*/\s*(\d[\d.,]*)\s*(\D.*)?", re.I)
_GROUPED = re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?:[.,]\d+)?")


class BadValue(Exception):
    """The sentence that says what is wrong with a cell."""


def is_empty(text: str) -> bool:
    return text.casefold() in EMPTY


@lru_cache(maxsize=8192)
def figure(text: str) -> tuple[tuple[Decimal, ...], str]:
    """What the cell can mean, one number or two, and its unit in UCUM or nothing.

    `1,234` is one of two numbers a thousand apart. No measure's possible values are so far apart, so which of them is
    meant shows as soon as the measure and its unit are known.
    """
    if text.casefold() in _BEYOND or text[:1] in "<>":
        raise BadValue(f"Is {quoted(text)}: beyond what the device can show. There is no number to take in")
    if found := _STONE.fullmatch(text):
        return (14 * Decimal(found[1]) + Decimal(found[2].replace(",", ".")),), "[lb_av]"
    found = _FIGURE.fullmatch(text)
    if found is None:
        raise BadValue(f"Is {quoted(text)}. Write a number like 128 or 6.4" if text else "Is empty")
    return _numbers(text, " ".join(found[1].split())), _unit(found[2].strip())


@lru_cache(maxsize=8192)
def pair(text: str) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...], str]:
    """`134/84 mmHg`"""
    found = _PAIR.fullmatch(text)
    if found is None:
        raise BadValue(f"Is {quoted(text)}. Write systolic and diastolic like 134/84")
    return _numbers(text, found[1]), _numbers(text, found[2]), _unit((found[3] or "").strip())


def looks_like_pair(text: str) -> bool:
    return bool(_PAIR.fullmatch(text))


def _unit(text: str) -> str:
    if not text:
        return ""
    unit = units.known(text) or units.known(text.strip("()[]"))
    if not unit:
        raise BadValue(
            f"Has the unit {quoted(text)}, which is not known here. Leave the line out, or correct it"
        )
    return unit


def _numbers(whole: str, text: str) -> tuple[Decimal, ...]:
    sign, digits = ("-", text[1:]) if text[0] == "-" else ("", text.lstrip("+"))
    if _GROUPED.fullmatch(digits):
        digits = re.sub(r"[ '’]", "", digits)
    plain = _plain(digits)
    if not plain or sum(each.isdigit() for each in digits) > 9:
        raise BadValue(f"Is {quoted(whole)}. Write a number like 128 or 6.4")
    return tuple(Decimal(sign + each) for each in plain)


def _plain(digits: str) -> list[str]:
    """With a point for decimals and nothing between thousands; two where the sign can be either."""
    if re.fullmatch(r"\d+", digits):
        return [digits]
    if found := re.fullmatch(r"(\d{1,3})[.,](\d{3})", digits):
        whole, rest = found.groups()
        return [f"{whole}.{rest}"] if whole.startswith("0") else [f"{whole}.{rest}", whole + rest]
    if found := re.fullmatch(r"(\d+)[.,](\d+)", digits):
        return [".".join(found.groups())]
    for thousands, decimals in ((",", "."), (".", ",")):
        groups = re.escape(thousands)
        if re.fullmatch(rf"\d{{1,3}}(?:{groups}\d{{3}})+(?:{re.escape(decimals)}\d+)?", digits):
            return [digits.replace(thousands, "").replace(decimals, ".")]
    return []
