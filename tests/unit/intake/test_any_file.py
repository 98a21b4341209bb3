"""Whatever is sent as a file is read or refused in words, and each row is taken or told what is wrong with it."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.refusals import Refused
from intake import sheet
from intake.cells import REQUIRED, Columns
from intake.fields import FIELDS, guess, why_not_columns
from intake.similar import alike, keys
from patients.models import Patient

TODAY = date(2026, 11, 27)
CHOSEN = [name for name in FIELDS if name != "full_name"]
HEADER = ",".join(FIELDS[name].label for name in CHOSEN)
CELLS = st.one_of(
    st.text(max_size=30),
    st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}", fullmatch=True),
    st.sampled_from(
        [
            "",
            "F",
            "medicare",
            "1EG4-TE5-MK73",
            "=1+1",
            '"',
            '""',
            "a,b",
            "\n",
            "Doe",
            "0000-00-00",
            "²/3/1951",
        ]
    ),
)


def looked_at(content: bytes):
    """The rows, or nothing where the file is refused."""
    try:
        return sheet.read(content)
    except Refused:
        return None


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode(errors="ignore")))
)
def test_bytes_are_read_or_refused(content):
    read = looked_at(content)
    if read is not None:
        chosen = guess(read.header, {})
        assert len(chosen) == len(read.header)
        assert why_not_columns(chosen) is None or isinstance(why_not_columns(chosen), str)
        assert len(list(Columns.of(read, chosen, today=TODAY).rows())) == len(read.rows)


@settings(max_examples=300, deadline=None)
@given(st.lists(CELLS, min_size=len(CHOSEN), max_size=len(CHOSEN)))
def test_a_row_without_problems_fits_a_patient(cells):
    line = ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    read = looked_at(f"{HEADER}\n{line}".encode(errors="ignore"))
    if read is None:
        return
    for row in Columns.of(read, CHOSEN, today=TODAY).rows():
        assert all(len(pair) == 2 and all(pair) for pair in row.problems)
        if not row.problems:
            assert set(REQUIRED) <= set(row.values)
            assert date.fromisoformat(row.values["born_on"]) <= TODAY
            for name in ("family_name", "given_name", "mrn", "phone", "language", "time_zone"):
                assert len(row.values.get(name, "")) <= Patient._meta.get_field(name).max_length


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_mutual_and_every_name_is_like_itself(one, other):
    assert keys(one)
    assert alike(one, one)
    assert alike(one, other) == alike(other, one)
