"""Messages by HTTPS: with a token alone, once, each answered by its acknowledgment."""

import logging
import re

import pytest
from django.conf import settings
from django.urls import reverse

from authentication.models import ApiTokenRefusal, Scope
from intake.models import Arrival, Candidate
from patients.models import Patient
from tests.integration.interchange.adt import adt, fields_of, pid
from tests.tokens import Program, token

ADDRESS = "/hl7/v2"
ER7 = "x-application/hl7-v2+er7"


@pytest.fixture
def hospital(cast):
    return Program(token(cast.ade, Scope.PATIENTS_WRITE, name="Riverbend EHR")[1])


def post(program, content: bytes, kind: str = ER7):
    return program.generic("POST", ADDRESS, content, content_type=kind)


@pytest.mark.parametrize("kind", [ER7, "application/hl7-v2+er7; charset=utf-8", "text/plain"])
def test_a_message_is_answered_by_its_acknowledgment(cast, hospital, kind):
    answer = post(hospital, adt(), kind)
    assert (answer.status_code, answer["Content-Type"]) == (200, f"{kind.split(';')[0]}; charset=us-ascii")
    assert fields_of(answer.content)["MSA"] == ["AA", "M-1", "Taken in"]
    ida = Patient.objects.get(mrn="N-1")
    first = ida.history.get()
    assert (first.actor_label, first.actor_kind) == ("token: Riverbend EHR", "token")
    assert first.history_change_reason == "Brought in from an HL7 message from Riverbend EHR"


def test_sent_again_it_is_done_once(cast, hospital):
    for _ in range(2):
        assert post(hospital, adt()).status_code == 200
    assert (Patient.objects.filter(mrn="N-1").count(), Arrival.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(adt(event="A03"), 400, "AR"), (adt(pid("")), 422, "AE"), (b"\r", 400, "AR"), (b"\xff\x00", 400, "AR")],
)
def test_what_is_not_taken_is_told_by_status_and_code(cast, hospital, content, status, code):
    answer = post(hospital, content)
    assert (answer.status_code, fields_of(answer.content)["MSA"][0]) == (status, code)
    assert ApiTokenRefusal.objects.get().why == "content"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "x/y", ""])
def test_another_kind_of_content_is_refused(cast, hospital, kind):
    answer = post(hospital, adt(), kind)
    assert (answer.status_code, answer["Content-Type"]) == (415, "text/plain; charset=utf-8")
    assert not Patient.objects.filter(mrn="N-1").exists()


def test_only_a_post_with_a_token_that_may_send_patients(cast, hospital):
    reads = Program(token(cast.ade, Scope.PATIENTS_READ, name="Reads")[1])
    assert [post(program, adt()).status_code for program in (Program(), Program("rpm_x"), reads)] == [
        401,
        401,
        403,
    ]
    assert hospital.get(ADDRESS).status_code == 405
    assert reverse("interchange:hl7_v2") == ADDRESS
    assert not Patient.objects.filter(mrn="N-1").exists()


def test_the_patient_comes_into_the_practice_of_the_token_alone(cast, hospital):
    assert fields_of(post(hospital, adt(pid("T-0001", "Noe", "Nora", "19500707"))).content)["MSA"][2] == (
        "Waits for a decision. This MRN is here under another name or date of birth"
    ), "T-0001 is Jane here; Nora, elsewhere, is not seen."


def test_a_message_as_long_as_the_limit_is_taken_and_one_longer_is_not(cast, hospital):
    content = adt()
    filled = content + b"ZZZ|" + b"x" * (settings.HL7_MAX_BYTES - len(content) - 4)
    assert post(hospital, filled).status_code == 200
    assert post(hospital, filled + b"x").status_code == 413


def test_the_log_holds_nothing_of_a_person(cast, hospital, caplog):
    caplog.set_level(logging.DEBUG)
    for content in (
        adt(),
        adt(pid("T-0001", "Doe", "Jane", "19480512", phone="555-0100"), key="2"),
        adt(pid("N-8", "Bellweather", "Idabel", "1951"), key="3"),
        adt(pid("x" * 21, "Bellweather"), key="4"),
        adt(pid("N-9", "Pe\x00a"), key="5"),
    ):
        post(hospital, content)
    said = " ".join(record.getMessage() for record in caplog.records if record.name != "django.db.backends")
    assert not re.search(r"Bell|Ida|Doe|Jane|T-0001|N-[189]|555|19(48|51)", said), said
    assert Candidate.objects.exists()
