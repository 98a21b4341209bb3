"""The chart's shell: its parts by role, its access row, and what it says when something is missing."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import AccessEvent
from tests import factories


def chart(patient):
    return reverse("chart", args=[patient.pk])


def test_a_nurse_sees_readings_sessions_and_the_button(client, cast):
    client.force_login(cast.rosa.user)
    factories.readings(cast.jane, cast.practice.today(), 1, hour=5, systolic=158)
    page = client.get(chart(cast.jane)).content.decode()
    for part in ("DOE, Jane", "12-May-1948", "Goal at most 130/80", "1 day above range", "Start session"):
        assert part in page
    assert reverse("timelogs:month_panel", args=[cast.jane.pk]) in page
    assert reverse("billing:month_panel", args=[cast.jane.pk]) not in page


def test_a_biller_sees_claims_and_no_button(client, cast):
    client.force_login(cast.cora.user)
    page = client.get(chart(cast.jane)).content.decode()
    assert reverse("billing:month_panel", args=[cast.jane.pk]) in page
    assert "Start session" not in page


def test_opening_a_chart_is_written_down(client, cast):
    client.force_login(cast.rosa.user)
    client.get(chart(cast.jane))
    seen = AccessEvent.objects.get(patient_id=cast.jane.pk)
    assert (seen.action, seen.route, seen.actor_label) == ("view", "chart", "Rosa Nguyen, RN")


@pytest.mark.parametrize(("who", "status"), [("dan", 404), ("dora", 404), ("ade", 403), ("omar", 200)])
def test_who_may_open_a_chart(client, cast, who, status):
    client.force_login(cast.user(who))
    assert client.get(chart(cast.jane)).status_code == status
    assert AccessEvent.objects.filter(patient_id=cast.jane.pk).exists() == (status == 200)


def test_an_unknown_chart_is_not_found(client, cast):
    client.force_login(cast.rosa.user)
    assert client.get(reverse("chart", args=[uuid4()])).status_code == 404


def test_without_readings_the_chart_says_so(client, cast):
    client.force_login(cast.rosa.user)
    assert "No readings yet." in client.get(chart(cast.jane)).content.decode()


def test_a_revoked_consent_is_seen_at_once(client, cast):
    client.force_login(cast.rosa.user)
    consent = cast.jane.consents.get()
    consent.revoked_on, consent.revoke_reason = cast.practice.today(), "Does not want it"
    consent.save()
    page = client.get(chart(cast.jane)).content.decode()
    assert "None in effect" in page
    assert "consent date" in page
