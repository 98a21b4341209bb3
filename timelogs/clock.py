"""The running clock of a draft. It lives here and in the database; pages only draw it. Nothing is credited silently."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from accounts.practice_policies import policies_for
from foundation.context import because
from foundation.refusals import Refused, refuse_if
from patients.models import Patient
from patients.selectors import enrollment_on
from timelogs import notes
from timelogs.locks import hold_entry, hold_person
from timelogs.models import (
    Activity,
    Clock,
    ClockState,
    Evidence,
    SegmentSource,
    Status,
    TimeEntry,
    TimeSegment,
)
from timelogs.overlaps import database_decides
from timelogs.policies import why_not_change
from timelogs.spans import microseconds
from timelogs.spans import seconds as span_seconds

LIVE = (ClockState.RUNNING, ClockState.ON_CALL, ClockState.ASKING)
ANSWER_WITHIN = timedelta(minutes=10)
CALL_ASKS_AFTER = timedelta(minutes=45)
LOST, SILENT, TOO_LONG, SIGNED_OUT = "connection lost", "no input", "time limit reached", "signed out"
# Pauses that nobody asked for leave a gap, which may be claimed with a reason.
_LEAVES_GAP = {LOST, SILENT, SIGNED_OUT}


class ClockRunning(Refused):
    """The person's clock runs elsewhere. `entry` is that session; `switch=True` pauses it first."""

    def __init__(self, entry: TimeEntry, *, practice):
        self.entry = entry
        known = entry.practice_id == practice.pk
        who = f"A session with {entry.patient}" if known else "Another session of yours"
        super().__init__(
            f"{who} is running. Pause it first, or go back to it.",
            fixes=(("switch", "Pause it and start this one"),),
        )


def running_clock(user_id) -> Clock | None:
    """The person's one live clock, in whatever practice."""
    rows = Clock.objects.filter(staff_id=user_id, state__in=LIVE)
    return rows.select_related("entry__patient", "entry__practice", "entry__author__user").first()


@transaction.atomic
def start_session(patient: Patient, *, by: Membership, at: datetime, switch: bool = False) -> TimeEntry:
    """A draft with its clock running. The same patient's running session is returned instead of a second one.

    Raises `ClockRunning` when another session of this person runs, unless `switch`.
    """
    episode = enrollment_on(patient, patient.practice.today(at))
    if episode is None:
        raise Refused(f"{patient} is not enrolled today. Enroll the patient first.")
    hold_person(by.user_id)
    if (clock := _live(by.user_id, at)) is not None:
        if clock.entry.patient_id == patient.pk:
            return clock.entry
        _make_way(clock, practice=patient.practice, by=by, at=at, switch=switch)
    entry = TimeEntry(
        practice=patient.practice, patient=patient, enrollment=episode, author=by, started_at=at
    )
    for name, value in notes.first_facts(patient, today=patient.practice.today(at)).items():
        setattr(entry, name, value)
    entry.save()
    Clock.objects.create(
        entry=entry,
        practice=entry.practice,
        staff=by.user,
        state=ClockState.RUNNING,
        heartbeat_at=at,
        input_at=at,
    )
    _open(entry, at)
    return entry


def _live(user_id, at) -> Clock | None:
    """The person's live clock after settling what silence and limits mean for it."""
    clock = running_clock(user_id)
    if clock is not None:
        _settle(clock, at)
    return clock if clock is not None and clock.state in LIVE else None


def _make_way(clock: Clock, *, practice, by: Membership, at: datetime, switch: bool) -> None:
    if not switch:
        raise ClockRunning(clock.entry, practice=practice)
    _stop(clock, _stop_moment(clock, at), reason="switched to another patient")


def _open(entry: TimeEntry, at: datetime, *, activity: str = Activity.DATA_REVIEW) -> None:
    """A segment that runs from now on. The database refuses it beside any other of this person."""
    user = entry.author.user
    with database_decides(user.pk, lambda: (at, at + timedelta(seconds=1)), practice=entry.practice):
        TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=user,
            activity=activity,
            during=(at, None),
            source=SegmentSource.CLOCK,
            evidence=Evidence.OBSERVED,
        ).save()


def standing(entry: TimeEntry) -> list[TimeSegment]:
    """The entry's segments that stand, in order."""
    return list(TimeSegment.objects.filter(entry=entry, standing=True).order_by("during"))


def _open_segment(entry: TimeEntry) -> TimeSegment | None:
    return next((s for s in standing(entry) if s.during.upper is None), None)


def _close(segment: TimeSegment, at: datetime) -> None:
    """End a segment; one that never lasted is switched off."""
    start = segment.during.lower
    if at <= start:
        segment.standing, at = False, start + timedelta(microseconds=1)
    segment.during = (start, at)
    segment.save()
    segment.refresh_from_db(fields=["during"])


def _stop(clock: Clock, at: datetime, *, reason: str) -> None:
    """Pause at a moment, which may lie in the past; what lies between is a gap when nobody asked for the pause."""
    if (segment := _open_segment(clock.entry)) is not None:
        with because(reason):
            _close(segment, at)
        _end_call(clock.entry, segment)
    clock.state, clock.pause_reason, clock.doubt_from = ClockState.PAUSED, reason, None
    if reason in _LEAVES_GAP:
        clock.gap_from, clock.gap_until = at, None
    clock.save()


def _settle(clock: Clock, at: datetime) -> None:
    """Apply what silence and limits mean by now. Run before every act on a clock, and by the sweeper."""
    if clock.state not in LIVE:
        return
    limits = policies_for(clock.entry.practice, on=clock.entry.practice.today(at))
    asks_after = CALL_ASKS_AFTER if _in_call(clock.entry) else timedelta(minutes=limits["idle_minutes"])
    asked_at, asking = clock.input_at + asks_after, clock.state == ClockState.ASKING
    too_long = _worked(clock.entry, at) - timedelta(minutes=limits["max_session_minutes"])
    if asking and at - asked_at >= ANSWER_WITHIN:
        _stop(clock, clock.doubt_from, reason=SILENT)
    elif at - clock.heartbeat_at >= timedelta(minutes=limits["lost_minutes"]):
        _stop(clock, _stop_moment(clock, clock.heartbeat_at), reason=LOST)
    elif too_long >= timedelta(0):
        _stop(clock, min(at - too_long, _stop_moment(clock, at)), reason=TOO_LONG)
    elif not asking and at >= asked_at:
        clock.doubt_from = asked_at if _in_call(clock.entry) else clock.input_at
        clock.state = ClockState.ASKING
        clock.save(update_fields=["state", "doubt_from"])


def _in_call(entry: TimeEntry) -> bool:
    """Whether the running segment is a call."""
    segment = _open_segment(entry)
    return segment is not None and segment.activity == Activity.CONTACT


def _worked(entry: TimeEntry, until: datetime) -> timedelta:
    """The entry's standing time up to a moment, exactly."""
    spans = [(s.during.lower, s.during.upper or until) for s in standing(entry)]
    return timedelta(microseconds=microseconds((start, end) for start, end in spans if start < end))


def measured(entry: TimeEntry, until: datetime) -> int:
    """Whole seconds of the entry's standing time up to a moment."""
    return _worked(entry, until) // timedelta(seconds=1)


def _own_clock(entry: TimeEntry, *, by: Membership, at: datetime) -> Clock:
    """The clock of the person's own draft, settled, under her lock."""
    hold_person(by.user_id)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        raise Refused("This session was entered by hand and has no clock.")
    clock.entry = entry
    _settle(clock, at)
    return clock


@transaction.atomic
def pause(entry: TimeEntry, *, by: Membership, at: datetime, reason: str = "by hand") -> TimeEntry:
    """Stop counting now. Pausing what is paused changes nothing."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state in LIVE:
        _stop(clock, _stop_moment(clock, at), reason=reason)
    return clock.entry


def _stop_moment(clock: Clock, at: datetime) -> datetime:
    """The last moment proven: an open question puts everything from its doubt on aside."""
    return min(clock.doubt_from, at) if clock.state == ClockState.ASKING else at


@transaction.atomic
def resume(entry: TimeEntry, *, by: Membership, at: datetime, switch: bool = False) -> TimeEntry:
    """Go on counting. Raises `ClockRunning` when another session of this person runs, unless `switch`."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state in LIVE:
        return clock.entry
    other = _live(by.user_id, at)
    if other is not None:
        _make_way(other, practice=clock.practice, by=by, at=at, switch=switch)
    _open(clock.entry, at)
    if clock.gap_from and clock.gap_until is None:
        clock.gap_until = at
    _go_on(clock, at)
    return clock.entry


@transaction.atomic
def set_on_call(entry: TimeEntry, *, on: bool, by: Membership, at: datetime) -> TimeEntry:
    """On the phone: nobody asks whether she is still there. The call's start and length go into the note."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state not in LIVE:
        raise Refused("The clock is paused. Resume it first.")
    if on == _in_call(clock.entry):
        return clock.entry
    if on and clock.state == ClockState.ASKING:
        raise Refused("Answer first whether you were still working, then go on call.")
    # A call that ends while the question is open leaves what was in doubt as a gap, to be claimed or not.
    gap = (clock.doubt_from, at) if clock.state == ClockState.ASKING else (clock.gap_from, clock.gap_until)
    _stop(clock, _stop_moment(clock, at), reason="on call" if on else "call ended")
    clock.gap_from, clock.gap_until = gap
    _open(clock.entry, at, activity=Activity.CONTACT if on else Activity.DOCUMENTATION)
    if on and clock.entry.contact_started_at is None:
        clock.entry.contact_started_at = at
        clock.entry.save()
    _go_on(clock, at, on_call=on)
    return clock.entry


def _go_on(clock: Clock, at: datetime, *, on_call: bool = False) -> None:
    """The clock runs again from now, as after any act of the person."""
    clock.state = ClockState.ON_CALL if on_call else ClockState.RUNNING
    clock.heartbeat_at, clock.input_at, clock.pause_reason = at, at, ""
    clock.save()


def _end_call(entry: TimeEntry, segment: TimeSegment) -> None:
    """A call's length goes into the note when its segment ends."""
    if segment.activity == Activity.CONTACT and segment.standing:
        entry.contact_seconds = (entry.contact_seconds or 0) + span_seconds(
            [(segment.during.lower, segment.during.upper)]
        )
        entry.save()


@transaction.atomic
def heartbeat(entry: TimeEntry, *, had_input: bool, by: Membership, at: datetime) -> TimeEntry:
    """The page is alive; `had_input` says whether the person did anything since the last beat."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state in LIVE:
        clock.heartbeat_at = at
        if had_input and clock.state != ClockState.ASKING:
            clock.input_at = at
        clock.save(update_fields=["heartbeat_at", "input_at"])
    return clock.entry


@transaction.atomic
def answer_idle(entry: TimeEntry, *, answer: str, by: Membership, at: datetime) -> TimeEntry:
    """Still working? `keep` attests the silent minutes, `leave_out` drops them and goes on, `stop` ends there."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state != ClockState.ASKING:
        return clock.entry
    since, in_call = clock.doubt_from, _in_call(clock.entry)
    activity = Activity.CONTACT if in_call else Activity.DATA_REVIEW
    _stop(clock, since, reason=f"idle question: {answer}")
    if answer == "keep" and since < at:
        _attest(
            clock.entry,
            (since, at),
            reason="Kept working without input; said so when asked.",
            activity=activity,
        )
    if answer in {"keep", "leave_out"}:
        _open(clock.entry, at, activity=activity)
        _go_on(clock, at, on_call=in_call)
    return clock.entry


def _attest(entry: TimeEntry, span, *, reason: str, activity: str = Activity.DATA_REVIEW) -> None:
    with because(reason), database_decides(entry.author.user_id, lambda: span, practice=entry.practice):
        TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=entry.author.user,
            during=span,
            source=SegmentSource.CLOCK,
            evidence=Evidence.ATTESTED,
            activity=activity,
            reason=reason,
        ).save()


@transaction.atomic
def claim_gap(
    entry: TimeEntry, *, starts_at: datetime, ends_at: datetime, reason: str, by: Membership, at: datetime
) -> TimeEntry:
    """Add minutes that a lost connection left out, with a reason. They stay marked as attested."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.gap_from is None:
        raise Refused("There are no minutes to add: nothing was left out.")
    if not reason.strip():
        raise Refused("Say what you did in these minutes.", field="reason")
    latest = clock.gap_until or at
    if not clock.gap_from <= starts_at < ends_at <= latest:
        raise Refused("These minutes must lie in the time that was left out.", field="ends_at")
    _attest(clock.entry, (starts_at, ends_at), reason=reason.strip())
    return _forget_gap(clock)


@transaction.atomic
def leave_gap(entry: TimeEntry, *, by: Membership, at: datetime) -> TimeEntry:
    """The left-out minutes were not work: forget them."""
    return _forget_gap(_own_clock(entry, by=by, at=at))


def _forget_gap(clock: Clock) -> TimeEntry:
    clock.gap_from = clock.gap_until = None
    clock.save()
    return clock.entry


@transaction.atomic
def discard(entry: TimeEntry, *, reason: str, by: Membership, at: datetime) -> TimeEntry:
    """Throw a draft away. It and its time stay in the record, switched off."""
    hold_person(by.user_id)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    if not reason.strip():
        raise Refused("Give the reason. It stays in the record.", field="reason")
    with because(reason):
        end_clock(entry, at)
        switch_off(entry)
        entry.status, entry.ended_reason = Status.DISCARDED, reason.strip()
        entry.save()
    return entry


def end_clock(entry: TimeEntry, at: datetime) -> None:
    """Stop and end the entry's clock, at the last proven moment if a question is open."""
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        return
    clock.entry = entry
    _settle(clock, at)
    if clock.state in LIVE:
        _stop(clock, _stop_moment(clock, at), reason="signed")
    clock.state = ClockState.ENDED
    clock.save()


def switch_off(entry: TimeEntry) -> None:
    """The entry's time no longer stands."""
    for segment in standing(entry):
        if segment.during.upper is None:
            raise Refused("The clock of this session is still running.")
        segment.standing = False
        segment.save()


@transaction.atomic
def pause_all(user, *, at: datetime, reason: str = SIGNED_OUT) -> None:
    """Whatever clock of this person runs is paused, with the reason stored: at sign-out."""
    hold_person(user.pk)
    if (clock := _live(user.pk, at)) is not None:
        _stop(clock, min(_stop_moment(clock, at), at), reason=reason)


@transaction.atomic
def settle_silent(clock_id, *, at: datetime) -> None:
    """The sweeper's act on one clock."""
    clock = Clock.objects.select_related("entry__practice", "entry__author__user", "entry__patient").get(
        pk=clock_id
    )
    hold_person(clock.staff_id)
    clock.entry = hold_entry(clock.entry)
    clock.refresh_from_db(fields=[f.name for f in Clock._meta.fields if f.name != "entry"])
    _settle(clock, at)
