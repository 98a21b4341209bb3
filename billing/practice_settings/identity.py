"""The practice's identity from a day on: when it may be set, and setting it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from accounts.identities import IdentityBook
from accounts.models import IDENTITY, PracticeIdentity
from billing.practice_settings.effects import MonthEffect, effects, last_lines_between
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock

# As far back as a claim may still be corrected, with room for an appeal; and a year ahead.
BACK = timedelta(days=2 * 366)
AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class IdentityGiven:
    """An identity as somebody sets it: `values` by the names of `IDENTITY`."""

    starts_on: date
    values: dict[str, str]
    why: str


def values_of(row: PracticeIdentity) -> dict[str, str]:
    return {name: getattr(row, name) for name in IDENTITY}


def edition(book: IdentityBook) -> int:
    """Grows with each change of any of the practice's identities: what a form was opened at."""
    return sum(row.version for row in book.rows)


# When it may ------------------------------------------------------------------------------------------------


def why_not_start(starts_on: date, book: IdentityBook, *, today: date) -> str | None:
    """A row that is there may be corrected, however old."""
    if book.starting(starts_on) or today - BACK <= starts_on <= today + AHEAD:
        return None
    return f"Choose a day from {today - BACK:%d-%b-%Y} to {today + AHEAD:%d-%b-%Y}."


def why_not_identity(given: IdentityGiven, book: IdentityBook) -> str | None:
    if values_of(book.on(given.starts_on)) != given.values:
        return None
    return (
        f"On {given.starts_on:%d-%b-%Y} this is the practice’s identity already. Change a field, or go back."
    )


# Doing it ---------------------------------------------------------------------------------------------------


def touched(practice, given: IdentityGiven, *, at: datetime) -> list[MonthEffect]:
    """The claims that would be written differently. Raises `Refused` where it may not be set."""
    book = IdentityBook(practice)
    _refuse(given, book, today=practice.today(at))
    return effects(practice, last_lines_between(practice, *book.window(given.starts_on)))


@transaction.atomic
def set_identity(practice, given: IdentityGiven, *, opened_at: int | None, at: datetime) -> PracticeIdentity:
    """From its day on claims say this identity; the same first day corrects it. Exports stay as they went out."""
    lock(practice)
    book = IdentityBook(practice)
    if opened_at is not None and opened_at != edition(book):
        raise StaleRow
    _refuse(given, book, today=practice.today(at))
    row = book.starting(given.starts_on) or PracticeIdentity(practice=practice, starts_on=given.starts_on)
    for name, value in given.values.items():
        setattr(row, name, value)
    row.why = given.why
    with because(given.why):
        row.save()
    return row


def _refuse(given: IdentityGiven, book: IdentityBook, *, today: date) -> None:
    refuse_if(why_not_start(given.starts_on, book, today=today), field="starts_on")
    refuse_if(why_not_identity(given, book))
