"""A CSV as a header and numbered rows, whatever program wrote it; and what its cells give."""

from datetime import date
from time import process_time

import pytest

from accounts.models import Practice
from foundation.refusals import Refused
from intake import sheet
from intake.cells import Columns
from intake.fields import FIELDS, guess, key, why_not_columns, why_not_header
from intake.similar import alike
from payers.acts import usual_payers
from payers.models import Payer

HEADER = "MRN,Last name,First name,DOB"
CHOSEN = ["mrn", "family_name", "given_name", "born_on"]
TODAY = date(2026, 11, 27)
PAYERS = usual_payers(Practice())
EMPTY = "Is empty. Every patient needs it"
IN_THE_PAST = "It must be in the past, and not more than 130 years ago"
HIDDEN = "Holds an invisible sign that changes how text reads. Type it again"
MORE_CELLS = "Has more cells than the header. Put values that hold the separator in quotes"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_separator_and_end_of_line(sign, bom, end):
    text = end.join([sign.join(HEADER.split(",")), sign.join(["T-1", "Peña", "Ana", "1950-01-02"])])
    read = sheet.read(bom + text.encode())
    assert read.header == ("MRN", "Last name", "First name", "DOB")
    assert read.rows == ((2, ("T-1", "Peña", "Ana", "1950-01-02")),)
    assert not read.windows


def test_windows_is_read_and_told():
    read = sheet.read(f"{HEADER}\nT-1,Peña,Ana,1950-01-02".encode("cp1252"))
    assert read.windows
    assert read.rows[0][1][1] == "Peña"


def test_quoted_newlines_and_separators_are_one_cell_and_empty_rows_are_counted():
    read = sheet.read(
        f'{HEADER}\nT-1,"Doe\nSmith","Jane, A",1950-01-02\n\n,,,\nT-2,Roe,Max,1951-01-02\n'.encode()
    )
    assert [number for number, _ in read.rows] == [2, 5]
    assert read.rows[0][1][1:3] == ("Doe Smith", "Jane, A")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\n\n", "The file is empty"),
        (HEADER.encode(), "a header and no rows"),
        (HEADER.encode("utf-16"), "not a CSV in UTF-8"),
        (b"PK\x03\x04\x00\x00", "not a CSV in UTF-8"),
        (b"MRN,Name\n\x81,x", "neither UTF-8 nor Windows-1252"),
        (f'{HEADER}\nT-1,"Doe'.encode(), "Line 2 is not CSV: unexpected end of data"),
        (b"T-1,Doe,Jane,1950-01-02\nT-2,Roe,Max,1951-02-03", "must name the columns"),
        (b"MRN," + b"x" * 131_073 + b"\nT-1,Doe", "Line 1 is not CSV: field larger than field limit"),
        (b"T-1,Doe,Jane,5/12/48\nT-2,Roe,Max,2/1/44", "must name the columns"),
        (b"T-1,Doe,Jane,19480512\nT-2,Roe,Max,19440201", "must name the columns"),
        (b"MRN," + b"x" * 81 + b"\nT-1,Doe", "more than 80 characters"),
        (b",".join([b"a"] * 101) + b"\nT-1", "has 101 columns; 100 are read"),
    ],
)
def test_what_is_no_such_file_is_told(content, sentence):
    with pytest.raises(Refused, match=sentence):
        sheet.read(content)


def test_empty_cells_at_the_end_of_the_header_take_time_by_their_number():
    """Cut off one by one, a hundred thousand held a web process for 25 seconds."""
    before = process_time()
    assert sheet.read(HEADER.encode() + b"," * 100_000 + b"\nT-1,Doe,Jane,1950-01-02").header[-1] == "DOB"
    assert process_time() - before < 3


@pytest.mark.parametrize("beyond", [-1, 0, 1])
def test_the_limits_of_rows_and_bytes(settings, beyond):
    settings.PATIENT_IMPORT_MAX_ROWS = 3
    content = "\n".join([HEADER, *["T-1,Doe,Jane,1950-01-02"] * (3 + beyond)]).encode()
    settings.PATIENT_IMPORT_MAX_BYTES = len(content)
    if beyond > 0:
        with pytest.raises(Refused, match="more than 3 rows. Split it"):
            sheet.read(content)
    else:
        assert len(sheet.read(content).rows) == 3 + beyond
    with pytest.raises(Refused, match="larger than"):
        sheet.read(content + b" ")


# Columns -----------------------------------------------------------------------------------------------------------


def test_headers_are_guessed_the_practices_own_choice_first():
    header = ["Patient ID", "LAST_NAME", "First Name", "Date of Birth", "Sex", "Notes", "Phone", "Cell"]
    assert guess(header, {}) == ["mrn", "family_name", "given_name", "born_on", "sex", "", "phone", ""]
    known = {key("Notes"): "language", key("Phone"): "", key("Cell"): "phone"}
    assert guess(header, known)[5:] == ["language", "", "phone"]


@pytest.mark.parametrize(
    ("header", "known", "named"),
    [
        (["hello"], {}, False),
        (["A123", "Doe", "Jane"], {}, False),
        (["Kennung", "Nachname"], {}, False),
        (["Kennung", "Nachname"], {"kennung": ""}, False),
        (["Kennung", "Nachname"], {"kennung": "mrn"}, True),
        (["MRN", "Nachname"], {}, True),
    ],
)
def test_a_first_row_without_any_name_that_is_known_is_no_header(header, known, named):
    assert (why_not_header(header, known) is None) == named


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        (["family_name", "given_name", "born_on"], "No column gives: MRN"),
        (["mrn", "born_on"], "No column gives: Family name, Given name"),
        (["mrn", "full_name"], "No column gives: Date of birth"),
        (["mrn", "full_name", "family_name", "born_on"], "The name comes twice"),
        ([*CHOSEN, "member_id"], "need the payer"),
        ([*CHOSEN, "member_id", "payer"], None),
        (["mrn", "full_name", "born_on"], None),
        (CHOSEN, None),
    ],
)
def test_which_columns_are_enough(chosen, sentence):
    said = why_not_columns(chosen)
    assert said is None if sentence is None else sentence in said


def given(line: str, header: str = HEADER, chosen=None):
    read = sheet.read(f"{header}\n{line}".encode())
    (row,) = Columns.of(read, chosen or CHOSEN, today=TODAY, payers=PAYERS).rows()
    return row


def test_a_full_name_is_divided_at_its_comma():
    row = given('T-1,"Doe-Smith, Jane A.",1948-05-12', "MRN,Patient,DOB", ["mrn", "full_name", "born_on"])
    assert (row.values["family_name"], row.values["given_name"], row.problems) == ("Doe-Smith", "Jane A.", [])


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (",Doe,Jane,1948-05-12", ["MRN", EMPTY]),
        ("T-1,,Jane,1948-05-12", ["Last name", EMPTY]),
        ("T-1,Doe,Jane,", ["DOB", EMPTY]),
        ("T-1,Doe,Jane,2026-11-28", ["DOB", f"Is “2026-11-28”. {IN_THE_PAST}"]),
        ("T-1,Doe,Jane,1895-12-31", ["DOB", f"Is “1895-12-31”. {IN_THE_PAST}"]),
        (f"{'9' * 21},Doe,Jane,1948-05-12", ["MRN", "Has 21 characters; 20 fit. Shorten it"]),
        (f"T-1,{'x' * 61},Jane,1948-05-12", ["Last name", "Has 61 characters; 60 fit. Shorten it"]),
        ("T-1,D\u202eoe,Jane,1948-05-12", ["Last name", HIDDEN]),
        ("T-1,Doe,Jane,1948-05-12,more", ["The row", MORE_CELLS]),
    ],
)
def test_each_problem_names_its_column_as_the_file_does(line, problem):
    assert given(line).problems == [problem]


@pytest.mark.parametrize(
    ("day", "problem"),
    [
        ("2026-11-28", "Is “2026-11-28”, which is still to come. A coverage begins today or before"),
        ("2026-11-27", None),
        ("1948-05-12", None),
        ("1948-05-11", "Is “1948-05-11”, before the date of birth"),
        ("0001-01-01", "Is “0001-01-01”, before the date of birth"),
    ],
)
def test_a_coverage_begins_between_birth_and_today(day, problem):
    row = given(
        f"T-1,Doe,Jane,1948-05-12,medicaid,{day}", f"{HEADER},Payer,Since", [*CHOSEN, "payer", "coverage_on"]
    )
    assert row.problems == ([["Since", problem]] if problem else [])


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u2060", "\u00ad", "\u202e"])
@pytest.mark.parametrize("text", ["A12{}", "{}A12", "A{}12"])
def test_what_cannot_be_seen_makes_no_other_mrn(sign, text):
    assert given(f"{text.format(sign)},Doe,Jane,1948-05-12").problems == [["MRN", HIDDEN]]


@pytest.mark.parametrize("day", ["2026-11-27", "1896-01-01"])
def test_the_first_and_the_last_day_of_birth_that_are_taken(day):
    assert given(f"T-1,Doe,Jane,{day}").problems == []


@pytest.mark.parametrize("cell", ["=1+1", "+15550100", "-2", "@SUM(A1)", "<script>alert(1)</script>"])
def test_a_formula_is_text(cell):
    assert given(f"T-1,{cell},Jane,1948-05-12").values["family_name"] == cell


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("sex", "Female", "F"),
        ("sex", "m", "M"),
        ("sex", "UNK", "U"),
        ("sex", "9", None),
        ("time_zone", "Eastern", "America/New_York"),
        ("time_zone", "America/Chicago", "America/Chicago"),
        ("time_zone", "CET", None),
        ("payer", "medicare part b", "medicare"),
        ("payer", "Medicare Advantage", "medicare-advantage"),
        ("payer", "BCBS of TN", None),
    ],
)
def test_words_of_other_systems(field, text, value):
    row = given(f"T-1,Doe,Jane,1948-05-12,{text}", f"{HEADER},Own", [*CHOSEN, field])
    assert row.values.get(field) == value
    assert [column for column, _ in row.problems] == ([] if value else ["Own"])


def test_a_payer_is_known_by_its_payer_id_where_that_is_one_alone():
    one, other, retired = (
        Payer(name=name, slug=slug, kind="commercial", filing_code="CI", payer_id="60054", retired=retired)
        for name, slug, retired in [("Acme HMO", "a", False), ("Acme PPO", "b", False), ("Old", "o", True)]
    )
    header, chosen, line = f"{HEADER},Payer", [*CHOSEN, "payer"], "T-1,Doe,Jane,1948-05-12,"

    def read(text, *payers):
        table = sheet.read(f"{header}\n{line}{text}".encode())
        (row,) = Columns.of(table, chosen, today=TODAY, payers=payers).rows()
        return row.values.get("payer"), [sentence for _, sentence in row.problems]

    assert read("60054", one, retired) == ("a", [])
    both = "Is “60054”, the payer id of several payers. Write the name: Acme HMO, Acme PPO"
    assert read("60054", one, other) == (None, [both])
    assert read("acme ppo", one, other) == ("b", [])
    (wrong,) = read("Old", one, retired)[1]
    assert wrong.startswith("Is “Old”, which is no payer here. Write one of Acme HMO; or")
    (wrong,) = read("Acme")[1]
    assert "The practice has no payer yet; an administrator adds it" in wrong


def test_a_medicare_number_is_checked_and_a_number_needs_its_payer():
    header, chosen = f"{HEADER},Payer,MBI", [*CHOSEN, "payer", "member_id"]
    assert (
        given("T-1,Doe,Jane,1948-05-12,medicare,1eg4-te5-mk73", header, chosen).values["member_id"]
        == "1EG4TE5MK73"
    )
    (wrong,) = given("T-1,Doe,Jane,1948-05-12,medicare,1EG4", header, chosen).problems
    assert wrong[0] == "MBI"
    (missing,) = given("T-1,Doe,Jane,1948-05-12,,1EG4", header, chosen).problems
    assert missing == ["Payer", "Is empty, but a plan or member number is given. Name the payer"]


# Names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Doe", "DOE"),
        ("Doe", "Deo"),
        ("Peña", "Pena"),
        ("Garcia", "Garcia-Lopez"),
        ("Gonzalez", "Gonzales"),
        ("Smith", "Smyth"),
        ("Philips", "Fillips"),
        ("O'Brien", "OBrien"),
        ("de la Cruz", "Delacruz"),
    ],
)
def test_names_that_are_likely_the_same(one, other):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(("one", "other"), [("Doe", "Roe"), ("Bell", "Cole"), ("Lee", "Li"), ("Ann", "Bob")])
def test_names_that_are_not(one, other):
    assert not alike(one, other)


def test_every_field_fits_its_column():
    from patients.models import Coverage, Patient

    for model in (Patient, Coverage):
        for column in model._meta.local_fields:
            if column.name in FIELDS and column.max_length and column.name not in {"sex", "payer"}:
                assert FIELDS[column.name].longest <= column.max_length, column.name
