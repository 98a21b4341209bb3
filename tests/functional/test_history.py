"""The auditor at a desk and on a phone: what changed, two versions side by side, by keyboard alone."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from foundation.context import ActorKind, acting, because
from tests.cast import make_cast
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def changed():
    """Jane's plan in three versions, by Rosa."""
    cast = make_cast()
    plan = cast.jane_enrolled.care_plans.get()
    for actions, why in (
        ("Measure three times a day.", "readings vary"),
        ("Measure each morning.", "too much"),
    ):
        with acting(cast.rosa.label, kind=ActorKind.PERSON, actor_id=cast.rosa.user_id), because(why):
            plan.actions = actions
            plan.save()
    return cast, plan


def test_the_auditor_reads_what_changed_and_why(page, changed, sign_in, axe, shot):
    cast, _ = changed
    sign_in(page, cast.omar).goto(reverse("audit:history"))
    first = page.get_by_role("row").nth(1)
    for words in ("Rosa Nguyen, RN", "Care plan version 1", "DOE, Jane", "Measure each morning.", "too much"):
        expect(first).to_contain_text(words)
    axe(page)
    shot(page, "history")
    page.get_by_label("Reason contains").fill("readings vary")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"words=[\w-]{8}$"))
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_label("Reason contains").fill("no such words")
    page.keyboard.press("Enter")
    expect(page.get_by_text("No changes match")).to_be_visible()
    axe(page)


def test_versions_are_walked_by_keyboard(page, changed, sign_in, axe, shot):
    cast, plan = changed
    sign_in(page, cast.omar).goto(reverse("audit:record", args=["careplan", plan.pk]))
    compared = page.locator("#compare ~ table")
    expect(compared).to_contain_text("−removed: three times a day.")
    expect(compared).to_contain_text("+added: each morning.")
    page.keyboard.press("[")
    expect(compared).to_contain_text("+added: three times")
    page.keyboard.press("]")
    expect(compared).to_contain_text("+added: each morning.")
    page.keyboard.press("d")
    expect(compared.get_by_role("rowheader", name="Goals")).to_be_visible()
    axe(page)
    shot(page, "record")
    page.keyboard.press("d")
    expect(compared.get_by_role("rowheader", name="Goals")).to_have_count(0)


def test_keys_leave_typing_alone(page, changed, sign_in):
    cast, plan = changed
    sign_in(page, cast.omar).goto(reverse("audit:record", args=["careplan", plan.pk]))
    page.keyboard.press("/")
    page.keyboard.type("d[")
    expect(page.locator("#palette-q")).to_have_value("d[")
    expect(page).to_have_url(re.compile(r"/$"))


def test_on_a_phone_rows_are_lists_and_nothing_scrolls_sideways(phone, changed, sign_in, axe, shot):
    cast, plan = changed
    sign_in(phone, cast.omar)
    for name, address in (
        ("phone history", reverse("audit:history")),
        ("phone record", reverse("audit:record", args=["careplan", plan.pk]) + "?all=1"),
        ("phone access", reverse("audit:access")),
    ):
        phone.goto(address)
        assert_reflows(phone)
        axe(phone)
        shot(phone, name)


def test_a_nurse_sees_the_history_of_a_plan_and_not_the_rest(page, changed, sign_in):
    cast, plan = changed
    sign_in(page, cast.rosa).goto(reverse("audit:record", args=["careplan", plan.pk]))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Care plan version 1")
    assert page.goto(reverse("audit:history")).status == 403
