"""Second factors in a real browser; passkeys through Chromium's virtual authenticator."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from authentication import totp
from authentication.acts import add_app
from authentication.models import FactorKind, SecondFactor
from tests.cast import PASSWORD
from tests.functional.browsing import assert_reflows

pytestmark = pytest.mark.django_db(transaction=True)


def authenticator(page):
    """A device that keeps passkeys and always knows its owner's finger."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    return cdp, cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def fill(page, email: str = "rosa@example.test") -> None:
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page) -> None:
    page.locator("summary", has_text="Rosa").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_label("E-mail")).to_be_visible()


def test_a_passkey_is_made_signs_in_alone_and_after_the_password(cast, page, sign_in, axe, shot):
    cdp, device = authenticator(page)
    sign_in(page, cast.rosa)
    page.goto("/security/")
    axe(page)
    shot(page, "security-none")
    page.get_by_role("link", name="Add a second factor").click()
    axe(page)
    shot(page, "factor-add")
    page.get_by_label("Name of the passkey").fill("Work laptop")
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    axe(page)
    shot(page, "recovery-codes")
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    shot(page, "security-passkey")
    row = SecondFactor.objects.get(kind=FactorKind.PASSKEY)
    assert (row.user, row.name) == (cast.rosa.user, "Work laptop")

    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Caseload")).to_be_visible()

    sign_out(page)
    fill(page)
    expect(page.get_by_role("heading", name="Second factor")).to_be_visible()
    axe(page)
    shot(page, "second-factor")
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("heading", name="Caseload")).to_be_visible()

    sign_out(page)
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()


def test_another_persons_passkey_does_not_finish_ones_sign_in(cast, page, sign_in):
    authenticator(page)
    sign_in(page, cast.luis)
    page.goto("/security/factors/new/")
    page.get_by_role("button", name="Make a passkey").click()
    page.get_by_role("link", name="I have kept them").click()
    key, at = totp.new_key(), timezone.now()

    add_app(cast.rosa.user, key=key, code=totp.code_at(key, at), at=at)
    page.locator("summary", has_text="Luis").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    fill(page)
    token = page.locator("form[method=post] [name=csrfmiddlewaretoken]").first.input_value()
    answered = page.evaluate(
        """async (token) => {
          const headers = { "X-CSRFToken": token };
          const options = await (await fetch("/sign-in/passkey/options/", { method: "POST", headers })).json();
          return options.publicKey.allowCredentials ?? []; }""",
        token,
    )
    assert answered == []
    expect(page.get_by_role("button", name="Use a passkey")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 320])
def test_where_it_is_required_the_first_sign_in_sets_up_an_app(width, cast, open_window, settings, axe, shot):
    settings.SECOND_FACTOR_BY_POLICY = True
    page = open_window(width)
    page.goto("/sign-in/")
    fill(page)
    expect(page.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"set-up-{width}")
    key = re.sub(r"\s", "", page.locator("code.key").inner_text())
    page.get_by_label("Code that the app shows").fill("000000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="This code is not right.")).to_be_visible()
    axe(page)
    page.get_by_label("Code that the app shows").fill(totp.code_at(key, timezone.now()))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    axe(page)
    assert_reflows(page)
    shot(page, f"codes-{width}")
    codes = page.locator("main li code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="Caseload")).to_be_visible()
    sign_out(page)
    fill(page)
    page.get_by_label("Code from your authenticator app, or a recovery code").fill(codes[3])
    shot(page, f"second-{width}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Caseload")).to_be_visible()


def test_the_password_is_asked_again_before_an_invitation_is_sent(cast, page, sign_in, axe, shot):
    sign_in(page, cast.ade)
    page.goto("/people/invite/")
    page.get_by_label("Name").fill("Nina New")
    page.get_by_label("E-mail").fill("nina@example.test")
    page.get_by_label("Role").select_option("biller")

    for session in Session.objects.all():
        kept = session.get_decoded()
        kept.pop("proved_at", None)
        session.session_data = Session.objects.encode(kept)
        session.save()
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("heading", name="Is it still you?")).to_be_visible()
    axe(page)
    shot(page, "confirm")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The link is on its way by e-mail")).to_be_visible()
