"""Escalations in a browser: a nurse asks, the physician answers by keyboard, the nurse works and resolves."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from escalations.ladder import change, mark
from escalations.models import Escalation
from foundation.context import acting
from tests.functional.browsing import assert_reflows
from tests.integration.escalations.found import opened, pressure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def found(cast) -> Escalation:
    """A critical one of Max, and a warning of Jane merged from two readings."""
    now = timezone.now()
    with acting("system: tests"):
        change(cast.practice, [cast.lena, cast.luis], why="Who is here.", seen=mark(cast.practice), at=now)
        critical = {"severity": "critical", "says": "Blood pressure 212/118 mmHg, above critical 180/110."}
        opened(cast.max, now - timedelta(minutes=42), **critical)
        pressure(cast.jane, now - timedelta(hours=30), 171)
        return opened(cast.jane, now - timedelta(hours=25))


def test_from_the_reading_to_the_answer_and_the_work(
    cast, found, live_server, page, phone, sign_in, axe, shot
):
    sign_in(page, cast.rosa)
    page.goto("/escalations/?tab=others")
    expect(page.get_by_role("link", name="Waiting for others 2")).to_be_visible()
    axe(page)
    shot(page, "escalations-inbox")
    page.get_by_role("link", name="Open").nth(1).click()
    expect(page.get_by_role("heading", name="Sessions about it")).to_be_visible()
    axe(page)
    shot(page, "escalation")
    page.keyboard.press("y")
    expect(page.get_by_text("Acknowledged. It is yours now.")).to_be_visible()
    page.keyboard.press("f")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_role("link", name="Say in a line what you ask")).to_be_visible()
    axe(page)
    shot(page, "escalation-refer-wrong")
    page.get_by_label("What you ask").fill("Consider an evening dose?")
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Sent. It waits for an answer.")).to_be_visible()

    sign_in(phone, cast.ana)
    phone.goto(f"/escalations/{found.pk}/")
    expect(phone.get_by_text("Consider an evening dose?").first).to_be_visible()
    axe(phone)
    assert_reflows(phone)
    shot(phone, "escalation-answer-390")
    phone.keyboard.press("a")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Tab")
    phone.keyboard.type("Lisinopril 20 mg at night.")
    phone.get_by_role("button", name="Send the answer").click()
    expect(phone.get_by_text("Answered. It is with who carries it out.")).to_be_visible()
    phone.goto("/escalations/")
    axe(phone)
    assert_reflows(phone)
    shot(phone, "escalations-inbox-390")

    page.goto(f"/escalations/{found.pk}/")
    expect(page.get_by_text("Change medicine", exact=False).first).to_be_visible()
    expect(page.get_by_role("button", name="Start session")).to_be_visible()
    shot(page, "escalation-answered")
    page.keyboard.press("s")
    expect(page.get_by_role("link", name=found.says)).to_be_visible()
    axe(page)
    shot(page, "escalation-session")
    page.goto(f"/escalations/{found.pk}/")
    page.keyboard.press("d")
    page.get_by_label("Medicine changed by a clinician").check()
    page.get_by_role("button", name="Resolve it").click()
    expect(page.get_by_text("Resolved.", exact=True)).to_be_visible()
    axe(page)


def test_from_the_chart_by_hand_and_the_list(cast, found, live_server, page, phone, sign_in, axe, shot):
    sign_in(page, cast.rosa)
    page.goto(f"/patients/{cast.jane.pk}/")
    expect(page.get_by_role("heading", name="Escalations")).to_be_visible()
    axe(page)
    shot(page, "escalations-chart")
    page.keyboard.press("e")
    expect(page.get_by_role("heading", name="Escalate", exact=True)).to_be_visible()
    axe(page)
    shot(page, "escalate")
    page.get_by_label("What you ask").fill("Call her or send to urgent care?")
    page.get_by_label("Now").check()
    page.get_by_role("button", name="Send it").click()
    expect(page.get_by_text("Escalated.", exact=False).first).to_be_visible()

    sign_in(phone, cast.ade)
    phone.goto("/settings/escalations/")
    axe(phone)
    assert_reflows(phone)
    shot(phone, "ladder-390")
    phone.get_by_role("link", name="Change the list").click()
    axe(phone)
    shot(phone, "ladder-change-390")
    month = cast.practice.today().strftime("%Y-%m")
    phone.goto(f"/escalations/{month}/")
    axe(phone)
    assert_reflows(phone)
    shot(phone, "escalations-report-390")
