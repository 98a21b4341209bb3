"""ORU messages as values: codes, units, times, statuses, whose, and by which device."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from interchange.hl7.ack import Refusal
from interchange.hl7.er7 import parse
from interchange.hl7.oru import observations_of
from tests.integration.interchange.oru import PRESSURE, obr, obx, oru, pid

HALF_PAST_SEVEN = datetime(2026, 3, 5, 12, 30, tzinfo=UTC)


def read(*segments: str, **header):
    return observations_of(parse(oru(*segments, **header)))


def values(*segments: str, **header) -> list:
    found = read(*segments, **header)
    assert not found.faults + found.passed
    return [value for value, _ in found.values]


def one(*segments: str, **header):
    (value,) = values(*segments, **header)
    return value


def said(*segments: str, **header) -> list[tuple[str, str]]:
    return [(each.where, each.text) for each in read(*segments, **header).faults]


@pytest.mark.parametrize(
    ("code", "text", "unit", "measure", "value"),
    [
        ("8867-4^Heart rate^LN", "72", "/min^^UCUM", "heart_rate", "72"),
        ("HR^Heart rate^L", "72", "bpm", "heart_rate", "72"),
        ("149546^MDC_PULS_RATE_NON_INV^MDC", "72", "264864^MDC_DIM_BEAT_PER_MIN^MDC", "heart_rate", "72"),
        ("59408-5^SpO2^LN", "96", "%", "spo2", "96"),
        ("150456^MDC_PULS_OXIM_SAT_O2^MDC", "96", "262688^MDC_DIM_PERCENT^MDC", "spo2", "96"),
        ("29463-7^Weight^LN", "85.25", "kg", "weight", "85.25"),
        ("188736^MDC_MASS_BODY_ACTUAL^MDC", "187.4", "263904^MDC_DIM_LB^MDC", "weight", "85.00"),
        ("WT^Weight^99VND", "187.4", "[lb_av]", "weight", "85.00"),
        ("8310-5^Temperature^LN", "98.6", "[degF]", "temperature", "37.00"),
        ("9279-1^Breaths^LN", "16", "/min", "respiratory_rate", "16"),
        ("2339-0^Glucose^LN", "112", "mg/dL", "glucose", "112"),
        ("15074-8^Glucose^LN", "6.2", "mmol/L", "glucose", "111.70"),
        ("X1^Own^99VND^8867-4^Heart rate^LN", "72", "/min", "heart_rate", "72"),
        ("8867-4", "72", "/min", "heart_rate", "72"),
    ],
)
def test_codes_and_units(code, text, unit, measure, value):
    found = one(obr(), obx(code, text, unit))
    assert (found.measure, found.value, found.taken_at) == (measure, Decimal(value), HALF_PAST_SEVEN)
    assert (found.mrn, found.serial, found.source, found.status) == (
        "T-0001",
        "CUFF-T-0001",
        "automatic",
        "final",
    )


@pytest.mark.parametrize(
    ("unit", "original"), [("[lb_av]", "187.4 [lb_av]"), ("263904^MDC_DIM_LB^MDC", "187.4 [lb_av]")]
)
def test_what_was_sent_in_another_unit_is_kept_beside(unit, original):
    assert one(obr(), obx("29463-7^^LN", "187.4", unit)).original == original


def test_two_obx_are_one_blood_pressure_in_whichever_order():
    for pair in (PRESSURE, PRESSURE[::-1]):
        found = one(obr(), *pair)
        assert (found.measure, found.value, found.second_value) == ("blood_pressure", 128, 82)


def test_a_panel_is_a_heading_or_both_numbers():
    panel = "85354-9^BP^LN"
    assert one(obr(), obx(panel, "", ""), *PRESSURE).second_value == 82
    found = one(obr(), obx(panel, "120/80", "mm[Hg]", kind="ST"))
    assert (found.value, found.second_value) == (120, 80)
    assert said(obr(), obx(panel, "120", "mm[Hg]")) == [("OBX^1^5", "OBX-5 must be two numbers, as 120/80")]


def test_halves_of_other_orders_times_devices_or_statuses_are_no_pair():
    high, low = PRESSURE
    for segments in (
        (obr(), high, obr(), low),
        (obr(), high, low.replace("0730", "0731")),
        (obr(), high, low.replace("CUFF-T-0001", "CUFF-T-0002")),
        (obr("R-1"), high, low.replace("|F|", "|C|")),
    ):
        assert [where for where, _ in said(*segments)] == ["OBX^1^3", "OBX^2^3"]


def test_a_time_comes_from_the_value_or_its_order_with_the_zone_of_the_header_at_last():
    heart = ("8867-4^^LN", "72", "/min")
    assert one(obr(at="202603050830-0500"), obx(*heart, at="")).taken_at.hour == 13
    assert one(obr(), obx(*heart, at="202603050730")).taken_at == HALF_PAST_SEVEN
    text = "OBX-14 has no time zone, nor has MSH-7. Send one, such as -0500"
    assert said(obr(), obx(*heart, at="202603050730"), sent_at="20260305093000") == [("OBX^1^14", text)]
    assert said(obr(at=""), obx(*heart, at="")) == [
        ("OBX^1^14", "Neither OBX-14 nor OBR-7 says when it was measured")
    ]


@pytest.mark.parametrize(
    ("status", "is_"), [("F", "final"), ("R", "final"), ("C", "corrected"), ("D", "error"), ("W", "error")]
)
def test_a_status(status, is_):
    assert one(obr("R-1"), obx("8867-4^^LN", "72", "/min", status=status)).status == is_


def test_what_is_taken_back_needs_no_number_and_who_it_is():
    assert one(obr("R-1"), obx("8867-4^^LN", "", "", status="D")).value == 0
    text = "A value is corrected or taken back by its OBX-21, or OBR-3"
    for status in "CDW":
        assert said(obr(), obx("8867-4^^LN", "72", "/min", status=status)) == [("OBX^1^21", text)]


def test_what_is_no_measure_of_ours_or_not_final_is_passed_over():
    found = read(
        obr(),
        obx("8867-4^^LN", "72", "/min"),
        obx("67995^MDC_ATTR_BATT^MDC", "80", "%"),
        obx("8867-4^^99999", "72", "/min"),
        obx("GLU^^LN", "112", "mg/dL"),
        obx("29463-7^^LN", "80", "kg", status="P"),
        obx("29463-7^^LN", "", "kg", status="X"),
    )
    assert len(found.values) == 1
    assert [each.where for each in found.passed] == ["OBX^2^3", "OBX^3^3", "OBX^4^3", "OBX^5^11"]
    assert not found.faults


@pytest.mark.parametrize(
    ("segment", "place"),
    [
        (obx("8867-4^^LN", "fast", "/min"), 5),
        (obx("8867-4^^LN", "", "/min"), 5),
        (obx("8867-4^^LN", "7e1", "/min"), 5),
        (obx("8867-4^^LN", "72", ""), 6),
        (obx("8867-4^^LN", "72", "kg"), 6),
        (obx("8867-4^^LN", "72", "/min", status="Q"), 11),
        (obx("8867-4^^LN", "72", "/min", status=""), 11),
        (obx("8867-4^^LN", "72", "/min", kind="CWE"), 2),
        (obx("2339-0^^LN", ">^500", "mg/dL", kind="SN"), 5),
        (obx("8867-4^^LN", "72~fast", "/min"), 5),
        (obx("8867-4^^LN", "72~72", "/min"), 5),
        (obx("85354-9^^LN", "120/80~118/79", "mm[Hg]"), 5),
        (obx("8480-6^^LN", "128~82", "mm[Hg]"), 5),
        (obx("8867-4^^LN", "72", "/min", at="20260230073000-0500"), 14),
    ],
)
def test_what_is_wrong_is_said_at_its_place_without_the_value(segment, place):
    ((where, text),) = said(obr(), segment)
    assert where == f"OBX^1^{place}"
    assert "fast" not in text


def test_a_structured_number():
    assert one(obr(), obx("2339-0^^LN", "^112", "mg/dL", kind="SN")).value == 112


def test_a_device_by_its_value_or_by_who_took_part():
    heart = ("8867-4^^LN", "72", "/min")
    bare = obx(*heart, device="")
    assert one(obr(), obx(*heart, device="BP-7^VENDOR^1.2.3^ISO")).serial == "BP-7"
    for part in ("PRT|1|UC||EQUIP^^HL70912||||||BP-8^VND", f"PRT|1|UC||EQUIP{'|' * 16}BP-8"):
        assert one(obr(), bare, part).serial == "BP-8"
        assert one(obr(), part, bare).serial == "BP-8", "Of an order, it is of each value below."
    assert one(obr(), bare).serial == ""
    assert values(obr(), bare, obx(*heart, device=""), "PRT|1|UC||||||||BP-9")[0].serial == ""


def test_each_pid_begins_another_patient():
    found = values(
        pid("T-0001"), obr(), obx("8867-4^^LN", "72", "/min"),
        pid("T-0002"), obr(), obx("8867-4^^LN", "64", "/min"), *PRESSURE, first="",
    )  # fmt: skip
    assert [(each.mrn, each.value) for each in found] == [("T-0001", 72), ("T-0002", 64), ("T-0002", 128)]


def test_a_device_alone_is_enough_and_nothing_is_not():
    heart = ("8867-4^^LN", "72", "/min")
    assert one(obr(), obx(*heart), first="").mrn == ""
    assert one(obr(), obx(*heart), first=pid("")).serial == "CUFF-T-0001"
    assert said(obr(), obx(*heart, device=""), first="") == [
        ("OBX^1^18", "Neither PID-3 nor OBX-18 says whose value it is")
    ]


def test_a_value_has_its_senders_key_where_it_gives_one():
    heart = ("8867-4^^LN", "72", "/min")
    assert one(obr(), obx(*heart)).identifier == ""
    assert one(obr(), obx(*heart, own="O-1")).identifier == "HUB|VENDOR|O-1"
    assert (
        one(obr("R-1"), obx(*heart)).identifier
        == "HUB|VENDOR|R-1|CUFF-T-0001|heart_rate|2026-03-05T12:30:00+00:00"
    )
    others = one(obr("R-1"), obx(*heart, device="CUFF-T-0002"), first=pid("T-0002"))
    assert others.identifier != one(obr("R-1"), obx(*heart)).identifier, "One number for every order."
    assert one(obr("R" * 200), obx(*heart)).identifier.startswith("sha256:")


@pytest.mark.parametrize("by_hand", [0, 1])
def test_a_pressure_of_which_one_half_was_typed_is_typed(by_hand):
    halves = [("8480-6^^LN", "128"), ("8462-4^^LN", "82")]
    rows = [
        obx(code, value, "mm[Hg]", how="MMEAS" if place == by_hand else "AMEAS")
        for place, (code, value) in enumerate(halves)
    ]
    assert one(obr(), *rows).source == "typed"


def test_by_hand_is_typed():
    assert one(obr(), obx("8867-4^^LN", "72", "/min", how="MMEAS^manual^MDC")).source == "typed"


def test_a_message_as_a_whole():
    with pytest.raises(Refusal, match="no OBX"):
        read(obr())
    heart = obx("8867-4^^LN", "72", "/min")
    assert len(values(obr(), *[heart] * 500)) == 500
    with pytest.raises(Refusal, match="More than 500"):
        read(obr(), *[heart] * 501)
