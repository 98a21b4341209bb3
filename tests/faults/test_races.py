"""Races on real connections: never two times at once, never an alert missing, never one twice."""

from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from accounts.models import Membership
from accounts.permissions import Role
from billing.models import ThresholdAlert
from dispatch import outbox
from dispatch.models import Notice, OutboxMessage
from foundation.refusals import Refused
from foundation.tracked import bulk_create_tracked
from tests import factories
from tests.cast import make_cast
from tests.faults.trials import at_once, trials
from tests.integration.timelogs.notes import CALL, REVIEW
from timelogs.clock import acts as clock
from timelogs.counting.totals import month_total
from timelogs.models import Evidence, SegmentSource, Status, TimeEntry, TimeSegment
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.sign import sign
from timelogs.signing.void import void

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
pytestmark = pytest.mark.django_db(transaction=True)


def drafts_of(patient, nurses, *, since: datetime, seconds: int) -> list[TimeEntry]:
    """One draft a nurse, back to back, so that every second counts."""
    episode = patient.enrollments.get()
    entries, segments = [], []
    for place, nurse in enumerate(nurses):
        start = since + timedelta(seconds=place * seconds)
        entry = TimeEntry(
            practice=patient.practice,
            patient=patient,
            enrollment=episode,
            author=nurse,
            started_at=start,
            data_from=MARCH,
            data_until=MARCH,
            **{**CALL, "contact_seconds": 60, "late_reason": "Logged after the fact."},
        )
        entries.append(entry)
        segments.append(
            TimeSegment(
                practice=patient.practice,
                entry=entry,
                staff=nurse.user,
                during=(start, start + timedelta(seconds=seconds)),
                source=SegmentSource.MANUAL,
                evidence=Evidence.MANUAL,
            )
        )
    bulk_create_tracked(entries)
    bulk_create_tracked(segments)
    return entries


def deliver_all(copies: int = 2) -> None:
    """Every waiting message several times over and at once, as a broker may."""
    ids = list(OutboxMessage.objects.filter(done_at=None).values_list("id", flat=True))
    for start in range(0, len(ids), 8):
        done = at_once([lambda i=i: outbox.deliver(i) for i in ids[start : start + 8] * copies])
        assert set(done) <= {True, False}, done


def test_fifty_nurses_crossing_a_line_at_once_raise_each_alert_once():
    cast = make_cast()
    nurses = [
        factories.membership(cast.practice, f"Nurse {n}", Role.NURSE, "RN", email=f"n{n}@example.test")
        for n in range(50)
    ]
    for trial in range(trials(200, part=40)):
        patient = factories.patient(
            cast.practice, "Trial", f"P{trial}", mrn=f"TR-{trial}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        since = NINE + timedelta(hours=trial)
        entries = drafts_of(patient, nurses, since=since, seconds=24)
        done = at_once(
            [
                partial(sign, e, version=e.version, by=n, at=since + timedelta(hours=2))
                for e, n in zip(entries, nurses, strict=True)
            ]
        )
        assert all(isinstance(d, TimeEntry) for d in done), [
            repr(d) for d in done if not isinstance(d, TimeEntry)
        ]
        deliver_all()
        assert month_total(patient, MARCH).seconds == 1200
        standing = ThresholdAlert.objects.filter(patient_month__patient=patient, withdrawn_at=None)
        assert sorted(standing.values_list("minutes", "kind")) == [(10, "reached"), (20, "reached")]
        assert ThresholdAlert.objects.filter(patient_month__patient=patient).count() == 2
        assert (
            Notice.objects.filter(
                recipient=cast.cora.user, cause__in=[f"threshold:{a.pk}" for a in standing]
            ).count()
            == 2
        )
        assert sorted(
            TimeEntry.objects.filter(patient=patient).values_list("cumulative_seconds", flat=True)
        ) == list(range(24, 1201, 24))


def test_of_eight_parallel_overlapping_starts_one_stands():
    cast = make_cast()
    for round_ in range(trials(40)):
        at = NINE + timedelta(hours=round_)
        patients = [cast.jane, cast.max] * 4
        starts = [partial(clock.start_session, p, by=cast.rosa, at=at) for p in patients]
        results = at_once(starts)
        started = {r.pk for r in results if isinstance(r, TimeEntry)}
        assert len(started) == 1
        assert all(isinstance(r, TimeEntry | Refused) for r in results), results
        assert (
            TimeSegment.objects.filter(staff=cast.rosa.user, standing=True, during__endswith=None).count()
            == 1
        )
        clock.discard(
            TimeEntry.objects.get(pk=started.pop()),
            reason="End of the trial.",
            by=cast.rosa,
            at=at + timedelta(minutes=1),
        )


def test_of_eight_parallel_overlapping_past_sessions_one_stands():
    cast = make_cast()
    for round_ in range(trials(40)):
        at = NINE + timedelta(hours=round_)
        log = partial(
            drafts.log_past,
            cast.jane,
            seconds=600,
            reason="Logged later.",
            by=cast.rosa,
            at=at + timedelta(minutes=59),
        )
        results = at_once([partial(log, starts_at=at + timedelta(seconds=30 * n)) for n in range(8)])
        assert sum(isinstance(r, TimeEntry) for r in results) == 1
        assert all(isinstance(r, TimeEntry | Refused) for r in results), results


def test_one_person_in_two_practices_cannot_work_twice_at_once():
    cast = make_cast()
    factories.saved(
        Membership(
            practice=cast.elsewhere,
            user=cast.rosa.user,
            role=Role.NURSE,
            credential="RN",
            staff_kind="clinical_staff",
            starts_on=factories.LONG_AGO,
        )
    )
    there = Membership.objects.get(practice=cast.elsewhere, user=cast.rosa.user)
    results = at_once(
        [
            lambda: clock.start_session(cast.jane, by=cast.rosa, at=NINE),
            lambda: clock.start_session(cast.nora, by=there, at=NINE),
        ]
    )
    refused = [r for r in results if isinstance(r, Refused)]
    assert len(refused) == 1
    # Neither practice learns whom she cares for in the other.
    assert refused[0].message == "Another session of yours is running. Pause it first, or go back to it."


def test_signing_and_amending_and_voiding_at_once_leave_one_truth():
    cast = make_cast()
    for round_ in range(trials(40)):
        start = NINE + timedelta(hours=round_)
        entry = drafts.log_past(
            cast.jane,
            starts_at=start,
            seconds=600,
            reason="Logged later.",
            by=cast.rosa,
            at=start + timedelta(minutes=20),
        )
        entry = drafts.save_draft(entry, note=REVIEW, version=None, by=cast.rosa, at=start)
        entry = sign(entry, version=None, by=cast.rosa, at=start + timedelta(minutes=20))
        later = start + timedelta(minutes=30)
        results = at_once(
            [
                lambda e=entry, t=later: amend(
                    e, note={}, seconds=300, reason="Wrong end time", by=cast.rosa, at=t
                ),
                lambda e=entry, t=later: void(e, reason="Wrong patient", by=cast.rosa, at=t),
            ]
        )
        assert sum(isinstance(r, TimeEntry) for r in results) == 1, results
        signed = TimeEntry.objects.filter(status=Status.SIGNED, started_at=start)
        assert [e.seconds_signed for e in signed] in ([300], [])
