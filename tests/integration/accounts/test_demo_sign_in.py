"""The demo's people, whose password everybody knows, come in only where the demo switch is on."""

import pytest
from django.urls import reverse

from accounts.permissions import Role
from tests import factories


@pytest.fixture
def demo_nurse(db):
    return factories.membership(
        factories.practice("Demo", "demo"), "Nora Demo-Nurse", Role.NURSE, "RN", email="nurse@demo.test"
    ).user


def sign_in(client, user):
    return client.post(
        reverse("authentication:sign_in"), {"username": user.email, "password": factories.PASSWORD}
    )


def test_demo_people_sign_in_where_the_switch_is_on(client, demo_nurse, settings):
    settings.DEMO = True
    assert sign_in(client, demo_nurse).status_code == 302
    assert client.session["_auth_user_id"] == str(demo_nurse.pk)


def test_demo_people_are_refused_where_the_switch_is_off(client, demo_nurse, settings):
    settings.DEMO = False
    response = sign_in(client, demo_nurse)
    assert response.status_code == 200
    assert "is not right" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_session_from_the_demo_ends_when_the_switch_is_turned_off(client, demo_nurse, settings):
    settings.DEMO = True
    sign_in(client, demo_nurse)
    settings.DEMO = False
    response = client.get(reverse("home"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("authentication:sign_in"))


def test_others_sign_in_whatever_the_switch_says(client, cast, settings):
    settings.DEMO = False
    assert sign_in(client, cast.rosa.user).status_code == 302
