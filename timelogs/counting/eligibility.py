"""When a patient's time may count at all: inside enrollment, consent and order, not on the day of an office visit."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.practice_policies import policies_for
from foundation.months import last_day, midnight
from foundation.streams import grouped
from patients.models import Consent, Enrollment, OfficeVisit, Order
from timelogs.intervals import Span, clip, microseconds, subtract

_FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Windows in which time may count, per reason; `days_out` are whole days that never count.

    `visit_days` are the days of office visits, left out or not: what was said in person then was said in the visit.

    A window list that is None was never recorded at all: then nothing is left out here, and the missing paper
    holds the codes by its own name instead.
    """

    tz: ZoneInfo
    windows: dict[str, list[Span] | None]
    days_out: list[Span]
    visit_days: list[Span]

    def refused(self, span: Span) -> dict[str, list[Span]]:
        """reason → the parts of `span` that it takes away; each part under the first reason that applies."""
        left, taken = [span], {}
        for reason, windows in self.windows.items():
            if windows is not None:
                kept = [part for piece in left for w in windows if (part := clip(piece, w))]
                taken[reason] = [part for piece in left for part in subtract(piece, windows)]
                left = kept
        taken["same-day-visit"] = [
            part for piece in left for day in self.days_out if (part := clip(piece, day))
        ]
        return {reason: parts for reason, parts in taken.items() if microseconds(parts) > 0}

    def keep(self, span: Span) -> list[Span]:
        """What is left of `span`."""
        return subtract(span, [part for parts in self.refused(span).values() for part in parts])

    def holds(self, moment: datetime) -> bool:
        """Whether something at this moment may count."""
        return bool(self.keep((moment, moment + timedelta(microseconds=1))))

    def on_visit(self, moment: datetime) -> bool:
        """Whether it lies on the day of an office visit."""
        return any(starts <= moment < ends for starts, ends in self.visit_days)


def eligibility(practice, patient_id: UUID, month: date) -> Eligibility:
    """For one patient."""
    return eligibilities(practice, month, [patient_id])(patient_id)


def eligibilities(
    practice, month: date, patient_ids: Collection[UUID] | None
) -> Callable[[UUID], Eligibility]:
    """To be asked for each patient once, in ascending order; a constant number of queries. None: everybody."""
    enrolled = grouped(Enrollment.objects.for_practice(practice), patient_ids)
    agreed = grouped(Consent.objects.for_practice(practice), patient_ids)
    chosen = policies_for(practice, on=last_day(month))
    orders = (
        Order.objects.for_practice(practice).releasing(chosen["transcripts"]).select_related("enrollment")
    )
    ordered = grouped(orders, patient_ids, by="enrollment__patient_id")
    visits = grouped(_visits(practice, month), patient_ids)
    visits_count = chosen["same_day_visit"] == "count"

    def of(patient_id: UUID) -> Eligibility:
        windows = {
            "not-enrolled": [(e.started_on, e.ended_on) for e in enrolled.take(patient_id)],
            "before-consent": [(c.given_on, c.revoked_on) for c in agreed.take(patient_id)],
            "before-order": [(o.signed_on, o.enrollment.ended_on) for o in ordered.take(patient_id)],
        }
        seen = [(v.visited_on, v.visited_on + timedelta(days=1)) for v in visits.take(patient_id)]
        visit_days = _spans(practice, seen)
        return Eligibility(
            practice.tz,
            {reason: _spans(practice, days) or None for reason, days in windows.items()},
            [] if visits_count else visit_days,
            visit_days,
        )

    return of


def _visits(practice, month: date):
    """Office visits of the month. Whether their days are left out is the practice's policy."""
    return OfficeVisit.objects.for_practice(practice).filter(
        withdrawn=False, visited_on__range=(month, last_day(month))
    )


def _spans(practice, days: Iterable[tuple[date, date | None]]) -> list[Span]:
    """Spans of whole days, half-open, without overlaps, in order. Without an end: for ever."""
    return _merged(
        (midnight(start, tz=practice.tz), midnight(end, tz=practice.tz) if end else _FOREVER)
        for start, end in days
    )


def _merged(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return merged
