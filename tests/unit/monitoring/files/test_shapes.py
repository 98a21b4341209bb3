"""Every shape of file is read as it is meant, or says what is open; nothing is read by half."""

from zoneinfo import ZoneInfo

import pytest

from monitoring.columns import RowError
from monitoring.files import mapping as mappings
from monitoring.files import questions
from monitoring.files.lines import LeftOut, read
from monitoring.files.mapping import Column, Known, Mapping
from monitoring.files.sheet import read as sheet_of
from monitoring.models import Source
from monitoring.readings.incoming import Incoming
from tests.unit.monitoring.files.shapes import SHAPES, Shape
from tests.unit.monitoring.files.vendors import ASKED, VENDORS

NEW_YORK = ZoneInfo("America/New_York")
ASKED_ALONE = {"", "serial"}


class InNewYork:
    def zone(self, serial, mrn, day):
        return NEW_YORK

    def source(self, serial):
        return Source.AUTOMATIC


def chosen(mapping: Mapping, answers: dict[str, str]) -> Mapping:
    """The mapping, corrected as somebody does on the page."""
    columns = list(mapping.columns)
    values = {"order": mapping.order, "zone": mapping.zone, "serial": mapping.serial, "mrn": mapping.mrn}
    for field, answer in answers.items():
        name, _, place = field.rpartition("_")
        if name == "column":
            meaning, _, unit = answer.partition("/")
            columns[int(place)] = Column(meaning, unit)
        elif name == "unit":
            columns[int(place)] = Column(columns[int(place)].meaning, answer)
        else:
            values[field] = answer
    return Mapping(tuple(columns), **values)


def said(found: Incoming, *, whose: bool) -> str:
    value = (
        f"{found.value:f}".removesuffix(".00")
        if found.measure not in {"weight", "temperature"}
        else f"{found.value:f}"
    )
    second = f"/{found.second_value:f}".removesuffix(".00") if found.second_value is not None else ""
    local = found.taken_at.astimezone(NEW_YORK)
    person = "" if whose else f" {found.serial or found.mrn}"
    typed = " typed" if found.serial and found.source == Source.TYPED else ""
    return f"{found.measure} {value}{second} {local:%Y-%m-%dT%H:%M}{person}{typed}"


def taken(shape: Shape):
    sheet = sheet_of(shape.text.encode(shape.encoding))
    mapping = mappings.guess(sheet, Known(frozenset(shape.serials)))
    mapping = chosen(mapping, shape.asked | ({"serial": "D-1"} if shape.whose else {}))
    assert not questions.of(sheet, mapping)
    return list(read(sheet, mapping, InNewYork()))


@pytest.mark.parametrize("shape", SHAPES + VENDORS, ids=lambda shape: shape.name)
def test_a_shape_is_read_as_it_is_meant(shape):
    found = taken(shape)
    readings = [said(each, whose=shape.whose) for _, each in found if isinstance(each, Incoming)]
    assert sorted(readings) == sorted(shape.readings)
    assert [str(each) for _, each in found if isinstance(each, RowError)] == list(shape.wrong)
    assert sorted(each.line for _, each in found if isinstance(each, LeftOut)) == list(shape.left_out)


@pytest.mark.parametrize("shape", SHAPES + VENDORS, ids=lambda shape: shape.name)
def test_what_is_not_sure_is_asked(shape):
    sheet = sheet_of(shape.text.encode(shape.encoding))
    found = questions.of(sheet, mappings.guess(sheet, Known(frozenset(shape.serials))))
    asked = {question.field for question in found}
    assert ("serial" in asked) == shape.whose
    assert bool(asked - {"serial"}) == bool(shape.asked)
    assert not {"order", "unit_1", "zone"} & set(shape.asked) - asked


@pytest.mark.parametrize("shape", SHAPES + VENDORS, ids=lambda shape: shape.name)
def test_what_was_chosen_reads_the_same_when_kept(shape):
    sheet = sheet_of(shape.text.encode(shape.encoding))
    mapping = chosen(mappings.guess(sheet, Known()), shape.asked)
    assert Mapping.of(mapping.kept()) == mapping


@pytest.mark.parametrize("text", ASKED)
def test_what_could_be_read_wrong_is_not_read(text):
    sheet = sheet_of(text.encode())
    asked = questions.of(sheet, chosen(mappings.guess(sheet, Known()), {"serial": "D-1"}))
    field, words = ASKED[text]
    assert [question.field for question in asked if words in question.sentence] == [field]
