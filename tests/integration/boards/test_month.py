"""The month board: every count has the same patients behind it, before the close and after."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from billing.claims import acts as claim_acts
from billing.claims.staleness import outdated
from billing.close import acts as close
from billing.exports.counting import to_export
from billing.models import Claim
from boards.models import OutdatedClaim, PatientMark
from boards.refresh import settle
from dispatch.models import OutboxMessage
from patients.models import Consent
from patients.services import revoke_consent
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example, minutes_of
from tests.integration.timelogs.notes import REVIEW
from timelogs.models import Period

pytestmark = pytest.mark.django_db
BOARD, PEOPLE = (f"/billing/2026-03/{page}" for page in ("", "patients/"))


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def biller(client, cast):
    client.force_login(cast.cora.user)
    return client


def text_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def behind(client, query: str) -> list[str]:
    """Who stands behind a number: names in the list that its link opens."""
    return [str(row.patient) for row in client.get(f"{PEOPLE}?{query}").context["rows"]]


def links_of(page: str) -> list[tuple[str, int]]:
    """(query, count) of each number of a board that leads to the list of patients."""
    counters = re.findall(r'href="[^"]*/patients/\?([^"]*)"><b>(\d+)</b>', page)
    reasons = re.findall(r'href="[^"]*/patients/\?([^"]*)">[^<]*</a> <b class="num">(\d+)</b>', page)
    groups = re.findall(r'/patients/\?([^"]*)">[^<]*</a></th><td[^>]*>(\d+)</td>', page)
    cells = re.findall(r'<td[^>]*class="num"><a href="[^"]*/patients/\?([^"]*)">(\d+)</a></td>', page)
    return [
        (query.replace("&amp;", "&"), int(count)) for query, count in (*counters, *reasons, *groups, *cells)
    ]


def each_number_has_its_patients(client, page: str) -> int:
    links = links_of(page)
    wrong = [(query, count, found) for query, count in links if len(found := behind(client, query)) != count]
    assert not wrong
    return len(links)


def test_each_number_of_an_open_month_opens_its_patients(biller, cast):
    guides_example(cast)
    minutes_of(cast.max, cast.luis, 1100)
    page = text_of(biller.get(BOARD))
    assert each_number_has_its_patients(biller, page) > 10
    assert behind(biller, "near=20") == ["ROE, Max"]
    assert "16–19 min" in page
    assert [behind(biller, f"nurse={who.user_id}") for who in (cast.rosa, cast.luis)] == [
        ["DOE, Jane"],
        ["ROE, Max"],
    ]
    assert behind(biller, f"clinician={cast.ana.user_id}") == ["DOE, Jane", "ROE, Max"]


def test_no_live_contact_from_ten_minutes_on(biller, cast):
    minutes_of(cast.jane, cast.rosa, 599, **REVIEW)
    minutes_of(cast.max, cast.luis, 600, **REVIEW)
    assert behind(biller, "near=contact") == ["ROE, Max"]


@pytest.mark.parametrize(("days", "told"), [(14, True), (15, False)])
def test_sixteen_days_out_of_reach_are_counted_while_their_window_runs(biller, cast, days, told):
    """The thirtieth day of the window is the 31st: one day may still bring a reading."""
    with time_machine.travel(NINE.replace(day=31), tick=True):
        factories.readings(cast.max, MARCH + timedelta(days=1), days)
        page = text_of(biller.get(BOARD))
        assert ("16 days of this window out of reach" in page) is told
        assert behind(biller, "near=lost") == (["ROE, Max"] if told else [])
    assert "out of reach" not in text_of(biller.get(BOARD)), "in April that window is over"


def test_each_number_of_a_closed_month_opens_its_claims(biller, cast):
    guides_example(cast)
    close_march(cast)
    page = text_of(biller.get(BOARD))
    assert each_number_has_its_patients(biller, page) >= 5
    assert "If it closed now" not in page
    rows = biller.get(f"{PEOPLE}?nurse={cast.rosa.user_id}").context["rows"]
    assert [row.claim for row in rows] == [Claim.objects.get(patient=cast.jane)]


def test_a_month_opened_again_shows_its_claims_and_what_a_close_would_come_to(biller, cast):
    guides_example(cast)
    close_march(cast)
    close.reopen(Period.objects.get(month=MARCH), reason="Late readings.", by=cast.ade, at=APRIL_5)
    page = text_of(biller.get(BOARD))
    assert "If it closed again now" in page
    assert 'aria-label="Claims by state"' in page
    each_number_has_its_patients(biller, page)


@pytest.mark.parametrize(
    "query",
    [
        "state=x",
        "reason=%27",
        "reason=1",
        "near=30",
        "nurse=zz",
        "payer=%00",
        "site=1",
        "page=99",
        "near=%00",
    ],
)
def test_what_an_address_asks_that_is_not_known_asks_nothing(biller, cast, query):
    guides_example(cast)
    assert behind(biller, query) == ["DOE, Jane", "ROE, Max"]


def test_a_month_before_the_practice_or_without_law_says_so(biller, cast):
    assert "Nobody was enrolled in February 2020." in text_of(biller.get("/billing/2020-02/")) or (
        "There are no billing rules for February 2020." in text_of(biller.get("/billing/2020-02/"))
    )


# Approved claims that the record no longer bears out -------------------------------------------------------------


@pytest.fixture
def approved(cast):
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    return claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)


def revoke(cast) -> None:
    consent = Consent.objects.get(patient=cast.jane)
    revoke_consent(consent, revoked_on=MARCH, reason="She never agreed.", by=cast.rosa, at=APRIL_5)


def everything_settled(practice) -> None:
    while settle(practice, at=APRIL_5):
        pass
    OutboxMessage.objects.filter(done_at=None).update(done_at=APRIL_5)


@pytest.mark.parametrize("by_the_task", [True, False])
def test_an_outdated_claim_is_counted_as_soon_as_a_page_asks_or_the_task_came_by(cast, approved, by_the_task):
    assert to_export(cast.practice, MARCH)["left_out"] == 0
    revoke(cast)
    if by_the_task:
        everything_settled(cast.practice)
        assert OutdatedClaim.objects.get().claim == approved
    found = to_export(cast.practice, MARCH)
    assert found == {"lines": 0, "approved": 0, "left_out": 1}
    claims = Claim.objects.filter(pk=approved.pk).select_related("selection", "period", "practice")
    assert outdated(list(claims)), "as the export would find"


def test_a_page_of_another_month_leaves_the_claim_to_be_looked_at(biller, cast, approved):
    everything_settled(cast.practice)
    revoke(cast)
    biller.get("/billing/2026-04/")
    assert PatientMark.objects.filter(practice=cast.practice).exists()
    everything_settled(cast.practice)
    assert OutdatedClaim.objects.filter(claim=approved).exists()


def test_decided_again_it_is_outdated_no_more(cast, approved):
    revoke(cast)
    everything_settled(cast.practice)
    close.reopen(Period.objects.get(month=MARCH), reason="She never agreed.", by=cast.ade, at=APRIL_5)
    close_march(cast)
    assert to_export(cast.practice, MARCH)["left_out"] == 0
    everything_settled(cast.practice)
    assert not OutdatedClaim.objects.exists()


def test_wrong_role_and_other_practice(client, cast):
    for who, status in (("rosa", 403), ("omar", 200), ("dora", 200)):
        client.force_login(cast.user(who))
        answer = client.get(PEOPLE)
        assert answer.status_code == status
        if who == "dora":
            assert "DOE" not in answer.content.decode()
    client.force_login(cast.cora.user)
    assert reverse("boards:month_patients", args=[MARCH]) == PEOPLE
