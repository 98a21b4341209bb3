"""Reading the columns of a CSV: units, times, and what is said about a cell that cannot be read."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from foundation.refusals import Refused
from monitoring.columns import MAX_BYTES, MAX_ROWS, RowError, read

HEADER = "serial,mrn,measure,taken_at,value,second_value,unit,source"
AT = "2026-01-05T08:12:00-05:00"


def rows(*lines, header=HEADER):
    return list(read("\n".join([header, *lines]).encode()))


def row(line, **more):
    (only,) = rows(line, **more)
    return only


def value_of(line):
    return row(line).value


def test_a_line_becomes_typed_values_in_utc():
    line = f"A-77,,blood_pressure,{AT},158,96,mmHg,automatic"
    found = value_of(line)
    assert found.taken_at == datetime(2026, 1, 5, 13, 12, tzinfo=UTC)
    assert (found.value, found.second_value, found.source) == (Decimal(158), Decimal(96), "automatic")
    assert row(line).line == 2


def test_what_came_in_another_unit_is_kept_as_it_was_sent():
    assert value_of(f"A-77,,weight,{AT},187.4,,lb,").original == "187.4 lb"
    assert value_of(f"A-77,,weight,{AT},86,,kg,").original == ""


@pytest.mark.parametrize(
    ("measure", "value", "unit", "expected"),
    [
        ("glucose", "6.4", "mmol/L", "115.30"),
        ("glucose", "115", "", "115.00"),
        ("weight", "190", "lb", "86.18"),
        ("weight", "190", "[lb_av]", "86.18"),
        ("weight", "86180", "g", "86.18"),
        ("weight", "86.184", "kg", "86.18"),
        ("spo2", "93", "%", "93.00"),
        ("heart_rate", "71", "bpm", "71.00"),
    ],
)
def test_units_are_brought_to_our_own(measure, value, unit, expected):
    assert value_of(f"A-77,,{measure},{AT},{value},,{unit},").value == Decimal(expected)


def test_a_serial_without_source_is_automatic_and_an_mrn_typed():
    assert value_of(f"A-77,,weight,{AT},86,,kg,").source == "automatic"
    assert value_of(f",T-0001,weight,{AT},86,,kg,").source == "typed"


def test_columns_come_in_any_order_and_a_mark_of_bytes_order_is_no_name():
    content = "\ufeffTaken_At, value ,measure,SERIAL\n" + f"{AT},86,weight,S-1\n"
    (found,) = read(content.encode())
    assert (found.value.serial, found.value.value) == ("S-1", Decimal("86.00"))


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        (",,weight,{at},86,,kg,", "serial", "Is empty, and so is mrn"),
        ("S,,wait,{at},86,,kg,", "measure", "Is “wait”. Write one of blood_pressure"),
        ("S,,weight,2026-01-05T08:12:00,86,,kg,", "taken_at", "Has no offset"),
        ("S,,weight,5 Jan,86,,kg,", "taken_at", "Is “5 Jan”. Write a date and time like"),
        ("S,,weight,2026-13-05T08:12:00Z,86,,kg,", "taken_at", "Write a date and time like"),
        ("S,,weight,{at},heavy,,kg,", "value", "Is “heavy”. Write a number"),
        ("S,,weight,{at},NaN,,kg,", "value", "Write a number"),
        ("S,,weight,{at},1e999999,,kg,", "value", "Write a number"),
        ("S,,weight,{at},-86,,kg,", "value", "Is not possible"),
        ("S,,weight,{at},,,kg,", "value", "Is empty"),
        ("S,,weight,{at},86,,stone,", "unit", "Is “stone”. Write one of kg, lb, g"),
        ("S,,glucose,{at},6.4,,mg/dL,", "value", "Is not possible: 10 to 1500 mg/dL are"),
        ("S,,spo2,{at},101,,%,", "value", "Is not possible"),
        ("S,,blood_pressure,{at},158,,,", "second_value", "Give the diastolic value"),
        ("S,,blood_pressure,{at},80,120,,", "second_value", "Is not below value"),
        ("S,,weight,{at},86,3,kg,", "second_value", "Is only for blood pressure"),
        ("S,,weight,{at},86,,kg,guess", "source", "Is “guess”. Write automatic or typed"),
        (",M,weight,{at},86,,kg,automatic", "serial", "An automatic reading names its device"),
        ("S,,weight,{at},86,,kg,typed,more", "line", "Has more cells than the header"),
        ("S,,weight", "taken_at", "Is empty"),
    ],
)
def test_a_wrong_cell_is_named_with_what_to_do(line, column, words):
    found = row(line.format(at=AT))
    assert isinstance(found, RowError)
    assert (found.line, found.column) == (2, column)
    assert words in found.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "The file is empty"),
        (b"a,b\n1,2\n", "The header lacks measure, taken_at, value"),
        (b"measure,taken_at,value\n", "neither serial nor mrn"),
        (b"serial,measure,taken_at,value,color\n", "The header has color"),
        (b"serial,serial,measure,taken_at,value\n", "names a column twice"),
        (b"serial,measure\x00,taken_at,value\n", "not a text file"),
        ("serial,measure,taken_at,value\né".encode("latin-1"), "not UTF-8"),
        (HEADER.encode() + b'\n"S,,weight\n', "is not CSV"),
        (b"x" * (MAX_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_what_is_no_such_file_is_refused_whole(content, words):
    with pytest.raises(Refused, match=words):
        list(read(content))


def test_too_many_readings_are_refused():
    content = (HEADER + "\n" + "S,,weight,x,1,,kg,\n" * (MAX_ROWS + 1)).encode()
    with pytest.raises(Refused, match="more than 50,000 readings"):
        list(read(content))
