"""Every sample as `hl7apy` reads it: the same segments, fields, repetitions and components as ours."""

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from interchange.hl7.er7 import parse
from tests.integration.interchange.adt import SAMPLES, adt

READ = ("EVN", "PID", "MRG", "IN1")


def theirs(content: bytes) -> dict:
    """{(segment, field, repetition, component): escaped text}"""
    message = parse_message(content.decode(), validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=False)
    found = {}
    for segment in (each for each in message.children if each.name in READ):
        seen: dict[int, int] = {}
        for field in segment.children:
            place = int(field.name.split("_")[1]) if field.name else 1
            seen[place] = seen.get(place, 0) + 1
            for component in field.children:
                number = int(component.name.split("_")[-1]) if "_" in component.name else 1
                if text := component.to_er7():
                    found[segment.name, place, seen[place], number] = text
    return found


def ours(content: bytes) -> dict:
    found = {}
    for segment in (each for each in parse(content).segments if each.name in READ):
        for place in range(1, len(segment.fields) + 1):
            for count, text in enumerate(segment.repetitions(place), start=1):
                for number, piece in enumerate(text.split(segment.marks.component), start=1):
                    if piece:
                        found[segment.name, place, count, number] = piece
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_two_readers_agree(name):
    assert ours(SAMPLES[name]) == theirs(SAMPLES[name])
    assert ours(SAMPLES[name])


@pytest.mark.parametrize("name", SAMPLES)
def test_every_acknowledgment_is_one_for_the_other_reader(cast, name):
    from tests.integration.interchange.test_adt import replied

    message = parse_message(replied(cast, SAMPLES[name]).decode(), validation_level=VALIDATION_LEVEL.TOLERANT)
    sent = parse(SAMPLES[name])
    assert message.msa.msa_2.to_er7() == sent.msh.get(10)
    assert message.msh.msh_12.to_er7() == sent.msh.get(12)
    assert message.msh.msh_5.to_er7() == "EHR"


@pytest.mark.parametrize("version", ["2.4", "2.5", "2.5.1", "2.6"])
def test_an_acknowledgment_stands_up_to_strict_reading(cast, version):
    from tests.integration.interchange.test_adt import replied

    for content in (adt(version=version), adt(event="A99", version=version)):
        message = parse_message(replied(cast, content).decode(), validation_level=VALIDATION_LEVEL.STRICT)
        assert message.validate()
