"""Whatever comes: no fault of ours, and no part of it kept."""

import json
import random
import re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitoring.models import ParkedReading, Reading
from tests.faults.trials import trials
from tests.integration.interchange.fhir.measured import bundle, entry, identified, pressure, pulse
from tests.integration.interchange.fhir.sent import Sender

FEW = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["", "\x00", '{"code": null}', '{"method": "POST", "url": null}', "\ud800",
         "\u202e", "{}", '{"reference": "Patient/1"}', "9" * 500, 1e308, -0.0, 10**40, [], {}, [[]],
         [None], "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00",
         "2026-01-05T08:12:60Z", "Patient/" + "1" * 3000,
         "identifier=%00", "urn:hub|", {"reference": 1}, {"value": None}]
    ),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)  # fmt: skip


def places(data, path=()):
    """Every place in it that something else can stand in."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


def changed(data, path, value):
    """With something else there, or nothing."""
    data = json.loads(json.dumps(data))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    if value is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return data


@pytest.fixture
def hub(cast) -> Sender:
    return Sender(cast.ade, name="Hub", per_minute=600)


def send(hub: Sender, data):
    """As bytes that JSON of others may be: with NaN, and with halves of characters."""
    hub.row.use.minute_began_at = None
    hub.row.use.save()
    return hub.send("POST", "/fhir", json.dumps(data).encode())


@FEW
@given(st.data(), st.sampled_from(["batch", "transaction"]))
def test_a_bundle_with_anything_anywhere_is_answered(cast, hub, data, kind):
    """An entry is taken in or not at all; a transaction all or nothing."""
    whole = bundle(
        pressure(pulse=71), entry(pulse(serial="", **identified("p")), "identifier=urn:hub|p"), kind=kind
    )
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(places(whole), key=str)))
        whole = changed(whole, path, data.draw(st.one_of(st.just(...), ODD)))
    before = Reading.objects.count(), ParkedReading.objects.count()
    answer = send(hub, whole)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        assert (Reading.objects.count(), ParkedReading.objects.count()) == before
        return
    for one in answer.json().get("entry", []):
        status, place = int(one["response"]["status"][:3]), one["response"].get("location", "")
        assert status < 500
        if status < 202:
            assert Reading.objects.filter(pk=place.rpartition("/")[2]).exists()
    if all(one["response"]["status"] >= "4" for one in answer.json().get("entry", [])):
        assert Reading.objects.count() == before[0]


@FEW
@given(ODD)
def test_any_json_is_answered(cast, hub, data):
    for path in ("/fhir", "/fhir/Observation", "/fhir/Patient"):
        hub.row.use.minute_began_at = None
        hub.row.use.save()
        answer = hub.send("POST", path, json.dumps(data).encode())
        assert 400 <= answer.status_code < 500
    assert not Reading.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b" ",
        b"{",
        b"\xff\xfe",
        b'{"resourceType": "Bundle", "resourceType": "Bundle"}',
        b"[" * 100_000,
        b'{"entry":' * 30_000 + b"1" + b"}" * 30_000,
        b'{"resourceType": "Bundle", "type": "batch", "entry": [' + b"{}," * 600_000 + b"{}]}",
        b'{"resourceType": "Bundle", "type": "batch", "entry": [' + b"[" * 25 + b"1" + b"]" * 25 + b"]}",
    ],
)
def test_what_is_broken_huge_or_deep_is_refused(cast, hub, body):
    for path in ("/fhir", "/fhir/Observation"):
        assert hub.send("POST", path, body).status_code in {400, 413}
    assert not Reading.objects.exists()


def test_two_megabytes_and_a_byte_are_too_much(cast, hub):
    answer = hub.send("POST", "/fhir/", b" " * (2 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert "2097152 bytes" in answer.content.decode()


# Drawn with a seed ----------------------------------------------------------------------------------------------

# Words that the standard has, in places where it does not.
WORDS = (
    "resourceType",
    "id",
    "modifierExtension",
    "contained",
    "extension",
    "valueString",
    "status",
    "code",
    "entry",
)
HUGE = ("9" * 400, "1e400", "-1e400", "1e-400", "0." + "3" * 300, "NaN", "Infinity", "18446744073709551616")


def dropped(draw, data, path):
    return changed(data, path, ...)


def renamed(draw, data, path):
    data = json.loads(json.dumps(data))
    inner = inside(data, path[:-1])
    if isinstance(inner, dict):
        inner[draw.choice(WORDS)] = inner.pop(path[-1])
    return data


def retyped(draw, data, path):
    odd = [
        None,
        True,
        0,
        -1,
        1.5,
        "",
        " ",
        "x",
        "\x00",
        "\ud83d",
        "é",
        [],
        {},
        [[]],
        "2026-13-01",
        "71",
        1767616320,
    ]
    return changed(data, path, draw.choice(odd))


def nested(draw, data, path):
    part = inside(data, path)
    for _ in range(draw.choice([1, 2, 30, 200])):
        part = [part] if draw.random() < 0.5 else {draw.choice(WORDS): part}
    return changed(data, path, part)


def doubled(draw, data, path):
    """An item of a list once more, or an element as a list of itself."""
    part, holder = inside(data, path), inside(data, path[:-1])
    return (
        changed(data, path[:-1], [*holder, part])
        if isinstance(holder, list) and path[:-1]
        else changed(data, path, [part, part])
    )


def huge(draw, data, path):
    """Put in as it is written: no JSON writer of ours would write it so."""
    return changed(data, path, f"<<{draw.choice(HUGE)}>>")


def swapped(draw, data, path):
    return changed(data, path, inside(data, draw.choice(list(places(data)))))


CHANGES = (dropped, renamed, retyped, nested, doubled, huge, swapped)


def inside(data, path):
    for key in path:
        data = data[key]
    return data


def written(draw, data) -> bytes:
    """As bytes, now and then with a name twice, cut off, or in another encoding."""
    text = re.sub(r'"<<(.*?)>>"', r"\1", json.dumps(data))
    if draw.random() < 0.05:
        text = text.replace('"status"', '"status": "final", "status"', 1)
    sent = text.encode()
    if draw.random() < 0.05:
        sent = sent[: draw.randrange(len(sent))]
    if draw.random() < 0.05:
        sent = sent.replace(b"Observation", b"Observ\xffation", 1)
    return sent


def test_bundles_changed_at_random_leave_no_part_and_no_fault(cast, hub):
    """Each time with new moments, so that every value that is taken is one more reading."""
    draw, seen = random.Random(20260105), Counter()
    for number in range(trials(3_000, part=10)):
        at = {
            "effectiveDateTime": f"2026-01-05T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        }
        one, beside = (
            pressure(pulse=71, key=f"f-{number}", **at),
            pulse(serial="", **identified(f"p-{number}"), **at),
        )
        strange = pulse(serial="NOBODYS", **at)
        data = bundle(one, beside, strange, kind=draw.choice(["batch", "transaction"]))
        for _ in range(draw.randint(1, 3)):
            path = draw.choice(list(places(data)) or [()])
            data = draw.choice(CHANGES)(draw, data, path) if path else data
        before = Reading.objects.count(), ParkedReading.objects.count()
        hub.row.use.minute_began_at = None
        hub.row.use.save()
        answer = hub.send("POST", "/fhir", written(draw, data))
        seen[answer.status_code] += 1
        after = Reading.objects.count(), ParkedReading.objects.count()
        assert answer.status_code < 500, data
        check_answer(answer, before, after)
    assert seen[200] > 20, seen
    assert seen[400] > 100, seen


def check_answer(answer, before, after) -> None:
    """What it says is there, is there; of what it refuses, there is nothing."""
    if answer.status_code != 200:
        assert after == before
        return
    told = [one["response"] for one in answer.json().get("entry", [])]
    made = {one["location"] for one in told if one["status"].startswith("201")}
    # A pressure brings its pulse, and both are there or neither.
    assert len(made) <= after[0] - before[0] <= 2 * len(made)
    assert after[1] - before[1] <= 2 * sum(one["status"].startswith("422") for one in told)
    for place in made:
        row = Reading.objects.get(pk=place.rpartition("/")[2])
        assert row.history.count() == 1
