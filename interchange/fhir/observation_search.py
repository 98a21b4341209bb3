"""Finding readings by what FHIR clients ask, a page at a time, by the moment of the measurement."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.http import QueryDict

from interchange.fhir.codes import CATEGORIES, CODED, LOINC
from interchange.fhir.dates import span
from interchange.fhir.paging import TOTAL, Asked, chosen, ids_among
from interchange.fhir.resources import key_of
from monitoring.models import Reading

MOST = 200
SORTS = {"date": ("taken_at", "pk"), "-date": ("-taken_at", "-pk")}
SORT = "_sort"
STATUSES = {
    "final": Q(excluded_reason="", version=1),
    "corrected": Q(excluded_reason="", version__gt=1),
    "entered-in-error": ~Q(excluded_reason=""),
}


class Found:
    """The readings that a question is about."""

    def __init__(self, practice, asked: QueryDict, *, lenient: bool = False):
        self.practice = practice
        self.asked = Asked("Observation", asked, {*self.filters, SORT}, most=MOST, lenient=lenient)
        self.sort = self.asked.asked.get(SORT, "-date")
        if self.sort not in SORTS:
            raise self.asked.not_understood("Observations are sorted by date or -date", SORT)

    @property
    def filters(self):
        return {
            "_id": lambda value: Q(pk__in=ids_among(value, "Observation")),
            "_lastUpdated": self._by_change,
            "category": self._by_category,
            "code": self._by_code,
            "date": self._by_date,
            "device": lambda value: Q(device__in=ids_among(value, "Device")),
            "identifier": self._by_identifier,
            "patient": lambda value: Q(patient__in=ids_among(value, "Patient")),
            "status": self._by_status,
            "subject": lambda value: Q(patient__in=ids_among(value, "Patient")),
        }

    def rows(self) -> QuerySet[Reading]:
        rows = Reading.objects.for_practice(self.practice)
        for name, value in self.asked.pairs:
            if name in self.filters:
                rows = rows.filter(self.filters[name](value))
        return rows.select_related("patient", "device").order_by(*SORTS[self.sort])

    # Filters ------------------------------------------------------------------------------------------------

    def _by_code(self, value: str) -> Q:
        """Every code under which a measure is read here finds it."""
        codes = {code for system, code in map(_token, chosen(value)) if system in {None, LOINC}}
        return Q(measure__in=[measure for measure, coded in CODED.items() if codes & coded.read])

    def _by_category(self, value: str) -> Q:
        asked = {code for system, code in map(_token, chosen(value)) if system in {None, CATEGORIES}}
        return Q(measure__in=[measure for measure, coded in CODED.items() if coded.category in asked])

    def _by_identifier(self, value: str) -> Q:
        """`system|value`, `|value` without a system, `system|` and `value` of whichever."""
        asked = Q(pk=None)
        for text in chosen(value):
            system, bar, rest = text.partition("|")
            if not bar:
                asked |= Q(identifier=text) | Q(identifier__endswith=f"|{text}")
            elif rest:
                asked |= Q(identifier=key_of(system, rest))
            else:
                asked |= Q(identifier__startswith=text) if system else Q(pk=None)
        return asked

    def _by_status(self, value: str) -> Q:
        asked = Q(pk=None)
        for _, code in map(_token, chosen(value)):
            asked |= STATUSES.get(code, Q(pk=None))
        return asked

    def _span(self, value: str, name: str) -> tuple[datetime | None, datetime | None]:
        try:
            return span(value, tz=self.practice.tz).bounds()
        except (ValueError, OverflowError):
            text = "A day or a moment is needed, like ge2026-01-05 or lt2026-01-05T10:00:00Z"
            raise self.asked.not_understood(text, name) from None

    def _by_date(self, value: str) -> Q:
        since, before = self._span(value, "date")
        asked = Q(taken_at__gte=since) if since else Q()
        return asked & Q(taken_at__lt=before) if before else asked

    def _by_change(self, value: str) -> Q:
        since, before = self._span(value, "_lastUpdated")
        asked = self._changed_since(since) if since else Q()
        return asked & ~self._changed_since(before) if before else asked

    def _changed_since(self, at: datetime) -> Q:
        history = Reading.history.filter(practice=self.practice, version__gt=1, recorded_at__gte=at)
        return Q(received_at__gte=at) | Q(pk__in=history.values("id"))


def _token(text: str) -> tuple[str | None, str]:
    """(its system, None if any will do, the code)"""
    system, bar, code = text.rpartition("|")
    return (system if bar else None), code


class Page:
    """Some of the readings found, and where the next ones are. How many there are is counted for who asks for that:
    of a practice's readings there are many."""

    def __init__(self, practice, asked: QueryDict, *, lenient: bool = False):
        self.found = Found(practice, asked, lenient=lenient)
        self.asked = self.found.asked
        rows, most = self.found.rows(), self.asked.count
        counted = not most or self.asked.asked.get(TOTAL) == "accurate"
        self.total = rows.count() if counted else None
        some = list(self._after(rows)[: most + 1]) if most else []
        self.rows, self.more = some[:most], len(some) > most

    def _after(self, rows: QuerySet[Reading]) -> QuerySet[Reading]:
        if not self.found.asked.after:
            return rows
        moment, pk = self.found.asked.after
        then = datetime.fromisoformat(moment)
        sign = "gt" if self.found.sort == "date" else "lt"
        return rows.filter(Q(**{f"taken_at__{sign}": then}) | Q(**{"taken_at": then, f"pk__{sign}": pk}))

    def next_address(self, base: str) -> str | None:
        if not self.more:
            return None
        last = self.rows[-1]
        return self.found.asked.next_address(base, last.taken_at.isoformat(), str(last.pk))
