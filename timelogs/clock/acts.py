"""The running clock of a draft. It lives here and in the database; pages only draw it. One runs per person."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.practice_scope import every_practice, in_practice
from foundation.refusals import Refused, refuse_if
from patients.models import Patient
from patients.selectors import enrollment_on
from timelogs.clock import gaps
from timelogs.clock.beats import Beat, look
from timelogs.clock.silence import (
    IN_DOUBT,
    LIVE,
    LOST,
    SIGNED_OUT,
    add_to_call,
    go_on,
    in_call,
    proven_until,
    settle,
    stop,
    why_not_longer,
)
from timelogs.counting.segments import attest, begin, switch_off
from timelogs.locks import hold_entry, hold_person
from timelogs.models import Activity, Clock, ClockState, Status, TimeEntry
from timelogs.note import handovers
from timelogs.note.reviewed import first_shown
from timelogs.policies import why_not_change

# A page in sight beats every five seconds. One that was not heard for longer is closed or behind another: who reads
# another patient's chart since has not worked in that session. Unless she is on the telephone in it.
A_FEW_BEATS = timedelta(seconds=15)


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


class NotHers(Refused):
    """The session is another person's."""

    def __init__(self):
        super().__init__("This session is somebody else's. Only its author can change it.")


def running_clock(user_id: UUID) -> Clock | None:
    """The person's one live clock, in whatever practice."""
    rows = Clock.objects.filter(staff_id=user_id, state__in=LIVE)
    with every_practice():
        return rows.select_related(
            "practice", "entry__patient", "entry__practice", "entry__author__user"
        ).first()


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
    for name, value in first_shown(patient, today=patient.practice.today(at), at=at).items():
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
    begin(entry, at)
    return entry


def _live(user_id: UUID, at: datetime) -> Clock | None:
    """The person's live clock after settling what silence and limits mean for it."""
    clock = running_clock(user_id)
    if clock is None:
        return None
    with in_practice(clock.practice):
        settle(clock, at)
    return clock if clock.state in LIVE else None


def _make_way(clock: Clock, *, practice, by: Membership, at: datetime, switch: bool) -> None:
    """The other session pauses: now if its page is still there, else at the page's last sign."""
    if not switch:
        raise ClockRunning(clock.entry, practice=practice)
    with in_practice(clock.practice):
        is_there = in_call(clock.entry) or at - clock.heartbeat_at <= A_FEW_BEATS
        proven = proven_until(clock, at if is_there else clock.heartbeat_at)
        stop(clock, proven, reason="switched to another patient")
        gaps.note_gap(clock.entry, (proven, at), why=IN_DOUBT if is_there else LOST)


def _own_clock(entry: TimeEntry, *, by: Membership, at: datetime) -> Clock:
    """The clock of the person's own draft, settled, under her lock."""
    hold_person(by.user_id)
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        raise Refused("This session was entered by hand and has no clock.")
    clock.entry = entry
    settle(clock, at, alive=True)
    return clock


@transaction.atomic
def pause(entry: TimeEntry, *, by: Membership, at: datetime, reason: str = "by hand") -> TimeEntry:
    """Stop counting now. Pausing what is paused changes nothing."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state in LIVE:
        _stop_asked(clock, at, reason=reason)
    return clock.entry


def _stop_asked(clock: Clock, at: datetime, *, reason: str) -> None:
    """Stop at the person's wish; what an open question leaves in doubt becomes a gap, to be claimed or not."""
    proven = proven_until(clock, at)
    stop(clock, proven, reason=reason)
    gaps.note_gap(clock.entry, (proven, at), why=IN_DOUBT)


@transaction.atomic
def resume(entry: TimeEntry, *, by: Membership, at: datetime, switch: bool = False) -> TimeEntry:
    """Go on counting. Raises `ClockRunning` when another session of this person runs, unless `switch`."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state in LIVE:
        return clock.entry
    other = _live(by.user_id, at)
    if other is not None:
        _make_way(other, practice=clock.practice, by=by, at=at, switch=switch)
    gaps.end_open_gap(clock.entry, at)
    begin(clock.entry, at)
    go_on(clock, at)
    return clock.entry


@transaction.atomic
def set_on_call(entry: TimeEntry, *, on: bool, by: Membership, at: datetime) -> TimeEntry:
    """On the phone: nobody asks whether she is still there. The call's start and length go into the note."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state not in LIVE:
        raise Refused("The clock is paused. Resume it first.")
    if on == in_call(clock.entry) and clock.state != ClockState.ASKING:
        return clock.entry
    _stop_asked(clock, at, reason="on call" if on else "call ended")
    begin(clock.entry, at, activity=Activity.CONTACT if on else Activity.DOCUMENTATION)
    if on and clock.entry.contact_started_at is None:
        clock.entry.contact_started_at = at
        clock.entry.save()
    go_on(clock, at, on_call=on)
    return clock.entry


@transaction.atomic
def heartbeat(entry_id: UUID, *, had_input: bool, by: Membership, at: datetime) -> Beat:
    """The page is alive; `had_input` says whether the person did anything since the last beat."""
    hold_person(by.user_id)
    seen = look(entry_id, by.practice, at=at)
    if seen is None:
        raise TimeEntry.DoesNotExist
    if seen.author_id != by.user_id:
        raise NotHers
    if not seen.may_stay(at):
        _own_clock(TimeEntry(pk=entry_id), by=by, at=at)
        seen = look(entry_id, by.practice, at=at) or seen
    if seen.clock is not None and seen.clock.state in LIVE:
        # One that was overtaken on its way takes nothing back.
        heard = {"heartbeat_at": max(seen.clock.heartbeat_at, at)}
        if had_input and seen.clock.state != ClockState.ASKING:
            heard["input_at"] = max(seen.clock.input_at, at)
        Clock.objects.filter(entry=entry_id).update(**heard)
    return seen.beat(at)


@transaction.atomic
def answer_question(entry: TimeEntry, *, answer: str, by: Membership, at: datetime) -> TimeEntry:
    """Still working? `keep` attests the time in doubt, `leave_out` drops it and goes on, `stop` ends there."""
    clock = _own_clock(entry, by=by, at=at)
    if clock.state != ClockState.ASKING:
        return clock.entry
    since, calling = clock.doubt_from, in_call(clock.entry)
    activity = Activity.CONTACT if calling else Activity.DATA_REVIEW
    stop(clock, since, reason=f"question answered: {answer}")
    if answer == "keep" and since < at:
        said = "Kept working; said so when asked."
        attest(clock.entry, (since, at), reason=said, activity=activity)
        if calling:
            add_to_call(clock.entry, (since, at))
    if answer in {"keep", "leave_out"}:
        begin(clock.entry, at, activity=activity)
        go_on(clock, at, on_call=calling)
    return clock.entry


@transaction.atomic
def claim_gap(
    entry: TimeEntry, gap_id: UUID, *, reason: str, by: Membership, at: datetime, seconds: int | None = None
) -> TimeEntry:
    """Add what silence left out (or its first `seconds`), with a reason. It stays marked as attested.

    By adding it she vouches for it: it brings the question after an hour no nearer.
    """
    clock = _own_clock(entry, by=by, at=at)
    gap = gaps.take_gap(clock.entry, gap_id, at)
    clock.vouched += gaps.add(gap, seconds=seconds, reason=reason)
    clock.save(update_fields=["vouched"])
    refuse_if(why_not_longer(clock, at), field="gap_length")
    return clock.entry


@transaction.atomic
def leave_gap(entry: TimeEntry, gap_id: UUID, *, by: Membership, at: datetime) -> TimeEntry:
    """What was left out was not work: nobody asks again."""
    clock = _own_clock(entry, by=by, at=at)
    gaps.leave_out(gaps.take_gap(clock.entry, gap_id, at))
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
    handovers.end_of(entry, at)
    return entry


def end_clock(entry: TimeEntry, at: datetime) -> None:
    """Stop and end the entry's clock, at the last proven moment if a question is open."""
    clock = Clock.objects.filter(entry=entry).first()
    if clock is None:
        return
    clock.entry = entry
    settle(clock, at, alive=True)
    if clock.state in LIVE:
        _stop_asked(clock, at, reason="signed")
    gaps.end_open_gap(entry, at)
    clock.state = ClockState.ENDED
    clock.save()


@transaction.atomic
def pause_all(user, *, at: datetime, reason: str = SIGNED_OUT, practice=None) -> None:
    """Whatever clock of this person runs (in one practice alone) is paused, with the reason stored: at sign-out.

    For who was idle, `at` is the last input that the web session noted; the clock itself may know of a later one.
    """
    hold_person(user.pk)
    if (clock := _live(user.pk, at)) is not None and practice in (None, clock.practice):
        with in_practice(clock.practice):
            stop(clock, proven_until(clock, max(at, clock.input_at)), reason=reason)


@transaction.atomic
def settle_silent(clock_id: UUID, *, at: datetime) -> None:
    """The sweeper's act on one clock."""
    clock = Clock.objects.select_related("entry__practice", "entry__author__user", "entry__patient").get(
        pk=clock_id
    )
    hold_person(clock.staff_id)
    clock.entry = hold_entry(clock.entry)
    clock.refresh_from_db(fields=[f.name for f in Clock._meta.fields if f.name != "entry"])
    settle(clock, at)
