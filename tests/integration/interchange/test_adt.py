"""ADT messages: whom they bring, what waits, and the acknowledgment of each."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.context import acting
from intake.models import Arrival, Candidate, PatientImport
from interchange.hl7.answer import BUSY, answered, reply
from patients.models import Coverage, Patient
from tests.integration.interchange.adt import (
    IN1,
    MEDICARE,
    PID,
    SAMPLES,
    SENDER,
    adt,
    fields_of,
    in1,
    msh,
    pid,
    sent,
)


def replied(cast, content: bytes) -> bytes:
    with acting(f"token: {SENDER}"):
        return reply(content, cast.practice, sender=SENDER, at=timezone.now()).content


@pytest.mark.parametrize("event", ["A04", "A08", "A28", "A31"])
def test_who_is_new_is_taken_in(cast, event):
    assert sent(cast, adt(PID, IN1, event=event)) == ("AA", "Taken in")
    ida = Patient.objects.get(mrn="N-1")
    assert (ida.family_name, ida.given_name, ida.born_on) == ("Bell", "Ida", date(1951, 3, 14))
    assert (ida.sex, ida.phone) == ("F", "(555)555-0111")
    covered = Coverage.objects.get(patient=ida)
    assert (covered.payer, covered.member_id, covered.starts_on) == (
        "medicare",
        "1EG4TE5MK73",
        date(2025, 2, 1),
    )
    assert covered.plan_name == "", "Medicare Part B is the payer, no plan."


@pytest.mark.parametrize(("length", "code"), [(199, "AA"), (200, "AR")])
def test_an_id_is_repeated_whole_or_refused(cast, length, code):
    key = "k" * length
    assert fields_of(replied(cast, adt(key=key)))["MSA"][:2] == [code, key if code == "AA" else ""]


def test_an_id_that_an_answer_cannot_repeat_is_refused(cast):
    assert fields_of(replied(cast, adt(key="Ñ-1")))["MSA"][:2] == ["AR", ""]
    assert not Patient.objects.filter(mrn="N-1").exists()


def test_the_acknowledgment_names_message_and_system(cast):
    fields = fields_of(replied(cast, adt(key="M-77")))
    assert fields["MSH"][2:6] == ["RPM PORTAL", "MAPLE", "EHR", "RIVERBEND"]
    assert fields["MSH"][8] == "ACK^A04^ACK"
    assert fields["MSH"][10:12] == ["P", "2.5.1"]
    assert fields["MSA"] == ["AA", "M-77", "Taken in"]
    assert fields_of(replied(cast, adt(key="M-77")))["MSH"][9] != fields["MSH"][9]


def test_a_message_sent_again_is_answered_as_before_and_done_once(cast):
    for _ in range(2):
        assert sent(cast, adt()) == ("AA", "Taken in")
    assert sent(cast, adt(key="M-2")) == ("AA", "Already here, nothing to do")
    assert (Patient.objects.filter(mrn="N-1").count(), Arrival.objects.count()) == (1, 2)


def test_what_differs_waits(cast):
    content = adt(pid("T-0001", "Doe", "Jane", "19480512", phone="555-0100"), event="A08")
    assert sent(cast, content) == ("AA", "Waits for a decision. Differs from what is here: Phone")
    assert sent(cast, adt(pid("N-9", "Doe", "Jane", "19480512"), key="2"))[0] == "AA"
    assert Candidate.objects.count() == 2
    cast.jane.refresh_from_db()
    assert cast.jane.phone == ""


def test_null_asks_to_delete_and_empty_says_nothing(cast):
    cast.jane.phone = "555-0100"
    cast.jane.save()
    jane = ("T-0001", "Doe", "Jane", "19480512")
    assert sent(cast, adt(pid(*jane, phone=""), key="1")) == ("AA", "Already here, nothing to do")
    assert sent(cast, adt(pid(*jane, phone='""'), key="2"))[1] == (
        "Waits for a decision. Differs from what is here: Phone"
    )
    assert Candidate.objects.get().differs == {"phone": ["555-0100", ""]}
    assert (
        sent(cast, adt(pid(*jane, sex='""'), key="3"))[1] == "Waits for a decision. Cannot be read: PID-8 sex"
    )


@pytest.mark.parametrize(
    ("name", "mrn", "family", "given"),
    [
        ("repetitions", "N-1", "Bell", "Ida"),
        ("escaped", "N-1", "O&Bell\\", "Ida|Mae^~"),
        ("accents", "N-1", "Peña", "José"),
        ("subcomponents", "N-1", "Bell", "Ida"),
    ],
)
def test_names_are_read_whole(cast, name, mrn, family, given):
    assert sent(cast, SAMPLES[name]) == ("AA", "Taken in")
    found = Patient.objects.get(mrn=mrn)
    assert (found.family_name, found.given_name, found.born_on) == (family, given, date(1951, 3, 14))


def test_latin_1_is_read_where_the_header_says_so(cast):
    content = adt(pid("N-1", "Peña", "José"), charset="8859/1").decode().encode("latin-1")
    assert sent(cast, content) == ("AA", "Taken in")
    assert Patient.objects.get(mrn="N-1").family_name == "Peña"


@pytest.mark.parametrize(
    ("written", "phone"),
    [
        ("555-0111", "555-0111"),
        ("^NET^Internet^i@b.test~555-0111^PRN^PH", "555-0111"),
        ("^PRN^PH^^1^555^5550111", "555-5550111"),
        ("^PRN^PH^^^^^^^^^5550111", "5550111"),
        ("^NET^Internet^i@b.test", ""),
        ("", ""),
    ],
)
def test_the_first_number_that_is_one(cast, written, phone):
    assert sent(cast, adt(pid(phone=written)))[0] == "AA"
    assert Patient.objects.get(mrn="N-1").phone == phone


@pytest.mark.parametrize(
    ("born", "why"),
    [
        ("195103", "Waits for a decision. Cannot be read: PID-7 date of birth"),
        ("19510230", "Waits for a decision. Cannot be read: PID-7 date of birth"),
        ("", "Waits for a decision. Cannot be read: Date of birth"),
        ("195103140915", "Taken in"),
        ("19510314091500.123-0500", "Taken in"),
    ],
)
def test_a_birthday_has_its_day(cast, born, why):
    assert sent(cast, adt(pid(born=born))) == ("AA", why)


@pytest.mark.parametrize(
    ("in1", "why"),
    [
        ("IN1|1|A10^Acme Gold|77|Acme Health", "Waits for a decision. Cannot be read: IN1-2 plan"),
        (
            "IN1|1|M|77|Medicare Part B|||||||||||HMO",
            "Waits for a decision. Cannot be read: IN1-15 plan type",
        ),
        ("IN1|1|M^Medicare Gold Plus|77|Medicare Part B", "Waits for a decision. Cannot be read: IN1-2 plan"),
        ("IN1|1|M||Medicare Part B|||||||||||16", "Waits for a decision. Cannot be read: IN1-15 plan type"),
        ("IN1|1|M^Medicare Part B||CMS|||||||||||16", "Waits for a decision. Cannot be read: IN1-2 plan"),
        ("IN1|1|M^Medicaid||Medicare Part B", "Waits for a decision. Cannot be read: IN1-2 plan"),
        (in1({2: "A10^Acme Gold", 4: "Acme Health", 12: "20250101", 15: "CI", 36: "G-1"}), "Taken in"),
        (in1({2: "A10^Acme Gold", 4: "Commercial plan", 12: "20250101", 36: "x", 49: "G-1"}), "Taken in"),
        ("IN1|1", "Taken in"),
    ],
)
def test_a_payer_is_taken_only_without_doubt(cast, in1, why):
    assert sent(cast, adt(PID, in1)) == ("AA", why)
    if covered := Coverage.objects.filter(patient__mrn="N-1").first():
        assert (covered.payer, covered.plan_name, covered.member_id) == ("commercial", "Acme Gold", "G1")


def test_a_coverage_that_is_over_is_passed_over(cast):
    over = in1({1: "1", 2: "A^Acme Gold", 12: "20240101", 13: "20251231", 15: "CI"})
    assert sent(cast, adt(PID, over, in1({**MEDICARE, 1: "2"}))) == ("AA", "Taken in")
    assert Coverage.objects.get(patient__mrn="N-1").payer == "medicare"


@pytest.mark.parametrize(
    ("content", "code", "text"),
    [
        (adt(key=""), "AR", "MSH-10 gives the message no id"),
        (adt(version="2.2"), "AR", "Versions 2.3 to 2.8.2 are taken, 2.2 is not"),
        (adt(version="Doe^Jane"), "AR", "Versions 2.3 to 2.8.2 are taken, another is not"),
        (adt(processing="T"), "AR", "MSH-11 must be P here"),
        (adt(processing=""), "AR", "MSH-11 must be P here"),
        (adt(kind="SIU", event="S12"), "AR", "ADT and ORU messages are taken, others are not"),
        (adt(event="A03"), "AR", "Of ADT messages A04, A08, A28, A31, A40 are taken, others are not"),
        (adt(event=""), "AR", "Of ADT messages A04, A08, A28, A31, A40 are taken, others are not"),
        (msh().encode(), "AE", "The message has no PID segment"),
        (adt(pid("")), "AE", "PID-3 gives no medical record number (type MR)"),
        (adt(pid('""')), "AE", "PID-3 gives no medical record number (type MR)"),
        (
            adt("PID|1||1^^^A^MR~2^^^B^MR||Bell^Ida||19510314"),
            "AE",
            "PID-3 gives several medical record numbers",
        ),
        (adt("PID|1||1^^^A~2^^^B||Bell^Ida||19510314"), "AE", "PID-3 gives several medical record numbers"),
        (adt("PID|1||1^^^A^SS||Bell^Ida||19510314"), "AE", "PID-3 gives no medical record number"),
        (adt(pid("x" * 21)), "AE", "PID-3 MRN: no MRN to match by"),
        (
            adt(pid("N-1", "Pe\xf1a"), charset="ASCII"),
            "AE",
            "The message is not in the character set of MSH-18",
        ),
        (adt(charset="KLINGON"), "AE", "MSH-18 names a character set that is not read here"),
        (b"", "AR", "The message does not begin with a header (MSH)"),
        (b"GET / HTTP/1.1", "AR", "The message does not begin with a header (MSH)"),
    ],
)
def test_what_is_not_taken_is_said_and_nothing_is_kept(cast, content, code, text):
    found = sent(cast, content)
    assert found[0] == code
    assert found[1].replace("\\E\\", "").startswith(text)
    assert not PatientImport.objects.exists()
    assert not Arrival.objects.exists()


def test_one_of_type_mr_among_others_is_the_one(cast):
    assert sent(cast, adt("PID|1||9~8^^^A^SS~N-1^^^RB^MR||Bell^Ida||19510314"))[0] == "AA"
    assert Patient.objects.filter(mrn="N-1").exists()


def test_a_system_that_is_tried_out_speaks_to_one_that_is(cast, settings):
    settings.HL7_PROCESSING_ID = "T"
    assert sent(cast, adt())[0] == "AR"
    assert sent(cast, adt(processing="T"))[0] == "AA"


def test_an_answer_repeats_nothing_of_a_person(cast):
    people = [
        adt(),
        adt(pid("T-0001", "Doe", "Jane", "19480512", phone="555-0100"), key="2"),
        adt(pid("T-0001", "Zorn", "Jane", "19300101"), key="3"),
        adt(pid("N-9", "Doe", "Jane", "19480512"), key="4"),
        adt(pid("N-8", "Bellweather", "Idabel", "1951"), key="5"),
        adt(pid("x" * 21, "Bellweather"), key="6"),
    ]
    for content in people:
        fields = fields_of(replied(cast, content))
        # Not the time of the answer and not its key: chance writes any three digits there.
        told = str(fields["MSH"][:6] + fields["MSH"][7:9] + fields["MSH"][10:]) + str(fields["MSA"])
        assert not re.search(r"Bell|Ida|Doe|Jane|Zorn|T-0001|N-[89]|555|19(48|51)|xxx", told), told


def test_busy_says_to_try_again():
    now = timezone.now()
    assert fields_of(answered(adt(key="M-5"), BUSY, at=now))["MSA"] == [
        "AE",
        "M-5",
        "Not done: try again later",
    ]
    assert fields_of(answered(b"x", BUSY, at=now))["MSA"][:2] == ["AE", ""]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40), max_size=20), st.sampled_from(["PID", "IN1", "EVN"]))
def test_whatever_stands_in_a_message_it_is_answered(cast, fields, name):
    line = f"{name}|" + "|".join(fields)
    answer = replied(cast, adt(line, *([] if name == "PID" else [PID])))
    assert fields_of(answer)["MSA"][0] in {"AA", "AE", "AR"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_answered(cast, content):
    assert fields_of(replied(cast, content))["MSA"][0] == "AR"
    assert fields_of(replied(cast, adt() + content))["MSA"][0] in {"AA", "AE"}


@pytest.mark.parametrize(("days", "kept"), [(-1, 0), (0, 1)])
def test_a_message_without_a_time_takes_no_coverage_that_is_over(cast, days, kept):
    ends_on = cast.practice.today() + timedelta(days=days)
    content = adt(PID, in1({**MEDICARE, 13: f"{ends_on:%Y%m%d}"})).replace(b"|20260105093000-0500|", b"||", 1)
    assert sent(cast, content) == ("AA", "Taken in")
    assert Coverage.objects.filter(patient__mrn="N-1").count() == kept
