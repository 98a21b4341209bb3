"""The pages of what arrived: seen by whom, decided once, in how many queries."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AccessEvent
from intake import acts
from intake.models import Candidate, PatientImport, State
from patients.models import Patient
from tests.integration.intake.messages import IDA, JANE, came, waiting_row
from tests.integration.timelogs.pages import text_of

LIST = reverse("intake:arrivals")


@pytest.fixture
def nurse(cast):
    client = Client()
    client.force_login(cast.rosa.user)
    return client


def send(client, path: str, *, operation=None, **typed):
    return client.post(path, {"operation_id": str(operation or uuid4()), **typed})


def row_page() -> str:
    return reverse("intake:row", args=[waiting_row().patient_import_id, 1])


def at(name: str) -> str:
    return reverse(f"intake:{name}", args=[PatientImport.objects.get().pk])


def test_from_the_first_page_to_the_decision(cast, nurse):
    assert "From other systems, to decide" not in text_of(nurse.get("/patients/"))
    came(cast, {**JANE, "phone": "555-0100"})
    page = text_of(nurse.get("/patients/"))
    assert "<b>1</b><span>From other systems, to decide" in page
    assert "1 patient from other systems" in text_of(nurse.get(reverse("intake:bring_in")))
    page = text_of(nurse.get(LIST))
    assert "DOE, Jane" in page
    assert "Phone:</b> here empty, in the message 555-0100" in page
    assert nurse.get(at("check"))["Location"] == row_page()
    page = nurse.get(row_page())
    assert "From Riverbend EHR" in text_of(page)
    assert "Take over from the message" in text_of(page)
    typed = {
        "decision": "theirs",
        "fields_over": ["phone"],
        "reason": "She told us.",
        "seen": acts.mark(waiting_row()),
    }
    answer = send(nurse, row_page(), **typed)
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert Patient.objects.get(mrn="T-0001", practice=cast.practice).phone == "555-0100"
    page = text_of(nurse.get(LIST))
    assert "Nothing waits for a decision." in page
    assert "Riverbend EHR" in page
    page = text_of(nurse.get(at("check")))
    assert "Changed from the message" in page
    assert "She told us." in page


def test_a_double_press_decides_once(cast, nurse):
    came(cast, {**JANE, "phone": "555-0100"})
    path, operation = row_page(), uuid4()
    typed = {"decision": "ours", "reason": "Ours is newer.", "seen": acts.mark(waiting_row())}
    for _ in range(2):
        assert send(nurse, path, operation=operation, **typed).status_code == 303
    assert PatientImport.objects.get().kept == 1


def test_what_is_missing_is_said_and_what_was_typed_stays(cast, nurse):
    came(cast, {**JANE, "phone": "555-0100"})
    answer = send(nurse, row_page(), decision="theirs", fields_over=["phone"], seen=acts.mark(waiting_row()))
    assert answer.status_code == 422
    assert "Give the reason" in text_of(answer)
    assert waiting_row().decision == ""


def test_a_page_of_what_was_replaced_meanwhile_decides_nothing(cast, nurse):
    came(cast, {**JANE, "phone": "555-0100"})
    path, seen = row_page(), acts.mark(waiting_row())
    came(cast, {**JANE, "phone": "555-0101"}, "M-2")
    assert send(nurse, path, decision="ours", reason="x", seen=seen).status_code == 404
    assert waiting_row().values["phone"] == "555-0101"


def test_changed_here_meanwhile_it_comes_back_with_what_is_here_now(cast, nurse):
    came(cast, {**JANE, "phone": "555-0100"})
    typed = {"decision": "theirs", "fields_over": ["phone"], "reason": "x", "seen": acts.mark(waiting_row())}
    cast.jane.phone = "555-0199"
    cast.jane.save()
    answer = send(nurse, row_page(), **typed)
    assert answer["Location"] == row_page()
    page = text_of(nurse.get(row_page()))
    assert "It is not taken in yet" in page
    assert "555-0199" in page


def test_what_cannot_be_read_is_named_and_may_be_left_aside_or_out(cast, nurse):
    came(cast, {**IDA, "sex": "Q"})
    page = text_of(nurse.get(row_page()))
    assert "PID-8 sex:</b> Is “Q”. Write F, M" in page
    assert send(nurse, at("take_in")).status_code == 303
    assert Patient.objects.get(mrn="N-1").sex == "U"
    came(cast, {**IDA, "mrn": "N-2", "born_on": "x"}, "M-2")
    page = text_of(nurse.get(row_page()))
    assert "Go on without these values" not in page
    found = waiting_row().patient_import
    assert send(nurse, reverse("intake:end", args=[found.pk])).status_code == 303
    found.refresh_from_db()
    assert (found.state, Candidate.objects.exists()) == (State.DISCARDED, False)


def test_the_list_takes_as_many_queries_for_many_as_for_one(cast, nurse):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert nurse.get(LIST).status_code == 200
        return len(seen)

    came(cast, {**JANE, "phone": "555-0100"}, "M-0")
    nurse.get(LIST)
    one = queries()
    came(
        cast,
        {"mrn": "T-0002", "family_name": "Roe", "given_name": "Max", "born_on": "19440201", "phone": "1"},
        "M-1",
    )
    for number in range(5):
        came(cast, {**IDA, "mrn": f"N-{number}", "sex": "Q"}, f"N-{number}")
    assert queries() <= one


def test_whom_it_showed_is_written_down(cast, nurse):
    came(cast, {**JANE, "phone": "555-0100"})
    AccessEvent.objects.all()
    before = AccessEvent.objects.count()
    nurse.get(LIST)
    assert AccessEvent.objects.count() > before


def test_another_practice_sees_none_of_it(cast):
    came(cast, {**JANE, "phone": "555-0100"})
    client = Client()
    client.force_login(cast.dan.user)
    assert "DOE" not in text_of(client.get(LIST))
    assert client.get(row_page()).status_code == 404
