"""Client libraries of others, and their requests over a real connection."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.request import Request, urlopen

import pytest
from fhirclient.client import FHIRClient
from fhirclient.models.device import Device as Device4
from fhirclient.models.observation import Observation
from fhirclient.models.patient import Patient as Patient4
from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import AuthorizationError, OperationOutcome, ResourceNotFound

from authentication.models import ApiTokenRefusal, ApiTokenUse
from monitoring.models import ParkedReading, Reading
from patients.models import Coverage, Patient
from tests.integration.interchange.fhir.measured import CUFF, bundle, identified, pressure, pulse
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


# Readings -------------------------------------------------------------------------------------------------------


def test_a_reading_is_created_read_found_and_corrected(cast, client):
    sent = as_client(client, pressure())
    sent.save()
    row = Reading.objects.get()
    assert sent.id == str(row.pk)
    read = client.reference("Observation", sent.id).to_resource()
    assert read.get_by_path(["component", 0, "valueQuantity", "value"]) == 158
    asked = client.resources("Observation").search(
        patient=str(cast.jane.pk), code="http://loinc.org|85354-9", date__ge="2026-01-01"
    )
    (found,) = asked.sort("-date").limit(50).fetch()
    assert (found.id, asked.count()) == (sent.id, 1)
    found["component"][0]["valueQuantity"]["value"] = 148
    found.save()
    row.refresh_from_db()
    assert (row.value, row.version, found["status"]) == (148, 2, "corrected")
    (device,) = client.resources("Device").search(identifier=CUFF).fetch()
    assert device.get_by_path(["patient", "reference"]) == f"Patient/{cast.jane.pk}"


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_a_bundle_sent_twice_creates_nothing_the_second_time(cast, client, kind):
    data = bundle(pressure(), pulse(), pulse(effectiveDateTime="2026-01-05T08:13:00-05:00"), kind=kind)
    first, second = (client.execute("", method="post", data=data) for _ in range(2))
    assert [one["response"]["status"] for one in first["entry"]] == ["201 Created"] * 3
    assert [one["response"]["status"] for one in second["entry"]] == ["200 OK"] * 3
    assert Reading.history.count() == 3


def test_readings_are_created_once_under_a_condition_and_followed_by_pages(cast, client):
    observations = client.resources("Observation")
    for day in range(1, 4):
        data = pulse(effectiveDateTime=f"2026-01-0{day}T08:00:00Z", **identified(f"p-{day}"))
        asked = observations.search(identifier=f"urn:hub|p-{day}")
        assert [asked.get_or_create(as_client(client, data))[1] for _ in range(2)] == [1, 0]
    found = observations.search(patient=f"Patient/{cast.jane.pk}").sort("date").limit(2).fetch_all()
    assert [one["effectiveDateTime"][:10] for one in found] == ["2026-01-01", "2026-01-02", "2026-01-03"]


def test_a_reading_of_nobody_is_told_as_an_outcome(cast, client):
    with pytest.raises(OperationOutcome) as error:
        as_client(client, pulse(serial="NOBODYS")).save()
    assert error.value.resource["issue"][0]["expression"] == ["Observation.device"]
    assert ParkedReading.objects.get().reason == "no_device"


def test_another_library_reads_finds_creates_and_corrects(cast, live_server, written):
    """`fhirclient` reads each answer by models of its own, which refuse what R4 does not have."""
    server = FHIRClient(settings={"app_id": "rpm", "api_base": f"{live_server.url}/fhir"}).server
    server.session.headers["Authorization"] = f"Bearer {written}"
    made = Observation(pressure()).create(server)
    row = Reading.objects.get()
    assert made["id"] == str(row.pk)
    read = Observation.read(made["id"], server)
    assert read.component[0].valueQuantity.value == 158
    asked = {"patient": str(cast.jane.pk), "code": "http://loinc.org|85354-9", "_sort": "-date"}
    assert [one.id for one in Observation.where(asked).perform_resources_iter(server)] == [made["id"]]
    read.component[0].valueQuantity.value = 148
    read.update(server)
    row.refresh_from_db()
    assert row.value == 148
    assert {one.name[0].family for one in Patient4.where({}).perform_resources_iter(server)} == {"Doe", "Roe"}
    assert next(Device4.where({"identifier": CUFF}).perform_resources_iter(server)).serialNumber == CUFF
    for _ in range(2):
        answer = server.post_json("", bundle(pressure(148), pulse())).json()
    assert [one["response"]["status"] for one in answer["entry"]] == ["200 OK"] * 2
    assert Reading.objects.count() == 2
    assert server.capabilityStatement.fhirVersion == "4.0.1"


def test_two_at_once_with_one_bundle_make_each_reading_once(cast, live_server, written):
    data = json.dumps(bundle(*(pulse(effectiveDateTime=f"2026-01-05T08:{n:02}:00Z") for n in range(20))))

    def send(_) -> list[str]:
        headers = {"Authorization": f"Bearer {written}", "Content-Type": "application/fhir+json"}
        with urlopen(Request(f"{live_server.url}/fhir", data.encode(), headers), timeout=60) as answer:
            return [one["response"]["status"] for one in json.load(answer)["entry"]]

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, range(4)))
    assert answers == [["200 OK"] * 20] * 3 + [["201 Created"] * 20]
    assert Reading.objects.count() == 20
