"""The one way in: what becomes of each value, twice without effect, with corrections, and nobody's parked."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Practice
from billing.practice_settings.zone import call_practice
from dispatch import outbox
from dispatch.models import OutboxMessage
from foundation.context import acting, because
from foundation.refusals import Refused
from monitoring.models import ParkedReading, ParkedState, Parking, Reading
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.sorting import Outcome
from monitoring.readings.taking import NotTaken, ids_told, look, take
from patients.models import Device, DeviceKind
from tests import factories
from tests.integration.patients.merged import merged, second_jane

NOW = datetime(2026, 2, 1, 12, tzinfo=UTC)
AT = datetime(2026, 1, 5, 13, 12, tzinfo=UTC)
PRESSURE = Incoming("blood_pressure", Decimal(158), AT, Decimal(96), serial="CUFF-T-0001", identifier="a-1")
PULSE = Incoming("heart_rate", Decimal(71), AT, serial="CUFF-T-0001")
TYPED = Incoming("glucose", Decimal("115.3"), AT, source="typed", original="6.4 mmol/L", mrn="T-0001")


def taken(cast, *values, sender="hub one", **more):
    told = {"practice": cast.practice, "entrance": "fhir", "sender": sender, "at": NOW, **more}
    with acting("system: test"):
        return take(values, **told)


def outcomes(found):
    return [str(one.outcome) for one in found]


def test_every_value_becomes_a_reading_with_where_it_came_from(cast):
    found = taken(cast, PRESSURE, PULSE, TYPED)
    assert outcomes(found) == ["added"] * 3
    rows = [Reading.objects.get(pk=one.reading_id) for one in found]
    assert [(row.patient, row.day, row.entrance, row.sender) for row in rows] == [
        (cast.jane, date(2026, 1, 5), "fhir", "hub one")
    ] * 3
    assert [row.identifier for row in rows] == ["a-1", "", ""]
    assert rows[2].original == "6.4 mmol/L"
    assert rows[0].history.get().history_change_reason == "Readings received from hub one"


def test_a_look_says_the_same_and_writes_nothing(cast):
    strange = replace(PULSE, serial="NONE")
    found = look([PRESSURE, PRESSURE, strange], practice=cast.practice, at=NOW, sender="hub one")
    assert outcomes(found) == ["added", "repeated", "parked"]
    assert not Reading.objects.exists()
    assert not ParkedReading.objects.exists()


def test_a_second_time_adds_nothing_and_names_the_first(cast):
    first = taken(cast, PRESSURE, PULSE, TYPED)
    again = taken(cast, PRESSURE, PULSE, TYPED)
    assert outcomes(again) == ["repeated"] * 3
    assert [one.reading_id for one in again] == [one.reading_id for one in first]
    assert Reading.history.count() == 3


def test_doubles_in_one_call_are_one_reading(cast):
    found = taken(cast, PRESSURE, PRESSURE, replace(PRESSURE, identifier="a-2"), PULSE, PULSE)
    assert outcomes(found) == ["added", "repeated", "repeated", "added", "repeated"]
    assert len({one.reading_id for one in found}) == 2


def test_the_same_identifier_of_another_sender_is_another_value(cast):
    taken(cast, PRESSURE)
    other = replace(PRESSURE, taken_at=AT + timedelta(minutes=1))
    assert outcomes(taken(cast, other, sender="hub two")) == ["added"]
    (found,) = taken(cast, other)
    assert (found.outcome, found.field) == (Outcome.REFUSED, "identifier")


def test_a_value_that_contradicts_is_refused_and_a_correction_is_a_new_version(cast):
    (first,) = taken(cast, PRESSURE)
    changed = replace(PRESSURE, value=Decimal(148), original="19.7/12.8 kPa")
    (refused,) = taken(cast, changed)
    assert (refused.outcome, refused.field, refused.reading_id) == (
        Outcome.REFUSED,
        "value",
        first.reading_id,
    )
    corrected = replace(changed, status=Status.CORRECTED)
    assert outcomes(taken(cast, corrected)) == ["corrected"]
    assert outcomes(taken(cast, corrected)) == ["repeated"]
    row = Reading.objects.get()
    assert (row.value, row.original, row.version) == (Decimal(148), "19.7/12.8 kPa", 2)
    assert [old.value for old in row.history.order_by("history_id")] == [Decimal(158), Decimal(148)]
    assert row.history.first().history_change_reason == "Corrected by its sender, hub one"


def test_a_correction_without_an_identifier_is_of_the_same_device_and_moment(cast):
    taken(cast, PULSE)
    assert outcomes(taken(cast, replace(PULSE, value=Decimal(81), status=Status.CORRECTED))) == ["corrected"]
    assert Reading.objects.get().value == 81


def test_a_correction_of_what_never_came_is_added(cast):
    assert outcomes(taken(cast, replace(PULSE, status=Status.CORRECTED))) == ["added"]


def test_a_value_and_its_correction_in_one_call_are_two_versions(cast):
    corrected = replace(PRESSURE, value=Decimal(148), status=Status.CORRECTED)
    withdrawn = replace(PRESSURE, status=Status.ERROR)
    assert outcomes(taken(cast, PRESSURE, corrected, withdrawn)) == ["added", "corrected", "corrected"]
    row = Reading.objects.get()
    assert (row.value, row.version) == (Decimal(148), 3)
    assert row.excluded_reason == "Withdrawn by its sender, hub one"


def test_a_withdrawn_value_is_excluded_once_and_keeps_its_value(cast):
    taken(cast, PRESSURE)
    withdrawn = replace(PRESSURE, value=Decimal(1), status=Status.ERROR)
    assert outcomes(taken(cast, withdrawn, withdrawn)) == ["corrected", "repeated"]
    row = Reading.objects.get()
    assert (row.value, row.version) == (Decimal(158), 2)
    assert outcomes(taken(cast, PRESSURE)) == ["repeated"]
    assert Reading.objects.get().excluded_reason


def test_there_is_nothing_to_withdraw_of_what_never_came(cast):
    for value in (PRESSURE, PULSE, replace(PRESSURE, serial="NONE")):
        (found,) = taken(cast, replace(value, status=Status.ERROR))
        assert (found.outcome, found.field) == (Outcome.REFUSED, "identifier")
    assert not ParkedReading.objects.exists()


@pytest.mark.parametrize(
    ("value", "field", "words"),
    [
        (replace(PULSE, value=Decimal("19.99")), "value", "Is not possible"),
        (replace(PULSE, value=Decimal("NaN")), "value", "Is no number"),
        (replace(PULSE, value=Decimal("1e99")), "value", "Is no number"),
        (replace(PRESSURE, second_value=None), "second_value", "Give the diastolic value"),
        (replace(PULSE, taken_at=NOW + timedelta(minutes=5, seconds=1)), "taken_at", "Lies in the future"),
        (replace(PULSE, taken_at=datetime(2026, 1, 5, 13)), "taken_at", "Has no offset"),
        (replace(PULSE, taken_at=datetime(1, 1, 1, tzinfo=UTC)), "taken_at", "Is in the year 1"),
        (replace(PULSE, measure="weight"), "measure", "a blood pressure cuff does not measure"),
        (replace(PULSE, measure="mood"), "measure", "Is none of"),
        (replace(PULSE, source="guess"), "source", "Is none of"),
        (replace(PULSE, serial="", mrn="T-0001"), "serial", "An automatic reading names its device"),
        (replace(TYPED, mrn=""), "serial", "Is empty, and so is mrn"),
        (replace(PULSE, mrn="T-0002"), "mrn", "Is not that of the patient who had the device"),
        (replace(PULSE, serial="C\x00"), "serial", "invisible sign"),
        (replace(PULSE, serial="C" * 41), "serial", "longer than 40"),
        (replace(PULSE, identifier="i" * 256), "identifier", "longer than 255"),
    ],
)
def test_what_can_be_nobodys_reading_is_refused_with_its_field(cast, value, field, words):
    (found,) = taken(cast, value)
    assert (found.outcome, found.field) == (Outcome.REFUSED, field)
    assert words in found.problem
    assert not Reading.objects.exists()
    assert not ParkedReading.objects.exists()


def test_five_minutes_ahead_is_a_clock_that_runs_fast(cast):
    assert outcomes(taken(cast, replace(PULSE, taken_at=NOW + timedelta(minutes=5)))) == ["added"]


def test_an_identifier_needs_a_sender(cast):
    (found,) = taken(cast, PRESSURE, sender="")
    assert (found.outcome, found.field) == (Outcome.REFUSED, "identifier")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (replace(PULSE, serial="NONE"), Parking.NO_DEVICE),
        (replace(PULSE, taken_at=datetime(2025, 10, 5, 13, tzinfo=UTC)), Parking.NO_HOLDER),
        (replace(TYPED, mrn="T-9999"), Parking.NO_PATIENT),
        (replace(TYPED, taken_at=datetime(2025, 10, 5, 13, tzinfo=UTC)), Parking.NOT_ENROLLED),
    ],
)
def test_what_is_nobodys_is_parked_once_however_often_it_comes(cast, value, reason):
    assert outcomes(taken(cast, value, value)) == ["parked", "parked"]
    assert outcomes(taken(cast, value, at=NOW + timedelta(hours=1))) == ["parked"]
    row = ParkedReading.objects.get()
    assert (row.reason, row.first_at, row.last_at) == (reason, NOW, NOW + timedelta(hours=1))
    assert (row.serial, row.sender, row.state) == (value.serial, "hub one", ParkedState.WAITING)
    assert not Reading.objects.exists()


def test_a_device_of_another_practice_is_unknown_here(cast):
    far = {"practice": cast.elsewhere, "serial": "FAR-1", "kind": DeviceKind.SCALE}
    factories.saved(Device(**far))
    weight = Incoming("weight", Decimal(86), AT, serial="FAR-1")
    assert outcomes(taken(cast, weight)) == ["parked"]
    assert ParkedReading.objects.get().reason == Parking.NO_DEVICE


def test_a_parked_value_that_comes_again_when_the_device_is_known_waits_no_more(cast):
    weight = Incoming("weight", Decimal(86), AT, serial="SCALE-9")
    taken(cast, weight)
    give_scale(cast, "SCALE-9")
    (found,) = taken(cast, weight)
    row = ParkedReading.objects.get()
    assert (row.state, row.reading_id, row.incoming) == (ParkedState.TAKEN, found.reading_id, None)


def give_scale(cast, serial: str, starts_on=date(2026, 1, 1)) -> Device:
    own = {"practice": cast.practice, "patient": cast.jane, "enrollment": cast.jane_enrolled}
    scale = factories.saved(Device(practice=cast.practice, serial=serial, kind=DeviceKind.SCALE))
    factories.saved(factories.DeviceAssignment(device=scale, starts_on=starts_on, **own))
    return scale


def test_a_parked_value_is_replaced_by_its_correction_and_withdrawn_by_its_sender(cast):
    parked = replace(PRESSURE, serial="NONE")
    taken(cast, parked)
    taken(cast, replace(parked, value=Decimal(148), status=Status.CORRECTED))
    assert ParkedReading.objects.get().incoming["value"] == "148"
    assert outcomes(taken(cast, replace(parked, status=Status.ERROR))) == ["corrected"]
    row = ParkedReading.objects.get()
    assert (row.state, row.settled_reason) == (ParkedState.DISCARDED, "Withdrawn by its sender")


def test_a_value_that_is_withdrawn_in_the_call_in_which_it_is_parked_does_not_wait(cast):
    parked = replace(PRESSURE, serial="NONE")
    assert outcomes(taken(cast, parked, replace(parked, status=Status.ERROR))) == ["parked", "corrected"]
    assert ParkedReading.objects.get().state == ParkedState.DISCARDED


def test_all_or_none_leaves_nothing_behind(cast):
    wrong = [replace(PULSE, serial="NONE"), replace(TYPED, value=Decimal(1))]
    with pytest.raises(NotTaken) as none:
        taken(cast, PRESSURE, *wrong, all_or_none=True)
    assert outcomes(none.value.taken) == ["added", "parked", "refused"]
    assert none.value.message == "2 of 3 values cannot be taken in. Nothing was taken in"
    assert "NONE" not in str(none.value), "It may end in a log."
    assert not Reading.objects.exists()
    assert not ParkedReading.objects.exists()


@pytest.fixture
def told(monkeypatch):
    monkeypatch.setitem(outbox._HANDLERS, "readings.taken", lambda practice, readings: None)
    return lambda: [ids_told(message.body["readings"]) for message in OutboxMessage.objects.order_by("id")]


def test_who_listens_hears_of_what_is_new_or_changed_by_its_id(cast, told):
    first = taken(cast, PRESSURE, PULSE, replace(PULSE, serial="NONE"))
    taken(cast, PRESSURE, PULSE)
    taken(cast, replace(PULSE, value=Decimal(80), status=Status.CORRECTED))
    ids = [one.reading_id for one in first[:2]]
    assert told() == [ids, [ids[1]]]


def test_many_ids_are_several_messages(cast, told, monkeypatch):
    monkeypatch.setattr("monitoring.readings.taking.IDS", 2)
    taken(cast, *(replace(PULSE, taken_at=AT + timedelta(minutes=i)) for i in range(5)))
    assert [len(ids) for ids in told()] == [2, 2, 1]


def test_nobody_is_told_where_nobody_listens(cast, monkeypatch):
    monkeypatch.delitem(outbox._HANDLERS, "readings.taken", raising=False)
    taken(cast, PRESSURE)
    assert not OutboxMessage.objects.exists()


def test_the_queries_do_not_grow_with_the_values(cast):
    def many(count, serial):
        return [replace(PULSE, serial=serial, taken_at=AT + timedelta(minutes=i)) for i in range(count)]

    asked = []
    for count in (2, 100):
        with CaptureQueriesContext(connection) as queries:
            taken(cast, *many(count, "CUFF-T-0001"), *many(count, "NONE"), TYPED)
        asked.append(len(queries))
    assert max(asked) <= 30
    assert asked[1] <= asked[0]


# Around the form --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"device_id": None}, "automatic_has_device"),
        ({"identifier": "x", "sender": ""}, "identifier_has_a_sender"),
        ({"identifier": "a-1", "sender": "hub one"}, "one_reading_per_identifier"),
        ({"entrance": "window"}, "reading_came_by_a_known_way"),
        ({"source": "guess"}, "reading_came_by_a_known_way"),
        ({"measure": "weight"}, "second_value_is_diastolic"),
        ({"second_value": 158}, "second_value_is_diastolic"),
        ({"second_value": None}, "pressure_has_two_values"),
    ],
)
def test_the_database_refuses_a_bad_reading(cast, columns, constraint):
    later = replace(PRESSURE, identifier="", taken_at=AT + timedelta(hours=1))
    _, other = taken(cast, PRESSURE, later)
    sets = ", ".join(f"{name} = %s" for name in columns)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE monitoring_reading SET {sets} WHERE id = %s", [*columns.values(), other.reading_id]
        )


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"incoming": None}, "parked_value_is_kept_while_it_waits"),
        ({"state": "expired", "settled_at": NOW}, "parked_value_is_kept_while_it_waits"),
        ({"state": "taken", "settled_at": NOW, "incoming": None, "problem": ""}, "parked_and_taken"),
        ({"state": "discarded", "settled_at": NOW, "incoming": None, "problem": ""}, "has_a_reason"),
        ({"state": "gone", "settled_at": NOW, "incoming": None, "problem": ""}, "kept_while_it_waits"),
        ({"reason": "whim"}, "parked_value_has_a_reason"),
    ],
)
def test_the_database_refuses_a_bad_parked_row(cast, columns, constraint):
    taken(cast, replace(PULSE, serial="NONE"))
    sets = ", ".join(f"{name} = %s" for name in columns)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE monitoring_parkedreading SET {sets}", list(columns.values()))


def test_the_day_is_told_by_the_zone_that_holds_now_not_by_that_of_a_while_ago(cast):
    """Whoever corrected the zone while a file was being read is waited for, and her zone is the one."""
    before = Practice.objects.get(pk=cast.practice.pk)
    corrected = call_practice(
        cast.practice, name="Maple", time_zone="Pacific/Honolulu", why="By its clock.", version=None, at=NOW
    )
    late = replace(PRESSURE, taken_at=datetime(2026, 1, 5, 7, tzinfo=UTC))
    (found,) = taken(cast, late, practice=before)
    assert Reading.objects.get(pk=found.reading_id).day == date(2026, 1, 4)
    with pytest.raises(Refused, match="readings have been recorded"):
        call_practice(corrected, name="Maple", time_zone="America/Chicago", why="w", version=None, at=NOW)


def test_what_was_typed_before_a_merge_is_not_taken_in_again_for_the_record_that_remains(cast):
    twin = second_jane(cast)
    before = factories.saved(
        Reading(
            practice=cast.practice,
            patient=twin,
            measure=TYPED.measure,
            value=TYPED.value,
            source="typed",
            taken_at=AT,
            received_at=NOW,
            day=date(2026, 1, 5),
        )
    )
    merged(twin, cast.jane, by=cast.ade)
    for mrn in ("T-0009", "T-0001"):
        (same,) = taken(cast, replace(TYPED, mrn=mrn))
        assert (same.outcome, same.reading_id) == (Outcome.REPEATED, before.pk)
        (other,) = taken(cast, replace(TYPED, mrn=mrn, value=Decimal(120)))
        assert (other.outcome, other.field) == (Outcome.REFUSED, "value")
    assert Reading.objects.count() == 1


# Written together, as if one by one ----------------------------------------------------------------------------


def columns(row, *without: str) -> dict:
    return {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if f.attname not in without}


def test_rows_written_together_are_as_save_writes_them_field_by_field(cast):
    """The reading, and the first line of its history: every column but those that are each row's own."""
    taken(cast, PRESSURE, PULSE, TYPED)
    own = "id", "taken_at", "identifier"
    for row in list(Reading.objects.all()):
        later = row.taken_at + timedelta(minutes=1)
        saved = Reading(**columns(row, *own), taken_at=later, identifier=row.identifier and "b-1")
        with acting("system: test"), because("Readings received from hub one"):
            saved.save()
        saved.refresh_from_db()
        assert columns(saved, *own) == columns(row, *own)
        told = "history_id", "history_date", "recorded_at", "transaction_id", "request_id", "hash"
        one, other = (each.history.get() for each in (row, saved))
        assert columns(one, *own, *told) == columns(other, *own, *told)
        assert columns(one)["history_date"] < columns(other)["history_date"]


def test_a_hundred_values_are_asked_and_written_with_as_many_queries_as_ten(cast):
    def queries(values) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            assert set(outcomes(taken(cast, *values))) == {"added"}
        return [query["sql"][:60] for query in asked.captured_queries]

    moments = [AT + timedelta(minutes=place) for place in range(220)]
    values = [replace(PULSE, taken_at=at, identifier=f"q-{place}") for place, at in enumerate(moments)]
    typed = [replace(TYPED, taken_at=at) for at in moments]
    ten, hundred = queries([*values[:5], *typed[:5]]), queries([*values[10:60], *typed[10:60]])
    assert len(hundred) == len(ten), (ten, hundred)
    assert len(ten) <= 22
