"""Observations one at a time: taken in once, parked, refused, corrected, read and found."""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import AccessEvent
from authentication.models import ApiTokenRefusal, Scope
from foundation.context import acting
from monitoring.models import ParkedReading, Reading
from patients.models import Device, Patient
from patients.services import take_back
from tests import factories
from tests.integration.interchange.fhir.measured import (
    AT,
    CUFF,
    amount,
    identified,
    observed,
    pressure,
    pulse,
)  # fmt: skip
from tests.integration.interchange.fhir.sent import Sender, issues, said
from tests.integration.patients.merged import merged, second_jane


@pytest.fixture
def hub(cast) -> Sender:
    return Sender(cast.ade, name="Hub", per_minute=600)


def of(row: Reading) -> str:
    return f"/fhir/Observation/{row.pk}"


def put(hub: Sender, row: Reading, change=lambda data: None, **headers):
    data = hub.get(of(row)).json()
    change(data)
    return hub.send("PUT", of(row), data, **headers)


# Taken in -------------------------------------------------------------------------------------------------------


def test_a_pressure_comes_in_and_is_answered_as_it_is_kept(cast, hub):
    answer = hub.post(pressure())
    row = Reading.objects.get()
    assert (answer.status_code, answer["ETag"]) == (201, 'W/"1"')
    assert answer["Location"] == f"http://testserver{of(row)}"
    assert (row.patient, row.device.serial, row.value, row.second_value) == (cast.jane, CUFF, 158, 96)
    assert (row.entrance, row.sender, row.identifier, row.source) == (
        "fhir",
        "Hub",
        "urn:hub|a-1",
        "automatic",
    )
    assert row.history.get().actor_label == "token: Hub"
    kept = answer.json()
    assert [part["valueQuantity"]["value"] for part in kept["component"]] == [158, 96]
    assert kept["identifier"] == [{"system": "urn:hub", "value": "a-1"}]
    assert (kept["effectiveDateTime"], kept["status"]) == (AT, "final")
    assert AccessEvent.objects.get().patient_id == cast.jane.pk


@pytest.mark.parametrize("kind", ["application/fhir+json", "application/json"])
@pytest.mark.parametrize("path", ["/fhir/Observation", "/fhir/Observation/"])
def test_sent_twice_it_is_one(cast, hub, path, kind):
    first, second = (hub.post(pressure(), path, kind=kind) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert second["Location"] == first["Location"]
    assert Reading.history.count() == 1


def test_without_an_identifier_device_and_moment_decide(cast, hub):
    assert [hub.post(pulse()).status_code for _ in range(2)] == [201, 200]


def test_a_patient_and_a_device_are_named_by_our_ids_too(cast, hub):
    cuff = factories.cuff_of(cast.jane)
    data = pulse(
        serial="", device={"reference": f"Device/{cuff.pk}"}, subject={"reference": f"Patient/{cast.jane.pk}"}
    )
    assert hub.post(data).status_code == 201
    assert Reading.objects.get().device == cuff
    alone = pulse(effectiveDateTime="2026-01-05T09:00:00Z")
    del alone["subject"]
    assert hub.post(alone).status_code == 201


def test_without_a_device_it_is_typed(cast, hub):
    assert hub.post(pulse(serial="")).status_code == 201
    row = Reading.objects.get()
    assert (row.source, row.device, row.patient) == ("typed", None, cast.jane)
    device = factories.cuff_of(cast.jane)
    device.automatic = False
    with acting("system: test"):
        device.save()
    assert hub.post(pulse()).status_code == 201
    assert Reading.objects.get(device=device).source == "typed"


def test_a_merged_record_is_led_to_the_one_that_remains(cast, hub):
    twin = second_jane(cast)
    merged(twin, cast.jane, by=cast.ade)
    for subject in ({"reference": f"Patient/{twin.pk}"}, {"identifier": {"value": twin.mrn}}):
        assert hub.post(pulse(serial="", subject=subject)).status_code in {200, 201}
    assert Reading.objects.get().patient == cast.jane


def test_another_unit_is_kept_beside_ours(cast, hub):
    answer = hub.post(pressure("21.1", "12.8", unit="kPa"))
    first = answer.json()["component"][0]["valueQuantity"]
    assert (first["value"], first["code"]) == (158.26, "mm[Hg]")
    assert first["extension"][0]["valueQuantity"] == {
        "value": 21.1, "unit": "kPa", "system": "http://unitsofmeasure.org", "code": "kPa"
    }  # fmt: skip


def test_of_a_pressure_with_a_pulse_both_come_in_or_neither(cast, hub):
    assert hub.post(pressure(pulse=71)).status_code == 201
    assert set(Reading.objects.values_list("measure", flat=True)) == {"blood_pressure", "heart_rate"}
    at = "2026-01-06T08:12:00-05:00"
    answer = hub.post(pressure(pulse=7100, key="a-2", effectiveDateTime=at))
    assert (answer.status_code, issues(answer)) == (422, [("value", "Observation.component")])
    assert Reading.objects.count() == 2


def test_where_nothing_was_measured_nothing_is_kept(cast, hub):
    answer = hub.post(observed("8867-4", dataAbsentReason={"text": "loose"}))
    assert (answer.status_code, issues(answer)) == (202, [("informational",)])
    assert not Reading.objects.exists()


# If-None-Exist --------------------------------------------------------------------------------------------------


def test_what_is_here_under_its_identifier_is_answered_instead(cast, hub):
    question = "identifier=urn:hub|a-1"
    first = hub.post(pressure(), **{"If-None-Exist": question})
    other = pressure(120, 80)
    by_header = hub.post(other, **{"If-None-Exist": f"?{question}"})
    by_address = hub.post(other, f"/fhir/Observation?{question}&_format=json")
    assert [a.status_code for a in (first, by_header, by_address)] == [201, 200, 200]
    assert by_header.json() == first.json() == by_address.json()


def test_who_names_its_identifier_there_alone_is_known_by_it(cast, hub):
    question = {"If-None-Exist": "identifier=urn:hub|b-1"}
    assert [hub.post(pulse(), **question).status_code for _ in range(2)] == [201, 200]
    assert Reading.objects.get().identifier == "urn:hub|b-1"


@pytest.mark.parametrize(
    "question",
    ["code=8867-4", "identifier=a,b", "identifier=a&identifier=b", "identifier=%00", "&".join(["a=1"] * 21)],
)
def test_another_question_is_refused(cast, hub, question):
    assert hub.post(pulse(), **{"If-None-Exist": question}).status_code == 400
    assert not Reading.objects.exists()


def test_an_identifier_that_two_systems_used_fits_several(cast, hub):
    other = Sender(cast.ade, name="Other hub")
    hub.post(pressure())
    other.post(pressure(effectiveDateTime="2026-01-06T08:12:00-05:00"))
    answer = hub.post(pulse(), **{"If-None-Exist": "identifier=urn:hub|a-1"})
    assert (answer.status_code, issues(answer)) == (412, [("multiple-matches", "ifNoneExist")])


# Parked and refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "where", "reason"),
    [
        (pulse(serial="NOBODYS"), "Observation.device", "no_device"),
        (pulse(serial="", device={"reference": f"Device/{uuid4()}"}), "Observation.device", "no_device"),
        (pulse(serial="", mrn="T-9999"), "Observation.subject", "no_patient"),
        (pulse(serial="", subject={"reference": f"Patient/{uuid4()}"}), "Observation.subject", "no_patient"),
        (pulse(serial="", subject={"reference": "Patient/p1"}), "Observation.subject", "no_patient"),
        (pulse(effectiveDateTime="2019-01-05T08:12:00Z"), "Observation.device", "no_holder"),
        (pulse(serial="", effectiveDateTime="2019-01-05T08:12:00Z"), "Observation.effective", "not_enrolled"),
    ],
)  # fmt: skip
def test_what_is_nobodys_is_refused_and_parked_once(cast, hub, data, where, reason):
    before = Patient.objects.count(), Device.objects.count()
    for _ in range(2):
        answer = hub.post(data)
        assert (answer.status_code, issues(answer)) == (422, [("not-found", where)])
    assert "kept for the practice" in said(answer)
    assert ParkedReading.objects.get().reason == reason
    assert ApiTokenRefusal.objects.get(token=hub.row).count == 2
    assert not Reading.objects.exists()
    assert (Patient.objects.count(), Device.objects.count()) == before


def test_what_is_nobodys_is_withdrawn(cast, hub):
    lost = pulse(serial="NOBODYS", **identified("a-9"))
    hub.post(lost)
    answer = hub.post({**lost, "status": "entered-in-error"})
    assert (answer.status_code, issues(answer)) == (200, [("informational",)])
    assert ParkedReading.objects.get().state == "discarded"


def test_another_practices_patient_and_device_are_nobodys(cast, hub):
    far = Device.objects.filter(practice=cast.elsewhere).first()
    theirs = [
        pulse(serial="", subject={"reference": f"Patient/{cast.nora.pk}"}),
        pulse(serial="", device={"reference": f"Device/{far.pk}"}),
    ]
    assert [hub.post(data).status_code for data in theirs] == [422, 422]
    assert not Reading.objects.exists()
    assert set(ParkedReading.objects.values_list("practice", flat=True)) == {cast.practice.pk}


@pytest.mark.parametrize(
    ("data", "status", "issue"),
    [
        (pulse(19), 422, ("value", "Observation.value")),
        (pressure(158, 158), 422, ("value", "Observation.component")),
        (pressure(301, 96), 422, ("value", "Observation.component")),
        (pulse(mrn="T-0002"), 422, ("value", "Observation.subject")),
        (observed("29463-7", value=amount(80, "kg")), 422, ("value", "Observation.code")),
        (pulse(**identified("x" * 300)), 422, ("value", "Observation.identifier")),
        (pulse(serial="x" * 41), 422, ("value", "Observation.device")),
        (pulse(mrn="x" * 21, serial=""), 422, ("value", "Observation.subject")),
        (pulse(effectiveDateTime="1999-01-05T08:12:00Z"), 422, ("value", "Observation.effective")),
        (pulse(status="entered-in-error", **identified("never-sent")), 422, ("value", "Observation.identifier")),
        (pulse(subject={"reference": "Group/1"}), 422, ("not-supported", "Observation.subject")),
        (pulse(contained=[{"resourceType": "Device"}]), 422, ("not-supported", "Observation.contained")),
        (pulse(implicitRules="http://x.example"), 422, ("not-supported", "Observation.implicitRules")),
        (pulse(effectiveDateTime="2026-01-05T08:12:00"), 400, ("value", "Observation.effectiveDateTime")),
        (pulse(shoe=42), 400, ("structure", "Observation.shoe")),
        ({**pulse(), "code": None}, 400, ("required", "Observation.code")),
        (pulse(component=[{"code": None}]), 400, ("required", "Observation.component[0].code")),
        (pulse(component=['{"code": null}']), 400, ("structure", "Observation.component[0]")),
        (pulse(code="{}"), 400, ("structure", "Observation.code")),
        ({"resourceType": "Observation", "status": "final"}, 400, ("required", "Observation.code")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place_and_not_kept(cast, hub, data, status, issue):
    answer = hub.post(data)
    assert (answer.status_code, issues(answer)) == (status, [issue])
    assert not Reading.objects.exists()
    assert not ParkedReading.objects.exists()


@pytest.mark.parametrize(
    "number", ["1e99999999999999999999", "1E-99999999999999999999", "1e999999", "1e-999999"]
)
def test_no_number_is_too_large_or_too_small_to_be_refused(cast, hub, number):
    sent = json.dumps(pulse()).replace('"value": 71', f'"value": {number}').encode()
    assert hub.send("POST", "/fhir/Observation", sent).status_code in {400, 422}
    assert not Reading.objects.exists()


@pytest.mark.parametrize(("minutes", "status"), [(4, 201), (6, 422)])
def test_five_minutes_ahead_are_a_clock_and_more_are_the_future(cast, hub, minutes, status):
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    assert hub.post(pulse(effectiveDateTime=at.isoformat(timespec="seconds"))).status_code == status


def test_a_modifier_at_a_component_is_not_passed_over(cast, hub):
    data = pressure()
    data["component"][1]["modifierExtension"] = [{"url": "http://x.example", "valueBoolean": True}]
    answer = hub.post(data)
    assert issues(answer) == [("not-supported", "Observation.component[1].modifierExtension")]


def test_answers_do_not_repeat_what_was_sent(cast, hub):
    secret = "Zanzibar"
    for data in (
        pulse(serial=secret),
        pulse(serial="", mrn=secret),
        pulse(serial="", subject={"reference": f"Patient/{secret}"}),
        observed("8867-4", value=amount(71, secret)),
        pulse(**identified(secret * 60)),
    ):
        answer = hub.post(data)
        assert answer.status_code == 422
        assert secret not in answer.content.decode()


# Corrected ------------------------------------------------------------------------------------------------------


def test_another_value_of_the_same_moment_is_a_conflict_unless_it_is_said_to_correct(cast, hub):
    hub.post(pressure())
    answer = hub.post(pressure(148))
    assert (answer.status_code, issues(answer)) == (409, [("conflict", "Observation.component")])
    answer = hub.post(pressure(148, status="corrected"))
    row = Reading.objects.get()
    assert (answer.status_code, answer["ETag"], answer.json()["status"], row.value) == (
        200,
        'W/"2"',
        "corrected",
        148,
    )
    assert hub.post(pressure(148, status="corrected"))["ETag"] == 'W/"2"'
    assert hub.post(pressure(status="entered-in-error")).json()["status"] == "entered-in-error"
    row.refresh_from_db()
    assert (row.value, row.excluded_reason) == (148, "Withdrawn by its sender, Hub")


def test_an_identifier_is_not_used_for_something_else(cast, hub):
    hub.post(pressure())
    answer = hub.post(pressure(effectiveDateTime="2026-01-06T08:12:00-05:00"))
    assert (answer.status_code, issues(answer)) == (409, [("conflict", "Observation.identifier")])


def test_an_identifier_is_not_used_for_somebody_else(cast, hub):
    hub.post(pulse(serial="", **identified("a-1")))
    answer = hub.post(pulse(serial="", mrn="T-0002", **identified("a-1")))
    assert (answer.status_code, issues(answer)) == (409, [("conflict", "Observation.identifier")])


def test_of_two_updates_with_the_same_version_the_second_is_refused(cast, hub):
    """The practice's lock is held before the reading is read, so that the second reads what the first wrote."""
    hub.post(pressure())
    with CaptureQueriesContext(connection) as done:
        assert put(hub, Reading.objects.get(), correct, **{"If-Match": '"1"'}).status_code == 200
    asked = [query["sql"] for query in done]
    locked = next(place for place, sql in enumerate(asked) if "readings of " in sql)
    read = [place for place, sql in enumerate(asked) if 'FROM "monitoring_reading"' in sql]
    # The test itself and its GET come first; the PUT reads it for the third time.
    assert read[1] < locked < read[2]


def correct(data):
    data["component"][0]["valueQuantity"]["value"] = 148


def test_an_update_is_a_correction_with_its_version(cast, hub):
    hub.post(pressure())
    row = Reading.objects.get()
    assert put(hub, row, **{"If-Match": '"1"'})["ETag"] == 'W/"1"'
    assert put(hub, row, correct, **{"If-Match": 'W/"1"'})["ETag"] == 'W/"2"'
    stale = put(hub, row, correct, **{"If-Match": 'W/"1"'})
    assert (stale.status_code, issues(stale)) == (412, [("conflict",)])
    row.refresh_from_db()
    assert (row.value, row.version, row.identifier) == (148, 2, "urn:hub|a-1")
    withdrawn = put(hub, row, lambda data: data.update(status="entered-in-error"))
    assert withdrawn.json()["status"] == "entered-in-error"
    assert put(hub, row, lambda data: (correct(data), data.update(status="final"))).status_code == 200
    again = put(hub, row, lambda data: data.update(status="final", component=pressure(140)["component"]))
    assert (again.status_code, issues(again)) == (409, [("conflict", "Observation.status")])


def test_an_update_by_another_system_corrects_too(cast, hub):
    (row,) = factories.readings(cast.jane, date(2026, 1, 5), 1)
    assert put(hub, row, correct)["ETag"] == 'W/"2"'


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": str(uuid4())}, 400),
        ({"effectiveDateTime": "2026-01-06T08:12:00-05:00"}, 409),
        ({"subject": {"identifier": {"value": "T-0002"}}}, 409),
        ({"device": {"identifier": {"value": "OTHER"}}}, 409),
    ],
)
def test_an_update_of_something_else_is_refused(cast, hub, change, status):
    hub.post(pressure())
    row = Reading.objects.get()
    assert put(hub, row, lambda data: data.update(change)).status_code == status
    row.refresh_from_db()
    assert row.version == 1


def test_what_was_typed_here_is_not_corrected_by_a_program(cast, hub):
    with acting("system: test"):
        row = Reading(
            practice=cast.practice, patient=cast.jane, measure="heart_rate", value=Decimal(71), source="typed",
            entrance="typed", taken_at=datetime(2026, 1, 5, tzinfo=UTC), received_at=datetime(2026, 1, 5, tzinfo=UTC),
            day=date(2026, 1, 4),
        )  # fmt: skip
        row.save()
    answer = put(hub, row, lambda data: data["valueQuantity"].update(value=80))
    assert (answer.status_code, issues(answer)) == (409, [("forbidden", "Observation")])


# Read and found -------------------------------------------------------------------------------------------------


def test_each_version_is_read_as_it_was(cast, hub):
    hub.post(pressure())
    row = Reading.objects.get()
    put(hub, row, correct)
    history = hub.get(f"{of(row)}/_history").json()
    values = [one["resource"]["component"][0]["valueQuantity"]["value"] for one in history["entry"]]
    assert (history["total"], values) == (2, [148, 158])
    first = hub.get(f"{of(row)}/_history/1")
    assert (first["ETag"], first.json()["component"][0]["valueQuantity"]["value"]) == ('W/"1"', 158)
    assert hub.get(f"{of(row)}/_history/3").status_code == 404


@pytest.fixture
def many(cast, hub):
    """Jane's pressure of five days, the first corrected and the last withdrawn; and one pulse of Max."""
    rows = factories.readings(cast.jane, date(2026, 1, 1), 5)
    put(hub, rows[0], correct)
    put(hub, rows[4], lambda data: data.update(status="entered-in-error"))
    hub.post(pulse(serial="", mrn="T-0002", **identified("m-1")))
    return rows


def found(answer) -> list[int]:
    """Days of January."""
    return [int(e["resource"]["effectiveDateTime"][8:10]) for e in answer.json().get("entry", [])]


JANE, MAX = "{jane}", "{max}"


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("", [5, 5, 4, 3, 2, 1]),
        ("_sort=date", [1, 2, 3, 4, 5, 5]),
        ("patient={jane}&_sort=-date", [5, 4, 3, 2, 1]),
        ("subject=Patient/{max}", [5]),
        ("patient=00000000-0000-4000-8000-000000000000", []),
        ("patient=p1", []),
        ("code=http:%2F%2Floinc.org%7C85354-9", [5, 4, 3, 2, 1]),
        ("code=8867-4", [5]),
        ("code=http://loinc.org|8867-4,http://loinc.org|55284-4", [5, 5, 4, 3, 2, 1]),
        ("code=urn:x|8867-4", []),
        ("category=vital-signs", [5, 5, 4, 3, 2, 1]),
        ("category=laboratory", []),
        ("date=2026-01-02", [2]),
        ("date=ge2026-01-04", [5, 5, 4]),
        ("date=gt2026-01-02&date=lt2026-01-04", [3]),
        ("date=le2026-01-02", [2, 1]),
        ("date=2026-01", [5, 5, 4, 3, 2, 1]),
        ("date=lt2026-01-02T13:00:00Z", [1]),
        ("date=2026-01-02T13:00Z", [2]),
        ("status=final", [5, 4, 3, 2]),
        ("status=corrected", [1]),
        ("status=entered-in-error", [5]),
        ("status=final,corrected", [5, 4, 3, 2, 1]),
        ("status=preliminary", []),
        ("identifier=urn:hub|m-1", [5]),
        ("identifier=m-1", [5]),
        ("identifier=|m-1", []),
        ("identifier=urn:hub|", [5]),
        ("_lastUpdated=lt2026-01-04", [3, 2]),
        ("_lastUpdated=ge2026-06-01", [5, 5, 1]),
        ("_id=nonsense", []),
        ("_count=2", [5, 5]),
    ],
)
def test_readings_are_found(cast, hub, many, question, days):
    answer = hub.get("/fhir/Observation?" + question.format(jane=cast.jane.pk, max=cast.max.pk))
    assert found(answer) == days
    by_form = hub.send(
        "POST", "/fhir/Observation/_search", question.format(jane=cast.jane.pk, max=cast.max.pk).encode(),
        kind="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert by_form.json().get("entry") == answer.json().get("entry")


@pytest.mark.parametrize(
    ("question", "issue"),
    [
        ("shoe=1", ("not-supported", "Observation?shoe")),
        ("code:text=x", ("not-supported", "Observation?code:text")),
        ("date=yesterday", ("value", "Observation?date")),
        ("date=ap2026-01-01", ("value", "Observation?date")),
        ("_lastUpdated=2026-13", ("value", "Observation?_lastUpdated")),
        ("_sort=value", ("value", "Observation?_sort")),
        ("_count=x", ("value", "Observation?_count")),
        ("_summary=text", ("value", "Observation?_summary")),
        ("patient=%00", ("value", "Observation?patient")),
        ("_page=made-up", ("value", "Observation?_page")),
    ],
)
def test_a_question_that_is_not_understood_finds_nothing(cast, hub, question, issue):
    answer = hub.get(f"/fhir/Observation?{question}")
    assert (answer.status_code, issues(answer)) == (400, [issue])


@pytest.mark.parametrize("sort", ["date", "-date"])
def test_pages_show_each_once_and_what_comes_between_moves_none(cast, hub, many, sort):
    address, seen = f"/fhir/Observation?patient={cast.jane.pk}&_count=2&_sort={sort}", []
    while address:
        page = hub.get(address)
        seen += found(page)
        address = next((link["url"] for link in page.json()["link"] if link["relation"] == "next"), None)
        assert address is None or str(cast.jane.pk) not in address
        factories.readings(cast.jane, date(2025, 1, 1) + timedelta(days=len(seen)), 1)
    assert seen[:5] == ([5, 4, 3, 2, 1] if sort == "-date" else [1, 2, 3, 4, 5])


def test_a_page_of_another_kind_is_not_one_of_this(cast, hub):
    page = hub.get("/fhir/Patient?_count=1").json()
    address = next(link["url"] for link in page["link"] if link["relation"] == "next")
    assert hub.get(address.replace("/Patient?", "/Observation?")).status_code == 400


@pytest.mark.parametrize("asked", ["_count=0", "_summary=count", "_count=0&_totalMethod=count"])
def test_who_asks_how_many_there_are_is_told_that_alone(cast, hub, many, asked):
    told = hub.get(f"/fhir/Observation?status=final&{asked}").json()
    assert (told["total"], "entry" in told) == (5 - 1, False)


def test_a_page_is_bounded_and_its_questions_do_not_grow(cast, hub, django_assert_max_num_queries):
    factories.readings(cast.jane, date(2025, 1, 1), 205)
    hub.get("/fhir/Observation?_count=1")
    with django_assert_max_num_queries(16):
        assert len(hub.get("/fhir/Observation?_count=200").json()["entry"]) == 200
    assert len(hub.get("/fhir/Observation?_count=1000").json()["entry"]) == 200


def test_whose_readings_were_shown_is_written_down_once_each(cast, hub, many):
    before = AccessEvent.objects.count()
    hub.get("/fhir/Observation")
    shown = AccessEvent.objects.order_by("pk")[before:]
    assert {(row.patient_id, row.action) for row in shown} == {(cast.jane.pk, "list"), (cast.max.pk, "list")}
    assert len(shown) == 2


def test_another_practices_readings_are_not_there(cast, hub):
    (far,) = factories.readings(cast.nora, date(2026, 1, 5), 1)
    assert hub.get("/fhir/Observation").json().get("entry") is None
    for path in (of(far), f"{of(far)}/_history", f"{of(far)}/_history/1"):
        assert hub.get(path).status_code == 404
    assert hub.send("PUT", of(far), pressure(id=str(far.pk))).status_code == 404
    far_device = f"/fhir/Device/{far.device_id}"
    assert hub.get(far_device).status_code == 404
    assert hub.get(f"/fhir/Device?patient={cast.nora.pk}").json()["total"] == 0


# Devices --------------------------------------------------------------------------------------------------------


def test_devices_are_found_with_who_has_them(cast, hub):
    cuff = factories.cuff_of(cast.jane)
    one = hub.get(f"/fhir/Device/{cuff.pk}")
    assert (one.status_code, one["ETag"], one.json()["serialNumber"]) == (200, 'W/"1"', CUFF)
    assert one.json()["patient"] == {"reference": f"Patient/{cast.jane.pk}"}
    for question, serials in (
        (f"identifier={CUFF}", [CUFF]),
        (f"identifier=http://x.example|{CUFF}", []),
        (f"patient=Patient/{cast.jane.pk}&type=528391", [CUFF]),
        (f"patient={cast.jane.pk}&type=urn:iso:std:iso:11073:10101|528399", []),
    ):
        found_here = hub.get(f"/fhir/Device?{question}").json().get("entry", [])
        assert [e["resource"]["serialNumber"] for e in found_here] == serials, question
    ours = Device.objects.for_practice(cast.practice)
    assert hub.get("/fhir/Device?_count=0").json()["total"] == ours.count()
    assert hub.get("/fhir/Device?shoe=1").status_code == 400


def test_who_has_a_device_is_told_again_though_the_device_is_the_same(cast, hub):
    cuff = factories.cuff_of(cast.jane)
    own, today = f"/fhir/Device/{cuff.pk}", cast.practice.today()
    known = {"If-None-Match": hub.get(own)["ETag"]}
    take_back(cuff.assignments.get(), ends_on=today, reason="Returned.", by=cast.rosa, at=timezone.now())
    answer = hub.get(own, **known)
    assert (answer.status_code, "patient" in answer.json()) == (200, False)


def test_devices_come_by_pages(cast, hub):
    address, seen = "/fhir/Device?_count=1", []
    while address:
        page = hub.get(address).json()
        seen += [e["resource"]["id"] for e in page["entry"]]
        address = next((link["url"] for link in page["link"] if link["relation"] == "next"), None)
    ours = Device.objects.for_practice(cast.practice)
    assert sorted(seen) == sorted(str(pk) for pk in ours.values_list("pk", flat=True))


# Who may --------------------------------------------------------------------------------------------------------


def test_who_may_only_send_is_shown_nothing(cast):
    sends = Sender(cast.ade, Scope.READINGS_WRITE, name="sends")
    answer = sends.post(pressure())
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer["Location"]
    assert sends.get("/fhir/Observation").status_code == 403


def test_what_this_is_says_the_truth_about_itself(cast, hub):
    statement = hub.get("/fhir/metadata").json()["rest"][0]
    kinds = {one["type"]: one for one in statement["resource"]}
    assert set(kinds) == {"Patient", "Coverage", "Observation", "Device"}
    assert {one["code"] for one in statement["interaction"]} == {"batch", "transaction"}
    for kind in ("Observation", "Device"):
        for param in kinds[kind]["searchParam"]:
            value = {"date": "2026-01-01", "_lastUpdated": "2026-01-01"}.get(param["name"], "x")
            assert hub.get(f"/fhir/{kind}?{param['name']}={value}").status_code == 200, param
    for path in ("/fhir/.well-known/smart-configuration", "/.well-known/smart-configuration"):
        told = hub.client.get(path)
        assert (told.status_code, told.json()["capabilities"]) == (200, [])
        assert told.json()["scopes_supported"] == [str(scope) for scope in Scope]
