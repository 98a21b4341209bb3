"""Who may open and change a patient's record, and that every look is written down."""

from uuid import uuid4

import pytest
from django.urls import reverse

from audit.models import AccessEvent
from patients.models import Consent

PAGES = (
    "patient_edit",
    "enrollment",
    "enrollment_new",
    "enrollment_edit",
    "enrollment_end",
    "coverage_new",
    "consent_new",
    "order_new",
    "care_plan_new",
    "range_new",
    "office_visit_new",
    "device_new",
)
CHANGES = [name for name in PAGES if name not in {"enrollment", "coverage_new"}]


@pytest.mark.parametrize("name", PAGES)
def test_another_practice_sees_nothing(client, cast, name):
    client.force_login(cast.dan.user)
    assert client.get(reverse(f"patients:{name}", args=[cast.jane.pk])).status_code == 404
    assert client.get(reverse(f"patients:{name}", args=[uuid4()])).status_code == 404


@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_only_those_who_care_change_a_record(client, cast, name, who):
    client.force_login(cast.user(who))
    assert client.get(reverse(f"patients:{name}", args=[cast.jane.pk])).status_code == 403
    assert (
        client.post(reverse(f"patients:{name}", args=[cast.jane.pk]), {"operation_id": uuid4()}).status_code
        == 403
    )


@pytest.mark.parametrize(("who", "status"), [("rosa", 200), ("cora", 200), ("omar", 403), ("ade", 403)])
def test_coverage_is_for_care_and_billing(client, cast, who, status):
    client.force_login(cast.user(who))
    assert client.get(reverse("patients:coverage_new", args=[cast.jane.pk])).status_code == status


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_for_a_nurse_and_writes_the_visit_down(client, cast, name):
    client.force_login(cast.rosa.user)
    answer = client.get(reverse(f"patients:{name}", args=[cast.jane.pk]))
    assert answer.status_code == 200
    seen = AccessEvent.objects.filter(patient_id=cast.jane.pk, actor_id=cast.rosa.user_id).last()
    assert (seen.action, seen.route) == ("view", f"patients:{name}")


def test_a_reader_is_offered_no_change(client, cast):
    client.force_login(cast.omar.user)
    page = client.get(reverse("patients:enrollment", args=[cast.jane.pk])).content.decode()
    assert "Edit patient" not in page
    assert "Revoke" not in page


@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_only_those_who_care_enroll(client, cast, who):
    client.force_login(cast.user(who))
    assert client.get("/patients/new/").status_code == 403


def test_a_consent_of_another_practice_is_not_found(client, cast):
    client.force_login(cast.dan.user)
    consent = Consent.objects.get(patient=cast.jane)
    for patient in (cast.jane, cast.nora):
        url = reverse("patients:consent_revoke", args=[patient.pk, consent.pk])
        assert client.post(url, {"operation_id": uuid4(), "reason": "x"}).status_code == 404
