"""Who adds minutes that come to lie in the month before holds it from the beginning: nobody ends in a deadlock."""

from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest

from billing.practice_policies.changes import PolicyGiven, lay_down
from tests import factories
from tests.factories import saved
from tests.faults.trials import at_once
from tests.faults.waiting import wait_until_somebody_waits
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.counting.totals import month_total
from timelogs.locks import period_of
from timelogs.models import Period, TimeEntry
from timelogs.note import drafts
from timelogs.signing import amend as amending
from timelogs.signing import sign as signing
from timelogs.signing.months import MonthShut

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
FEBRUARY, MARCH = date(2026, 2, 1), date(2026, 3, 1)
# By New York's clock.
MIDNIGHT = datetime(2026, 3, 1, 5, 0, tzinfo=UTC)
MID_MARCH = datetime(2026, 3, 15, 16, 0, tzinfo=UTC)
NOTE = {**CALL, "contact_seconds": 60, "late_reason": "Logged after the fact."}


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


@pytest.fixture
def packed(cast):
    """Rosa's day begins five minutes after midnight and has no room behind that session for more than it says."""
    for month in (FEBRUARY, MARCH):
        period_of(cast.practice, month)
    signed_session(
        cast.max, by=cast.rosa, starts_at=MIDNIGHT + minutes(15), seconds=600, at=MID_MARCH, **NOTE
    )
    return cast


def corrected(cast):
    """Act: ten minutes become twenty, of which five lie in February."""
    at = MIDNIGHT + minutes(5)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, at=MID_MARCH, **NOTE)
    given = {"seconds": 1200, "reason": "The call was longer."}
    return lambda: amending.amend(entry, note=NOTE, by=cast.rosa, at=MID_MARCH, **given)


def draft(cast):
    at = MIDNIGHT + minutes(5)
    entry = drafts.log_past(
        cast.jane, starts_at=at, seconds=600, reason="Logged late.", by=cast.rosa, at=MID_MARCH
    )
    return drafts.save_draft(entry, note=NOTE, version=entry.version, by=cast.rosa, at=MID_MARCH)


def signed(cast):
    """Act: the same as she signs it first."""
    entry = draft(cast)
    given = {"seconds": 1200, "raise_reason": "The call was longer."}
    return lambda: signing.sign(entry, version=None, by=cast.rosa, at=MID_MARCH, **given)


def policy_set(cast):
    """Act: both gates are taken alone, the earlier first."""
    given = PolicyGiven("attempts_counted", True, FEBRUARY, "As agreed.")
    return lambda: lay_down(cast.practice, given, at=MID_MARCH)


def over_midnight(cast):
    """Act: both months of the patient are locked, the earlier first."""
    start = MIDNIGHT - minutes(20)
    entry = drafts.log_past(
        cast.jane, starts_at=start, seconds=2400, reason="Logged late.", by=cast.lena, at=MID_MARCH
    )
    entry = drafts.save_draft(entry, note=NOTE, version=entry.version, by=cast.lena, at=MID_MARCH)
    return lambda: signing.sign(entry, version=None, by=cast.lena, at=MID_MARCH)


@pytest.mark.parametrize(
    ("act", "module", "other"),
    # Who signs locks the patient's months all at once, at the end.
    [(corrected, amending, policy_set), (corrected, amending, over_midnight), (signed, signing, policy_set)],
)
def test_two_who_need_both_months_wait_for_each_other_in_one_order(packed, monkeypatch, act, module, other):
    first, second, at_work = act(packed), other(packed), Event()
    prepare = module.prepare

    def slowly(entry, *given, **named):
        if entry.author_id == packed.rosa.pk:
            at_work.set()
            wait_until_somebody_waits()
        return prepare(entry, *given, **named)

    def behind_it():
        assert at_work.wait(10)
        return second()

    monkeypatch.setattr(module, "prepare", slowly)
    done = at_once([first, behind_it])
    assert not [each for each in done if isinstance(each, Exception)], done
    assert isinstance(done[0], TimeEntry)
    assert done[0].seconds_signed == 1200
    assert month_total(packed.jane, FEBRUARY).seconds >= 300


@pytest.mark.parametrize("act", [corrected, signed])
def test_minutes_that_would_lie_in_a_closed_month_are_refused(packed, act):
    first = act(packed)
    close(packed)
    with pytest.raises(MonthShut, match="February 2026 is closed"):
        first()


@pytest.mark.parametrize("seconds", [599, 600, 601])
def test_a_closed_month_next_to_it_is_in_nobodys_way(cast, seconds):
    """There is room behind the session, or none is needed."""
    for month in (FEBRUARY, MARCH):
        period_of(cast.practice, month)
    at = MIDNIGHT + minutes(5)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, at=MID_MARCH, **NOTE)
    close(cast)
    given = {"seconds": seconds, "reason": "Measured by hand."}
    new = amending.amend(entry, note=NOTE, by=cast.rosa, at=MID_MARCH, **given)
    assert new.seconds_signed == seconds
    assert not month_total(cast.jane, FEBRUARY).seconds


def test_no_gate_is_made_for_a_month_that_is_only_near(cast):
    factories.readings(cast.jane, date(2026, 3, 1), 2)
    at = MIDNIGHT + minutes(5)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, at=MID_MARCH, **NOTE)
    given = {"seconds": 1200, "reason": "The call was longer."}
    amending.amend(entry, note=NOTE, by=cast.rosa, at=MID_MARCH, **given)
    assert list(Period.objects.for_practice(cast.practice).values_list("month", flat=True)) == [MARCH]


def close(cast) -> None:
    period = Period.objects.get(practice=cast.practice, month=FEBRUARY)
    period.state, period.cut_off_at = "closed", MID_MARCH
    saved(period)
