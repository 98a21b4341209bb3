"""A session as its page shows it: the clock, what the month comes to with it, and who worked at the same time."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import cached_property

from escalations.models import Escalation
from foundation.months import bounds, in_words, month_of
from patients.models import CarePlan, RequestState, SignatureRequest
from patients.plans import review_in_words
from patients.selectors import care_plan_on
from timelogs.clock.escalations import worked_on_in
from timelogs.clock.status import ClockView, clock_view
from timelogs.counting.eligibility import Eligibility, eligibility
from timelogs.counting.segments import standing
from timelogs.counting.sums import MonthSum, month_sum
from timelogs.counting.totals import LINES, EntryShare, distance, explained, signed_in
from timelogs.intervals import seconds
from timelogs.labels import fact_lines
from timelogs.models import Status, TimeEntry, TimeSegment
from timelogs.note.advice import Hint, State, hints, near_copy, remarks
from timelogs.note.lint import Defect, Kind
from timelogs.note.reviewed import news
from timelogs.policies import why_no_plan
from timelogs.signing.promise import Promise, promise
from timelogs.signing.shared_minutes import Shared, shared_time

LATEST = 10


class Sheet:
    """One session at one moment. Each part is asked for once, when the page first prints it."""

    lines = LINES

    def __init__(self, entry: TimeEntry, *, at: datetime):
        self.entry, self.at = entry, at
        self.month: date = month_of(entry.started_at, tz=entry.practice.tz)

    @cached_property
    def clock(self) -> ClockView | None:
        return clock_view(self.entry, at=self.at) if self.entry.status == Status.DRAFT else None

    @cached_property
    def segments(self) -> list[TimeSegment]:
        return standing(self.entry)

    @cached_property
    def allowed(self) -> Eligibility:
        """When the patient's time may count in the month in which it began."""
        return eligibility(self.entry.practice, self.entry.patient_id, self.month)

    @cached_property
    def total(self) -> MonthSum:
        return month_sum(self.entry.patient, self.month, self.allowed)

    @cached_property
    def measured(self) -> int:
        """Seconds of this session up to now; the silence before an unanswered question is left out."""
        if self.clock:
            return self.clock.seconds
        return seconds((s.during.lower, s.during.upper or self.at) for s in self.segments)

    @property
    def minutes_words(self) -> str:
        """What a screen reader hears of the clock; renewed each minute, not each second."""
        minutes = self.measured // 60
        return f"{minutes} minute" + ("" if minutes == 1 else "s")

    @cached_property
    def promise(self) -> Promise:
        """What signing would add to the month, and why not all of it."""
        if self.entry.status != Status.DRAFT:
            return Promise(self.measured, "")
        return promise(self.entry, at=self.at, measured=self.measured, allowed=self.allowed)

    @property
    def uncounted(self) -> int:
        """Seconds of this session that signing would not add to the month."""
        return self.measured - self.promise.seconds

    @property
    def together(self) -> int:
        return self.total.seconds + self.promise.seconds

    @property
    def to_go(self) -> str:
        """`14 min 07 s to 40 min`."""
        line, missing = distance(self.together)
        return f"{in_words(missing)} to {line} min" if line else f"past {LINES[-1]} min"

    @property
    def in_two_months(self) -> bool:
        """Whether its seconds fall into two months, each getting its own."""
        ends = bounds(self.month, tz=self.entry.practice.tz)[1]
        return any((s.during.upper or self.at) > ends for s in self.segments)

    @cached_property
    def signed_sessions(self) -> list[EntryShare]:
        """The month's latest signed sessions, each with what counts of it and why the rest does not."""
        latest = signed_in(self.entry.patient, self.month).values_list("pk", flat=True)[:LATEST]
        return explained(self.entry.patient, self.month, list(latest), self.allowed)

    @property
    def earlier_sessions(self) -> int:
        """How many more the month has; the chart lists them all."""
        return self.total.sessions - len(self.signed_sessions)

    @property
    def facts(self) -> list[dict]:
        return fact_lines(self.entry.data_facts, left_out=self.entry.data_left_out)

    @cached_property
    def news(self) -> str:
        """`2 readings more since you looked`, of a draft alone: what is signed keeps what it says."""
        return news(self.entry) if self.entry.status == Status.DRAFT else ""

    @cached_property
    def hints(self) -> list[Hint]:
        return hints(self.entry, twin=self._twin, defects=self.remarks)

    @property
    def hints_met(self) -> int:
        return sum(hint.state == State.MET for hint in self.hints)

    @cached_property
    def remarks(self) -> list[Defect]:
        """What the note's words say otherwise than what is stored; a near-copy is a hint's to tell, not told twice."""
        found = remarks(self.entry, seconds=self.measured, twin=self._twin)
        return [remark for remark in found if remark.kind != Kind.COPY]

    @cached_property
    def _twin(self) -> TimeEntry | None:
        return near_copy(self.entry)

    @cached_property
    def shared(self) -> list[Shared]:
        return shared_time(self.entry, self.segments)

    @cached_property
    def plan(self) -> CarePlan | None:
        """Once signed, the version under which it was worked; unsigned, discarded too, the one in effect on its day."""
        if self.entry.signed_at:
            return self.entry.care_plan
        return care_plan_on(self.entry.enrollment, self._day)

    @property
    def review(self) -> str:
        """`Review overdue since 03-Mar-2026`, seen from the day of the session."""
        return review_in_words(self.plan.review_by, self._day) if self.plan else ""

    @property
    def review_is_over(self) -> bool:
        return self.plan is not None and self.plan.review_by < self._day

    @property
    def _day(self) -> date:
        return self.entry.practice.today(self.entry.started_at)

    @cached_property
    def plans(self) -> list[CarePlan]:
        """Versions of the care plan that were written because of it."""
        return plans_of([self.entry])

    @cached_property
    def escalations(self) -> list[Escalation]:
        """What it is about, where it was begun from an escalation."""
        return worked_on_in(self.entry)

    @property
    def changes_plan(self) -> bool:
        """Whether a next version of the plan can name this session as its cause."""
        return why_no_plan(self.entry) is None

    @cached_property
    def plans_waiting(self) -> list[SignatureRequest]:
        """New versions from it that wait for a clinician's signature."""
        return plans_waiting_of([self.entry])

    @property
    def next_weekday(self) -> date:
        """The working day after today: where “try again” starts from."""
        today = self.entry.practice.today(self.at)
        return today + timedelta(days={4: 3, 5: 2}.get(today.weekday(), 1))


def plans_of(versions: Iterable[TimeEntry]) -> list[CarePlan]:
    """The care plan's versions that any version of a session caused, first first."""
    ids = [entry.pk for entry in versions]
    return list(CarePlan.objects.filter(session_id__in=ids).order_by("number"))


def plans_waiting_of(versions: Iterable[TimeEntry]) -> list[SignatureRequest]:
    """Those that any version of a session caused and nobody has signed yet."""
    ids = [entry.pk for entry in versions]
    rows = SignatureRequest.objects.filter(session_id__in=ids, state=RequestState.WAITING)
    return list(rows.select_related("asked_of__user").order_by("asked_at"))
