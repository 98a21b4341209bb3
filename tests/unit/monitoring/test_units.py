"""Units as devices and labs write them, brought to our own, and what no person can show."""

from decimal import Decimal

import pytest

from monitoring.readings.units import POSSIBLE, UnitRefused, as_sent, in_ours, why_impossible
from patients.models import MEASURES, UNITS, DeviceKind, Measure


def d(text):
    return Decimal(text) if text is not None else None


@pytest.mark.parametrize(
    ("measure", "value", "unit", "expected"),
    [
        ("glucose", "6.4", "mmol/L", "115.30"),
        ("glucose", "1.1", "g/L", "110.00"),
        ("glucose", "115", "mg/dL", "115.00"),
        ("weight", "187.4", "[lb_av]", "85.00"),
        ("weight", "187.4", "LBS", "85.00"),
        ("weight", "86180", "g", "86.18"),
        ("temperature", "98.6", "[degF]", "37.00"),
        ("temperature", "101.3", "°F", "38.50"),
        ("temperature", "37.2", "Cel", "37.20"),
        ("temperature", "37.2", " ° C", "37.20"),
        ("respiratory_rate", "16", "{breaths}/min", "16.00"),
        ("heart_rate", "71", "{beats}/min", "71.00"),
        ("heart_rate", "71", "/ MIN", "71.00"),
        ("blood_pressure", "128", "mm[Hg]", "128.00"),
        ("blood_pressure", "16", "kPa", "120.01"),
        ("spo2", "93", "%", "93.00"),
    ],
)
def test_a_value_is_brought_to_our_own_unit(measure, value, unit, expected):
    assert in_ours(measure, d(value), unit) == d(expected)


@pytest.mark.parametrize("measure", Measure.values)
def test_every_measure_has_a_unit_bounds_and_a_device(measure):
    assert in_ours(measure, Decimal(50), "") == in_ours(measure, Decimal(50), UNITS[measure]) == 50
    assert measure in POSSIBLE
    assert any(measure in MEASURES[kind] for kind in DeviceKind)


@pytest.mark.parametrize(
    ("measure", "value", "unit", "words"),
    [
        ("weight", "86", "stone", "Is “stone”. Write one of kg, lb, g"),
        ("temperature", "37", "K", "Is “K”. Write one of °C, °F"),
        ("glucose", "6.4", "mmol", "Is “mmol”"),
        ("heart_rate", "71", "}{", "Is “}{”"),
        ("weight", "NaN", "kg", "Is no number"),
        ("weight", "Infinity", "kg", "Is no number"),
        ("weight", "1e999999", "kg", "Is no number"),
        ("weight", "1e-999999", "kg", "Is no number"),
    ],
)
def test_what_is_no_unit_or_number_is_refused_with_a_sentence(measure, value, unit, words):
    with pytest.raises(UnitRefused) as refused:
        in_ours(measure, d(value), unit)
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("measure", "low", "high"),
    [
        ("heart_rate", "20", "300"),
        ("glucose", "10", "1500"),
        ("weight", "1", "450"),
        ("spo2", "30", "100"),
        ("temperature", "25", "45"),
        ("respiratory_rate", "3", "100"),
    ],
)
def test_the_edges_of_what_a_person_can_show(measure, low, high):
    hundredth = Decimal("0.01")
    assert why_impossible(measure, d(low)) is None
    assert why_impossible(measure, d(high)) is None
    assert f"{low} to {high}" in why_impossible(measure, d(low) - hundredth)
    assert f"{low} to {high}" in why_impossible(measure, d(high) + hundredth)


@pytest.mark.parametrize(
    ("systolic", "diastolic", "words"),
    [
        ("128", "82", None),
        ("40", "39.99", None),
        ("300", "200", None),
        ("39.99", "30", "40 to 300"),
        ("128", "19.99", "20 to 200"),
        ("300", "200.01", "20 to 200"),
        ("80", "80", "The systolic value comes first"),
        ("128", None, "Give the diastolic value"),
    ],
)
def test_a_pressure_has_two_values_the_higher_first(systolic, diastolic, words):
    found = why_impossible("blood_pressure", d(systolic), d(diastolic))
    assert found is None if words is None else words in found


def test_only_a_pressure_has_a_second_value():
    assert "only for blood pressure" in why_impossible("weight", d("86"), d("3"))


def test_what_was_sent_is_kept_where_the_unit_is_another():
    assert as_sent("weight", d("187.4"), "[lb_av]") == "187.4 [lb_av]"
    assert as_sent("blood_pressure", d("16"), "kPa", d("10.5")) == "16/10.5 kPa"
    assert as_sent("weight", d("86"), "KG") == as_sent("weight", d("86"), "") == ""
