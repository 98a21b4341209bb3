"""What Observations say, without a database: codes, units, halves, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from interchange import codes
from interchange.fhir.codes import CODED, HALVES
from interchange.fhir.dates import span
from interchange.fhir.observation_in import Whose, observation_said
from interchange.fhir.outcome import Invalid
from interchange.fhir.units import joined
from monitoring.readings.incoming import Status
from patients.models import DeviceKind, Measure
from tests.integration.interchange.fhir.measured import (
    AT,
    amount,
    component,
    model,
    observed,
    pressure,
    pulse,
)

HERS = Whose("CUFF-T-0001", "T-0001")
MOMENT = datetime(2026, 1, 5, 13, 12, tzinfo=UTC)


def values(data: dict, whose: Whose = HERS):
    return observation_said(model(data)).values(whose)


@pytest.mark.parametrize(
    ("codes", "sent", "measure", "value", "original"),
    [
        (["8867-4"], amount(71, "/min"), "heart_rate", "71", ""),
        (["8889-8"], amount(71, "{beats}/min"), "heart_rate", "71", ""),
        (["59408-5", "2708-6"], amount(97, "%"), "spo2", "97", ""),
        (["59408-5"], amount(97, "%"), "spo2", "97", ""),
        (["2708-6"], amount(97, "%"), "spo2", "97", ""),
        (["29463-7"], amount("81.5", "kg"), "weight", "81.50", ""),
        (["3141-9"], amount("187.4", "[lb_av]"), "weight", "85.00", "187.4 [lb_av]"),
        (["29463-7"], amount(81500, "g"), "weight", "81.50", "81500 g"),
        (["8310-5"], amount("36.6", "Cel"), "temperature", "36.60", ""),
        (["8331-1"], amount("98.6", "[degF]"), "temperature", "37.00", "98.6 [degF]"),
        (["9279-1"], amount(16, "{breaths}/min"), "respiratory_rate", "16", ""),
        (["2339-0"], amount(115, "mg/dL"), "glucose", "115", ""),
        (["41653-7"], amount(115, "mg/dL"), "glucose", "115", ""),
        (["15074-8"], amount("6.4", "mmol/L"), "glucose", "115.30", "6.4 mmol/L"),
        (["99504-3"], amount("6.4", "mmol/L"), "glucose", "115.30", "6.4 mmol/L"),
    ],
)
def test_each_code_and_unit_of_the_table_is_read(codes, sent, measure, value, original):
    (found,) = values(observed(*codes, value=sent))
    assert (found.measure, found.value, found.original) == (measure, Decimal(value), original)
    assert (found.taken_at, found.source, found.serial, found.mrn) == (
        MOMENT,
        "automatic",
        "CUFF-T-0001",
        "T-0001",
    )


@pytest.mark.parametrize("panel", ["85354-9", "55284-4"])
def test_a_pressure_and_the_pulse_beside_it_are_two_values(panel):
    both, beats = values({**pressure(pulse=71), "code": observed(panel)["code"]})
    assert (both.value, both.second_value, both.identifier) == (158, 96, "urn:hub|a-1")
    assert (beats.measure, beats.value, beats.identifier) == ("heart_rate", 71, "urn:hub|a-1#heart_rate")


def test_a_pressure_in_kilopascal_keeps_what_was_sent():
    (found,) = values(pressure("21.1", "12.8", unit="kPa"))
    assert (found.value, found.second_value, found.original) == (
        Decimal("158.26"),
        Decimal("96.01"),
        "21.1/12.8 kPa",
    )


@pytest.mark.parametrize(
    ("status", "means"),
    [("final", "final"), ("amended", "corrected"), ("corrected", "corrected"), ("entered-in-error", "error")],
)
def test_what_the_status_means(status, means):
    assert observation_said(model(pulse(status=status))).status == means


def test_what_is_withdrawn_needs_no_value():
    data = {**pressure(status="entered-in-error"), "component": None}
    (found,) = values({name: part for name, part in data.items() if part is not None})
    assert (found.status, found.identifier) == (Status.ERROR, "urn:hub|a-1")


def test_what_a_person_says_is_typed_though_a_device_is_named():
    security = [{"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "PATRPT"}]
    assert values(pulse(meta={"security": security}))[0].source == "typed"
    assert values(pulse(), Whose("", "T-0001"))[0].source == "typed"
    assert values(pulse(), replace(HERS, sends=False))[0].source == "typed"


def test_without_a_value_but_with_the_reason_nothing_was_measured():
    reason = {"text": "The cuff was loose"}
    assert observation_said(model(observed("8867-4", dataAbsentReason=reason))).parts == ()
    assert observation_said(model(observed("85354-9", dataAbsentReason=reason))).parts == ()


REASON = {"dataAbsentReason": {"text": "none"}}


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (observed("8480-1", value=amount(1, "%")), [("code-invalid", "Observation.code")]),
        (observed("8867-4", "29463-7", value=amount(71, "/min")), [("code-invalid", "Observation.code")]),
        (observed("8480-6", "8462-4", value=amount(71, "mm[Hg]")), [("code-invalid", "Observation.code")]),
        (observed("8480-6", "85354-9", value=amount(71, "mm[Hg]")), [("code-invalid", "Observation.code")]),
        (observed("8867-4"), [("required", "Observation.value")]),
        (observed("8867-4", valueString="71"), [("required", "Observation.value")]),
        (pulse(status="preliminary"), [("not-supported", "Observation.status")]),
        (pulse(status="finished", effectiveDateTime=None),
         [("not-supported", "Observation.status"), ("required", "Observation.effective")]),
        (pulse(effectiveDateTime="2026-01-05"), [("required", "Observation.effective")]),
        (pulse(effectiveDateTime="2026-01"), [("required", "Observation.effective")]),
        (pulse(effectiveDateTime=None, effectivePeriod={"start": AT, "end": AT}),
         [("required", "Observation.effective")]),
        (observed("8867-4", value=amount(71, "bpm")), [("code-invalid", "Observation.valueQuantity.code")]),
        (observed("29463-7", value=amount(180, "lb")), [("code-invalid", "Observation.valueQuantity.code")]),
        (observed("8867-4", value={**amount(71, "/min"), "system": "urn:x"}),
         [("code-invalid", "Observation.valueQuantity.code")]),
        (observed("8867-4", value={"value": 71, "unit": "/min"}),
         [("code-invalid", "Observation.valueQuantity.code")]),
        (observed("8867-4", value=amount(71, "/min", comparator="<")),
         [("not-supported", "Observation.valueQuantity.comparator")]),
        (observed("8867-4", value=amount("1E+400", "/min")), [("value", "Observation.valueQuantity.value")]),
        (pressure(unit="mmHg"), [("code-invalid", "Observation.component[0].valueQuantity.code")]),
        ({**pressure(), "component": [component("8480-6", 158, "mm[Hg]")]},
         [("required", "Observation.component")]),
        ({**pressure(), "component": [component("8480-6", 158, "mm[Hg]"), {"code": pressure()["component"][1]["code"],
                                                                         **REASON}]},
         [("required", "Observation.component")]),
        ({**pressure(), "component": [component("8480-6", 158, "mm[Hg]")] * 2}, [("value", "Observation.component")]),
        ({**pressure(), "component": [component("8480-6", 158, "mm[Hg]"), component("8462-4", 12, "kPa")]},
         [("value", "Observation.component")]),
        (pulse(subject=None, serial=""), [("required", "Observation.subject")]),
        (pulse(subject={"reference": "Group/1"}), [("not-supported", "Observation.subject")]),
        (pulse(serial="", device={"reference": "Patient/1"}), [("not-supported", "Observation.device")]),
        (pulse(subject={"reference": "Patient/a\u202eb"}), [("value", "Observation.subject.reference")]),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_by_its_place(data, wanted):
    data = {name: part for name, part in data.items() if part is not None}
    with pytest.raises(Invalid) as refused:
        values(data)
    assert [(issue.code, issue.where) for issue in refused.value.issues] == wanted


# Two that make one ----------------------------------------------------------------------------------------------


def half(code: str, value, **more):
    return observation_said(model(observed(code, value=amount(value, "mm[Hg]"), **more)))


SYSTOLIC, DIASTOLIC = half("8480-6", 158, identifier=[{"value": "s"}]), half("8462-4", 96)


def test_two_halves_of_one_moment_are_one_pressure():
    units, faults = joined([(0, SYSTOLIC), (1, observation_said(model(pulse()))), (2, DIASTOLIC)])
    assert not faults
    assert [unit.places for unit in units] == [(0, 2), (1,)]
    (found,) = units[0].said.values(HERS)
    assert (found.value, found.second_value, found.identifier) == (158, 96, "s")


@pytest.mark.parametrize(
    "some",
    [
        [SYSTOLIC],
        [DIASTOLIC],
        [SYSTOLIC, half("8462-4", 96, effectiveDateTime="2026-01-05T08:13:00-05:00")],
        [SYSTOLIC, half("8462-4", 96, mrn="T-0002")],
        [SYSTOLIC, half("8462-4", 96), half("8462-4", 97)],
        [SYSTOLIC, half("8462-4", 96, status="corrected")],
    ],
)
def test_halves_that_do_not_fit_are_refused(some):
    units, faults = joined(list(enumerate(some)))
    assert not units
    assert set(faults) == set(range(len(some)))


def test_the_same_half_twice_is_one():
    units, faults = joined([(0, SYSTOLIC), (1, SYSTOLIC), (2, DIASTOLIC)])
    assert ([unit.places for unit in units], faults) == ([(0, 1, 2)], {})


# Dates in questions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("2026-01-05", ((5, 5), (6, 5))),
        ("ge2026-01-05", ((5, 5), None)),
        ("gt2026-01-05", ((6, 5), None)),
        ("le2026-01-05", (None, (6, 5))),
        ("lt2026-01-05", (None, (5, 5))),
        ("ge2026-01-05T08:00:00-05:00", ((5, 13), None)),
        ("ge2026-01-05T08:00:00 05:00", ((5, 3), None)),
        ("ge2026-01-05T08:00", ((5, 13), None)),
        ("gt2026-01-05T08:00:00.5Z", ((5, 8, 0, 0, 500001), None)),
    ],
)
def test_a_date_means_all_of_it_in_the_practices_zone(text, bounds):
    wanted = tuple(at and datetime(2026, 1, *at, tzinfo=UTC) for at in bounds)
    assert span(text, tz=ZoneInfo("America/New_York")).bounds() == wanted


@pytest.mark.parametrize(
    "text", ["", "ge", "x", "2026-13", "2026-02-30", "9999", "0001-01-01", "ap2026-01-05", "2026-03-08T02:30"]
)
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"^(?s:.*)$"):
        span(text, tz=ZoneInfo("America/New_York"))


def test_fhir_and_hl7_read_the_same_codes():
    """One table; what is answered with is read too, and each kind of device has its code."""
    assert {code for coded in CODED.values() for code in coded.read} | HALVES == set(codes.LOINC)
    for measure, coded in CODED.items():
        assert {code for code, _ in coded.codes} <= coded.read
        assert all(codes.LOINC[code].measure == measure for code in coded.read)
    assert set(codes.MDC_DEVICES) == set(DeviceKind)
    assert {meaning.measure for meaning in codes.MDC.values()} == set(Measure)
