"""When it may: why an entry cannot be signed, changed or approved, in sentences that pages and services share."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Membership
from accounts.permissions import Permission, may
from accounts.practice_policies import policies_for
from foundation.local_time import on_clock
from foundation.months import in_words, midnight, month_of, next_month
from timelogs.intervals import Span
from timelogs.models import ADDITION_LENGTH, ClinicalAction, Method, Party, Status, TimeEntry

# "RPM management - 20 min": a label and a number, which no reviewer accepts as a description. Matched against the
# words alone: with whatever lies between them in the pattern too, a long text of dots would be matched for minutes.
_LABEL_ONLY = re.compile(
    r"(rpm|remote|patient|monthly)? ?(physiologic ?)?"
    r"(management|monitoring|review|call|check ?in|follow ?up)? ?\d* ?(min(ute)?s?)?",
    re.I,
)
MIN_SENTENCE = 15
# Recording less than was measured trims the end, and the contact may have begun there.
UNRECORDED = timedelta(hours=2)
A_MINUTE = 60
NOT_YET = "The session would end later than now. Enter when it began and how long it took so far."


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the note cannot be signed, at the form field that cures it."""

    field: str
    message: str


def says_something(text: str) -> bool:
    """Whether a text is more than a label with a number of minutes."""
    words = " ".join(re.findall(r"\w+", text))
    return len(text.strip()) >= MIN_SENTENCE and not _LABEL_ONLY.fullmatch(words)


def problems(
    entry: TimeEntry, spans: list[Span], *, at: datetime, limits: Mapping[str, Any] | None = None
) -> list[Problem]:
    """Everything that keeps this note from being signed; the seven fields in their order. Empty when ready.

    `limits`: the practice's policies of that day, where they are at hand.
    """
    limits = limits or policies_for(entry.practice, on=entry.practice.today(at))
    found = [
        *_time(entry, spans, limits, at),
        *_data(entry),
        *_communication(entry),
        *_contact_time(entry, spans),
        *_contact_length(entry, spans),
        *_action(entry),
    ]
    return [Problem(field, message) for field, message in found]


def _time(entry, spans, policies, at):
    length = sum(((end - start).total_seconds() for start, end in spans), 0.0)
    if length < 1:
        yield "minutes", "Time must be more than 0 minutes."
        return
    if length > policies["max_session_minutes"] * 60:
        yield (
            "minutes",
            f"Time must be {policies['max_session_minutes']} minutes or less. Split it if it was two sessions.",
        )
    if spans[-1][1] > at:
        yield "started", NOT_YET
    tz, episode = entry.practice.tz, entry.enrollment
    first, last = spans[0][0].astimezone(tz).date(), spans[-1][1].astimezone(tz).date()
    if first < episode.started_on:
        yield "started", f"Session date must be on or after enrollment, {episode.started_on:%-d %b %Y}."
    if episode.ended_on and last >= episode.ended_on:
        yield "started", f"The enrollment ended on {episode.ended_on:%-d %b %Y}. Choose a day before that."


def _data(entry):
    since, until = entry.data_from, entry.data_until
    if entry.data_reviewed and not (since and until):
        missing, which = ("data_until", "last") if since else ("data_from", "first")
        yield missing, f"Enter the {which} day of the readings that you reviewed."
        return
    if since and until and until < since:
        yield "data_until", "The last day of the readings must be on or after the first."
        return
    if (
        entry.data_reviewed
        and entry.data_facts
        and {f["measure"] for f in entry.data_facts} <= set(entry.data_left_out)
    ):
        yield (
            "data_left_out",
            "Everything is left out. Take a tick away here, or take away that you reviewed the readings.",
        )
        return
    if entry.data_reviewed or says_something(entry.no_data_reason) or entry.method == Method.NO_ANSWER:
        return
    if entry.data_facts:
        yield "data_reviewed", "Tick that you reviewed these readings, or say why none were reviewed."
    else:
        yield "no_data_reason", "There are no readings in these days. Say why none were reviewed."


def _communication(entry):
    if not entry.party:
        yield "party", "Select who you spoke with, or “No contact”."
        return
    if entry.party == Party.NONE:
        return
    if not entry.method:
        yield "method", "Select how you were in contact."
    if entry.party == Party.CAREGIVER and not entry.party_name.strip():
        yield "party_name", "Enter the caregiver's name."
    if entry.party == Party.CAREGIVER and not entry.party_relation.strip():
        yield "party_relation", "Enter how the caregiver is related to the patient."
    if entry.method == Method.NO_ANSWER:
        return
    if entry.contact_started_at is None and entry.contact_seconds is None:
        yield "contact_seconds", "Enter when the contact began or how long it took."
    if not entry.topics and entry.party != Party.CLINICIAN:
        yield "topics", "Select what you talked about."
    # One sentence of her own makes a contact; it may stand under either heading. A label is none under any.
    where = entry.said if entry.said.strip() else entry.action_detail
    if not says_something(where):
        yield "said", "Write at least one sentence about what was said."


def _contact_time(entry, spans):
    """A contact begins in its session, to the minute, or in a part that was not recorded; never in another month."""
    moment = entry.contact_started_at
    if not spans or moment is None or entry.party in {"", Party.NONE}:
        return
    tz = entry.practice.tz
    first, last = spans[0][0].astimezone(tz), spans[-1][1].astimezone(tz)
    month_ends = midnight(next_month(month_of(last - timedelta(microseconds=1), tz=tz)), tz=tz)
    if not first.replace(second=0, microsecond=0) <= moment < min(last + UNRECORDED, month_ends):
        session = f"{on_clock(first, tz=tz)}–{on_clock(last, tz=tz)}"
        yield "contact_started_at", f"The contact must lie in the session, {session}."


def _contact_length(entry, spans):
    """A contact is part of the session's time. Lengths are typed in whole minutes: less than one over is none."""
    length = int(sum(((end - start).total_seconds() for start, end in spans), 0.0))
    talked = entry.contact_seconds or 0
    if not spans or entry.party in {"", Party.NONE} or entry.method == Method.NO_ANSWER:
        return
    if talked - length >= A_MINUTE and not entry.contact_longer_reason.strip():
        yield (
            "contact_seconds",
            f"The contact took {in_words(talked)}, but {in_words(length)} are recorded for the session. Correct one of "
            "them, or say why the contact was longer.",
        )


def _action(entry):
    if not entry.action:
        yield "action", "Select what you decided, or “No change”."
    elif entry.action == ClinicalAction.TRY_AGAIN:
        if entry.follow_up_on is None:
            yield "follow_up_on", "Enter the day on which you will try again."
    elif not entry.action_detail.strip():
        yield "action_detail", _WHY.get(entry.action, "Say what was decided and why.")
    elif not says_something(entry.action_detail):
        yield (
            "action_detail",
            f"“{entry.action_detail.strip()[:60]}” is no description. Say what you found and why you decided so.",
        )
    if entry.method == Method.NO_ANSWER and entry.action and entry.action != ClinicalAction.TRY_AGAIN:
        yield "action", "Nobody answered: select “Try again” and the day."


_WHY = {ClinicalAction.NO_CHANGE: "Say why the plan stays the same."}


def why_not_change(entry: TimeEntry, *, by: Membership) -> str | None:
    """Why this person cannot write in this entry now."""
    if entry.author.user_id != by.user_id:
        return "Only its author can change a session."
    if entry.status == Status.SIGNED:
        signed = entry.signed_at.astimezone(entry.practice.tz)
        return f"This session was signed at {signed:%H:%M}. Amend it to change what it says."
    if entry.status != Status.DRAFT:
        return f"This session was {entry.get_status_display().lower()} and can no longer be changed."
    return None


def why_not_left(entry: TimeEntry, *, signs: bool) -> str | None:
    """Why this is no draft that its author left behind. `signs`: whether the author logs time here today."""
    if entry.status != Status.DRAFT:
        return f"This session was {entry.get_status_display().lower()}. There is nothing left to hand over or close."
    if signs:
        return f"{entry.author.label} logs time here and signs it herself or himself."
    return None


def why_not_hand_over(entry: TimeEntry, *, to: Membership, signs: bool) -> str | None:
    """Why this draft cannot be given to that colleague."""
    if found := why_not_left(entry, signs=signs):
        return found
    return "Its author is who left. Choose somebody else." if to.user_id == entry.author.user_id else None


def why_not_close_left(entry: TimeEntry, *, by: Membership, holder: UUID | None, signs: bool) -> str | None:
    """Why this person cannot close a left draft. `holder`: the person by id to whom it was handed."""
    if found := why_not_left(entry, signs=signs):
        return found
    if may(by, Permission.TIME_APPROVE) or by.user_id == holder:
        return None
    return "This draft was not handed to you. A lead nurse or a physician hands it over or closes it."


def why_not_correct(entry: TimeEntry, *, by: Membership) -> str | None:
    """Why this person cannot amend or void this signed entry now."""
    if entry.author.user_id != by.user_id:
        return "Only its author can amend or void a session."
    if entry.status != Status.SIGNED:
        return f"A session that is {entry.get_status_display().lower()} cannot be amended or voided."
    return None


def why_no_plan(entry: TimeEntry) -> str | None:
    """Why no version of the care plan can name this session as its cause."""
    ended_on = entry.enrollment.ended_on
    if ended_on is not None:
        return (
            f"The enrollment of this session ended on {ended_on:%-d %b %Y}. "
            "Change the care plan of a later enrollment on the chart."
        )
    if entry.status in {Status.DRAFT, Status.SIGNED}:
        return None
    return f"A session that is {entry.get_status_display().lower()} changes no care plan. Change it on the chart."


def why_not_add(entry: TimeEntry) -> str | None:
    """Why nobody can add an addendum to this session. Closed months and voided sessions take one, a note's draft none.

    An amended version takes none either: what is added to it would stand beside words that no longer hold.
    """
    if entry.status == Status.DRAFT:
        return "This session is not signed yet. Write it in the note."
    if entry.status == Status.DISCARDED:
        return "This draft was discarded. There is nothing signed to add to."
    if entry.status == Status.AMENDED:
        return "This version was amended. Add your addendum to the version that replaced it."
    return None


def why_not_attest(entry: TimeEntry, *, by: Membership) -> str | None:
    """Why this person cannot attest this session's signature now. Whether it was attested before is asked elsewhere."""
    if entry.author.user_id != by.user_id:
        return "Only its author can attest a session."
    if entry.status == Status.DRAFT:
        return "This session is not signed yet. Sign it: there is nothing to attest."
    if entry.status != Status.SIGNED:
        return f"A session that is {entry.get_status_display().lower()} cannot be attested."
    return None


def why_not_text(text: str) -> str | None:
    """Why this text is no addendum."""
    if not text.strip():
        return "Write what you add, and why it is added now."
    if not says_something(text):
        return f"“{text.strip()[:60]}” is no description. Write at least one sentence: what you add, and why now."
    if len(text.strip()) > ADDITION_LENGTH:
        return f"An addendum must be {ADDITION_LENGTH:,} characters or less. Split it into two."
    return None


def why_not_approve(entry: TimeEntry, *, by: Membership) -> str | None:
    """Why this person cannot approve this entry's time now."""
    if not may(by, Permission.TIME_APPROVE):
        return "Your role cannot approve time of others."
    if entry.author.user_id == by.user_id:
        return "Nobody approves what they logged themselves."
    if entry.status != Status.SIGNED or not entry.needs_approval or entry.approved_at:
        return "This session waits for no approval."
    return None


def why_not_beside(
    entry: TimeEntry, *, by: Membership, others: Collection[UUID], allowed: bool
) -> str | None:
    """Why this person cannot let this session count beside that of `others`, people by id, who share its minutes.

    `allowed`: whether the practice's policy lets a reviewer say so at all.
    """
    if found := _why_no_reviewer(entry, by=by, others=others):
        return found
    if not others:
        return "It shares no counted minute of which nothing was decided yet. There is nothing to decide."
    if not allowed:
        return "This practice counts the same minutes of two people once. An administrator can set another policy."
    return None


def why_not_once(entry: TimeEntry, *, by: Membership, others: Collection[UUID]) -> str | None:
    """Why this person cannot take back that this session counts beside that of `others`, people by id."""
    if found := _why_no_reviewer(entry, by=by, others=others):
        return found
    return None if others else "The same minutes of two people count once here already."


def _why_no_reviewer(entry: TimeEntry, *, by: Membership, others: Collection[UUID]) -> str | None:
    if not may(by, Permission.TIME_APPROVE):
        return "Your role cannot decide on time of others."
    if entry.status != Status.SIGNED:
        return f"A session that is {entry.get_status_display().lower()} counts nothing, beside nobody."
    if by.user_id in {entry.author.user_id, *others}:
        return "Somebody who worked in neither session must decide that."
    return None


def why_no_reason(reason: str) -> str | None:
    """Why this says nothing that could stand in the record."""
    return None if reason.strip() else "Give the reason. It stays in the record."


def why_not_raise(measured: int, seconds: int, reason: str) -> str | None:
    """Why more than measured cannot be recorded."""
    if seconds > measured and len(reason.strip()) < 5:
        return f"Give a reason for recording {in_words(seconds)} when {in_words(measured)} was measured."
    return None
