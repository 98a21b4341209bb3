"""The policies' page and setting one: who, from which day, once, and never behind a decided month."""

from datetime import date
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.db.models import JSONField, Value
from django.urls import reverse

from accounts.models import PolicySetting
from accounts.policy_specs import POLICIES
from accounts.practice_policies import PolicyBook, policies_for, set_policy
from billing.models import AlertKind, ThresholdAlert
from patients.models import OfficeVisit
from tests.factories import saved
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, minutes_of, work
from tests.integration.timelogs.notes import NO_ANSWER, signed_session
from timelogs.counting.totals import month_total
from timelogs.models import Period, PeriodState

LIST = "/policies/"
TODAY, MAY = "2026-04-05", "2026-05-01"


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.ade.user)
    return client


def lay(client, key, **given):
    data = {"operation_id": str(uuid4()), "starts_on": MAY, "why": "Agreed with the payer.", **given}
    return client.post(reverse("billing:policy_change", args=[key]), data)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# Looking ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "edits"), [("ade", True), ("cora", False), ("omar", False)])
def test_who_sees_the_policies_and_who_changes_them(client, cast, who, edits):
    client.force_login(cast.user(who))
    page = text_of(client.get(LIST))
    assert "No policy departs from the default today." in page
    assert all(spec.question.replace("?", "") in page for spec in POLICIES.values())
    assert ("/policies/idle_minutes/change/" in page) is edits
    assert client.get("/policies/idle_minutes/change/").status_code == (200 if edits else 403)


@pytest.mark.parametrize("who", ["rosa", "ana"])
def test_who_cares_for_patients_sees_no_policies(client, cast, who):
    client.force_login(cast.user(who))
    assert client.get(LIST).status_code == 403


def test_an_unknown_policy_is_not_there(admin):
    assert admin.get("/policies/no_such/change/").status_code == 404


def test_a_value_is_shown_with_what_it_departs_from_who_laid_it_down_and_why(admin, cast):
    assert lay(admin, "idle_minutes", value="7", starts_on=TODAY).status_code == 303
    page = text_of(admin.get(LIST))
    for words in (
        "1 policy departs from the default",
        "<b>7 minutes</b>",
        "Longer lets unproven time in.",
        "Since 05-Apr-2026",
        "Ade Admin",
        "Agreed with the payer.",
        "5 minutes",
    ):
        assert words in page


def test_what_was_set_stands_first_and_the_rest_is_folded(admin, cast):
    assert "Set by the practice" not in text_of(admin.get(LIST))
    assert lay(admin, "idle_minutes", value="7", starts_on=TODAY).status_code == 303
    chosen, _, defaults = text_of(admin.get(LIST)).partition("At their default")
    assert 'id="idle_minutes"' in chosen
    assert 'id="unit_limit_99458"' not in chosen
    assert 'id="unit_limit_99458"' in defaults
    assert 'id="idle_minutes"' not in defaults
    assert '<details class="policy-group"><summary>' in defaults


def test_values_to_come_and_earlier_ones_and_a_payers_own_have_their_place(admin, cast):
    for payer, value, starts_on in [("", 2, MARCH), ("", 1, date(2026, 4, 1)), ("", 3, date(2026, 6, 1))]:
        set_policy(
            cast.practice, key="unit_limit_99458", value=value, starts_on=starts_on, why="So.", payer=payer
        )
    set_policy(
        cast.practice,
        key="unit_limit_99458",
        value=None,
        starts_on=date(2026, 4, 20),
        why="Contract.",
        payer="commercial",
    )
    page = text_of(admin.get(LIST))
    assert "<b>1 unit</b>" in page
    assert "To come, from 01-Jun-2026: <b>3 units</b>" in page
    assert "1 earlier value" in page
    assert "From 01-Mar-2026: <b>2 units</b>" in page
    assert "Until then as the practice" in page
    assert (
        'To come, from 20-Apr-2026: <b>as the rules say</b> <span class="quiet">(counts for April 2026 on)'
        in page
    )


def test_another_practices_policies_are_not_shown_or_changed(client, cast, admin):
    set_policy(cast.elsewhere, key="idle_minutes", value=29, starts_on=MARCH, why="Theirs.")
    assert "29 minutes" not in text_of(admin.get(LIST))
    lay(admin, "idle_minutes", value="7", starts_on=TODAY)
    assert policies_for(cast.elsewhere, on=APRIL_5.date())["idle_minutes"] == 29
    assert policies_for(cast.practice, on=APRIL_5.date())["idle_minutes"] == 7


# Values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "given", "stored"),
    [
        ("idle_minutes", {"value": "1"}, 1),
        ("idle_minutes", {"value": "30"}, 30),
        ("live_contact_per_unit", {"value": "True"}, True),
        ("live_contact_per_unit", {"value": "False", "payer": "medicaid"}, False),
        ("dual_99091", {"value": "cms_2021"}, "cms_2021"),
        ("unit_limit_99458", {"value": "0"}, 0),
        ("unit_limit_99458", {"as_rules": "on", "payer": "commercial"}, None),
        ("covered_diagnoses", {"value": "o10.1, I50\ni50", "payer": "commercial"}, ["I50", "O10.1"]),
        ("covered_diagnoses", {"as_rules": "on"}, []),
    ],
)
def test_each_kind_of_value_is_laid_down(admin, cast, key, given, stored):
    response = lay(admin, key, **given)
    assert (response.status_code, response["Location"]) == (303, f"/policies/#{key}")
    row = PolicySetting.objects.get()
    assert (row.practice, row.key, row.value, row.payer) == (
        cast.practice,
        key,
        stored,
        given.get("payer", ""),
    )
    history = row.history.get()
    assert (history.value, history.actor_label, history.history_change_reason) == (
        stored,
        "Ade Admin",
        "Agreed with the payer.",
    )


WRONG = {
    "below": ("idle_minutes", {"value": "0"}, "The value must be a whole number from 1 to 30."),
    "above": ("idle_minutes", {"value": "31"}, "The value must be a whole number from 1 to 30."),
    "part": ("idle_minutes", {"value": "5.5"}, "The value must be a whole number from 1 to 30."),
    "empty": ("idle_minutes", {"value": ""}, "Enter a whole number from 1 to 30."),
    "both": ("unit_limit_99458", {"value": "2", "as_rules": "on"}, "Give a value, or tick that it is as the"),
    "neither": ("setup_min_days", {}, "Enter a whole number from 0 to 30, or tick “As the rules say”."),
    "unknown": ("dual_99091", {"value": "always"}, "Select one of the values."),
    "none": ("dual_99091", {}, "Select one of the values."),
    "diagnosis": ("covered_diagnoses", {"value": "I50, heart"}, "Check HEART."),
    "diagnoses": ("covered_diagnoses", {"value": " , "}, "Enter the diagnoses, or tick “Any diagnosis"),
    "payer": ("idle_minutes", {"value": "7", "payer": "medicare"}, "so no payer can have a value of its own"),
    "who": ("dual_99091", {"value": "never", "payer": "acme"}, "Select the whole practice or one of the"),
    "day": ("idle_minutes", {"value": "7", "starts_on": "soon"}, "From which day must be a real date"),
    "no day": ("idle_minutes", {"value": "7", "starts_on": ""}, "Enter the day from which it holds."),
    "why": ("idle_minutes", {"value": "7", "why": " "}, "Say why. It stays in the record."),
    "far": ("idle_minutes", {"value": "7", "starts_on": "9999-12-31"}, "Choose a day from "),
    "old": ("dual_99091", {"value": "never", "starts_on": "0001-01-01"}, "Choose a day from "),
    "over": ("idle_minutes", {"value": "7", "starts_on": "2026-04-04"}, "Choose 05-Apr-2026 or a later day."),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_field_is_named_and_what_was_typed_stays(admin, case):
    key, given, sentence = WRONG[case]
    response = lay(admin, key, **{"why": "A reason worth keeping.", **given})
    page = text_of(response)
    assert response.status_code == 422
    assert "<title>Error: Change a policy" in page
    assert sentence in page
    assert "A reason worth keeping." in page or case == "why"
    assert not PolicySetting.objects.exists()


# From which day ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("starts_on", ["2026-02-10", "2026-03-01", "2026-03-31"])
def test_a_decided_month_keeps_its_policies_and_so_do_those_before_it(admin, cast, starts_on):
    close_march(cast)
    response = lay(admin, "unit_limit_99458", value="1", starts_on=starts_on)
    assert response.status_code == 422
    assert "March 2026 is closed, and a decided month keeps its policies. Choose 01-Apr-2026" in text_of(
        response
    )
    assert not PolicySetting.objects.exists()
    assert lay(admin, "unit_limit_99458", value="1", starts_on="2026-04-01").status_code == 303


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (PeriodState.CLOSING, 422),
        (PeriodState.CLOSED, 422),
        (PeriodState.OPEN, 303),
        (PeriodState.REOPENED, 303),
    ],
)
def test_a_month_refuses_while_it_is_closing_or_closed(admin, cast, state, status):
    cut = APRIL_5 if state in {PeriodState.CLOSING, PeriodState.CLOSED} else None
    saved(Period(practice=cast.practice, month=MARCH, state=state, cut_off_at=cut, reason="Late."))
    assert lay(admin, "dual_99091", value="cms_2021", starts_on="2026-03-15").status_code == status


def test_another_practices_closed_month_is_not_ours(admin, cast):
    saved(Period(practice=cast.elsewhere, month=MARCH, state=PeriodState.CLOSED, cut_off_at=APRIL_5))
    assert lay(admin, "dual_99091", value="cms_2021", starts_on="2026-03-15").status_code == 303


def test_no_gate_is_made_for_a_month_before_the_practice_began_here(admin, cast):
    """The nightly close goes by the first gate: it would close a month that nobody ever worked in."""
    assert lay(admin, "dual_99091", value="cms_2021", starts_on="2025-10-01").status_code == 303
    assert not Period.objects.for_practice(cast.practice).exists()


def test_a_policy_of_the_rules_holds_for_the_whole_month_it_starts_in(admin, cast):
    lay(admin, "unit_limit_99458", value="1", starts_on="2026-04-20", payer="medicare")
    assert PolicyBook(cast.practice, on=date(2026, 4, 30)).rule_values("medicare") == {"unit_limit_99458": 1}
    assert PolicyBook(cast.practice, on=date(2026, 4, 30)).rule_values("medicaid") == {}
    assert PolicyBook(cast.practice, on=date(2026, 3, 31)).rule_values("medicare") == {}


# Once -------------------------------------------------------------------------------------------------------


def test_two_clicks_lay_it_down_once(admin):
    once = {"operation_id": str(uuid4()), "value": "7"}
    answers = [lay(admin, "idle_minutes", **once) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert PolicySetting.objects.count() == 1


def test_a_form_left_open_while_somebody_laid_the_same_day_down_is_refused_in_a_sentence(admin, cast):
    set_policy(cast.practice, key="idle_minutes", value=9, starts_on=date(2026, 5, 1), why="First.")
    response = lay(admin, "idle_minutes", value="7")
    assert response.status_code == 422
    assert "From 01-May-2026 a value is already set: 9 minutes." in text_of(response)
    assert [row.value for row in PolicySetting.objects.all()] == [9]


def test_a_payers_value_of_the_same_day_is_another_row(admin, cast):
    set_policy(cast.practice, key="dual_99091", value="never", starts_on=date(2026, 5, 1), why="First.")
    assert lay(admin, "dual_99091", value="cms_2021", payer="medicare").status_code == 303


@pytest.mark.parametrize("payer", ["", "medicare"])
def test_around_the_form_the_database_refuses_a_second_value_of_a_day(cast, payer):
    same = {"practice": cast.practice, "key": "dual_99091", "starts_on": MARCH, "why": "So.", "payer": payer}
    PolicySetting(value="never", **same).save()
    with pytest.raises(IntegrityError, match="one_policy_value_per_start"), transaction.atomic():
        PolicySetting(value="cms_2021", **same).save()


def test_around_the_form_the_database_refuses_a_payers_value_where_none_is_looked_up(cast):
    row = PolicySetting(
        practice=cast.practice, key="idle_minutes", value=7, starts_on=MARCH, why="So.", payer="medicare"
    )
    with pytest.raises(IntegrityError, match="a_payers_policy_is_read_per_payer"), transaction.atomic():
        row.save()


# A payer's own value ends -----------------------------------------------------------------------------------

DUAL, PAYER = "dual_99091", "medicaid"


def end(client, key=DUAL, **given):
    data = {
        "operation_id": str(uuid4()),
        "starts_on": MAY,
        "why": "The contract ended.",
        "payer": PAYER,
        **given,
    }
    return client.post(reverse("billing:policy_change", args=[key]) + "?as_practice=1", data)


@pytest.fixture
def own(cast):
    """Medicaid has a value of its own since March, beside the practice's."""
    set_policy(cast.practice, key=DUAL, value="cms_2021", starts_on=MARCH, why="So.")
    return set_policy(cast.practice, key=DUAL, value="never", starts_on=MARCH, why="Contract.", payer=PAYER)


@pytest.mark.parametrize(("on", "value"), [(date(2026, 4, 30), "never"), (date(2026, 5, 1), "cms_2021")])
def test_from_its_last_day_on_a_payer_follows_the_practice_again(admin, cast, own, on, value):
    assert end(admin).status_code == 303
    assert policies_for(cast.practice, on=on, payer=PAYER)[DUAL] == value
    assert policies_for(cast.practice, on=on, payer="medicare")[DUAL] == "cms_2021"


def test_after_its_end_the_payer_also_follows_what_the_practice_sets_later(admin, cast, own):
    end(admin)
    assert lay(admin, DUAL, value="never", starts_on="2026-06-01").status_code == 303
    assert policies_for(cast.practice, on=date(2026, 6, 1), payer=PAYER)[DUAL] == "never"


def test_an_ended_value_can_be_followed_by_another_of_its_own(admin, cast, own):
    end(admin)
    assert lay(admin, DUAL, value="never", starts_on="2026-07-01", payer=PAYER).status_code == 303
    book = [policies_for(cast.practice, on=date(2026, month, 15), payer=PAYER)[DUAL] for month in (4, 6, 7)]
    assert book == ["never", "cms_2021", "never"]


def test_the_end_is_shown_with_what_counts_then(admin, cast, own):
    assert "payer=medicaid&amp;as_practice=1" in text_of(admin.get(LIST))
    end(admin, starts_on="2026-04-01")
    page = text_of(admin.get(LIST))
    assert "Since 01-Apr-2026: <b>as the practice</b>" in page
    assert "The contract ended." in page
    assert "1 earlier value" in page
    assert "as_practice=1" not in page


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"payer": "medicare"}, "has no value of its own on 01-May-2026"),
        ({"payer": ""}, "Select the payer whose own value ends."),
        ({"payer": "nobody"}, "Select the payer whose own value ends."),
        ({"starts_on": "2026-02-28"}, "has no value of its own on 28-Feb-2026"),
        ({"starts_on": "2026-03-01"}, "From 01-Mar-2026 a value is already set"),
        ({"why": " "}, "Say why."),
    ],
)
def test_what_cannot_end_is_said_and_nothing_is_written(admin, own, given, says):
    response = end(admin, **given)
    assert response.status_code == 422
    assert says in text_of(response)
    assert PolicySetting.objects.count() == 2


def test_what_ended_cannot_end_again(admin, own):
    end(admin)
    assert end(admin, starts_on="2026-06-01").status_code == 422


def test_two_clicks_end_it_once(admin, own):
    operation = str(uuid4())
    assert [end(admin, operation_id=operation).status_code for _ in range(2)] == [303, 303]
    assert PolicySetting.objects.filter(as_practice=True).count() == 1


def test_a_decided_month_keeps_a_payers_own_value(admin, cast, own):
    close_march(cast)
    response = end(admin, starts_on="2026-03-15")
    assert response.status_code == 422
    assert "a decided month keeps its policies" in text_of(response)


def test_another_practices_own_value_is_not_ended(admin, cast):
    set_policy(cast.elsewhere, key=DUAL, value="never", starts_on=MARCH, why="Theirs.", payer=PAYER)
    assert end(admin).status_code == 422
    assert policies_for(cast.elsewhere, on=date(2026, 6, 1), payer=PAYER)[DUAL] == "never"


@pytest.mark.parametrize("who", ["rosa", "ana", "cora", "omar"])
def test_only_administrators_end_a_value(client, cast, own, who):
    client.force_login(cast.user(who))
    assert end(client).status_code == 403


@pytest.mark.parametrize("broken", [{"payer": ""}, {"value": "never"}])
def test_around_the_form_the_database_refuses_an_end_of_the_practices_or_with_a_value(cast, broken):
    given = {"payer": PAYER, "value": Value(None, JSONField()), **broken}
    row = PolicySetting(
        practice=cast.practice, key=DUAL, starts_on=MARCH, why="So.", as_practice=True, **given
    )
    with pytest.raises(IntegrityError, match="only_a_payers_own_policy_ends"), transaction.atomic():
        row.save()


# What an open month already counts ----------------------------------------------------------------------------


def standing_alerts() -> list[int]:
    reached = ThresholdAlert.objects.filter(kind=AlertKind.REACHED, withdrawn_at=None)
    return sorted(reached.values_list("minutes", flat=True))


@pytest.mark.parametrize(
    ("starts_on", "seconds"), [("2026-02-15", 660), ("2026-03-01", 660), ("2026-03-02", 0), ("2026-05-01", 0)]
)
def test_unanswered_calls_of_an_open_month_are_counted_anew_and_alerts_follow(
    admin, cast, starts_on, seconds
):
    note = {**NO_ANSWER, "follow_up_on": date(2026, 3, 4)}
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=660, **note)
    work()
    assert (month_total(cast.jane, MARCH).seconds, standing_alerts()) == (0, [])
    assert lay(admin, "attempts_counted", value="True", starts_on=starts_on).status_code == 303
    work()
    assert (month_total(cast.jane, MARCH).seconds, standing_alerts()) == (seconds, [10] if seconds else [])


def test_counting_them_no_more_takes_them_out_and_withdraws_the_alert(admin, cast):
    set_policy(cast.practice, key="attempts_counted", value=True, starts_on=date(2026, 1, 1), why="So.")
    note = {**NO_ANSWER, "follow_up_on": date(2026, 3, 4)}
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=660, **note)
    work()
    assert standing_alerts() == [10]
    lay(admin, "attempts_counted", value="False", starts_on="2026-03-01")
    work()
    assert (month_total(cast.jane, MARCH).seconds, standing_alerts()) == (0, [])


def test_minutes_of_a_visits_day_follow_their_policy_and_so_do_alerts(admin, cast):
    saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=NINE.date()))
    minutes_of(cast.jane, cast.rosa, 660)
    work()
    assert standing_alerts() == []
    assert lay(admin, "same_day_visit", value="count", starts_on="2026-03-20").status_code == 303
    work()
    assert (month_total(cast.jane, MARCH).seconds, standing_alerts()) == (660, [10])


def test_another_practices_calls_are_left_alone(admin, cast):
    note = {**NO_ANSWER, "follow_up_on": date(2026, 3, 4)}
    signed_session(cast.nora, by=cast.dan, starts_at=NINE, seconds=660, **note)
    minutes_of(cast.jane, cast.rosa, 60)
    lay(admin, "attempts_counted", value="True", starts_on="2026-03-01")
    assert month_total(cast.nora, MARCH).seconds == 0
