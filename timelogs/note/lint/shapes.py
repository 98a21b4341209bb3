"""What goes into the lint and what comes out of it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from timelogs.note.lint.text import Text

FIELDS = ("data_note", "said", "action_detail")


class Kind(StrEnum):
    NUMBER = "number-not-in-readings"
    MINUTES = "minutes-not-the-clock"
    VAGUE = "vague"
    COPY = "near-copy"
    CONTACT = "who-or-how-missing"


@dataclass(frozen=True, slots=True)
class Fact:
    """One device's stored readings of one measure over `[since, until]`, both days included; silent has count 0."""

    measure: str
    since: date
    until: date
    count: int
    days: int
    low: Decimal | None = None
    high: Decimal | None = None
    second_low: Decimal | None = None
    second_high: Decimal | None = None
    days_above: int = 0
    days_out_of_range: int = 0
    unit: str = ""

    @property
    def length(self) -> int:
        """Calendar days from the first to the last."""
        return (self.until - self.since).days + 1


@dataclass(frozen=True)
class LintNote:
    """A note's three texts with what is known beside them. Seconds are None where nothing was measured."""

    data_note: str = ""
    said: str = ""
    action_detail: str = ""
    facts: tuple[Fact, ...] = ()
    session_seconds: int | None = None
    call_seconds: int | None = None
    party: str = ""
    method: str = ""
    party_name: str = ""

    @cached_property
    def texts(self) -> dict[str, Text]:
        """Each field that holds anything, ready to be searched."""
        return {name: Text(getattr(self, name)) for name in FIELDS if getattr(self, name).strip()}


@dataclass(frozen=True, slots=True)
class Defect:
    """One remark: which words of which field, and what to do about them."""

    kind: Kind
    field: str
    quote: str
    advice: str
