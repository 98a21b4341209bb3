"""What the database adds up, and what is counted where a session touches, is what counting the whole month gives."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.db import transaction

from accounts.practice_policies import set_policy
from foundation.refusals import Refused
from patients.models import OfficeVisit
from tests import factories
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from timelogs.counting import counted
from timelogs.counting.sums import month_sum
from timelogs.counting.totals import drafts_in, explained, month_total, signed_in, unsigned_seconds
from timelogs.models import PatientMonth, Status, TimeEntry
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.approve import approve
from timelogs.signing.shared_minutes import count_once, decided, let_both_count, undecided
from timelogs.signing.void import void

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)
CHAT = {**CALL, "method": "live_chat"}
TRIED = {**NO_ANSWER, "action_detail": "", "follow_up_on": date(2026, 3, 25)}
BOTH = "The nurse was on the phone while the physician changed the plan."


class Month:
    """Random work of three people on one patient, in few places so that much of it overlaps."""

    def __init__(self, cast, seed: int):
        self.cast, self.random = cast, Random(seed)
        self.clock = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)

    def at(self) -> datetime:
        self.clock += timedelta(minutes=1)
        return self.clock

    def one(self, **states) -> TimeEntry | None:
        rows = TimeEntry.objects.filter(patient=self.cast.jane, **states).select_related(
            "author__user", "practice"
        )
        found = list(rows.order_by("started_at", "pk"))
        return self.random.choice(found) if found else None

    def start(self) -> datetime:
        # At the end of February too, so that a session lies in two months.
        days = [
            datetime(2026, 3, 1, 4, 50, tzinfo=UTC),
            *(datetime(2026, 3, n, 15, 0, tzinfo=UTC) for n in (10, 12)),
        ]
        minutes = timedelta(minutes=self.random.randrange(40), microseconds=self.random.randrange(10**6))
        return self.random.choice(days) + minutes

    def sign(self) -> None:
        by = self.random.choice([self.cast.rosa, self.cast.luis, self.cast.ana])
        note = self.random.choice([CALL, CALL, CHAT, REVIEW, {**REVIEW, **TRIED}, TRIED])
        length = {"seconds": self.random.randrange(240, 900), "starts_at": self.start()}
        moment = self.random.choice([None, self.at()])
        late = {"late_reason": "The note was forgotten on that day."}
        entry = signed_session(self.cast.jane, by=by, at=moment, **length, **note, **late)
        assert entry.cumulative_seconds == month_total(self.cast.jane, month_of(entry)).seconds

    def draft(self) -> None:
        length = {"seconds": self.random.randrange(60, 600), "starts_at": self.start()}
        drafts.log_past(self.cast.jane, reason="After the fact.", by=self.cast.luis, at=self.at(), **length)

    def void(self) -> None:
        if entry := self.one(status=Status.SIGNED):
            void(entry, reason="Another patient's.", by=entry.author, at=self.at())

    def amend(self) -> None:
        if entry := self.one(status=Status.SIGNED):
            seconds = self.random.choice([None, self.random.randrange(240, 600)])
            amend(entry, note=CALL, seconds=seconds, reason="Forgot the call.", by=entry.author, at=self.at())

    def approve(self) -> None:
        if entry := self.one(status=Status.SIGNED, needs_approval=True, approved_at=None):
            approve(entry, by=self.cast.lena, at=self.at())

    def decide(self) -> None:
        entry = self.one(status=Status.SIGNED)
        if entry and (others := undecided(entry)):
            among = {each.pk for each in others}
            let_both_count(entry, others=among, reason=BOTH, by=self.cast.lena, at=self.at())

    def take_back(self) -> None:
        entry = self.one(status=Status.SIGNED)
        if entry and (others := decided(entry)):
            among = {each.pk for each in others}
            count_once(entry, others=among, reason="One watched.", by=self.cast.lena, at=self.at())

    def step(self) -> None:
        acts = [self.sign, self.amend, self.void, self.approve, self.decide, self.take_back, self.draft]
        with suppress(Refused), transaction.atomic():
            self.random.choices(acts, weights=[8, 2, 1, 2, 3, 1, 1])[0]()


def month_of(entry: TimeEntry) -> date:
    return entry.practice.today(entry.started_at).replace(day=1)


def nothing_left_to_count(patient) -> None:
    for month in PatientMonth.objects.filter(patient=patient).select_related("practice"):
        standing = month.intervals.filter(standing=True)
        whole = counted._change(month, standing, counted.shares_now(month))
        assert (whole.gone, whole.new) == ([], [])


def same(patient, month: date) -> None:
    whole, added = month_total(patient, month), month_sum(patient, month)
    for name in ("seconds", "known_by", "live_contact_on", "attempted"):
        assert getattr(added, name) == getattr(whole, name), name
    assert added.live_chat == bool(whole.live_chat_entries)
    assert unsigned_seconds(patient, month) == whole.unsigned_seconds
    signed = [share for share in whole.by_entry if share.entry.status == Status.SIGNED]
    assert added.sessions == len(signed)
    by_plan = Counter()
    for share in whole.by_entry:
        by_plan[share.entry.care_plan_id] += share.microseconds
    assert +Counter(added.by_plan) == +by_plan
    entries = [*signed_in(patient, month), *drafts_in(patient, month)]
    assert explained(patient, month, [each.pk for each in entries]) == list(whole.by_entry)
    left_out = sum(seconds for share in signed for seconds, _, _ in share.not_counted)
    # Each reason of each session is cut to seconds by itself there, and the whole once here.
    assert left_out <= added.left_out <= left_out + sum(len(share.not_counted) + 1 for share in signed)


@pytest.mark.parametrize("seed", range(3))
def test_random_months(cast, seed):
    factories.readings(cast.jane, MARCH, 10)
    set_policy(cast.practice, key="concurrent_time", value="reviewed", starts_on=MARCH, why="Reviewed.")
    if seed % 2:
        set_policy(cast.practice, key="attempts_counted", value=True, starts_on=MARCH, why="Time is time.")
        visit = OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=date(2026, 3, 10))
        visit.save()
    month = Month(cast, seed)
    for _ in range(20):
        month.step()
        nothing_left_to_count(cast.jane)
    assert TimeEntry.objects.exclude(signed_at=None).count() > 4
    for each in (date(2026, 2, 1), MARCH):
        same(cast.jane, each)


def test_a_month_without_time_comes_to_nothing(cast):
    same(cast.jane, MARCH)
