"""A row's coverage against those of its patient: what differs, and from which day it would hold. No database here."""

from collections.abc import Iterator, Sequence
from datetime import date

from intake.fields import COVERAGE
from patients.models import Coverage

# Not taken over by itself: it is the day from which what is taken over of the others would hold.
SINCE = "coverage_on"


def differences(values: dict, held: Sequence[Coverage], today: date) -> Iterator[tuple[str, list]]:
    """(field, [here, in the file]). Another payer comes with its own plan and number, even where it has none."""
    here = _on(held, today)
    found = dict(_others(values, here))
    if found:
        yield from found.items()
        yield SINCE, [here.starts_on.isoformat() if here else "", _holds_from(values, held, here, today)]


def _others(values: dict, here: Coverage | None) -> Iterator[tuple[str, list]]:
    another = False
    for name in COVERAGE:
        ours, theirs = str(getattr(here, name, "")), values.get(name, "")
        if (name in values or another) and ours.casefold() != theirs.casefold():
            another = another or name == "payer"
            yield name, [ours, theirs]


def _holds_from(values: dict, held: Sequence[Coverage], here: Coverage | None, today: date) -> str:
    """The day of the file; empty for the day of taking in: none is given, or it would change what is over."""
    said = values.get(SINCE, "")
    over = [row.ends_on for row in held if row.ends_on and row.ends_on <= today]
    earliest = max(over + ([here.starts_on] if here else []), default=date.min)
    return said if said and date.fromisoformat(said) >= earliest else ""


def _on(held: Sequence[Coverage], day: date) -> Coverage | None:
    return next(
        (row for row in held if row.starts_on <= day and (row.ends_on is None or row.ends_on > day)), None
    )


def choosable(differs: dict) -> list[str]:
    """What of it somebody may take over."""
    return [name for name in differs if name != SINCE]


def why_not_parts(fields: set[str], differs: dict) -> str | None:
    """A number of one payer is none of another's."""
    of_payer = set(differs) & set(COVERAGE)
    if "payer" not in differs or not fields & of_payer or of_payer <= fields:
        return None
    return "Another payer comes with its own plan and number. Take over all that differ of them, or none"
