"""The what-if page: who, from which facts, what it says, and that nothing stays behind but the visit."""

from datetime import date

import pytest
import time_machine
from django.apps import apps
from django.urls import reverse

from accounts.practice_policies import set_policy
from audit.models import AccessEvent
from billing.models import Claim
from patients.models import Diagnosis
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, close_march, minutes_of, with_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def cast(db, worlds):
    """With the guide's example in March."""
    return worlds.of(with_example)


@pytest.fixture
def biller(client, cast):
    client.force_login(cast.cora.user)
    return client


def url(patient, month=MARCH) -> str:
    return reverse("billing:what_if", args=[patient.pk, month])


def typed(client, patient, **changes) -> dict:
    """The form as the page shows it, with changes."""
    form = client.get(url(patient)).context["form"]
    return (
        {name: field.initial or "" for name, field in form.fields.items()}
        | {name: form.fields[name].initial for name in form.fields if form.fields[name].initial == 0}
        | changes
    )


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def shown_by(response):
    assert response.status_code == 200, response.context["form"].errors
    return response.context["shown"]


def changed_codes(response) -> set[str]:
    return {row.code for row in shown_by(response).changed}


def everything_stored() -> dict[str, int]:
    """Rows of every table of ours but the access log; histories are models too."""
    ours = {"accounts", "audit", "dispatch", "staff", "patients", "monitoring", "timelogs", "billing"}
    models = [m for m in apps.get_models() if m._meta.app_label in ours and m is not AccessEvent]
    return {model._meta.label: model._base_manager.count() for model in models}


# Who --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("cora", 200), ("omar", 200), ("rosa", 403), ("ade", 403)])
def test_who_may_ask_what_if(client, cast, who, status):
    client.force_login(cast.user(who))
    assert client.get(url(cast.jane)).status_code == status
    assert client.post(url(cast.jane), {}).status_code == (422 if status == 200 else 403)


def test_another_practices_patient_is_not_there(client, cast):
    client.force_login(cast.dora.user)
    assert client.get(url(cast.jane)).status_code == 404
    assert client.post(url(cast.jane), {}).status_code == 404


def test_the_claim_leads_here(biller, cast):
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    assert url(cast.jane) in biller.get(reverse("billing:claim", args=[claim.pk])).content.decode()


# Nothing is stored ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("wrong", [True, False])
def test_nothing_is_stored_but_that_the_chart_was_opened(biller, cast, closed, wrong):
    if closed:
        close_march(cast)
    data = typed(biller, cast.jane, clinical_staff_seconds="many" if wrong else "45", payer="commercial")
    before, seen = everything_stored(), AccessEvent.objects.count()
    biller.get(url(cast.jane))
    biller.post(url(cast.jane), data)
    biller.post(url(cast.jane), data)
    assert everything_stored() == before
    assert AccessEvent.objects.count() == seen + 3
    assert AccessEvent.objects.latest("pk").route == "billing:what_if"


# From which facts -------------------------------------------------------------------------------------------


def test_an_open_month_starts_from_the_records(biller, cast):
    page = biller.get(url(cast.jane))
    assert "From the records as they stand now; the month has no claim yet." in text_of(page)
    assert "Nothing here is stored." in text_of(page)
    form = page.context["form"]
    assert form.fields["clinical_staff_seconds"].initial == "22"
    assert form.fields["live_contacts"].initial == 2
    assert (form.fields["consent_on"].initial, form.fields["payer"].initial) == ("yes", "medicare")


def test_a_closed_month_starts_from_the_claims_photograph(biller, cast):
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    set_policy(
        cast.practice, key="live_contact_per_unit", value=True, starts_on=MARCH, why="Around the page."
    )
    page = biller.get(url(cast.jane))
    assert f"claim {claim.number}" in text_of(page)
    assert page.context["base"].facts == claim.selection.facts
    assert "Stands: no" in text_of(page)


def test_somebody_who_was_never_here_can_be_asked_about(biller, cast):
    stranger = factories.patient(cast.practice, "Poe", "Ann", mrn="T-0009", born_on=date(1950, 1, 1))
    page = biller.get(url(stranger))
    assert page.status_code == 200
    assert page.context["form"].fields["payer"].initial == "none"
    assert "No coverage" in text_of(page)


@pytest.mark.parametrize("month", [date(2018, 12, 1), date(2027, 1, 1)])
def test_a_month_without_rules_says_so(biller, cast, month):
    page = biller.get(url(cast.jane, month))
    assert page.status_code == 422
    assert f"There are no billing rules for {month:%B %Y}, so nothing can be calculated." in text_of(page)


# What it says -----------------------------------------------------------------------------------------------


def test_sent_as_it_is_nothing_changes(biller, cast):
    response = biller.post(url(cast.jane), typed(biller, cast.jane))
    assert (shown_by(response).facts, changed_codes(response)) == ((), set())
    assert "You changed nothing yet" in text_of(response)


def test_more_minutes_earn_another_code_and_both_sides_say_why(biller, cast):
    response = biller.post(url(cast.jane), typed(biller, cast.jane, clinical_staff_seconds="40:00"))
    page = text_of(response)
    assert changed_codes(response) == {"99458"}
    for words in ('40 min <span class="quiet">instead of 22 min', "18 min short", "40 min signed"):
        assert words in page
    assert 'value="40:00"' in page
    assert "Stands: 22." in page


def test_changes_that_change_no_code_say_so(biller, cast):
    response = biller.post(url(cast.jane), typed(biller, cast.jane, clinical_staff_seconds="23"))
    assert changed_codes(response) == set()
    assert "Nothing would change" in text_of(response)


def test_another_payer_brings_its_policies_of_the_months_last_day(biller, cast):
    for value, starts_on in [(True, date(2026, 3, 31)), (False, date(2026, 4, 1))]:
        set_policy(
            cast.practice,
            key="live_contact_per_unit",
            value=value,
            starts_on=starts_on,
            why="Contract.",
            payer="commercial",
        )
    data = typed(biller, cast.jane, payer="commercial", clinical_staff_seconds="40", live_contacts="1")
    response = biller.post(url(cast.jane), data)
    assert ("One live contact for every unit?", "no", "yes") in [
        (fact.label, fact.before, fact.after) for fact in shown_by(response).facts
    ]
    assert changed_codes(response) == {"99458"}
    kept = biller.post(url(cast.jane), {**data, "live_contact_per_unit": "False"})
    assert [side.words for row in shown_by(kept).changed for side in row.after] == ["Released"]


@pytest.mark.parametrize(("covered", "held"), [(["I10"], False), (["E11", "I5"], True), ([], False)])
def test_another_payer_may_not_cover_the_diagnoses(biller, cast, covered, held):
    assert Diagnosis.objects.get(enrollment=cast.jane_enrolled, withdrawn=False).code == "I10"
    set_policy(
        cast.practice, key="covered_diagnoses", value=covered, starts_on=MARCH, why="Plan.", payer="medicaid"
    )
    response = biller.post(url(cast.jane), typed(biller, cast.jane, payer="medicaid"))
    assert bool(changed_codes(response)) is held
    words = "The payer does not cover monitoring for these diagnoses"
    assert (words in text_of(response)) is held


POLICIES = [
    ("live_contact_per_unit", "True", {"clinical_staff_seconds": "65"}, {"99458"}),
    ("live_chat_counts", "True", {"live_contacts": "0", "live_chat_contacts": "1"}, {"99457"}),
    ("unit_limit_99458", "0", {"clinical_staff_seconds": "45"}, {"99458"}),
    ("unit_limit_99458", "rules", {"clinical_staff_seconds": "45"}, set()),
    ("dual_99091", "cms_2021", {"qhp_seconds": "30"}, {"99091", "99458"}),
    ("device_days", "best_device", {}, set()),
    ("setup_min_days", "0", {}, set()),
]


@pytest.mark.parametrize(("key", "value", "more", "codes"), POLICIES)
def test_each_policy_can_be_laid_over(biller, cast, key, value, more, codes):
    asked = typed(biller, cast.jane, **more)
    without, laid = (shown_by(biller.post(url(cast.jane), {**asked, **own})) for own in ({}, {key: value}))
    before = {row.code: [side.outcome for side in row.after] for row in without.rows}
    assert {
        row.code for row in laid.rows if [side.outcome for side in row.after] != before[row.code]
    } == codes


@pytest.mark.parametrize("paper", ["consent_on", "order_signed_on"])
def test_a_paper_taken_away_holds_and_one_given_releases(biller, cast, paper):
    response = biller.post(url(cast.jane), typed(biller, cast.jane, **{paper: "no"}))
    assert {"99454", "99457"} <= changed_codes(response)
    assert "Not on file <span" in text_of(response)
    stranger = factories.patient(cast.practice, "Poe", "Ann", mrn="T-0009", born_on=date(1950, 1, 1))
    given = biller.post(url(stranger), typed(biller, stranger, **{paper: "yes"}))
    assert "On file since 01-Mar-2026" in text_of(given)


@pytest.mark.parametrize(("days", "code"), [("15", "99445"), ("16", "99454"), ("1", None), ("30", "99454")])
def test_reading_days_at_the_edges(biller, cast, days, code):
    name = next(n for n in typed(biller, cast.jane) if n.startswith("days_2026-03"))
    shown = shown_by(biller.post(url(cast.jane), typed(biller, cast.jane, **{name: days})))
    released = {
        row.code for row in shown.rows for side in row.after if side.words == "Released" and side.units
    }
    assert released & {"99445", "99454"} == ({code} if code else set())


# Wrong and stale --------------------------------------------------------------------------------------------

WRONG = {
    "clinical_staff_seconds": (
        "many",
        "Staff minutes must be minutes, like 12, or minutes and seconds, like",
    ),
    "qhp_seconds": ("", "Enter practitioner minutes; 0 if there are none."),
    "unsigned_seconds": ("-1", "Unsigned minutes must be minutes, like 12"),
    "live_contacts": ("1000", "Live contacts must be a whole number from 0 to 999."),
    "live_chat_contacts": ("1.5", "Live chats must be a whole number from 0 to 999."),
    "auto_reading_days_in_month": (
        "32",
        "Days with readings in the month must be a whole number from 0 to 31.",
    ),
    "payer": ("acme", "Select one of the payers."),
    "consent_on": ("maybe", "Select whether the consent is on file."),
    "dual_99091": ("always", "Select one of the values of: 99091 beside the management codes."),
    "unit_limit_99458": ("10", "Select one of the values of: Units of 99458 a month, at most."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_field_is_named_and_nothing_typed_is_lost(biller, cast, name):
    value, sentence = WRONG[name]
    typed_now = {"clinical_staff_seconds": "37:11", name: value}
    response = biller.post(url(cast.jane), typed(biller, cast.jane, **typed_now))
    page = text_of(response)
    assert response.status_code == 422
    assert "<title>Error: What if" in page
    assert sentence in page
    assert 'value="37:11"' in page or name == "clinical_staff_seconds"
    assert response.context["shown"] is None


@pytest.mark.parametrize("days", ["31", "-1", "x", ""])
def test_a_window_holds_thirty_days_at_most(biller, cast, days):
    name = next(n for n in typed(biller, cast.jane) if n.startswith("days_2026-03"))
    response = biller.post(url(cast.jane), typed(biller, cast.jane, **{name: days}))
    assert response.status_code == 422
    assert "must be a whole number from 0 to 30." in text_of(response)


def test_a_record_that_changed_meanwhile_is_not_taken_for_a_change(biller, cast):
    data = typed(biller, cast.jane, live_contacts="5")
    minutes_of(cast.jane, cast.luis, 300)
    response = biller.post(url(cast.jane), data)
    page = text_of(response)
    assert response.status_code == 409
    assert "The record changed while this page was open, so nothing was calculated." in page
    assert 'value="5"' in page
    assert "Stands: 22." in page
    again = biller.post(url(cast.jane), {**data, "digest": response.context["base"].digest})
    assert again.status_code == 200
