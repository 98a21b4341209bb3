"""The versions of one reading, the newest first, a page at a time."""

from django.http import QueryDict

from interchange.fhir.dates import span
from interchange.fhir.paging import Asked
from monitoring.models import Reading

MOST = 100
SINCE = "_since"


class Page:
    """Some of them, and where the next ones are."""

    def __init__(self, reading: Reading, asked: QueryDict, *, lenient: bool = False):
        self.asked = Asked(f"Observation/{reading.pk}/_history", asked, {SINCE}, most=MOST, lenient=lenient)
        self.pk = str(reading.pk)
        rows = Reading.history.filter(id=reading.pk).order_by("-version")
        for name, value in self.asked.pairs:
            if name == SINCE:
                rows = rows.filter(recorded_at__gte=self._since(value, reading))
        self.total = rows.count()
        if self.asked.after:
            rows = rows.filter(version__lt=int(self.asked.after[0]))
        some = list(rows[: self.asked.count + 1]) if self.asked.wants_rows else []
        self.rows, self.more = some[: self.asked.count], len(some) > self.asked.count
        for row in self.rows:
            row.patient, row.device = reading.patient, reading.device

    def _since(self, value: str, reading: Reading):
        try:
            found = span(value, tz=reading.patient.tz)
        except (ValueError, OverflowError):
            found = None
        if found is None or found.sign != "eq":
            raise self.asked.not_understood("A moment is needed, like 2026-01-05T10:00:00Z", SINCE)
        return found.start

    def next_address(self, base: str) -> str | None:
        return self.asked.next_address(base, str(self.rows[-1].version), self.pk) if self.more else None
