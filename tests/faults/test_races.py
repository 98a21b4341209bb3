"""Races on real connections: never two times at once, never an alert missing, never one twice."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import Random

import pytest
from django.db import OperationalError

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
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.clock import acts as clock
from timelogs.counting.totals import LINES, month_total
from timelogs.models import Evidence, PatientMonth, SegmentSource, Status, TimeEntry, TimeSegment
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.sign import sign
from timelogs.signing.void import void

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)
LOCK_TIMEOUT = "55P03"
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


def fifty_nurses(practice) -> list[Membership]:
    return [
        factories.membership(practice, f"Nurse {n}", Role.NURSE, "RN", email=f"n{n}@example.test")
        for n in range(50)
    ]


def raised(patient) -> Counter:
    """(line, kind) → how often it was raised."""
    return Counter(
        ThresholdAlert.objects.filter(patient_month__patient=patient).values_list("minutes", "kind")
    )


@pytest.mark.parametrize(
    ("seconds", "lines"), [(24, [10, 20]), (60, [10, 20, 40])], ids=["all fifty", "the twentieth"]
)
def test_fifty_nurses_crossing_a_line_at_once_raise_each_alert_once(seconds, lines):
    """The line of 20 minutes needs all of them, or the twentieth; alerts are looked at while they sign, and after."""
    cast = make_cast()
    nurses = fifty_nurses(cast.practice)
    for trial in range(trials(1000, part=334)):
        patient = factories.patient(
            cast.practice, "Trial", f"P{trial}", mrn=f"TR-{trial}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        since = NINE + timedelta(hours=trial)
        entries = drafts_of(patient, nurses, since=since, seconds=seconds)
        signing = [
            partial(signs_in_the_end, e, by=n, at=since + timedelta(hours=2))
            for e, n in zip(entries, nurses, strict=True)
        ]
        done = at_once([*signing, deliver_what_waits, deliver_what_waits])
        assert all(isinstance(d, TimeEntry) for d in done[:-2]), [
            repr(d) for d in done if not isinstance(d, TimeEntry)
        ]
        deliver_all()
        assert month_total(patient, MARCH).seconds == 50 * seconds
        standing = ThresholdAlert.objects.filter(patient_month__patient=patient, withdrawn_at=None)
        assert sorted(standing.values_list("minutes", "kind")) == [(line, "reached") for line in lines]
        # What was seen on the way was near once, and each line is told once.
        assert set(raised(patient).values()) == {1}
        causes = [f"threshold:{alert.pk}" for alert in standing]
        assert Notice.objects.filter(recipient=cast.cora.user, cause__in=causes).count() == len(lines)
        assert sorted(
            TimeEntry.objects.filter(patient=patient).values_list("cumulative_seconds", flat=True)
        ) == list(range(seconds, 50 * seconds + 1, seconds))


def signs_in_the_end(entry: TimeEntry, *, by: Membership, at: datetime) -> TimeEntry:
    """On a slow machine the last of fifty waits longer than for a lock; who is told so presses the button again."""
    while True:
        try:
            return sign(entry, version=entry.version, by=by, at=at)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_TIMEOUT:
                raise


def deliver_what_waits() -> None:
    """While others sign: what they have committed so far, a few times over."""
    for _ in range(5):
        for pk in OutboxMessage.objects.filter(done_at=None).values_list("id", flat=True)[:3]:
            outbox.deliver(pk)


def test_deliveries_in_any_order_and_several_times_double_nothing():
    """Twenty thousand, each message two to five times, by eight workers at once."""
    cast, chance = make_cast(), Random(34)
    people = [cast.jane, cast.max]
    for number in range(8):
        patient = factories.patient(
            cast.practice, "Many", f"P{number}", mrn=f"MD-{number}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        people.append(patient)
    for number, patient in enumerate(people):
        at = NINE + timedelta(hours=number)
        signed_session(patient, by=cast.rosa, starts_at=at, seconds=300 * (number + 1), **CALL)
    months = list(PatientMonth.objects.order_by("pk").values_list("pk", flat=True))
    wanted, messages, deliveries = trials(20_000), [], []
    while len(deliveries) < wanted:
        if chance.random() < 0.8:
            body = {"topic": "timelogs.time_changed", "patient_month": str(chance.choice(months))}
        else:
            body = {"topic": "patients.permission_changed", "patient": str(chance.choice(people).pk)}
        messages.append(outbox.send(cast.practice, **body).pk)
        deliveries += [messages[-1]] * chance.randint(2, 5)
    chance.shuffle(deliveries)
    shares = [deliveries[worker::8] for worker in range(8)]
    done = at_once([partial(_deliver_each, share) for share in shares])
    # One that waited too long for a lock is delivered once more, as the relay would have it.
    assert sum(done) <= len(messages)
    deliver_all()
    assert not OutboxMessage.objects.exclude(attempts=1).exists()
    for number, patient in enumerate(people):
        reached = [line for line in LINES if 300 * (number + 1) >= line * 60]
        found = raised(patient)
        assert sorted(line for line, kind in found if kind == "reached") == reached
        assert set(found.values()) <= {1}
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert Notice.objects.filter(recipient=cast.cora.user).count() == ThresholdAlert.objects.count()


def _deliver_each(share: list[int]) -> int:
    return sum(outbox.deliver(pk) for pk in share)


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
