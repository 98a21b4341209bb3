"""A practice lets somebody in, in a real browser: from the invitation to the first page, and out again."""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from accounts.models import Membership
from dispatch.models import OutboxMessage
from dispatch.outbox import deliver
from tests import factories
from tests.functional.browsing import assert_reflows
from tests.integration.timelogs.signing.test_left_drafts import draft

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "otter quilt lantern seven"


def link() -> str:
    deliver(OutboxMessage.objects.get(topic="staff.invited", done_at=None).pk)
    return re.search(r"https?://[^/]+(/invitation/\S+)", mail.outbox[-1].body)[1]


def test_an_administrator_invites_a_nurse_who_comes_in(cast, live_server, page, phone, sign_in, axe, shot):
    sign_in(page, cast.ade)
    page.goto("/")
    page.get_by_role("link", name="People").click()
    axe(page)
    shot(page, "people")
    page.get_by_role("link", name="Invite a person").click()
    page.get_by_label("Name").fill("Nina New")
    page.get_by_label("E-mail").fill("nina@example.test")
    page.get_by_label("Role").select_option("nurse")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("link", name="Enter the credential: who logs time signs with it")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Nina New")
    axe(page)
    shot(page, "people-invite-wrong")
    page.get_by_label("Credential").fill("rn")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The link is on its way by e-mail")).to_be_visible()
    page.get_by_role("link", name="Invited 1").click()
    expect(page.get_by_role("row", name="Nina New, RN")).to_contain_text("Nurse")
    axe(page)
    shot(page, "people-invited")

    phone.goto(link())
    expect(phone.get_by_role("heading", name="Work for Maple Test Practice")).to_be_visible()
    axe(phone)
    assert_reflows(phone)
    shot(phone, "invitation-390")
    phone.get_by_label("Password").fill("123456789012")
    phone.get_by_label("The same again").fill("123456789012")
    phone.get_by_role("button", name="Accept the invitation").click()
    expect(phone.get_by_role("link", name="This password is a pattern and easy to guess")).to_be_visible()
    axe(phone)
    phone.get_by_label("Password").fill(PASSWORD)
    phone.get_by_label("The same again").fill(PASSWORD)
    phone.get_by_role("button", name="Accept the invitation").click()
    expect(phone.get_by_text("Welcome to Maple Test Practice.")).to_be_visible()
    phone.get_by_label("E-mail").fill("nina@example.test")
    phone.get_by_label("Password").fill(PASSWORD)
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Caseload")).to_be_visible()

    page.get_by_role("link", name="Working").click()
    page.get_by_role("link", name="End… the role of Nina New").click()
    page.get_by_label("Reason").fill("Took another post.")
    axe(page)
    shot(page, "people-end")
    page.get_by_role("button", name="End the role").click()
    expect(page.get_by_text("Nina New’s role was ended.")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("heading", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("width", [320, 390])
def test_people_on_a_phone(width, cast, open_window, sign_in, axe, shot):
    window = open_window(width, 844, has_touch=True, is_mobile=True)
    sign_in(window, cast.ade)
    for path, name in (("/people/", "people"), (f"/people/{cast.luis.pk}/role/", "people-role")):
        window.goto(path)
        assert_reflows(window)
        axe(window)
        shot(window, f"{name}-{width}")


def test_the_draft_of_who_left_goes_to_a_colleague_who_closes_it(
    cast, live_server, page, open_window, sign_in, axe, shot
):
    entry = draft(cast)
    narrow = open_window(320, 844, has_touch=True, is_mobile=True)
    sign_in(narrow, cast.ade)
    narrow.goto(f"/people/{cast.rosa.pk}/end/")
    expect(narrow.get_by_text("1 draft is unsigned (12 min)")).to_be_visible()
    assert_reflows(narrow)
    axe(narrow)
    shot(narrow, "end-unsigned-320")
    narrow.get_by_label("Reason").fill("Moved away.")
    narrow.get_by_role("button", name="End the role").click()
    expect(narrow.get_by_text("role was ended")).to_be_visible()

    sign_in(page, cast.lena)
    page.goto("/my/sessions/")
    shot(page, "my-sessions-left")
    page.get_by_role("link", name="1 draft of people who left").click()
    axe(page)
    shot(page, "left-drafts")
    page.get_by_role("link", name="Hand over… the draft").focus()
    page.keyboard.press("Enter")
    page.get_by_label("To whom").select_option(label="Luis Ortiz, LPN")
    page.get_by_label("What is to be done").fill("Call her again and log it as your own.")
    axe(page)
    shot(page, "hand-over")
    page.get_by_role("button", name="Hand it over").press("Enter")
    expect(page.get_by_text("Handed over. It stands in")).to_be_visible()
    axe(page)
    shot(page, "left-record")
    page.goto("/sessions/left/")
    shot(page, "left-drafts-handed")

    sign_in(narrow, cast.lena)
    for path, name in (("/sessions/left/", "left"), (f"/sessions/{entry.pk}/hand-over/", "hand-over")):
        narrow.goto(path)
        assert_reflows(narrow)
        shot(narrow, f"{name}-320")
    sign_in(narrow, cast.luis)
    narrow.goto("/my/sessions/")
    assert_reflows(narrow)
    axe(narrow)
    shot(narrow, "handed-320")
    narrow.get_by_role("region", name="Handed to you").get_by_role("link").click()
    narrow.get_by_role("link", name="Close the draft…").click()
    narrow.get_by_label("What became of it").fill("Called again, logged as my own session.")
    axe(narrow)
    narrow.get_by_role("button", name="Close the draft").click()
    expect(narrow.get_by_text("The draft was closed.")).to_be_visible()
    shot(narrow, "closed-320")


def test_a_nurse_of_another_employer_is_shown_with_her_supervisor(
    cast, live_server, open_window, sign_in, axe, shot
):
    factories.saved(
        Membership(
            practice=cast.practice, user=cast.dan.user, role="nurse", credential="RN", staff_kind="clinical_staff",
            starts_on=cast.practice.today(), employer="Carestaff Test Inc.", supervised_by=cast.ana,
        )
    )  # fmt: skip
    for width in (1280, 320):
        window = open_window(width, 844)
        sign_in(window, cast.ade)
        for path, name in (("/people/", "people"), ("/people/invite/", "invite")):
            window.goto(path)
            assert_reflows(window)
            axe(window)
            shot(window, f"employer-{name}-{width}")
        window.goto("/people/")
        expect(window.get_by_text("of Carestaff Test Inc., supervised by Ana Rivera, MD")).to_be_visible()
