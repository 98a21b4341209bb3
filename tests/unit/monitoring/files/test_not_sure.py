"""Files that were once read without a word as something else: another time, another day, another person's blood."""

import pytest

from monitoring.columns import RowError
from monitoring.files import mapping as mappings
from monitoring.files import meanings as m
from monitoring.files import moments, questions
from monitoring.files.mapping import Known
from monitoring.files.sheet import read as sheet_of
from monitoring.readings.incoming import Incoming
from tests.unit.monitoring.files.shapes import Shape
from tests.unit.monitoring.files.test_shapes import said, taken

READ = (
    Shape(
        "a heading says UTC, a column beside it where the patient was",
        "Serial,Measured At (UTC),Time Zone,Pulse\nC-1,2026-03-03 12:14,America/New_York,71\n",
        ("heart_rate 71 2026-03-03T07:14 C-1",),
    ),
    Shape(
        "a spreadsheet's dates are moments at midnight, with the time in its own column",
        "Date,Time,Pulse\n2026-03-03 00:00:00,07:14,71\n2026-03-04 00:00:00,00:00,68\n",
        ("heart_rate 71 2026-03-03T07:14", "heart_rate 68 2026-03-04T00:00"),
        whose=True,
    ),
    Shape(
        "a form: when it was sent, and when it was measured",
        "Timestamp,Date of reading,Time of reading,Pulse\n3/14/2026 21:00:00,3/13/2026,7:14:00 AM,71\n",
        ("heart_rate 71 2026-03-13T07:14",),
        whose=True,
    ),
    Shape(
        "some are typed, others come in a way not known here",
        "Date Time,Pulse,Entry Type\n2026-03-03 07:14,71,Manual\n2026-03-04 07:14,68,Cloud Import\n",
        ("heart_rate 71 2026-03-03T07:14 typed",),
        whose=True,
        wrong=("Line 3, Entry Type: Is “Cloud Import”. Write automatic or manual",),
    ),
    Shape(
        "an offset that is minutes",
        "Local Time,Timezone Offset,Pulse\n2026-03-03 07:14,-300,71\n",
        (),
        whose=True,
        wrong=(
            "Line 2, Timezone Offset: Is “-300”. Write an offset like -05:00, or America/New_York",
        ),
    ),
    Shape(
        "control solution is nobody's blood",
        "Date Time,Test Type,Result,Unit\n"
        "2026-03-03 07:14,Blood Glucose,134,mg/dL\n2026-03-04 07:14,Control Solution,110,mg/dL\n",
        ("glucose 134 2026-03-03T07:14",),
        whose=True,
    ),
)  # fmt: skip


@pytest.mark.parametrize("shape", READ, ids=lambda shape: shape.name)
def test_it_is_read_as_it_is_meant(shape):
    found = taken(shape)
    readings = [said(each, whose=shape.whose) for _, each in found if isinstance(each, Incoming)]
    assert sorted(readings) == sorted(shape.readings)
    assert [str(each) for _, each in found if isinstance(each, RowError)] == list(shape.wrong)


@pytest.mark.parametrize("text", ["03-04-2026 07:14:00.000", "03-04-2026 7:14 a.m."])
def test_a_dot_in_the_time_is_none_in_the_date(text):
    sheet = sheet_of(f"Date Time,Pulse\n{text},71\n".encode())
    asked = questions.of(sheet, mappings.guess(sheet, Known()))
    assert "order" in {question.field for question in asked}
    assert moments.settle([(2, text)]).asked


def test_dots_in_the_date_are_day_month_year():
    assert moments.settle([(2, "03.04.2026 07:14:00.000"), (3, "04.04.26, 7:14")]).order == "dmy"


@pytest.mark.parametrize(
    "text",
    [
        "2026/03/04 午後 7:14",
        "2026/03/04 下午 07:14",
        "2026/03/04 오후 7:14",
        "2026/03/04 7:14 μ.μ.",
        "2026-03-04 AM 12:14",
        "26-Mar-03 07:14",
    ],
)
def test_a_word_that_may_change_the_time_is_refused(text):
    with pytest.raises(moments.BadMoment):
        moments.read(text)


def test_an_offset_of_whole_hours_or_with_minutes_is_read():
    said_by = {text: moments.zone_named(text).utcoffset(None) for text in ("-5", "-05", "-0500", "-05:00:00")}
    assert len(set(said_by.values())) == 1
    assert moments.zone_named("-500") is None


def test_a_column_of_zones_counts_where_the_heading_says_none():
    sheet = sheet_of(b"Serial,Measured At,Time Zone,Pulse\nC-1,2026-03-03 07:14,America/New_York,71\n")
    assert mappings.guess(sheet, Known()).has(m.ZONE)
