"""Two people at once, in a browser: a reviewer lets both count by keyboard; it stands on both records."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.practice_policies import set_policy
from billing.models import Claim
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.integration.billing.months import MARCH, close_march
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.signing import shared_minutes

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "Luis telephoned while Rosa read the readings, each apart from the other."


@pytest.fixture
def pair(cast):
    """Of an hour ago: ten minutes of Rosa's, and of Luis's from the middle of them."""
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14)
    since = date(2026, 1, 1)
    set_policy(
        cast.practice, key="concurrent_time", value="reviewed", starts_on=since, why="Nurses work apart."
    )
    began = timezone.now() - timedelta(hours=1)
    first = signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=600, **REVIEW)
    then = began + timedelta(minutes=5)
    return first, signed_session(cast.jane, by=cast.luis, starts_at=then, seconds=600, **CALL)


@pytest.mark.parametrize("width", [1280, 320])
def test_a_reviewer_lets_both_count_by_keyboard(pair, cast, open_window, sign_in, axe, shot, width):
    page = sign_in(open_window(width=width), cast.lena)
    page.goto(f"/sessions/{pair[1].pk}/")
    page.get_by_role("link", name="Let both count…").press("Enter")
    expect(page.get_by_text("Rosa Nguyen also recorded")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"concurrent-{width}")
    page.get_by_role("button", name="Let both count").press("Enter")
    expect(page.get_by_role("link", name="Say what each of them did apart from the other.")).to_be_visible()
    axe(page)
    page.get_by_label("Why both count").fill(WHY)
    page.get_by_role("button", name="Let both count").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Both count now.")).to_be_visible()
    for entry in pair:
        page.goto(f"/sessions/{entry.pk}/")
        expect(page.get_by_text(f"count for both: {WHY} (Lena Lead, RN")).to_be_visible()
        axe(page)
        assert_reflows(page)
        shot(page, f"concurrent-record-{width}")


def test_the_claim_tells_it_and_fits(cast, open_window, sign_in, axe, shot):
    factories.readings(cast.jane, MARCH, 20)
    set_policy(
        cast.practice, key="concurrent_time", value="reviewed", starts_on=MARCH, why="Nurses work apart."
    )
    began = datetime(2026, 3, 3, 15, tzinfo=UTC)
    first = signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=900, **REVIEW)
    second = signed_session(cast.jane, by=cast.luis, starts_at=began, seconds=900, **CALL)
    shared_minutes.let_both_count(second, others={first.pk}, reason=WHY, by=cast.lena, at=second.signed_at)
    close_march(cast)
    for width in (1280, 320):
        page = sign_in(open_window(width=width), cast.cora)
        page.goto(f"/claims/{Claim.objects.get(patient=cast.jane).pk}/")
        expect(page.get_by_text("Beside another person’s session:")).to_have_count(2)
        axe(page)
        assert_reflows(page)
        shot(page, f"concurrent-claim-{width}")
