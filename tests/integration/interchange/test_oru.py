"""ORU messages: what they bring, what waits, what is refused as a whole, and the acknowledgment of each."""

import logging
import re

import pytest
from django.utils import timezone
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.permissions import Role
from authentication.models import ApiTokenRefusal, Scope
from foundation.context import ActorKind, acting
from foundation.refusals import Refused
from interchange.hl7.answer import reply
from interchange.hl7.er7 import parse
from interchange.models import Received
from monitoring.models import Reading
from tests import factories
from tests.integration.interchange.adt import adt, fields_of
from tests.integration.interchange.oru import PRESSURE, obr, obx, oru, pid
from tests.integration.interchange.test_https import ER7, post
from tests.tokens import Program, token

SENDER = "Home hubs"
HEART = ("8867-4^Heart rate^LN", "72", "/min^per minute^UCUM")


def told(cast, content: bytes, **more) -> bytes:
    with acting(f"token: {SENDER}", kind=ActorKind.TOKEN):
        return reply(content, cast.practice, sender=SENDER, at=timezone.now(), **more).content


def msa(cast, content: bytes) -> list[str]:
    return fields_of(told(cast, content))["MSA"]


def errors(ack: bytes) -> list[list[str]]:
    return [line.split("|") for line in ack.decode().split("\r") if line.startswith("ERR")]


def test_readings_are_taken_in(cast):
    assert msa(cast, oru(obr(), *PRESSURE, obx(*HEART))) == ["AA", "H-1", "Taken in: 2"]
    pressure = Reading.objects.get(measure="blood_pressure")
    assert (pressure.patient, pressure.value, pressure.second_value, pressure.day.isoformat()) == (
        cast.jane, 128, 82, "2026-03-05",
    )  # fmt: skip
    assert pressure.history.get().actor_label == f"token: {SENDER}"


def test_the_same_message_is_answered_as_before(cast):
    first = msa(cast, oru())
    assert msa(cast, oru()) == first == ["AA", "H-1", "Taken in: 1"]
    assert (Reading.objects.count(), Received.objects.count()) == (1, 1)
    assert msa(cast, oru(key="H-2")) == ["AA", "H-2", "Already here: 1"], "The same value in another message."


def test_a_correction_and_what_came_before_it_sent_again(cast):
    was, now = (
        oru(obr("R-1"), obx(*HEART)),
        oru(obr("R-1"), obx(HEART[0], "73", "/min", status="C"), key="H-2"),
    )
    assert msa(cast, was)[2] == "Taken in: 1"
    assert msa(cast, now)[2] == "Corrected: 1"
    assert msa(cast, was)[2] == "Taken in: 1", "Answered as before, and not done again."
    assert Reading.objects.get().value == 73
    assert msa(cast, oru(obr("R-1"), obx(HEART[0], "", "", status="D"), key="H-3"))[2] == "Corrected: 1"
    assert Reading.objects.get().excluded_reason


def test_several_patients_in_one_message(cast):
    content = oru(
        pid("T-0001"), obr(), *PRESSURE,
        pid("T-0002"), obr(), *(each.replace("T-0001", "T-0002").replace("128", "141") for each in PRESSURE), first="",
    )  # fmt: skip
    assert msa(cast, content)[2] == "Taken in: 2"
    found = Reading.objects.order_by("value").values_list("patient", "value")
    assert list(found) == [(cast.jane.pk, 128), (cast.max.pk, 141)]


def test_what_nobody_has_waits_and_is_no_error_of_the_senders(cast):
    ack = told(cast, oru(obr(), obx(*HEART), obx(*HEART, device="XX-9")))
    assert fields_of(ack)["MSA"] == ["AA", "H-1", "Taken in: 1. Waiting for a person: 1"]
    (error,) = errors(ack)
    assert (error[2], error[3].split("^")[0], error[4]) == ("OBX^2^18", "204", "W")
    assert "XX-9" not in ack.decode()


def test_what_is_no_measure_of_ours_is_passed_over_with_a_word(cast):
    ack = told(cast, oru(obr(), obx(*HEART), obx("67996^MDC_ATTR_VMU^MDC", "80", "%")))
    assert fields_of(ack)["MSA"][:3] == ["AA", "H-1", "Taken in: 1. Passed over: 1"]
    assert [error[4] for error in errors(ack)] == ["W"]
    assert msa(cast, oru(obr(), obx("67996^MDC_ATTR_VMU^MDC", "80", "%")))[0] == "AE"


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        (obx(*HEART[:2], "kg"), "OBX^2^6"),
        (obx(HEART[0], "5", "/min", at="202603060730-0500"), "OBX^2^5"),
        (obx(*HEART, at="209903060730-0500"), "OBX^2^14"),
        (obx("2339-0^Glucose^LN", "112", "mg/dL"), "OBX^2^3"),
        (obx(*HEART, device=""), "OBX^2^18"),
        (obx(*HEART, status="D", own="O-9", at="202603060730-0500"), "OBX^2^21"),
    ],
)
def test_one_value_that_cannot_be_done_refuses_the_message(cast, wrong, where):
    ack = told(cast, oru(obr(), obx(*HEART), wrong))
    assert fields_of(ack)["MSA"][0] == "AE"
    assert "Nothing was taken in" in fields_of(ack)["MSA"][2]
    assert [(error[2], error[4]) for error in errors(ack)] == [(where, "E")]
    assert not Reading.objects.exists()
    assert not Received.objects.exists()


def test_another_patient_than_who_had_the_device_is_refused(cast):
    ack = told(cast, oru(pid("T-0002"), obr(), obx(*HEART), first=""))
    assert (fields_of(ack)["MSA"][0], errors(ack)[0][2]) == ("AE", "PID^1^3")


def test_twenty_places_are_named_at_most_and_in_old_versions_one(cast):
    wrong = [obx(*HEART[:2], "kg")] * 25
    assert len(errors(told(cast, oru(obr(), *wrong)))) == 20
    old = errors(told(cast, oru(obr(), *wrong, version="2.3")))
    assert [error[1].split("^")[:3] for error in old] == [["OBX", "1", "6"]]
    assert not errors(told(cast, oru(obr(), obx(*HEART, device="XX-9"), version="2.4"))), (
        "No warnings are known there."
    )


def test_what_somebody_changes_meanwhile_asks_to_try_again_and_names_nobody(cast, monkeypatch):
    """The way in refuses with the sentence of a page: of a record that was merged since it was looked at."""

    def refuses(*args, **kwargs):
        raise Refused("This record was merged into that of Jane Doe, MRN T-0001")

    monkeypatch.setattr("interchange.hl7.readings.take", refuses)
    for post_it in (lambda: told(cast, oru()), lambda: post(Program(token(cast.ade)[1]), oru()).content):
        ack = post_it()
        assert fields_of(ack)["MSA"] == ["AE", "H-1", "Not done: try again later"]
        assert b"Doe" not in ack
        assert b"207^" in ack
    assert not Received.objects.exists()


def test_other_events_of_its_kind_are_not_taken(cast):
    assert msa(cast, oru(event="R30"))[::2] == ["AR", "Of ORU messages R01 is taken, others are not"]


# Who may ------------------------------------------------------------------------------------------------------


def test_the_kind_of_a_message_needs_its_scope(cast):
    patients = Program(token(cast.ade, Scope.PATIENTS_WRITE, name="Patients")[1])
    readings = Program(token(cast.ade, Scope.READINGS_WRITE, name="Readings")[1])
    reads = Program(token(cast.ade, Scope.PATIENTS_READ, name="Reads")[1])
    both = [
        [post(program, content).status_code for content in (adt(), oru())]
        for program in (patients, readings, reads)
    ]
    assert both == [[200, 403], [403, 200], [403, 403]]
    refused = post(readings, adt(key="2"))
    assert fields_of(refused.content)["MSA"] == [
        "AR", "2", "The token may not send such messages. It needs the scope patients.write",
    ]  # fmt: skip
    assert set(ApiTokenRefusal.objects.values_list("why", flat=True)) == {"scope"}


def test_a_message_reaches_the_practice_of_the_token_alone(cast):
    far = factories.membership(
        cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-admin@example.test"
    )
    program = Program(token(far, Scope.READINGS_WRITE)[1])
    answer = post(program, oru(pid("T-0002"), obr(), obx(*HEART, device="CUFF-T-0002"), first=""), ER7)
    assert fields_of(answer.content)["MSA"][2] == "Waiting for a person: 1"
    assert not Reading.objects.exists()


def test_the_log_holds_nothing_of_a_person(cast, caplog):
    caplog.set_level(logging.DEBUG)
    program = Program(token(cast.ade, Scope.READINGS_WRITE)[1])
    said = [
        post(program, content).content.decode()
        for content in (
            oru(),
            oru(obr(), obx(*HEART, device="SECRET-7"), key="2"),
            oru(pid("MRN-404"), obr(), obx(*HEART, device="", how="MMEAS"), first="", key="3"),
            oru(obr(), obx(HEART[0], "Doe", "Jane"), key="4"),
            oru(obr(), obx("Doe^Jane^L", "5", "Jane"), key="5"),
        )
    ]
    logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not re.search(r"Doe|Jane|T-000|SECRET|MRN-404", " ".join([*said, *logged]))


# Whatever comes -----------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["PID", "OBR", "OBX", "PRT", "NTE"]), max_size=5), st.data())
def test_arbitrary_segments_are_answered(cast, names, data):
    texts = st.text(st.sampled_from('8867-4^LN|FNM72/min2026030507Ñ~\\&\x00"'), max_size=30)
    content = oru(*[f"{name}|{data.draw(texts)}" for name in names])
    assert fields_of(told(cast, content))["MSA"][0] in {"AE", "AA"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(range(1, 22)),
    st.text(max_size=20).filter(lambda text: "\r" not in text and "\n" not in text),
)
def test_a_field_that_holds_anything_is_answered(cast, place, text):
    fields = obx(*HEART, own="O-1").split("|")
    fields[place] = text
    ack = told(cast, oru(obr("R-1"), "|".join(fields)))
    assert fields_of(ack)["MSA"][0] in {"AE", "AA"}


# The second reader ---------------------------------------------------------------------------------------------

SAMPLES = {
    "pressure": oru(),
    "with an id": oru(obr("R-1"), obx(*HEART, own="O-1")),
    "mdc": oru(obr(), obx("149546^MDC_PULS_RATE_NON_INV^MDC", "72", "264864^MDC_DIM_BEAT_PER_MIN^MDC")),
    "two patients": oru(pid("T-0001"), obr(), obx(*HEART), pid("T-0002"), obr(), obx(*HEART), first=""),
    "older": oru(version="2.5.1"),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_another_reader_finds_the_same_values(name):
    theirs = parse_message(
        SAMPLES[name].decode(), validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=False
    )
    ours = parse(SAMPLES[name])
    found = [segment for segment in theirs.children if segment.name == "OBX"]
    assert len(found) == len(ours.all("OBX")) > 0
    for their, our in zip(found, ours.all("OBX"), strict=True):
        for place in (2, 3, 5, 6, 11, 14, 18):
            field = getattr(their, f"obx_{place}")
            assert field.to_er7() == our.raw(place), place
    assert theirs.msh.msh_10.to_er7() == ours.msh.get(10)


@pytest.mark.parametrize("version", ["2.5", "2.5.1", "2.6"])
def test_acknowledgments_stand_up_to_strict_reading(cast, version):
    for content in (
        oru(version=version),
        oru(obr(), obx(*HEART, device="XX-9"), version=version),
        oru(obr(), obx(*HEART[:2], "kg"), obx(*HEART[:2], "cm"), version=version),
    ):
        ack = parse_message(told(cast, content).decode(), validation_level=VALIDATION_LEVEL.STRICT)
        assert ack.validate()
        assert ack.msa.msa_2.to_er7() == "H-1"
