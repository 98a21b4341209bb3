"""A client library of others, and its requests over a real connection."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome, ResourceNotFound

from authentication.models import ApiTokenRefusal, ApiTokenUse
from patients.models import Coverage, Patient
from tests.integration.interchange.fhir.sent import MR, ida, medicare
from tests.tokens import token

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def written(cast) -> str:
    return token(cast.ade, per_minute=600)[1]


@pytest.fixture
def client(live_server, written) -> SyncFHIRClient:
    return SyncFHIRClient(f"{live_server.url}/fhir", authorization=f"Bearer {written}")


def as_client(client, data: dict):
    return client.resource(data["resourceType"], **{k: v for k, v in data.items() if k != "resourceType"})


def test_a_patient_and_her_coverage_come_in_and_are_read(cast, client):
    patient = as_client(client, ida())
    patient.save()
    row = Patient.objects.get(mrn="N-1")
    assert patient.id == str(row.pk)
    coverage = as_client(client, medicare({"reference": f"Patient/{patient.id}"}))
    coverage.save()
    assert coverage.id == str(Coverage.objects.get(patient=row).pk)
    read = client.reference("Patient", patient.id).to_resource()
    assert read.get_by_path(["name", 0, "family"]) == "Bell"
    assert [
        c.id for c in client.resources("Coverage").search(beneficiary=f"Patient/{patient.id}").fetch()
    ] == [coverage.id]


def test_all_pages_are_followed(cast, client):
    found = client.resources("Patient").limit(1).fetch_all()
    assert {p.get_by_path(["identifier", 0, "value"]) for p in found} == {"T-0001", "T-0002"}
    (jane,) = client.resources("Patient").search(family="doe", birthdate="1948-05-12").fetch()
    assert jane.id == str(cast.jane.pk)


def test_an_update_of_what_is_the_same_succeeds_and_of_what_differs_changes_nothing(cast, client):
    jane = client.reference("Patient", str(cast.jane.pk)).to_resource()
    jane.save()
    assert jane.id == str(cast.jane.pk)
    jane["telecom"] = [{"system": "phone", "value": "555-0100"}]
    jane.save()
    cast.jane.refresh_from_db()
    assert cast.jane.phone == ""


def test_a_conditional_create_finds_who_is_there(cast, client):
    sent = as_client(client, ida(identifier=[{"type": MR, "value": "T-0001"}]))
    found, made = client.resources("Patient").search(identifier="T-0001").get_or_create(sent)
    assert (found.id, made) == (str(cast.jane.pk), 0)


def test_refusals_are_understood(cast, client, live_server):
    with pytest.raises(ResourceNotFound):
        client.reference("Patient", str(cast.nora.pk)).to_resource()
    with pytest.raises(OperationOutcome) as error:
        as_client(client, ida(gender="F")).save()
    assert error.value.resource["issue"][0]["expression"] == ["Patient.gender"]
    stranger = SyncFHIRClient(f"{live_server.url}/fhir", authorization="Bearer nonsense")
    with pytest.raises(AuthorizationError):
        stranger.resources("Patient").fetch()


def test_a_body_that_stops_half_way_is_not_taken_in(cast, live_server, written):
    with socket.create_connection((live_server.thread.host, live_server.thread.port), timeout=10) as line:
        head = (
            f"POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {written}\r\n"
            "Content-Type: application/fhir+json\r\nContent-Length: 500\r\nConnection: close\r\n\r\n"
        )
        line.sendall(head.encode() + b'{"resourceType": "Patient"')
        line.shutdown(socket.SHUT_WR)
        answered = b""
        while part := line.recv(4096):
            answered += part
    assert b" 422 " in answered.split(b"\r\n")[0]
    assert b"only in part" in answered


BURST, LIMIT = 100, 10


def test_a_burst_from_many_hands_passes_its_limit_by_nobody(cast, live_server):
    """Ten times what is allowed, from four at once: exactly so many are let in, by a count in the database."""
    row, written = token(cast.ade, per_minute=LIMIT)

    def ask(_) -> int:
        request = Request(
            f"{live_server.url}/fhir/Patient?_count=1", headers={"Authorization": f"Bearer {written}"}
        )
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status
        except OSError as error:
            return error.code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(BURST)))
    assert (answers.count(200), answers.count(429)) == (LIMIT, BURST - LIMIT)
    assert ApiTokenRefusal.objects.get(token=row).count == BURST - LIMIT
    assert ApiTokenUse.objects.get(token=row).in_minute == BURST


def test_two_at_once_with_one_new_patient_make_one(cast, live_server, written):
    def send(_) -> int:
        headers = {"Authorization": f"Bearer {written}", "Content-Type": "application/fhir+json"}
        request = Request(f"{live_server.url}/fhir/Patient", json.dumps(ida()).encode(), headers)
        with urlopen(request, timeout=60) as answer:
            return answer.status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [200, 200, 200, 201]
    assert Patient.objects.filter(mrn="N-1").count() == 1
