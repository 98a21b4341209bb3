"""The practice's policies: dated rows, the payer's own before the practice's, and what they do to time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import PolicySetting
from accounts.practice_policies import POLICIES, PolicyBook, policies_for, policy, set_policy
from tests.integration.timelogs.notes import NO_ANSWER, REVIEW, signed_session
from timelogs.counting.totals import month_total
from timelogs.signing.approve import approve

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
MARCH = date(2026, 3, 1)


def lay(cast, key, value, *, starts_on=date(2026, 1, 1), payer=""):
    return set_policy(cast.practice, key=key, value=value, starts_on=starts_on, why="Agreed.", payer=payer)


def test_without_rows_the_laws_defaults_hold(cast):
    assert policies_for(cast.practice, on=MARCH) == {key: spec.default for key, spec in POLICIES.items()}
    assert PolicyBook(cast.practice, on=MARCH).rule_values("medicare") == {}


@pytest.mark.parametrize(
    ("day", "minutes"), [(date(2026, 2, 28), 5), (MARCH, 3), (date(2026, 3, 31), 3), (date(2026, 4, 1), 7)]
)
def test_a_policy_holds_from_its_day_until_the_next(cast, day, minutes):
    lay(cast, "idle_minutes", 3, starts_on=MARCH)
    lay(cast, "idle_minutes", 7, starts_on=date(2026, 4, 1))
    assert policy(cast.practice, "idle_minutes", on=day) == minutes
    assert policy(cast.elsewhere, "idle_minutes", on=day) == 5


def test_the_payers_own_row_goes_before_a_later_one_of_the_practice(cast):
    lay(cast, "unit_limit_99458", 1, payer="commercial")
    lay(cast, "unit_limit_99458", 2, starts_on=MARCH)
    assert PolicyBook(cast.practice, on=MARCH).rule_values("commercial") == {"unit_limit_99458": 1}
    assert PolicyBook(cast.practice, on=MARCH).rule_values("medicare") == {"unit_limit_99458": 2}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("idle_minutes", 0),
        ("idle_minutes", 31),
        ("idle_minutes", 5.0),
        ("second_person_approval", 0),
        ("dual_99091", "always"),
        ("no_such_policy", 1),
    ],
)
def test_what_is_no_value_of_a_policy_is_refused(cast, key, value):
    with pytest.raises(ValidationError):
        lay(cast, key, value)
    assert not PolicySetting.objects.exists()


def test_a_policy_without_a_reason_is_refused_by_the_database(cast):
    row = PolicySetting(practice=cast.practice, key="idle_minutes", value=3, starts_on=MARCH, why="")
    with pytest.raises(IntegrityError, match="policy_says_why"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("asked", [True, False])
def test_time_by_hand_waits_for_another_person_where_the_practice_asks_for_it(cast, asked):
    lay(cast, "second_person_approval", asked)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **REVIEW)
    assert (entry.needs_approval, month_total(cast.jane, MARCH).seconds) == (asked, 0 if asked else 600)
    if asked:
        approve(entry, by=cast.lena, at=NINE + timedelta(hours=1))
        assert month_total(cast.jane, MARCH).seconds == 600


@pytest.mark.parametrize(("counted", "seconds"), [(True, 300), (False, 0)])
def test_attempts_count_where_the_practice_says_so(cast, counted, seconds):
    lay(cast, "attempts_counted", counted)
    note = {**NO_ANSWER, "follow_up_on": date(2026, 3, 4)}
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=300, **note)
    assert month_total(cast.jane, MARCH).seconds == seconds
