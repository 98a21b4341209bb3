"""How much a person has to do: the budgets of interactions, counted from real pointer and key events."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.functional.acts import Acts
from tests.functional.browsing import telephone
from tests.functional.test_session import readings  # noqa: F401
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import Status, TimeEntry

pytestmark = pytest.mark.django_db(transaction=True)
SIGNED = "What was recorded"


@pytest.fixture
def acts(page, readings, sign_in):  # noqa: F811
    """Rosa, signed in, with every act of hers counted."""
    sign_in(page, readings.rosa)
    return Acts(page)


def row_of(page, name: str):
    return page.locator("[data-row]").filter(has_text=name)


def test_a_routine_call_from_the_caseload_takes_six_acts_and_one_sentence(page, readings, acts, axe, shot):  # noqa: F811
    page.goto("/patients/")
    row_of(page, "DOE, Jane").get_by_role("button", name="Start session").click()
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    page.wait_for_timeout(1100)
    for key in ("r", "p", "2", "n"):
        page.keyboard.press(key)
    page.keyboard.type("She takes the evening dose with the alarm now, so the plan stays.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=SIGNED)).to_be_visible()
    assert acts.at_most(6), acts.done
    entry = TimeEntry.objects.get()
    assert (entry.status, entry.party, entry.action) == (Status.SIGNED, "patient", "no_change")
    page.goto(f"/patients/{readings.jane.pk}/")
    expect(page.locator("#month-panel")).to_contain_text("counted")
    page.locator("#month-panel .why summary").click()
    expect(page.locator("#month-panel .why li")).to_have_count(1)
    expect(page.locator("#month-panel .known-by")).to_contain_text("Observed")
    shot(page, "chart-panel")
    page.get_by_role("button", name="Earlier").click()
    expect(page.locator("#month-panel")).to_contain_text("No time recorded in")
    expect(page.get_by_role("button", name="Earlier")).to_be_focused()
    axe(page)


def test_a_call_dialled_on_the_chart_takes_six_acts_and_its_minutes_are_typed_by_nobody(page, readings, acts):  # noqa: F811
    readings.jane.phone = "555-0100"
    readings.jane.save()
    dialled = telephone(page)
    page.goto(f"/patients/{readings.jane.pk}/")
    page.get_by_role("button", name="Call 555-0100").click()
    expect(page.locator("#clock")).to_contain_text("On call")
    page.wait_for_timeout(1100)
    for key in ("r", "p", "2", "n"):
        page.keyboard.press(key)
    page.keyboard.type("She takes the evening dose with the alarm now, so the plan stays.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=SIGNED)).to_be_visible()
    assert acts.at_most(6), acts.done
    entry = TimeEntry.objects.get()
    assert dialled == ["tel:555-0100"]
    assert (entry.method, entry.contact_seconds) == ("phone", entry.seconds_signed)


def test_an_attempt_without_answer_takes_three_acts(page, acts):
    page.goto("/patients/")
    row_of(page, "DOE, Jane").get_by_role("button", name="Start session").click()
    expect(page.get_by_role("heading", name=re.compile("^Session .* with DOE, Jane$"))).to_be_visible()
    page.wait_for_timeout(1100)
    page.keyboard.press("a")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name=SIGNED)).to_be_visible()
    expect(page.locator(".record")).to_contain_text("Tried to reach the patient, voicemail or no answer")
    assert acts.at_most(3), acts.done


def test_amending_the_minutes_takes_four_acts(page, readings, acts):  # noqa: F811
    began = timezone.now() - timedelta(minutes=40)
    entry = signed_session(readings.jane, by=readings.rosa, starts_at=began, seconds=828, **CALL)
    page.goto(f"/sessions/{entry.pk}/")
    acts.begin()
    page.get_by_role("link", name="Amend").click()
    minutes = page.get_by_label("Minutes to record")
    minutes.click()
    minutes.fill("11:48")
    page.get_by_label("Reason for the amendment").click()
    page.keyboard.type("Wrong end time")
    expect(page.locator("#effect")).to_contain_text("13 min 48 s → 11 min 48 s")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".versions")).to_contain_text("Wrong end time")
    assert acts.at_most(4), acts.done


def test_a_past_session_takes_six_acts_and_its_typing(page, readings, acts):  # noqa: F811
    page.goto(f"/patients/{readings.jane.pk}/")
    page.keyboard.press("l")
    page.get_by_role("button", name="Yesterday").click()
    page.keyboard.type("1015AM")
    page.locator("#id_minutes").click()
    page.keyboard.type("12:30")
    page.get_by_label("Why is this entered later?").click()
    page.keyboard.type("Called from the clinic, without the computer.")
    page.get_by_role("button", name="Go on to the note").click()
    expect(page.locator("main")).to_contain_text("Entered by hand: 12 min 30 s")
    assert acts.at_most(6), acts.done


def test_why_a_session_is_not_counted_stands_on_the_chart_without_an_act(page, readings, acts):  # noqa: F811
    began = timezone.now() - timedelta(minutes=40)
    note = {**CALL, "topics": ["device_help"], "data_reviewed": False}
    signed_session(readings.jane, by=readings.rosa, starts_at=began, seconds=600, **note)
    page.goto(f"/patients/{readings.jane.pk}/")
    expect(page.locator("#month-panel")).to_contain_text("10 min not counted: not a countable activity")
    assert acts.done == []
