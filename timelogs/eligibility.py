"""When a patient's time may count at all: inside enrollment, consent and order, not on the day of an office visit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from accounts.practice_policies import policy
from foundation.months import bounds, last_day, midnight
from patients.models import Consent, Enrollment, OfficeVisit, Order
from timelogs.spans import Span, clip, microseconds, subtract

_FOREVER = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Windows in which time may count, per reason; `days_out` are whole days that never count.

    A window list that is None was never recorded at all: then nothing is left out here, and the missing paper
    holds the codes by its own name instead.
    """

    tz: ZoneInfo
    windows: dict[str, list[Span] | None]
    days_out: list[Span]

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


def eligibilities(practice, patient_ids: Sequence[UUID], month: date) -> dict[UUID, Eligibility]:
    """For each patient, in a constant number of queries."""
    enrolled, agreed, ordered = (
        _enrollments(practice, patient_ids),
        _consents(practice, patient_ids),
        _orders(practice, patient_ids),
    )
    visits = _visits(practice, patient_ids, month)
    return {
        pk: Eligibility(
            practice.tz,
            {
                "not-enrolled": enrolled.get(pk),
                "before-consent": agreed.get(pk),
                "before-order": ordered.get(pk),
            },
            visits.get(pk, []),
        )
        for pk in patient_ids
    }


def _window(practice, start: date, end: date | None) -> Span:
    return midnight(start, tz=practice.tz), midnight(end, tz=practice.tz) if end else _FOREVER


def _merged(spans: list[Span]) -> list[Span]:
    """Without overlaps, in order."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], span[1]))
        else:
            merged.append(span)
    return merged


def _grouped(pairs) -> dict[UUID, list[Span]]:
    found = defaultdict(list)
    for patient_id, span in pairs:
        found[patient_id].append(span)
    return {patient_id: _merged(spans) for patient_id, spans in found.items()}


def _enrollments(practice, patient_ids):
    rows = Enrollment.objects.for_practice(practice).filter(patient_id__in=patient_ids)
    return _grouped((r.patient_id, _window(practice, r.started_on, r.ended_on)) for r in rows)


def _consents(practice, patient_ids):
    rows = Consent.objects.for_practice(practice).filter(patient_id__in=patient_ids)
    return _grouped((r.patient_id, _window(practice, r.given_on, r.revoked_on)) for r in rows)


def _orders(practice, patient_ids):
    rows = (
        Order.objects.for_practice(practice)
        .filter(enrollment__patient_id__in=patient_ids)
        .select_related("enrollment")
    )
    return _grouped(
        (r.enrollment.patient_id, _window(practice, r.signed_on, r.enrollment.ended_on)) for r in rows
    )


def _visits(practice, patient_ids, month: date) -> dict[UUID, list[Span]]:
    if policy(practice, "same_day_visit", on=last_day(month)) == "count":
        return {}
    start, end = bounds(month, tz=practice.tz)
    days = (start.astimezone(practice.tz).date(), end.astimezone(practice.tz).date())
    rows = OfficeVisit.objects.for_practice(practice).filter(
        patient_id__in=patient_ids, withdrawn=False, visited_on__range=days
    )
    return _grouped(
        (r.patient_id, _window(practice, r.visited_on, r.visited_on + timedelta(days=1))) for r in rows
    )
