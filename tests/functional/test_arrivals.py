"""What other systems sent and what waits of it, decided at a desk and on the smallest window."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from patients.models import Patient
from tests.cast import make_cast
from tests.functional.test_bring_in import looked_at
from tests.integration.intake.messages import IDA, JANE, came
from tests.integration.interchange.adt import adt, pid, sent
from tests.integration.interchange.test_merges import a40
from tests.integration.patients.merged import second_jane

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db):
    return make_cast()


def test_a_lead_nurse_decides_what_another_system_sent(page, sign_in, axe, shot, people):
    came(people, {**JANE, "given_name": "Janet", "phone": "555-0100"}, "M-1")
    came(
        people, {"mrn": "N-9", "family_name": "Roe", "given_name": "Maximilian", "born_on": "19440201"}, "M-2"
    )
    came(people, {**IDA, "sex": "Q", "payer": "Acme Health", "plan_name": "Gold"}, "M-3")
    sent(people, adt(pid("N-77", "Zorn", "Eva", "19300101"), key="M-9"))
    second_jane(people)
    sent(people, a40("T-0009"))
    sign_in(page, people.lena).goto("/patients/")
    expect(page.get_by_role("link", name="From other systems, to decide")).to_contain_text("4")
    looked_at(page, axe, shot, "counted")
    page.get_by_role("link", name="From other systems, to decide").press("Enter")
    expect(page.get_by_role("row", name="DOE, Janet")).to_contain_text("here empty, in the message 555-0100")
    looked_at(page, axe, shot, "arrivals")

    page.get_by_role("link", name="Compare DOE, Janet").click()
    expect(page.get_by_role("heading", name="From Riverbend EHR")).to_be_visible()
    looked_at(page, axe, shot, "arrival")
    page.get_by_role("radio", name="Take over from the message").check()
    page.get_by_role("checkbox", name="Take over Given name").uncheck()
    page.get_by_role("button", name="Decide now").click()
    expect(page.get_by_role("link", name="Give the reason")).to_be_visible()
    axe(page)
    page.get_by_label("Reason").fill("She gave us this number.")
    page.get_by_role("button", name="Decide now").press("Enter")
    expect(page.get_by_text("Decided. The message is no longer kept.")).to_be_visible()
    people.jane.refresh_from_db()
    assert (people.jane.phone, people.jane.given_name) == ("555-0100", "Jane")

    page.get_by_role("link", name="Compare BELL, Ida").click()
    expect(page.get_by_role("heading", name="What cannot be read")).to_be_visible()
    looked_at(page, axe, shot, "arrival-unread")
    page.get_by_role("button", name="Go on without these values").click()
    expect(page.get_by_text("Decided. The message is no longer kept.")).to_be_visible()
    page.get_by_role("link", name="Compare ROE, Maximilian").click()
    looked_at(page, axe, shot, "arrival-double")
    page.get_by_role("radio", name="Leave this message out").check()
    page.get_by_role("button", name="Decide now").click()
    expect(page.get_by_text("Nothing waits for a decision.")).to_be_visible()
    looked_at(page, axe, shot, "arrivals-decided")

    page.get_by_role("link", name="Compare MRN T-0009 and MRN T-0001").click()
    expect(page.get_by_role("heading", name="Merge MRN T-0009 into MRN T-0001")).to_be_visible()
    page.goto(reverse("intake:bring_in"))
    looked_at(page, axe, shot, "bring-in-with-arrivals")
    assert Patient.objects.filter(mrn="N-1").count() == 1
