"""Coverages by FHIR: the first one comes in, another one waits, and a payer who is none here waits with a reason."""

from datetime import date, timedelta

import pytest

from intake.models import Candidate
from patients.models import Coverage, Patient
from tests.integration.intake.messages import decided, waiting_row
from tests.integration.interchange.fhir.sent import MR, Sender, ida, issues, jane, medicare, of_mrn, said
from tests.integration.patients.merged import merged, second_jane


@pytest.fixture
def hospital(cast) -> Sender:
    return Sender(cast.ade)


@pytest.fixture
def new(hospital) -> Patient:
    hospital.post(ida())
    return Patient.objects.get(mrn="N-1")


def by_id(patient: Patient) -> dict:
    return {"reference": f"Patient/{patient.pk}"}


def test_the_first_coverage_comes_in_whichever_way_the_patient_is_named(cast, hospital, new):
    answer = hospital.post(medicare(by_id(new)))
    row = Coverage.objects.get(patient=new)
    assert (answer.status_code, answer["ETag"]) == (201, 'W/"1"')
    assert answer["Location"] == f"http://testserver/fhir/Coverage/{row.pk}"
    assert (row.payer, row.member_id, row.plan_name, row.starts_on, row.ends_on) == (
        "medicare", "1EG4TE5MK73", "Medicare B", date(2025, 1, 1), None
    )  # fmt: skip
    line = row.history.get()
    assert (line.actor_label, line.history_change_reason) == (
        "token: Hospital feed", "Brought in from a FHIR request from Hospital feed"
    )  # fmt: skip
    again = hospital.post(medicare(of_mrn("N-1")), "/fhir/Coverage/")
    assert (again.status_code, again.json()["id"]) == (200, str(row.pk))
    assert Coverage.objects.filter(patient=new).count() == 1
    assert not Candidate.objects.exists()


def test_the_medicare_number_may_stand_among_the_identifiers(cast, hospital, new):
    data = medicare(by_id(new), subscriberId="other")
    data["identifier"] = [{"system": "http://hl7.org/fhir/sid/us-mbi", "value": "1EG4TE5MK73"}]
    assert hospital.post(data).status_code == 201
    assert Coverage.objects.get(patient=new).member_id == "1EG4TE5MK73"


def test_without_a_day_it_begins_today(cast, hospital, new):
    assert hospital.post(medicare(by_id(new), period={})).status_code == 201
    assert Coverage.objects.get(patient=new).starts_on == cast.practice.today()


def test_another_coverage_than_the_one_here_waits(cast, hospital):
    other = medicare(by_id(cast.jane), payor=[{"display": "Commercial plan"}], subscriberId="X1")
    answer = hospital.post(other)
    assert answer.status_code == 202
    assert said(answer).startswith("Waits for a decision of the practice. Differs from what is here: Payer")
    assert Coverage.objects.get(patient=cast.jane).payer == "medicare"
    assert decided(waiting_row(), "theirs", over=["payer", "member_id"], by=cast.rosa)
    again = hospital.post(other)
    assert (again.status_code, again.json()["subscriberId"]) == (200, "X1")


def test_a_payer_who_is_none_here_waits_with_the_reason(cast, hospital, new):
    answer = hospital.post(medicare(by_id(new), payor=[{"display": "Aetna of Nowhere"}]))
    assert (answer.status_code, said(answer)) == (
        202, "Waits for a decision of the practice. Cannot be read: Coverage.payor."
    )  # fmt: skip
    assert "no payer here" in waiting_row().problems[0][1]
    assert not Coverage.objects.filter(patient=new).exists()


def test_two_payers_of_the_practice_in_one_coverage_are_in_doubt(cast, hospital, new):
    payor = [{"identifier": {"value": "medicaid"}, "display": "Medicare Part B"}]
    assert hospital.post(medicare(by_id(new), payor=payor)).status_code == 202


@pytest.mark.parametrize(
    "payor",
    [
        [{"display": "MEDICARE PART B"}],
        [{"identifier": {"value": "medicare"}}],
        [{"identifier": {"value": "14212"}, "display": "Medicare Part B"}],
        [{"display": "Unknown"}, {"display": "medicare"}],
    ],
)
def test_a_payer_is_known_by_its_name_or_number(cast, hospital, new, payor):
    assert hospital.post(medicare(by_id(new), payor=payor)).status_code == 201
    assert Coverage.objects.get(patient=new).payer == "medicare"


# Two requests about one person who waits ------------------------------------------------------------------------


def test_a_coverage_joins_the_patient_who_waits(cast, hospital):
    double = jane(identifier=[{"type": MR, "value": "N-9"}])
    assert hospital.post(double).status_code == 202
    assert hospital.post(medicare(of_mrn("N-9"))).status_code == 202
    row = waiting_row()
    assert (row.values["family_name"], row.values["payer"]) == ("Doe", "medicare")
    assert hospital.post(double).status_code == 202
    assert waiting_row().values["payer"] == "medicare", "The patient sent again keeps her coverage."
    decided(waiting_row(), "another", by=cast.rosa)
    assert Coverage.objects.get(patient__mrn="N-9").payer == "medicare"


def test_a_coverage_does_not_take_back_another_name_that_waits(cast, hospital):
    hospital.post(jane(name=[{"family": "Doe-Ray", "given": ["Jane"]}]))
    hospital.post(medicare(by_id(cast.jane), subscriberId="2EG4-TE5-MK73"))
    assert set(waiting_row().differs) >= {"family_name", "member_id"}


def test_what_was_wrong_with_a_payer_stays_said(cast, hospital, new):
    hospital.post(medicare(by_id(new), payor=[{"display": "Aetna of Nowhere"}]))
    hospital.post(ida(gender="male"))
    assert any("no payer here" in sentence for _, sentence in waiting_row().problems)


# Reading --------------------------------------------------------------------------------------------------------


def test_the_coverages_of_one_patient_are_read(cast, hospital, new):
    hospital.post(medicare(by_id(new)))
    for question in (f"beneficiary=Patient/{new.pk}", f"patient={new.pk}"):
        (entry,) = hospital.get(f"/fhir/Coverage?{question}").json()["entry"]
        assert entry["resource"]["payor"] == [
            {"identifier": {"value": "medicare"}, "display": "Medicare Part B"}
        ]
    row = Coverage.objects.get(patient=new)
    assert hospital.get(f"/fhir/Coverage/{row.pk}").json()["status"] == "active"
    row.ends_on = cast.practice.today()
    row.save()
    assert hospital.get(f"/fhir/Coverage/{row.pk}").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("question", "status", "issue"),
    [
        ("", 400, ("required", "Coverage?beneficiary")),
        ("beneficiary=Patient/1", 400, ("required", "Coverage?beneficiary")),
        ("beneficiary=x&payor=y", 400, ("not-supported", "Coverage?payor")),
        ("beneficiary={nora}", 404, ("not-found",)),
    ],
)
def test_nobodys_coverages_are_not_read(cast, hospital, question, status, issue):
    answer = hospital.get(f"/fhir/Coverage?{question.format(nora=cast.nora.pk)}")
    assert (answer.status_code, issues(answer)) == (status, [issue])


def test_another_practices_coverage_is_not_there(cast, hospital):
    row = Coverage.objects.get(patient=cast.nora)
    assert hospital.get(f"/fhir/Coverage/{row.pk}").status_code == 404
    answer = hospital.post(medicare(by_id(cast.nora)))
    assert (answer.status_code, issues(answer)) == (422, [("not-found", "Coverage.beneficiary.reference")])


# What is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        ({"status": "cancelled"}, ("not-supported", "Coverage.status")),
        ({"order": 2}, ("not-supported", "Coverage.order")),
        ({"period": {"start": "2025-01"}}, ("value", "Coverage.period.start")),
        ({"period": {"end": "2025-12-31"}}, ("not-supported", "Coverage.period.end")),
        ({"payor": [{"reference": "Organization/1"}]}, ("required", "Coverage.payor")),
        ({"subscriberId": "12"}, ("value", "Coverage.subscriberId")),
        ({"beneficiary": of_mrn("nobody")}, ("not-found", "Coverage.beneficiary")),
        ({"beneficiary": {"reference": "Patient/1"}}, ("not-found", "Coverage.beneficiary.reference")),
        ({"beneficiary": {"display": "Jane"}}, ("required", "Coverage.beneficiary.identifier")),
    ],
)
def test_what_is_wrong_is_named_by_its_place(cast, hospital, new, change, wanted):
    answer = hospital.post(medicare(by_id(new)) | change)
    assert (answer.status_code, issues(answer)) == (422, [wanted])
    assert not Coverage.objects.filter(patient=new).exists()


@pytest.mark.parametrize(("days", "status"), [(-1, 422), (0, 201), (1, 201)])
def test_a_coverage_that_ends_today_is_still_one(cast, hospital, new, days, status):
    end = cast.practice.today() + timedelta(days=days)
    period = {"start": "2025-01-01", "end": end.isoformat()}
    assert hospital.post(medicare(by_id(new), period=period)).status_code == status


@pytest.mark.parametrize(("days", "status"), [(0, 201), (1, 422)])
def test_a_coverage_begins_today_or_before(cast, hospital, new, days, status):
    start = cast.practice.today() + timedelta(days=days)
    assert hospital.post(medicare(by_id(new), period={"start": start.isoformat()})).status_code == status


def test_a_coverage_whose_parts_are_only_extensions_has_no_plan(cast, hospital, new):
    plan = {
        "type": {"coding": [{"code": "plan"}]},
        "_value": {"extension": [{"url": "urn:x", "valueCode": "y"}]},
    }
    assert hospital.post(medicare(by_id(new), **{"class": [plan]})).status_code == 201
    assert Coverage.objects.get(patient=new).plan_name == ""


def test_a_number_with_signs_that_cannot_be_seen_is_nobodys(cast, hospital):
    answer = hospital.post(medicare(of_mrn("N-\x00")))
    assert (answer.status_code, issues(answer)) == (422, [("value", "Coverage.beneficiary.identifier")])


def test_a_coverage_of_a_merged_record_is_about_the_one_that_remains(cast, hospital):
    twin = second_jane(cast)
    merged(twin, cast.jane, by=cast.ade)
    before = Coverage.objects.count()
    assert hospital.post(medicare(by_id(twin), subscriberId="1EG4-TE5-MK72")).status_code == 202
    assert (waiting_row().about, waiting_row().patient) == ("T-0001", cast.jane)
    assert Coverage.objects.count() == before
