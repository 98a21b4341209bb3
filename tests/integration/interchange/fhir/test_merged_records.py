"""A system that knows a merged record by its MRN or its id is led to the one that remains."""

import pytest
from django.utils import timezone

from patients.merging import undo
from patients.models import Patient
from tests.integration.interchange.fhir.sent import MR, Sender, jane
from tests.integration.patients.merged import merged, second_jane


@pytest.fixture
def twin(cast):
    twin = second_jane(cast)
    merged(twin, cast.jane, by=cast.ade)
    return twin


@pytest.fixture
def hospital(cast) -> Sender:
    return Sender(cast.ade)


def test_its_mrn_finds_the_record_that_remains(cast, hospital, twin):
    found = hospital.get("/fhir/Patient?identifier=T-0009").json()
    assert [entry["resource"]["id"] for entry in found["entry"]] == [str(cast.jane.pk)]
    assert hospital.get("/fhir/Patient?identifier=T-0001,T-0009").json()["total"] == 1


def test_read_by_its_id_it_says_what_replaced_it(cast, hospital, twin):
    said = hospital.get(f"/fhir/Patient/{twin.pk}").json()
    assert said["active"] is False
    assert said["link"] == [{"other": {"reference": f"Patient/{cast.jane.pk}"}, "type": "replaced-by"}]
    assert hospital.get(f"/fhir/Patient/{cast.jane.pk}").json()["active"] is True


def test_who_read_it_before_is_told_of_the_merge_and_that_it_was_undone(cast, hospital):
    twin = second_jane(cast)
    own = f"/fhir/Patient/{twin.pk}"
    known = {"If-None-Match": hospital.get(own)["ETag"]}
    row = merged(twin, cast.jane, by=cast.ade)
    assert hospital.get(own, **known).json()["active"] is False
    undo(row, reason="Two people after all.", by=cast.ade, at=timezone.now())
    assert hospital.get(own, **known).json()["active"] is True


def test_what_is_sent_under_its_mrn_is_about_the_record_that_remains(cast, hospital, twin):
    answer = hospital.post(jane(identifier=[{"type": MR, "value": "T-0009"}]))
    assert answer.status_code == 200
    assert answer["Location"].endswith(f"/{cast.jane.pk}")
    assert Patient.objects.get(pk=cast.jane.pk).mrn == "T-0001"
