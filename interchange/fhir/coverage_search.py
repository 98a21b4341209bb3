"""One patient's coverages, the newest first, a page at a time."""

from datetime import date
from uuid import UUID

from django.db.models import Q
from django.http import Http404, QueryDict

from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.paging import Asked
from patients.models import Coverage, Patient

MOST = 100
WHOSE = ("beneficiary", "patient")


class Page:
    """Some of them, and where the next ones are. Raises `Http404` where there is no such patient."""

    def __init__(self, practice, asked: QueryDict, *, lenient: bool = False):
        self.asked = Asked("Coverage", asked, WHOSE, most=MOST, lenient=lenient)
        self.patient = self._patient(practice)
        rows = Coverage.objects.for_practice(practice).filter(patient=self.patient)
        self.total = rows.count()
        if self.asked.after:
            day, pk = self.asked.after
            then = date.fromisoformat(day)
            rows = rows.filter(Q(starts_on__lt=then) | Q(starts_on=then, pk__lt=pk))
        rows = rows.order_by("-starts_on", "-pk")
        some = list(rows[: self.asked.count + 1]) if self.asked.wants_rows else []
        self.rows, self.more = some[: self.asked.count], len(some) > self.asked.count

    def _patient(self, practice) -> Patient:
        try:
            (key,) = {UUID(v.rpartition("/")[2]) for name, v in self.asked.pairs if name in WHOSE}
        except ValueError:
            issue = Issue("required", "Say whose: beneficiary=Patient/….", "Coverage?beneficiary")
            raise Invalid(issue, status=400) from None
        row = Patient.objects.for_practice(practice).filter(pk=key).first()
        if row is None:
            raise Http404
        return row

    def next_address(self, base: str) -> str | None:
        if not self.more:
            return None
        last = self.rows[-1]
        return self.asked.next_address(base, last.starts_on.isoformat(), str(last.pk))
