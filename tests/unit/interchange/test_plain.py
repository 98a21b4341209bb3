"""What is read without the library is read as the library reads it, and never more than it takes."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interchange.fhir import plain
from interchange.fhir.observation_in import observation_said
from interchange.fhir.outcome import Invalid
from interchange.fhir.reading import model_of
from tests.faults.trials import trials
from tests.integration.interchange.fhir.measured import amount, entry, identified, observed, pressure, pulse
from tests.integration.interchange.fhir.test_fuzzed import ODD, changed, places

FULL = observed(
    "59408-5",
    "2708-6",
    value={**amount(97, "%"), "unit": "percent"},
    id="o-1",
    meta={"profile": ["http://x.example/p"], "tag": [{"system": "urn:t", "code": "typed"}]},
    category=[{"coding": [{"system": "urn:c", "code": "vital-signs", "display": "Vital Signs"}]}],
    issued="2026-01-05T13:12:01.250Z",
    **identified("k-1"),
)
WITHDRAWN = pulse(status="entered-in-error", valueQuantity=None)
SENT = [pressure(pulse=71), pulse(), FULL, WITHDRAWN, pulse(effectiveDateTime="2026-01-05T13:12:00Z")]
# Besides what is odd anywhere: what comes close to being plain.
CLOSE = st.one_of(
    ODD,
    st.sampled_from(
        [True, 1.5, Decimal("71.50"), Decimal("1E+3"), Decimal("1e-9"), 10**8, " 71", "71", "a b", "a  b", "a\tb",
         "{x}", "é", "2026-02-30T08:12:00Z", "2026-01-05T24:00:00Z", "2026-01-05", "2026-01-05T08:12:00",
         "2026-01-05T08:12:00+14:00", "2026-01-05T08:12:00-13:59", "2026-01-05T08:12Z", 1767616320, "POST", "final",
         "1899-01-05T08:12:00Z", "2026-01-05T08:12:59.999999Z", "2026-01-05T08:12:59.9999999Z"]
    ),
    st.integers(-(10**8), 10**8),
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
)  # fmt: skip


def said(data):
    try:
        return observation_said(data)
    except Invalid as invalid:
        return invalid.issues


@pytest.mark.parametrize("data", SENT)
def test_what_hubs_send_is_plain(data):
    read = plain.observation(data)
    assert read is not None
    assert said(read) == said(model_of(data, "Observation"))
    assert plain.request(entry(data)) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"modifierExtension": [{"url": "http://x", "valueString": "y"}]},
        {"contained": []},
        {"note": [{"text": "x"}]},
        {"dataAbsentReason": {"text": "x"}},
        {"status": "registered"},
        {"subject": {"reference": "Patient/1", "type": "Patient"}},
        {"component": []},
    ],
)
def test_everything_else_is_left_to_the_library(more):
    assert plain.observation(pulse(**more)) is None


def test_a_comparator_is_left_to_the_library():
    assert plain.observation(observed("8867-4", value={**amount(1, "/min"), "comparator": "<"})) is None


@settings(max_examples=trials(5_000, part=10), deadline=None)
@given(st.data())
def test_it_reads_as_the_library_does_or_leaves_it_to_that(data):
    sent = data.draw(st.sampled_from(SENT))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(places(sent), key=str)))
        sent = placed(sent, path, data.draw(st.one_of(st.just(...), CLOSE)))
    if (read := plain.observation(sent)) is not None:
        assert said(read) == said(model_of(sent, "Observation"))


def placed(sent, path, value):
    """As `changed`, with numbers as the reader of requests makes them."""
    return json.loads(
        json.dumps(changed(json.loads(json.dumps(sent, default=str)), path, value), default=str),
        parse_float=Decimal,
    )
