"""Patients by FHIR: new ones come in, what differs waits, nothing is written over, and all is answered in FHIR."""

import json
from datetime import date
from uuid import uuid4

import pytest

from audit.models import AccessEvent
from authentication.models import ApiTokenRefusal, Scope
from intake.models import Candidate, PatientImport
from interchange.fhir.paging import MOST_CHOICES
from patients.models import Patient
from tests import factories
from tests.integration.intake.messages import decided, waiting_row
from tests.integration.interchange.fhir.sent import FHIR, MR, Sender, checked, ida, issues, jane, said
from tests.tokens import Program


@pytest.fixture
def hospital(cast) -> Sender:
    return Sender(cast.ade)


# New ones -------------------------------------------------------------------------------------------------------


def test_who_is_new_comes_in_and_is_answered_as_she_is_kept(cast, hospital):
    answer = hospital.post(ida(), Prefer="return=representation")
    row = Patient.objects.get(mrn="N-1")
    assert (answer.status_code, answer["ETag"]) == (201, 'W/"1"')
    assert answer["Location"] == f"http://testserver/fhir/Patient/{row.pk}"
    assert (row.family_name, row.given_name, row.born_on, row.sex, row.phone) == (
        "Bell", "Ida", date(1951, 3, 14), "F", "555-0111"
    )  # fmt: skip
    kept = answer.json()
    assert (kept["id"], kept["identifier"][0]["value"], kept["gender"], kept["birthDate"]) == (
        str(row.pk), "N-1", "female", "1951-03-14"
    )  # fmt: skip
    first = row.history.get()
    assert (first.actor_label, first.actor_kind, first.history_user_id) == (
        "token: Hospital feed", "token", hospital.row.pk
    )  # fmt: skip
    assert first.history_change_reason == "Brought in from a FHIR request from Hospital feed"
    seen = AccessEvent.objects.get(patient_id=row.pk)
    assert (seen.actor_id, seen.route) == (hospital.row.pk, "interchange:fhir_patients")


def test_the_same_again_is_one_patient_and_no_work(cast, hospital):
    first, second = hospital.post(ida()), hospital.post(ida())
    assert (first.status_code, second.status_code) == (201, 200)
    assert second["Location"] == first["Location"]
    assert second.json() == first.json()
    assert Patient.objects.filter(mrn="N-1").count() == 1
    assert PatientImport.objects.count() == 1
    assert Patient.history.filter(mrn="N-1").count() == 1


def test_minimal_answers_are_without_a_body(cast, hospital):
    answer = hospital.post(ida(), Prefer="return=minimal")
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer["Location"]


@pytest.mark.parametrize("path", ["/fhir/Patient", "/fhir/Patient/"])
@pytest.mark.parametrize("kind", [FHIR, "application/json", "application/fhir+json; charset=utf-8"])
def test_with_a_slash_or_without_and_in_either_type(cast, hospital, path, kind):
    assert hospital.post(ida(), path, kind=kind).status_code == 201
    assert hospital.get(f"{path}?identifier=N-1").json()["total"] == 1


# What differs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (
            jane(telecom=[{"system": "phone", "value": "555-0100"}]),
            "Waits for a decision of the practice. Differs from what is here: Phone.",
        ),
        (
            jane(identifier=[{"type": MR, "value": "N-9"}]),
            "Waits for a decision of the practice. Likely a patient who is here under another MRN.",
        ),
        (
            jane(name=[{"family": "Other", "given": ["Ann"]}]),
            "Waits for a decision of the practice. This MRN is here under another name or date of birth.",
        ),
    ],
)
def test_what_differs_waits_and_is_not_written_over(cast, hospital, sent, why):
    before = Patient.history.count()
    answer = hospital.post(sent)
    assert (answer.status_code, said(answer), issues(answer)) == (202, why, [("informational",)])
    assert waiting_row().patient_import.sender == "Hospital feed"
    assert Patient.history.count() == before
    assert "Location" not in answer
    assert not ApiTokenRefusal.objects.exists()


def test_what_waits_is_not_put_anew_when_it_is_sent_again(cast, hospital):
    """Who is looking at it goes on; another version takes its place, and the first one back takes that one's."""
    other = jane(telecom=[{"system": "phone", "value": "555-0100"}])
    hospital.post(other)
    first = waiting_row().pk
    assert hospital.post(other).status_code == 202
    assert waiting_row().pk == first
    assert hospital.post(jane(gender="male")).status_code == 202
    assert waiting_row().differs == {"sex": ["F", "M"]}
    assert hospital.post(other).status_code == 202
    assert waiting_row().differs == {"phone": ["", "555-0100"]}
    assert hospital.post(jane()).status_code == 200
    assert not Candidate.objects.exists()
    assert hospital.post(other).status_code == 202
    assert Candidate.objects.count() == 1


def test_what_was_decided_does_not_wait_again_until_the_record_changes(cast, hospital):
    other = jane(telecom=[{"system": "phone", "value": "555-0100"}])
    hospital.post(other)
    decided(waiting_row(), "ours", by=cast.rosa)
    answer = hospital.post(other)
    assert (answer.status_code, answer.json()["id"]) == (200, str(cast.jane.pk))
    assert "telecom" not in answer.json()
    assert not Candidate.objects.exists()
    cast.jane.language = "Spanish"
    cast.jane.save()
    assert hospital.post(other).status_code == 202


def test_what_was_taken_over_is_the_same_from_then_on(cast, hospital):
    other = jane(telecom=[{"system": "phone", "value": "555-0100"}])
    hospital.post(other)
    assert decided(waiting_row(), "theirs", over=["phone"], by=cast.rosa)
    answer = hospital.post(other)
    assert (answer.status_code, answer["ETag"]) == (200, 'W/"2"')
    assert hospital.post(jane(telecom=[{"system": "phone", "value": "555-0199"}])).status_code == 202


def test_who_was_left_out_is_answered_so(cast, hospital):
    sent = jane(identifier=[{"type": MR, "value": "N-9"}])
    hospital.post(sent)
    decided(waiting_row(), "leave", by=cast.rosa)
    answer = hospital.post(sent)
    assert (answer.status_code, said(answer)) == (
        202, "The practice looked at this and decided not to take it in."
    )  # fmt: skip
    assert not Candidate.objects.exists()


# By its address -------------------------------------------------------------------------------------------------


def of(row: Patient) -> str:
    return f"/fhir/Patient/{row.pk}"


def test_a_patient_is_read_with_its_version(cast, hospital):
    answer = hospital.get(of(cast.jane))
    assert (answer.status_code, answer["ETag"], answer.json()["meta"]["versionId"]) == (200, 'W/"1"', "1")
    assert AccessEvent.objects.get().patient_id == cast.jane.pk


def test_an_update_is_compared_and_waits(cast, hospital):
    same = jane(id=str(cast.jane.pk))
    assert hospital.send("PUT", of(cast.jane), same, **{"If-Match": 'W/"1"'}).status_code == 200
    assert hospital.send("PUT", of(cast.jane), same, **{"If-Match": '"7", "1"'}).status_code == 200
    other = {**same, "telecom": [{"system": "phone", "value": "555-0100"}]}
    assert hospital.send("PUT", of(cast.jane), other).status_code == 202
    cast.jane.refresh_from_db()
    assert (cast.jane.phone, cast.jane.version) == ("", 1)


@pytest.mark.parametrize(
    ("change", "headers", "status", "issue"),
    [
        ({}, {"If-Match": 'W/"2"'}, 412, ("conflict",)),
        ({}, {"If-Match": '"2"'}, 412, ("conflict",)),
        ({"id": str(uuid4())}, {}, 400, ("value", "Patient.id")),
        ({"identifier": [{"type": MR, "value": "T-0002"}]}, {}, 409, ("conflict", "Patient.identifier")),
    ],
)
def test_an_update_of_somebody_or_something_else_is_refused(cast, hospital, change, headers, status, issue):
    data = {**jane(id=str(cast.jane.pk)), **change}
    answer = hospital.send("PUT", of(cast.jane), data, **headers)
    assert (answer.status_code, issues(answer)) == (status, [issue])


def test_another_practices_patient_is_not_there(cast, hospital):
    for method, data in (("GET", None), ("PUT", jane(id=str(cast.nora.pk)))):
        answer = hospital.send(method, of(cast.nora), data)
        assert (answer.status_code, issues(answer)) == (404, [("not-found",)])
    assert not AccessEvent.objects.exists()


# If-None-Exist --------------------------------------------------------------------------------------------------


def test_who_is_there_already_is_answered_instead(cast, hospital):
    question = {"If-None-Exist": "identifier=urn:oid:1|T-0001"}
    answer = hospital.post(ida(), **question)
    assert (answer.status_code, answer.json()["id"]) == (200, str(cast.jane.pk))
    assert not Patient.objects.filter(mrn="N-1").exists()
    assert hospital.post(ida(), **{"If-None-Exist": "identifier=N-1"}).status_code == 201


def test_a_question_that_fits_several_or_none_is_refused(cast, hospital):
    several = hospital.post(ida(), **{"If-None-Exist": "identifier=T-0001,T-0002"})
    assert (several.status_code, issues(several)) == (412, [("multiple-matches",)])
    unknown = hospital.post(ida(), **{"If-None-Exist": "shoe=42"})
    assert (unknown.status_code, issues(unknown)) == (400, [("not-supported", "Patient?shoe")])


@pytest.mark.parametrize("question", ["_format=json", "_format=json&_pretty=true", "_count=1"])
def test_how_to_answer_is_no_question_who_is_meant(cast, hospital, question):
    """With one patient in the practice it was answered as her; with two, nobody could be sent."""
    answer = hospital.post(ida(), f"/fhir/Patient?{question}")
    assert (answer.status_code, answer.json()["identifier"][0]["value"]) == (201, "N-1")
    assert hospital.post(ida(), **{"If-None-Exist": question}).status_code == 200


def test_nothing_before_a_comma_is_nobodys_name(cast, hospital):
    assert hospital.get("/fhir/Patient?name=,").json()["total"] == 0
    assert hospital.get("/fhir/Patient?family=,Doe").json()["total"] == 1
    assert hospital.post(ida(), **{"If-None-Exist": "family="}).status_code == 201


@pytest.mark.parametrize(("many", "status"), [(MOST_CHOICES, 200), (MOST_CHOICES + 1, 400)])
def test_a_question_has_so_many_values_and_no_more(cast, hospital, many, status):
    asked = "&".join(["name=" + ",".join(["q"] * (many - 100)), *["family=" + ",".join(["q"] * 50)] * 2])
    form = "application/x-www-form-urlencoded"
    assert hospital.post(asked.encode(), "/fhir/Patient/_search", kind=form).status_code == status


# Finding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("", {"T-0001", "T-0002"}),
        ("identifier=T-0001", {"T-0001"}),
        ("identifier=http://hospital.example/mrn|T-0001", {"T-0001"}),
        ("identifier=|T-0001,|T-0002", {"T-0001", "T-0002"}),
        ("identifier=T-000", set()),
        ("name=do", {"T-0001"}),
        ("name=max", {"T-0002"}),
        ("name=oe", set()),
        ("family=doe&given=ja", {"T-0001"}),
        ("family=doe&given=max", set()),
        ("birthdate=1948-05-12", {"T-0001"}),
        ("birthdate=gt1944-02-01", {"T-0001"}),
        ("birthdate=ge1944-02-01&birthdate=lt1948-05-12", {"T-0002"}),
        ("_id=nonsense", set()),
        ("_format=json&_pretty=true", {"T-0001", "T-0002"}),
    ],
)
def test_patients_are_found_in_their_practice(cast, hospital, question, found):
    answer = hospital.get(f"/fhir/Patient?{question}")
    entries = answer.json().get("entry", [])
    assert {e["resource"]["identifier"][0]["value"] for e in entries} == found
    assert answer.json()["total"] == len(found)
    assert set(AccessEvent.objects.values_list("action", flat=True)) == ({"list"} if found else set())
    by_form = hospital.send(
        "POST", "/fhir/Patient/_search", question.encode(), kind="application/x-www-form-urlencoded"
    )
    assert by_form.json().get("entry", []) == entries


@pytest.mark.parametrize(
    ("question", "issue"),
    [
        ("adress=x", ("not-supported", "Patient?adress")),
        ("name:exact=Doe", ("not-supported", "Patient?name:exact")),
        ("birthdate=1948", ("value", "Patient?birthdate")),
        ("birthdate=1948-02-30", ("value", "Patient?birthdate")),
        ("_count=x", ("value", "Patient?_count")),
        ("_count=-1", ("value", "Patient?_count")),
        ("name=%00", ("value", "Patient?name")),
        ("_page=made-up", ("value", "Patient?_page")),
    ],
)
def test_a_question_that_is_not_understood_finds_nobody(cast, hospital, question, issue):
    answer = hospital.get(f"/fhir/Patient?{question}")
    assert (answer.status_code, issues(answer)) == (400, [issue])


def test_many_come_by_pages_each_once_and_no_address_names_anybody(cast, hospital, people):
    address, seen = "/fhir/Patient?name=Many&_count=4", []
    while address:
        page = hospital.get(address).json()
        assert page["total"] == 9
        seen += [e["resource"]["identifier"][0]["value"] for e in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        address = links.get("next")
        assert address is None or "Many" not in address
    assert sorted(seen) == sorted(people)


@pytest.fixture
def people(cast):
    mrns = [f"M-{number}" for number in range(9)]
    for mrn in mrns:
        factories.patient(cast.practice, "Many", f"P{mrn}", mrn=mrn, born_on=date(1950, 1, 1))
    return mrns


def test_a_page_is_bounded_and_its_questions_do_not_grow(
    cast, hospital, people, django_assert_max_num_queries
):
    hospital.get("/fhir/Patient")
    with django_assert_max_num_queries(16):
        hospital.get("/fhir/Patient?_count=2")
    with django_assert_max_num_queries(16):
        assert len(hospital.get("/fhir/Patient?_count=1000").json()["entry"]) == 11


@pytest.mark.parametrize("asked", ["_count=0", "_summary=count", "_count=0&_totalMethod=count"])
def test_who_asks_how_many_there_are_is_shown_none_of_them(cast, hospital, people, asked):
    told = hospital.get(f"/fhir/Patient?{asked}").json()
    assert (told["total"], "entry" in told, [link["relation"] for link in told["link"]]) == (
        11,
        False,
        ["self"],
    )
    assert not AccessEvent.objects.exists()


# What is refused ------------------------------------------------------------------------------------------------


def without(name: str) -> dict:
    return {key: value for key, value in ida().items() if key != name}


@pytest.mark.parametrize(
    ("data", "status", "wanted"),
    [
        (without("identifier"), 422, [("required", "Patient.identifier")]),
        (ida(identifier=[{"type": MR, "value": "1"}, {"type": MR, "value": "2"}]), 422,
         [("value", "Patient.identifier")]),
        (ida(identifier=[{"system": "http://hl7.org/fhir/sid/us-ssn", "value": "000-00-0000"}]), 422,
         [("required", "Patient.identifier")]),
        (ida(identifier=[{"type": MR, "value": "x" * 21}]), 422, [("value", "Patient.identifier")]),
        (without("name"), 422, [("required", "Patient.name.family"), ("required", "Patient.name.given")]),
        (without("birthDate"), 422, [("required", "Patient.birthDate")]),
        (ida(birthDate="1951-03"), 422, [("required", "Patient.birthDate")]),
        (ida(birthDate="1851-03-14"), 422, [("value", "Patient.birthDate")]),
        (without("gender"), 422, [("required", "Patient.gender")]),
        (ida(gender="F"), 422, [("required", "Patient.gender")]),
        (ida(active=False), 422, [("not-supported", "Patient.active")]),
        (ida(deceasedBoolean=True), 422, [("not-supported", "Patient.deceased")]),
        (ida(deceasedDateTime="2026-01-01"), 422, [("not-supported", "Patient.deceased")]),
        (ida(modifierExtension=[{"url": "http://x.example", "valueBoolean": True}]), 422,
         [("not-supported", "Patient.modifierExtension")]),
        (ida(communication=[{"language": {"text": "x"}, "modifierExtension": [{"url": "http://x.example"}]}]), 422,
         [("not-supported", "Patient.communication[0].modifierExtension")]),
        (ida(contained=[{"resourceType": "Nonsense"}]), 422, [("not-supported", "Patient.contained")]),
        (ida(telecom=[{"system": "phone", "value": "5" * 21}]), 422, [("value", "Patient.telecom")]),
        (ida(birthDate="1951-13-14"), 400, [("value", "Patient.birthDate")]),
        (ida(shoe=42), 400, [("structure", "Patient.shoe")]),
        (ida(name="Bell"), 400, [("structure", "Patient.name")]),
        (ida(telecom=[{"system": "phone", "valu": "1"}]), 400, [("structure", "Patient.telecom[0].valu")]),
        ({"resourceType": "Group"}, 400, [("structure", "resourceType")]),
        ([], 400, [("structure", "resourceType")]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place_and_nothing_is_kept(cast, hospital, data, status, wanted):
    answer = hospital.post(data, "/fhir/Patient")
    assert (answer.status_code, issues(answer)) == (status, wanted)
    assert not PatientImport.objects.exists()
    assert not Patient.objects.filter(mrn="N-1").exists()
    assert ApiTokenRefusal.objects.get(token=hospital.row).why == "content"


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff\xfe", b'{"resourceType": "Patient", "resourceType": "Patient"}', b'{"a": NaN}',
     b"[" * 100_000, b'{"a":' * 50 + b"1" + b"}" * 50],
)  # fmt: skip
def test_what_is_no_json_is_refused(cast, hospital, body):
    answer = hospital.post(body, "/fhir/Patient")
    assert (answer.status_code, issues(answer)) == (400, [("structure",)])


def test_what_is_passed_over_may_be_modified(cast, hospital):
    contact = {
        "name": {"text": "x"},
        "modifierExtension": [{"url": "http://x.example", "valueBoolean": True}],
    }
    assert hospital.post(ida(contact=[contact])).status_code == 201


def test_answers_do_not_repeat_what_was_sent(cast, hospital):
    """They end in the logs of others."""
    secret = "Zanzibar"
    for data in (
        ida(birthDate=f"{secret}"),
        ida(gender=secret),
        ida(name=[{"family": secret, "given": [], "x": secret}]),
        ida(telecom=[{"system": "phone", "value": secret * 4}]),
        jane(name=[{"family": secret, "given": ["Ann"]}]),
    ):
        answer = hospital.post(data)
        assert answer.status_code >= 202
        assert secret not in answer.content.decode()


def test_another_type_or_an_answer_that_is_not_made_here_is_refused(cast, hospital):
    answer = hospital.post(ida(), kind="application/fhir+xml")
    assert (answer.status_code, issues(answer)) == (415, [("not-supported",)])
    answer = hospital.get("/fhir/Patient", Accept="application/fhir+xml")
    assert answer.status_code == 406
    assert hospital.get("/fhir/Patient", Accept="text/html, application/*;q=0.9").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("DELETE", "/fhir/Patient", 405), ("GET", "/fhir/Nothing", 404), ("GET", "/fhir/", 405),
     ("POST", "/fhir/Encounter", 404), ("GET", "/fhir/Patient/not-an-id", 404)],
)  # fmt: skip
def test_everything_else_below_fhir_is_answered_in_fhir(cast, hospital, method, path, status):
    answer = hospital.send(method, path)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_two_megabytes_are_taken_and_one_byte_more_is_not(cast, hospital):
    limit = 2 * 1024 * 1024
    data = ida(photo=[{"contentType": "image/png", "data": ""}])
    room = limit - len(json.dumps(data).encode())
    data["photo"][0]["data"] = "A" * (room - room % 4)
    body = json.dumps(data).encode()
    assert hospital.post(body + b" " * (limit + 1 - len(body)), "/fhir/Patient").status_code == 413
    assert hospital.post(body + b" " * (limit - len(body)), "/fhir/Patient").status_code == 201


# Who may --------------------------------------------------------------------------------------------------------


def test_reading_and_sending_are_two_scopes(cast):
    reads = Sender(cast.ade, Scope.PATIENTS_READ, name="reads")
    sends = Sender(cast.ade, Scope.PATIENTS_WRITE, name="sends")
    refused = reads.post(ida())
    assert (refused.status_code, issues(refused)) == (403, [("forbidden",)])
    assert sends.get("/fhir/Patient").status_code == 403
    assert sends.get(of(cast.jane)).status_code == 403
    assert reads.get(of(cast.jane)).status_code == 200
    assert sends.post(ida()).status_code == 201


def test_who_may_only_send_is_shown_nobody(cast):
    """Neither the rest of a record that it knows in part, nor by a question beside what it sends."""
    sends = Sender(cast.ade, Scope.PATIENTS_WRITE, name="sends")
    asked = sends.post(ida(), **{"If-None-Exist": "family=Doe"})
    assert (asked.status_code, issues(asked)) == (403, [("forbidden",)])
    same = [sends.post(jane()), sends.send("PUT", of(cast.jane), jane(id=str(cast.jane.pk)))]
    assert [(answer.status_code, answer.content) for answer in same] == [(200, b"")] * 2
    assert all(answer["Location"].endswith(of(cast.jane)) for answer in same)


def test_nobody_is_answered_without_a_token_but_what_this_is(cast):
    for path in ("/fhir/Patient", of(cast.jane), f"/fhir/Coverage?beneficiary={cast.jane.pk}"):
        answer = Program().get(path)
        assert (answer.status_code, issues(answer)) == (401, [("login",)])
        assert answer["WWW-Authenticate"] == 'Bearer realm="RPM Portal"'
    for path in ("/fhir/metadata", "/fhir/metadata/"):
        answer = Program().get(path)
        assert answer.status_code == 200
        assert checked(answer.json())["fhirVersion"] == "4.0.1"
