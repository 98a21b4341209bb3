"""Dates as other systems write them. What can be read in two ways is refused, in words. No database here."""

import re
from collections.abc import Iterable
from datetime import date

from patients.selectors import parse_birth_date

_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_EIGHT_DIGITS = re.compile(r"(\d{4})()(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})")
_MIDNIGHT = re.compile(r"[T ]\s*(00?:00(:00(\.0+)?)?|12:00(:00)? AM)\s*Z?$", re.I)
LIKE = "Write it like 1948-05-12 or 5/12/1948"


class BadDate(Exception):
    """The sentence that says what is wrong."""


def first_day_first(texts: Iterable[tuple[int, str]]) -> int | None:
    """The first row of a column whose date can only have its day first, like 25/12/1950."""
    for number, text in texts:
        found = _YEAR_LAST.fullmatch(_tidy(text))
        if found and int(found[1]) > 12 >= int(found[3]) >= 1:
            return number
    return None


def read(text: str, *, day_first: int | None = None) -> date:
    """The date meant. `day_first`: the row, if any, by which the column's months and days are in doubt.

    Raises `BadDate` for what is no date, has a year of two digits, or may be read in two ways.
    """
    tidy = _tidy(text)
    if found := _YEAR_FIRST.fullmatch(tidy) or _EIGHT_DIGITS.fullmatch(tidy):
        return _date(text, found[1], found[3], found[4])
    if found := _YEAR_LAST.fullmatch(tidy):
        return _year_last(text, found, day_first)
    if any(sign.isalpha() for sign in tidy) and (named := parse_birth_date(tidy)):
        return named
    raise BadDate(f"Is {quoted(text)}, which is no date. {LIKE}")


def looks_like_one(text: str) -> bool:
    """Whether it is written as a date is, even one that is refused: no header of a column is."""
    tidy = _tidy(text)
    return any(form.fullmatch(tidy) for form in (_YEAR_FIRST, _YEAR_LAST, _EIGHT_DIGITS)) or bool(
        parse_birth_date(tidy)
    )


def _tidy(text: str) -> str:
    return _MIDNIGHT.sub("", text.strip())


def _year_last(text: str, found: re.Match, day_first: int | None) -> date:
    first, sign, second, year = found.groups()
    if len(year) == 2:
        raise BadDate(f"Is {quoted(text)}. Write the year with four digits, like 5/12/1948")
    if int(first) > 12 >= int(second) >= 1:
        raise BadDate(f"Is {quoted(text)}, with the day first. {LIKE}, the month first")
    doubtful = int(first) <= 12 and int(second) <= 12 and first.lstrip("0") != second.lstrip("0")
    if doubtful and (day_first or sign == "."):
        why = (
            f"row {day_first} has its day first"
            if day_first
            else "dates with dots often have their day first"
        )
        raise BadDate(
            f"Is {quoted(text)}, which can be two days: {why}. Write it like {year}-{int(first):02}-{int(second):02}"
        )
    return _date(text, year, first, second)


def _date(text: str, year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise BadDate(f"Is {quoted(text)}, a day that no calendar has. {LIKE}") from None


def quoted(text: str) -> str:
    return f"“{text[:30]}”"
