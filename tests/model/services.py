"""The same acts by the services, on PostgreSQL, for the people of the cast."""

from datetime import date

from accounts.models import Membership
from accounts.permissions import Role
from accounts.practice_policies import set_policy
from billing.close import acts as close
from tests import factories
from tests.cast import Cast
from tests.integration.timelogs.notes import NO_ANSWER, REVIEW
from tests.model import gaps
from tests.model.calendars import SECOND, at
from tests.model.intervals import Span
from tests.model.sessions import LIVE, PRACTICE_OF, SECOND_PERSON, Session
from timelogs import locks
from timelogs.clock import acts as clock
from timelogs.models import Clock, TimeEntry
from timelogs.note import drafts
from timelogs.signing import shared_minutes
from timelogs.signing.amend import amend as amend_session
from timelogs.signing.approve import approve as approve_session
from timelogs.signing.sign import sign as sign_session
from timelogs.signing.void import void as void_session

_SILENT = {"method": "", "topics": [], "said": "", "contact_started_at": None, "follow_up_on": None}
_ATTEMPT = {**REVIEW, **_SILENT, **NO_ANSWER, "follow_up_on": date(2027, 6, 1)}
NOTES = {
    "reviewed": {**REVIEW, **_SILENT},
    "nobody answered": {**_ATTEMPT, "data_reviewed": False},
    "read, nobody answered": _ATTEMPT,
}


class Real:
    def __init__(self, cast: Cast):
        self.practices = {"maple": cast.practice, "elsewhere": cast.elsewhere}
        self.patients = {"jane": cast.jane, "max": cast.max, "nora": cast.nora}
        self.users = {"rosa": cast.rosa.user, "luis": cast.luis.user}
        self.members = {("rosa", "maple"): cast.rosa, ("luis", "maple"): cast.luis}
        self.leads, self.billers = {"maple": cast.lena}, {"maple": cast.cora, "elsewhere": cast.dora}
        self.rows: dict[int, TimeEntry] = {}
        self.now = None
        given = {"key": "concurrent_time", "value": "reviewed", "starts_on": date(2025, 1, 1)}
        set_policy(cast.practice, **given, why="Nurses work apart.")
        _move_west(cast)
        self.members["rosa", "elsewhere"] = _also_there(cast.rosa, cast, Role.NURSE)
        self.leads["elsewhere"] = _also_there(cast.lena, cast, Role.LEAD_NURSE)

    def of(self, s: Session) -> tuple[TimeEntry, dict]:
        """The session's row, and who does it when."""
        return self.rows[s.number], {"by": self.members[s.nurse, s.practice], "at": self.now}

    def start(self, nurse: str, patient: str, *, switch: bool) -> TimeEntry:
        by = self.members[nurse, PRACTICE_OF[patient]]
        return clock.start_session(self.patients[patient], by=by, at=self.now, switch=switch)

    def pause(self, s: Session) -> None:
        entry, who = self.of(s)
        clock.pause(entry, **who)

    def resume(self, s: Session, *, switch: bool) -> None:
        entry, who = self.of(s)
        clock.resume(entry, switch=switch, **who)

    def on_call(self, s: Session, *, on: bool) -> None:
        entry, who = self.of(s)
        clock.set_on_call(entry, on=on, **who)

    def heartbeat(self, s: Session, *, had_input: bool) -> None:
        entry, who = self.of(s)
        clock.heartbeat(entry.pk, had_input=had_input, **who)

    def sweep(self) -> None:
        for pk in Clock.objects.filter(state__in=LIVE).values_list("pk", flat=True):
            clock.settle_silent(pk, at=self.now)

    def answer(self, s: Session, answer: str) -> None:
        entry, who = self.of(s)
        clock.answer_question(entry, answer=answer, **who)

    def claim(self, s: Session, gap: int, seconds: int | None) -> None:
        entry, who = self.of(s)
        gaps.claim(entry, gap, seconds, by=who["by"], now=self.now)

    def leave(self, s: Session, gap: int) -> None:
        entry, who = self.of(s)
        gaps.leave(entry, gap, by=who["by"], now=self.now)

    def leave_work(self, nurse: str) -> None:
        clock.pause_all(self.users[nurse], at=self.now)

    def by_hand(self, nurse: str, patient: str, span: Span, *, fix: str) -> TimeEntry:
        by, seconds = self.members[nurse, PRACTICE_OF[patient]], (span[1] - span[0]) // SECOND
        return drafts.log_past(
            self.patients[patient],
            starts_at=at(span[0]),
            seconds=seconds,
            reason="Logged after the fact.",
            by=by,
            at=self.now,
            fix=fix,
        )

    def write(self, s: Session, *, note: str, says_why_late: bool) -> None:
        entry, who = self.of(s)
        late = {"late_reason": "The ward was full that day."} if says_why_late else {}
        drafts.save_draft(entry, note=NOTES[note] | late, version=None, **who)

    def sign(self, s: Session, *, seconds: int | None, why: str) -> TimeEntry:
        entry, who = self.of(s)
        return sign_session(entry, version=None, seconds=seconds, raise_reason=why, **who)

    def amend(self, s: Session, *, note: str, seconds: int | None) -> TimeEntry:
        entry, who = self.of(s)
        return amend_session(entry, note=NOTES[note], seconds=seconds, reason="a correction", **who)

    def void(self, s: Session) -> None:
        entry, who = self.of(s)
        void_session(entry, reason="Wrong patient.", **who)

    def discard(self, s: Session) -> None:
        entry, who = self.of(s)
        clock.discard(entry, reason="Opened by mistake.", **who)

    def approve(self, s: Session) -> None:
        approve_session(self.rows[s.number], by=self.leads[s.practice], at=self.now)

    def let_both_count(self, s: Session) -> None:
        self._decide(shared_minutes.let_both_count, s, shared_minutes.undecided)

    def count_once(self, s: Session) -> None:
        self._decide(shared_minutes.count_once, s, shared_minutes.decided)

    def _decide(self, act, s: Session, which) -> None:
        """About whom the page shows."""
        entry = TimeEntry.objects.get(pk=self.rows[s.number].pk)
        others = {each.pk for each in which(entry)}
        act(entry, others=others, reason="Each worked apart.", by=self.leads[s.practice], at=self.now)

    def close(self, practice: str, month: date) -> None:
        where = self.practices[practice]
        run = close.start_close(where, month, by=self.billers[practice], at=self.now)
        close.work_chunk(where, run.pk, at=self.now)

    def reopen(self, practice: str, month: date) -> None:
        period = locks.period_of(self.practices[practice], month)
        close.reopen(period, reason="Time was missing.", by=self.billers[practice], at=self.now)


def _move_west(cast: Cast) -> None:
    """The other practice lies three hours behind, and is stricter with time entered by hand."""
    cast.elsewhere.time_zone = "America/Los_Angeles"
    cast.elsewhere.save()
    policy = {"key": "second_person_approval", "value": True, "starts_on": factories.LONG_AGO}
    assert {"elsewhere"} == SECOND_PERSON
    set_policy(cast.elsewhere, why="Stricter than the law.", **policy)


def _also_there(member: Membership, cast: Cast, role: Role) -> Membership:
    """The same person with a second practice."""
    values = {name: getattr(member, name) for name in ("user", "credential", "staff_kind", "starts_on")}
    return factories.saved(Membership(practice=cast.elsewhere, role=role, **values))
