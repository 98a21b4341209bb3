"""Facts for the lint's tests: a fortnight of each measure."""

from datetime import date
from decimal import Decimal

from timelogs.note.lint import Fact, LintNote, lint

FROM, UNTIL = date(2026, 3, 1), date(2026, 3, 14)


def fact(measure: str, low: str, high: str, second: tuple[str, str] | None = None, **more) -> Fact:
    units = {"blood_pressure": "mmHg", "heart_rate": "/min", "glucose": "mg/dL", "weight": "kg", "spo2": "%"}
    known = {
        "since": FROM,
        "until": UNTIL,
        "count": 28,
        "days": 13,
        "days_above": 6,
        "days_out_of_range": 7,
        **more,
    }
    if second:
        known |= {"second_low": Decimal(second[0]), "second_high": Decimal(second[1])}
    return Fact(measure=measure, low=Decimal(low), high=Decimal(high), unit=units[measure], **known)


PRESSURE = fact("blood_pressure", "128", "141", ("78", "84"))
PULSE = fact("heart_rate", "58", "92")
GLUCOSE = fact("glucose", "92", "187")
WEIGHT = fact("weight", "84.1", "85.6")
OXYGEN = fact("spo2", "84", "95")
ALL = (PRESSURE, PULSE, GLUCOSE, WEIGHT, OXYGEN)
SILENT = Fact(measure="blood_pressure", since=FROM, until=UNTIL, count=0, days=0, unit="mmHg")


def remarks(text: str = "", *, kind: str = "", **known) -> list[tuple[str, str]]:
    """(kind, quote) of each remark on a note whose data note is `text`."""
    usual = {"facts": ALL, "party": "patient", "method": "phone", "data_note": text}
    found = lint(LintNote(**{**usual, **known}))
    return [(str(d.kind), d.quote) for d in found if not kind or d.kind == kind]


def numbers(text: str, **known) -> list[str]:
    """The quotes of the numbers that are not among the readings."""
    return [quote for _, quote in remarks(text, kind="number-not-in-readings", **known)]
