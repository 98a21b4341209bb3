"""What adapters read of a vendor's body; and the one of docs/devices.md, taken from there and run."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from interchange.hubs import adapter as making
from interchange.hubs.adapter import Unusable
from interchange.hubs.adapters import adapter_of, choices
from interchange.hubs.body import Malformed, read
from monitoring.readings.incoming import Incoming
from tests.hubs import heart, reading

AT = datetime(2026, 1, 5, 12, 30, tzinfo=UTC)


def values(vendor: str, body) -> list:
    return adapter_of(vendor).readings(read(json.dumps(body).encode()))


def ours(*rows, **more) -> list:
    return values("generic", {"readings": list(rows), **more})


def test_our_own_shape():
    pressure, pulse = ours(reading(id="r-1"), heart(patient="T-0001", typed=True, status="corrected"))
    assert (pressure.measure, pressure.value, pressure.second_value) == ("blood_pressure", 128, 82)
    assert (pressure.serial, pressure.identifier, pressure.source, pressure.status) == (
        "CUFF-T-0001", "r-1", "automatic", "final",
    )  # fmt: skip
    assert pressure.taken_at == datetime(2026, 3, 5, 12, 30, tzinfo=UTC)
    assert (pulse.mrn, pulse.source, pulse.status, pulse.value) == ("T-0001", "typed", "corrected", 71)


def test_what_is_sent_in_another_unit_is_kept_beside():
    (weight,) = ours(heart(187.4, measure="weight", unit="[lb_av]"))
    assert (weight.value, weight.original) == (Decimal("85.00"), "187.4 [lb_av]")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        (heart(measure="steps"), "readings[0].measure"),
        (heart(status="maybe"), "readings[0].status"),
        (heart(value="fast"), "readings[0]"),
        (heart(value=None), "readings[0]"),
        (heart(value=True), "readings[0]"),
        (heart(value=[1]), "readings[0]"),
        (heart(unit=""), "readings[0]"),
        (heart(unit="kg"), "readings[0]"),
        (heart(taken_at="2026-03-05T07:30:00"), "readings[0]"),
        (heart(taken_at=1767616200), "readings[0]"),
        (heart(taken_at="0001-01-01T00:00:00+05:00"), "readings[0]"),
        (heart(device=""), "readings[0]"),
        (reading(diastolic=None), "readings[0].diastolic"),
    ],
)
def test_a_value_that_cannot_be_read_is_said_and_harms_no_other(row, where):
    first, second = ours(row, heart())
    assert isinstance(first, Unusable)
    assert first.where == where
    assert "fast" not in first.problem
    assert isinstance(second, Incoming)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "readings"),
        ({"readings": []}, "readings"),
        ({"readings": {}}, "readings"),
        ({"readings": [1]}, "readings[0]"),
        ({"readings": [heart(staus="error")]}, "readings[0]"),
        ({"readings": [heart()], "patient": "x"}, ""),
        ({"readings": [heart(device=["BP"])]}, "readings[0].device"),
        ({"readings": [heart(device="x" * 101)]}, "readings[0].device"),
        ({"readings": [heart(measure=None)]}, "readings[0].measure"),
        ({"readings": [heart(typed="true")]}, "readings[0].typed"),
        ({"readings": [heart(typed=1)]}, "readings[0].typed"),
        ({"readings": [heart()] * 501}, "readings"),
    ],
)
def test_a_body_of_another_shape_is_refused_as_a_whole(body, where):
    with pytest.raises(Malformed) as refused:
        values("generic", body)
    assert refused.value.where == where


def test_cellular_devices():
    said = {"imei": 860000000000001, "ts": 1767616200000, "battery": 81, "signal": -71}
    pressure, pulse = values(
        "cellular", {**said, "type": "bp", "values": {"systolic": 128, "diastolic": 82, "pulse": 71}}
    )
    assert (pressure.serial, pressure.value, pressure.second_value, pressure.taken_at) == (
        "860000000000001", 128, 82, AT,
    )  # fmt: skip
    assert (pulse.measure, pulse.value) == ("heart_rate", 71)
    (weight,) = values("cellular", {**said, "type": "weight", "values": {"pounds": 187.4}})
    assert (weight.value, weight.original) == (85, "187.4 [lb_av]")
    (glucose,) = values("cellular", {**said, "type": "glucose", "values": {"mgdl": 112}})
    assert (glucose.measure, glucose.value) == ("glucose", 112)
    (oxygen,) = values("cellular", {**said, "type": "spo2", "values": {"percent": 96}})
    assert (oxygen.measure, oxygen.value) == ("spo2", 96)


def test_half_a_pressure_of_a_cellular_cuff_is_none():
    said = {"imei": "8", "ts": 1767616200000, "type": "bp"}
    assert isinstance(values("cellular", {**said, "values": {"systolic": 128}})[0], Unusable)
    assert isinstance(
        values("cellular", {**said, "ts": "soon", "values": {"systolic": 1, "diastolic": 1}})[0], Unusable
    )
    for body in ({**said, "values": 5}, {**said, "type": "steps"}, {**said, "imei": ""}, {}):
        with pytest.raises(Malformed):
            values("cellular", body)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"5", b"{", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": 1, "a": 2}', b"\xff{}", b'{"a": "\\ud800"}',
        b'{"a": "\\u0000"}', b'{"a": "\\u202e"}', b'{"a": ' + b"9" * 21 + b"}", b'{"a":' * 2000, b"[" * 100000,
        b'{"a": ' + b'{"a": ' * 12 + b"1" + b"}" * 13, b'{"a": 0.' + b"1" * 40 + b"}",
    ],
)  # fmt: skip
def test_what_is_no_body(content):
    with pytest.raises(Malformed):
        read(content)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["readings", "values", "type", "imei", "ts", "id", "measure", "value"]), inner
        )
    ),
    max_leaves=12,
)


@examples(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["generic", "cellular"]))
def test_whatever_comes_is_values_or_is_refused(body, vendor):
    try:
        found = values(vendor, body)
    except Malformed:
        return
    assert all(isinstance(each, Incoming | Unusable) for each in found)


def test_the_document_shows_our_shape_and_a_vendor_that_runs(monkeypatch):
    text = (settings.BASE_DIR / "docs" / "devices.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.S)
    ours_shown, theirs = (json.loads(each) for each in re.findall(r"```json\n(.*?)```", text, re.S))
    assert len(code.strip().splitlines()) <= 21
    monkeypatch.setattr(making, "_found", dict(making._found))
    exec(compile(code, "docs/devices.md", "exec"), {})
    assert ("brook-scale", "Brook scale") in choices()
    vendor = adapter_of("brook-scale")
    (weight,) = vendor.readings(read(json.dumps(theirs).encode()))
    assert (vendor.message_id(theirs), weight.serial, weight.value, weight.taken_at) == (
        "w-77",
        "WS-1001",
        85,
        AT,
    )
    pressure, pulse = values("generic", ours_shown)
    assert (pressure.second_value, pulse.value, adapter_of("generic").message_id(ours_shown)) == (
        82,
        71,
        "m-000123",
    )


def test_the_document_names_every_measure():
    from patients.models import Measure

    text = (settings.BASE_DIR / "docs" / "devices.md").read_text(encoding="utf-8")
    assert all(f"`{measure}`" in text for measure in Measure.values)
