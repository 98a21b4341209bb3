"""Dates as other systems write them: read one way, or refused in words."""

from datetime import date

import pytest

from intake import dates

MAY = date(1948, 5, 12)


@pytest.mark.parametrize(
    "text",
    [
        "1948-05-12",
        "1948/5/12",
        "19480512",
        "5/12/1948",
        "05/12/1948",
        "05-12-1948",
        "12-May-1948",
        "May 12, 1948",
        "12 May 1948",
        "1948-05-12 00:00:00",
        "1948-05-12T00:00:00.000Z",
        "5/12/1948 0:00",
        "5/12/1948 12:00:00 AM",
    ],
)
def test_a_date_is_read_however_it_is_written(text):
    assert dates.read(text) == MAY


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("5/12/48", "Write the year with four digits"),
        ("12.05.1948", "dates with dots often have their day first"),
        ("25/12/1950", "with the day first"),
        ("13/13/1950", "a day that no calendar has"),
        ("2/30/1950", "a day that no calendar has"),
        ("1950-02-29", "a day that no calendar has"),
        ("0/5/1950", "a day that no calendar has"),
        ("tomorrow", "which is no date"),
        ("194851", "which is no date"),
        ("5/12/1948 13:45", "which is no date"),
        ("=TODAY()", "which is no date"),
    ],
)
def test_what_is_no_date_or_could_be_two_is_refused_in_words(text, sentence):
    with pytest.raises(dates.BadDate, match=sentence):
        dates.read(text)


def test_one_day_first_puts_the_whole_column_in_doubt():
    column = [(2, "3/4/1951"), (3, "25/12/1950"), (4, "5/5/1951"), (5, "1951-03-04")]
    assert dates.first_day_first(column) == 3
    with pytest.raises(dates.BadDate, match="two days: row 3 has its day first. Write it like 1951-03-04"):
        dates.read("3/4/1951", day_first=3)
    assert dates.read("5/5/1951", day_first=3) == date(1951, 5, 5)
    assert dates.read("1951-03-04", day_first=3) == date(1951, 3, 4)
    assert dates.read("3/14/1951", day_first=3) == date(1951, 3, 14)


def test_no_day_first_no_doubt():
    assert dates.first_day_first([(2, "3/4/1951"), (3, "12/25/1950"), (4, ""), (5, "13/13/1950")]) is None
