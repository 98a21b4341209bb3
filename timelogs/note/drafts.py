"""Drafts: the note as it is typed, past sessions, and minutes that differ from what was measured."""

from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.months import in_words
from foundation.refusals import Refused, StaleRow, refuse_if
from patients.models import Enrollment, Patient
from patients.selectors import enrollment_on
from timelogs.counting.overlaps import database_decides, fitted, in_the_way, refuse_overlap
from timelogs.counting.segments import standing
from timelogs.intervals import Span
from timelogs.intervals import seconds as span_seconds
from timelogs.locks import hold_entry, hold_person
from timelogs.models import (
    NOT_CARE,
    Activity,
    Evidence,
    Method,
    SegmentSource,
    TimeEntry,
    TimeSegment,
    Topic,
)
from timelogs.note import fields
from timelogs.note.reviewed import first_shown, look_again
from timelogs.policies import NOT_YET, why_not_change, why_not_raise


@transaction.atomic
def save_draft(
    entry: TimeEntry, *, note: dict, version: int | None, by: Membership, at: datetime
) -> TimeEntry:
    """Keep what was typed. Raises `StaleRow` when another screen saved since; nothing is overwritten then."""
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if version is not None and entry.version != version:
        raise StaleRow("This draft was changed on another screen. Compare the two and choose.")
    if fields.write(entry, note, at=at):
        entry.save()
    return entry


@transaction.atomic
def show_readings(entry: TimeEntry, *, by: Membership, at: datetime) -> TimeEntry:
    """Fill the draft with the readings as they are now; if they changed, she has not reviewed them yet."""
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if entry.data_from and entry.data_until:
        look_again(entry, at)
        entry.save()
    return entry


@transaction.atomic
def log_past(
    patient: Patient,
    *,
    starts_at: datetime,
    seconds: int,
    reason: str,
    by: Membership,
    at: datetime,
    fix: str = "",
) -> TimeEntry:
    """A draft of work done earlier, its time entered by hand with a reason. Raises `Overlap` with the fixes offered."""
    if seconds <= 0:
        raise Refused("Time must be more than 0 minutes.", field="minutes")
    if not reason.strip():
        raise Refused("Say why this session is entered later.", field="reason")
    hold_person(by.user_id)
    # Lengths are added in UTC: on a wall clock 20 minutes over a clock change would be 80.
    starts_at = starts_at.astimezone(UTC)
    span = fitted(by.user_id, (starts_at, starts_at + timedelta(seconds=seconds)), fix=fix)
    if span[1] > at:
        raise Refused(NOT_YET, field="started")
    day = patient.practice.today(span[0])
    episode = _episode(patient, day)
    refuse_overlap(by.user_id, span, practice=patient.practice)
    facts = first_shown(patient, today=day, at=at)
    entry = TimeEntry(
        practice=patient.practice,
        patient=patient,
        enrollment=episode,
        author=by,
        started_at=span[0],
        late_reason=reason.strip(),
        **facts,
    )
    with because(reason):
        entry.save()
        add_manual(entry, span, reason=reason.strip())
    return entry


def _episode(patient: Patient, day: date) -> Enrollment:
    if (episode := enrollment_on(patient, day)) is not None:
        return episode
    first = patient.enrollments.order_by("started_on").values_list("started_on", flat=True).first()
    since = f"She or he was first enrolled on {first:%-d %b %Y}." if first and first > day else ""
    raise Refused(
        f"The patient was not enrolled on {day:%-d %b %Y}. {since or 'Choose a day inside the enrollment.'}",
        field="day",
    )


def add_manual(
    entry: TimeEntry, span: Span, *, reason: str, activity: str = Activity.DATA_REVIEW
) -> TimeSegment:
    """A segment entered by hand; the database refuses it beside any other of this person."""
    segment = TimeSegment(
        practice=entry.practice,
        entry=entry,
        staff=entry.author.user,
        activity=activity,
        during=span,
        source=SegmentSource.MANUAL,
        evidence=Evidence.MANUAL,
        reason=reason,
    )
    with database_decides(entry.author.user_id, lambda: span, practice=entry.practice):
        segment.save()
    return segment


def spans_of(entry: TimeEntry) -> list[Span]:
    """The closed standing spans of an entry, in order."""
    return [(s.during.lower, s.during.upper) for s in standing(entry) if s.during.upper is not None]


@transaction.atomic
def set_seconds(
    entry: TimeEntry, *, seconds: int, raise_reason: str, by: Membership, at: datetime
) -> TimeEntry:
    """Record another length than measured: less trims the end, more adds a manual segment with its reason."""
    hold_person(by.user_id)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if seconds <= 0:
        raise Refused("Time must be more than 0 minutes.", field="minutes")
    measured = span_seconds(spans_of(entry))
    refuse_if(why_not_raise(measured, seconds, raise_reason), field="raise_reason")
    if seconds > measured:
        with because(raise_reason):
            entry.raise_reason = raise_reason.strip()
            entry.save()
            add_manual(entry, room_for(entry, seconds - measured, at), reason=raise_reason.strip())
    elif seconds < measured:
        with because(f"recorded {in_words(seconds)} of {in_words(measured)} measured"):
            _trim(entry, seconds)
    return entry


def room_for(entry: TimeEntry, extra: int, at: datetime) -> Span:
    """Where added minutes lie: the first free place right after one of the spans, else right before the first."""
    spans, length = spans_of(entry) or [(entry.started_at, entry.started_at)], timedelta(seconds=extra)
    places = [(end, end + length) for _, end in spans] + [(spans[0][0] - length, spans[0][0])]
    past = [place for place in places if place[1] <= at]
    if not past:
        raise Refused("These minutes would lie in the future.", field="minutes")
    user_id = entry.author.user_id
    free = next((place for place in past if not in_the_way(user_id, place)), None)
    if free is None:
        refuse_overlap(user_id, past[0], practice=entry.practice)
    return free or past[0]


def _trim(entry: TimeEntry, seconds: int) -> None:
    """Cut from the end until exactly `seconds` are left."""
    left = timedelta(seconds=seconds)
    for segment in standing(entry):
        length = segment.during.upper - segment.during.lower
        if left <= timedelta(0):
            segment.standing = False
            segment.save()
        elif length > left:
            segment.during = (segment.during.lower, segment.during.lower + left)
            segment.save()
        left -= length


_NO_CARE = {Activity.ATTEMPT, Activity.TECHNICAL_HELP, Activity.SCHEDULING}


def mark_activities(entry: TimeEntry) -> list[TimeSegment]:
    """What the note says the contact was: an attempt, or device help or scheduling alone, is not time of care.

    If readings were reviewed too, only the contact's own segments are; else the whole session is. A note that no
    longer says so gives the time back. Returns the standing segments.
    """
    segments = standing(entry)
    for segment in segments:
        if (wanted := worked_at(entry, segment)) != segment.activity:
            segment.activity = wanted
            segment.save()
    return segments


def worked_at(entry: TimeEntry, segment: TimeSegment) -> str:
    """The segment's activity as the note has it."""
    special = contact_activity(entry)
    wanted = Activity.CONTACT if segment.activity in _NO_CARE else segment.activity
    return special if special and (wanted == Activity.CONTACT or not entry.data_reviewed) else wanted


def as_worked(segment: TimeSegment) -> str:
    """What its time was spent on, whatever a note has said since. A correction begins from that."""
    if segment.activity not in _NO_CARE:
        return segment.activity
    before = segment.history.exclude(activity__in=_NO_CARE).first()
    return before.activity if before else Activity.CONTACT


def contact_activity(entry: TimeEntry) -> str | None:
    """What the note says that the contact was, where it was no care."""
    if entry.method == Method.NO_ANSWER:
        return Activity.ATTEMPT
    topics = set(entry.topics)
    if not topics or topics - NOT_CARE:
        return None
    return Activity.TECHNICAL_HELP if Topic.DEVICE_HELP in topics else Activity.SCHEDULING
