"""A patient's readings page by page, newest first: by key and never by offset, however many there are."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from monitoring.models import Reading
from patients.models import TargetRange

PER_PAGE = 50
# Newest day first is the order of the index on (practice, patient, day); only within a day is there to sort.
_KEYS = ("day", "taken_at", "pk")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the list a page begins or ends."""

    day: date
    taken_at: datetime
    pk: UUID

    def __str__(self):
        return "~".join((self.day.isoformat(), self.taken_at.isoformat(), str(self.pk)))

    @classmethod
    def of(cls, row: Reading) -> "Place":
        return cls(row.day, row.taken_at, row.pk)

    @classmethod
    def parse(cls, text: str) -> "Place | None":
        """None for anything that is no place: a broken address begins at the newest."""
        try:
            day, taken_at, pk = text[:200].split("~")
            moment = datetime.fromisoformat(taken_at)
            return cls(date.fromisoformat(day), moment, UUID(pk)) if moment.tzinfo else None
        except ValueError:
            return None

    def beyond(self, way: str) -> Q:
        """Rows older (`lt`) or newer (`gt`) than this."""
        return Q(**{f"day__{way}e": self.day}) & (
            Q(**{f"day__{way}": self.day})
            | Q(day=self.day, **{f"taken_at__{way}": self.taken_at})
            | Q(day=self.day, taken_at=self.taken_at, **{f"pk__{way}": self.pk})
        )


@dataclass(frozen=True, slots=True)
class Page:
    """`older` and `newer` are the places to go on from; None at an end of the list."""

    rows: tuple[Reading, ...]
    older: Place | None
    newer: Place | None


def page_of(rows: QuerySet[Reading], *, after: Place | None = None, before: Place | None = None) -> Page:
    """The rows after a place (older) or before it (newer); without any place the newest."""
    if before and not after:
        found = list(rows.filter(before.beyond("gt")).order_by(*_KEYS)[: PER_PAGE + 1])
        more, found = len(found) > PER_PAGE, found[:PER_PAGE][::-1]
        return Page(tuple(found), before and _end(found), _start(found) if more else None)
    asked = rows.filter(after.beyond("lt")) if after else rows
    found = list(asked.order_by(*(f"-{key}" for key in _KEYS))[: PER_PAGE + 1])
    more, found = len(found) > PER_PAGE, found[:PER_PAGE]
    return Page(tuple(found), _end(found) if more else None, _start(found) if after else None)


def _start(found: list[Reading]) -> Place | None:
    return Place.of(found[0]) if found else None


def _end(found: list[Reading]) -> Place | None:
    return Place.of(found[-1]) if found else None


def out_of_range(rows: QuerySet[Reading]) -> QuerySet[Reading]:
    """Those past a bound of the range of their day."""
    own = TargetRange.objects.filter(
        practice=OuterRef("practice"), patient=OuterRef("patient"), measure=OuterRef("measure")
    )
    in_force = own.filter(Q(ends_on=None) | Q(ends_on__gt=OuterRef("day")), starts_on__lte=OuterRef("day"))
    past = Q(high__lt=OuterRef("value")) | Q(low__gt=OuterRef("value"))
    past |= Q(second_high__lt=OuterRef("second_value")) | Q(second_low__gt=OuterRef("second_value"))
    return rows.filter(Exists(in_force.filter(past)))
