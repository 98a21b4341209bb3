"""Rows that lie deeper than the cast: sessions and counted time, put there directly for tests of what reads them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import Membership
from patients import signing
from patients.as_read import as_read
from patients.models import Enrollment, SignatureRequest
from tests.factories import saved
from timelogs.models import CountedInterval, PatientMonth, TimeEntry, TimeSegment


def segment(entry: TimeEntry, start: datetime, minutes: int) -> TimeSegment:
    span = (start, start + timedelta(minutes=minutes))
    return saved(
        TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=entry.author.user,
            during=span,
            source="manual",
            evidence="manual",
        )
    )


def signed_entry(
    episode: Enrollment, start: datetime, minutes: int, *, by: Membership, **more
) -> tuple[TimeEntry, TimeSegment]:
    """A signed session and its one segment. Counts nothing: the rows alone, without the services."""
    own = {"practice": episode.practice, "patient": episode.patient, "enrollment": episode, "author": by}
    entry = saved(TimeEntry(started_at=start, **own, **more))
    worked = segment(entry, start, minutes)
    entry.status, entry.signed_at, entry.signed_label = "signed", start + timedelta(hours=1), by.label
    entry.signature, entry.seconds_signed, entry.cumulative_seconds = "x", minutes * 60, minutes * 60
    entry.save()
    return entry, worked


def counted(month: PatientMonth, entry: TimeEntry, worked: TimeSegment) -> CountedInterval:
    row = CountedInterval(
        practice=entry.practice,
        patient_month=month,
        patient=entry.patient,
        staff=worked.staff,
        entry=entry,
        segment=worked,
        staff_kind="clinical_staff",
        during=worked.during,
        stood_from=entry.signed_at,
    )
    row.save()
    return row


def signs_all(clinician, at=None) -> list:
    """The clinician signs everything that waits for her."""
    return signs(list(signing.waiting_for(clinician)), by=clinician, at=at or timezone.now())


def signs(requests: Sequence[SignatureRequest], *, by: Membership, at: datetime) -> list:
    """She reads these and signs them at once."""
    return signing.sign(as_read(by.practice, requests, on=by.practice.today(at)), by=by, at=at)
