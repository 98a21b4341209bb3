"""Bundles: a batch whose entries stand for themselves, and a transaction that comes in whole or not at all."""

from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from authentication.models import ApiTokenRefusal, Scope
from interchange.fhir.bundles import MOST_ENTRIES
from monitoring.models import ParkedReading, Reading
from patients.models import Device, Patient
from tests.integration.interchange.fhir.measured import (
    amount,
    bundle,
    entry,
    identified,
    observed,
    pressure,
    pulse,
)
from tests.integration.interchange.fhir.sent import Sender, ida, issues, of_mrn


@pytest.fixture
def hub(cast) -> Sender:
    return Sender(cast.ade, name="Hub", per_minute=600)


def statuses(answer) -> list[int]:
    assert answer.status_code == 200, answer.json()
    return [int(one["response"]["status"].split()[0]) for one in answer.json()["entry"]]


def places(answer) -> list[str]:
    return [one["response"].get("location") for one in answer.json()["entry"]]


def where(answer, place: int) -> list[tuple]:
    told = answer.json()["entry"][place]["response"]["outcome"]["issue"]
    return [(issue["code"], *issue.get("expression", [])) for issue in told]


def minute(number: int) -> str:
    return f"2026-01-05T08:{number:02}:00-05:00"


@pytest.mark.parametrize("path", ["/fhir", "/fhir/"])
@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_is_sent_twice_comes_in_once(cast, hub, path, kind):
    data = bundle(pressure(), pulse(), pulse(effectiveDateTime=minute(1)), kind=kind)
    first, second = hub.post(data, path), hub.post(data, path)
    assert (statuses(first), statuses(second)) == ([201] * 3, [200] * 3)
    assert places(first) == places(second)
    assert first.json()["type"] == f"{kind}-response"
    assert {one["response"]["etag"] for one in first.json()["entry"]} == {'W/"1"'}
    assert places(first)[0].startswith("http://testserver/fhir/Observation/")
    assert Reading.history.count() == 3


def test_each_entry_of_a_batch_is_answered_for_itself(cast, hub):
    before = Patient.objects.count(), Device.objects.count()
    broken = {
        "resource": {"resourceType": "Observation"},
        "request": {"method": "POST", "url": "Observation"},
    }
    answer = hub.post(
        {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [
                entry(pressure()),
                entry(pulse(serial="NOBODYS")),
                entry(pulse(mrn="T-9999", serial="")),
                entry(observed("8867-4", value=amount(7100, "/min"))),
                broken,
                {"resource": ida(), "request": {"method": "POST", "url": "Patient"}},
                {"request": {"method": "DELETE", "url": "Observation/1"}},
                {"resource": pulse()},
                {"resource": pulse(), "request": {"method": "POST", "url": "Observation", "shoe": 42}},
                "nonsense",
                entry(observed("8867-4", dataAbsentReason={"text": "loose"})),
                entry(pulse()),
            ],
        }
    )
    assert statuses(answer) == [201, 422, 422, 422, 400, 405, 405, 400, 400, 400, 202, 201]
    assert ApiTokenRefusal.objects.get(token=hub.row).count == 1
    assert where(answer, 1) == [("not-found", "Observation.device")]
    assert where(answer, 3) == [("value", "Observation.value")]
    assert where(answer, 4)[0] == ("required", "Observation.code")
    assert where(answer, 8) == [("structure", "Bundle.entry.request.shoe")]
    assert Reading.objects.count() == 2
    assert ParkedReading.objects.count() == 2
    assert (Patient.objects.count(), Device.objects.count()) == before


def test_an_empty_one_is_answered_empty(cast, hub):
    answer = hub.post({"resourceType": "Bundle", "type": "batch"})
    assert (answer.status_code, answer.json()) == (200, {"resourceType": "Bundle", "type": "batch-response"})


# Two that are one -----------------------------------------------------------------------------------------------


def test_two_halves_of_a_pressure_are_one_reading(cast, hub):
    halves = [
        observed("8480-6", value=amount(158, "mm[Hg]"), **identified("s-1")),
        observed("8462-4", value=amount(96, "mm[Hg]"), **identified("d-1")),
    ]
    answer = hub.post(bundle(*halves))
    assert statuses(answer) == [201, 201]
    row = Reading.objects.get()
    assert (row.value, row.second_value, row.identifier) == (158, 96, "urn:hub|s-1")
    assert places(answer) == [f"http://testserver/fhir/Observation/{row.pk}"] * 2
    assert statuses(hub.post(bundle(*reversed(halves)))) == [200, 200]
    alone = hub.post(bundle(halves[0]))
    assert (statuses(alone), where(alone, 0)) == ([422], [("required", "Observation.code")])


def test_in_a_batch_the_second_is_answered_with_the_first(cast, hub):
    """The same, the same under a condition, and others under the condition of the first."""
    once = "identifier=urn:hub|a-1"
    answer = hub.post(bundle(pressure(), pressure(), entry(pressure(120, 80), once), entry(pulse(), once)))
    assert statuses(answer) == [201, 200, 200, 200]
    assert len(set(places(answer))) == 1
    assert Reading.objects.get().value == 158
    contradicts = hub.post(bundle(pulse(**identified("b-1")), pulse(72, **identified("b-1"))))
    assert (statuses(contradicts), where(contradicts, 1)) == ([201, 409], [("conflict", "Observation.value")])


def test_in_a_transaction_the_same_is_the_same_and_what_differs_refuses_all(cast, hub):
    once = "identifier=urn:hub|a-1"
    for other in (pressure(120, 80), entry(pressure(120, 80), once), entry(pulse(), once)):
        answer = hub.post(bundle(pulse(), pressure(), other, kind="transaction"))
        assert (answer.status_code, issues(answer)[0][1].startswith("Bundle.entry[2].resource")) == (
            400,
            True,
        )
        assert not Reading.objects.exists()
    same = hub.post(bundle(pressure(), entry(pressure(), once), entry(pressure()), kind="transaction"))
    assert (statuses(same), len(set(places(same)))) == ([201, 200, 200], 1)


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_was_here_before_under_the_condition_is_answered_instead(cast, hub, kind):
    hub.post(pressure())
    answer = hub.post(bundle(entry(pressure(120, 80), "identifier=urn:hub|a-1"), pulse(), kind=kind))
    assert statuses(answer) == [200, 201]
    assert Reading.objects.get(measure="blood_pressure").value == 158


# A transaction --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "status", "issue"),
    [
        (pulse(serial="NOBODYS"), 422, ("not-found", "Bundle.entry[1].resource.device")),
        (pulse(mrn="T-9999", serial=""), 422, ("not-found", "Bundle.entry[1].resource.subject")),
        (pulse(7100), 422, ("value", "Bundle.entry[1].resource.value")),
        (pulse(status="registered"), 422, ("not-supported", "Bundle.entry[1].resource.status")),
        (pulse(shoe=42), 400, ("structure", "Bundle.entry[1].resource.shoe")),
        (
            {"request": {"method": "GET", "url": "Observation"}},
            400,
            ("not-supported", "Bundle.entry[1].request"),
        ),
        (
            {"request": {"method": "POST", "_url": {"extension": [{"url": "http://x", "valueString": "y"}]}}},
            400,
            ("not-supported", "Bundle.entry[1].request"),
        ),
        (entry(pulse(), "shoe=42"), 400, ("not-supported", "Bundle.entry[1].ifNoneExist")),
        (entry(pulse(), "&".join(["a=1"] * 21)), 400, ("value", "Bundle.entry[1].ifNoneExist")),
        (observed("8480-6", value=amount(158, "mm[Hg]")), 422, ("required", "Bundle.entry[1].resource.code")),
        (entry({"resourceType": "Patient"}), 400, ("structure", "Bundle.entry[1].resourceType")),
    ],
)
def test_one_that_is_wrong_refuses_the_whole_transaction(cast, hub, wrong, status, issue):
    answer = hub.post(bundle(pressure(), wrong, kind="transaction"))
    assert (answer.status_code, issues(answer)) == (status, [issue])
    assert "kept for" not in answer.content.decode()
    assert not Reading.objects.exists()
    assert not ParkedReading.objects.exists()


# What is no bundle of ours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "status", "issue"),
    [
        ({"type": "collection"}, 400, ("not-supported", "Bundle.type")),
        ({"type": "message"}, 400, ("not-supported", "Bundle.type")),
        ({"type": None}, 400, ("value", "Bundle.type")),
        ({"entry": {}}, 400, ("structure", "Bundle.entry")),
        ({"entry": "x"}, 400, ("structure", "Bundle.entry")),
        ({"shoe": 42}, 400, ("structure", "Bundle.shoe")),
        ({"resourceType": "Observation"}, 400, ("structure", "resourceType")),
        ({"implicitRules": "http://x.example"}, 422, ("not-supported", "Bundle.implicitRules")),
    ],
)
def test_another_bundle_is_refused(cast, hub, change, status, issue):
    data = {name: part for name, part in {**bundle(pulse()), **change}.items() if part is not None}
    answer = hub.post(data, "/fhir/")
    assert (answer.status_code, issues(answer)) == (status, [issue])
    assert not Reading.objects.exists()


def test_so_many_entries_and_no_more(cast, hub, django_assert_max_num_queries):
    """And the questions to the database do not grow with them."""
    moments = [f"2026-01-05T{n // 60:02}:{n % 60:02}:00Z" for n in range(MOST_ENTRIES + 1)]
    data = [pulse(effectiveDateTime=at) for at in moments]
    answer = hub.post(bundle(*data))
    assert (answer.status_code, issues(answer)) == (413, [("too-long", "Bundle.entry")])
    assert "501 entries. Send at most 500" in answer.content.decode()
    assert not Reading.objects.exists()
    with django_assert_max_num_queries(45):
        assert statuses(hub.post(bundle(*data[:-1]))) == [201] * MOST_ENTRIES


def test_a_bundle_of_a_hundred_asks_the_database_as_often_as_one_of_ten(cast, hub):
    """New, repeated, parked and refused ones; whose they are is said in every way."""

    def queries(moments: list[str]) -> int:
        told = [
            entry(each(effectiveDateTime=at))
            for at in moments
            for each in (
                pulse,
                partial(pulse, serial="NOBODYS"),
                partial(pulse, 7100),
                partial(observed, "2339-0", value=amount(112, "mg/dL"), serial=""),
                partial(pulse, subject={**of_mrn("T-0001"), "reference": f"Patient/{cast.jane.pk}"}),
            )
        ]
        with CaptureQueriesContext(connection) as asked:
            assert set(statuses(hub.post(bundle(*told)))) == {201, 200, 422}
        return len(asked)

    hours = [f"2026-01-05T{n // 60:02}:{n % 60:02}:00Z" for n in range(23)]
    # The first refusal of a day makes the row that counts them.
    queries(hours[:1])
    assert queries(hours[1:3]) == queries(hours[3:])


def test_who_may_not_send_readings_sends_none(cast):
    other = Sender(cast.ade, Scope.PATIENTS_WRITE, Scope.READINGS_READ, name="EHR")
    assert other.post(bundle(pulse())).status_code == 403
    assert not Reading.objects.exists()
