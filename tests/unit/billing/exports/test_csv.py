"""The CSV: inert cells, fixed columns, the same bytes for the same rows."""

import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.exports.batch import ExportLine
from billing.exports.csv import CLAIM_LINE_COLUMNS, claim_lines_csv, claim_lines_name, inert


def line(**more) -> ExportLine:
    values = {
        "practice_npi": "1234567893", "month": "2026-03", "claim_number": "RPM-202603-000001", "line_number": 1,
        "line_control": "RPM-202603-000001-01", "patient_mrn": "007", "patient_last": "Doe", "patient_first": "Jane",
        "birth_date": date(1948, 5, 12), "payer_id": "medicare", "member_id": "1EG4TE5MK73", "code": "99457",
        "code_label": "RPM management, first 20 min", "units": 1, "service_from": date(2026, 3, 31),
        "service_to": date(2026, 3, 31), "place_of_service": "11", "diagnoses": ("I10",),
        "rendering_npi": "", "status": "Approved",
        "rules_version": "medicare-rpm-2026-01", "approved_by": "Cora", "approved_at": "2026-04-05T10:00:00-04:00",
        "forced_by": "",
        "practice_name": "Maple Test Practice",
        "practice_tax_id": "12-3456789",
        "practice_taxonomy": "207R00000X",
        "practice_address": "1 Test Way",
        "practice_city": "Testtown",
        "practice_state": "MA",
        "practice_zip": "02110-0001",
        "practice_phone": "",
        "site": "Clinic",
    }  # fmt: skip
    return ExportLine(**{**values, **more})


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        " =1",
        "\n=cmd",
        "＝1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "﹢1",
        "−1",
        "\u200b=1",
        "\ufeff=1",
        "\u2060＝1",
        '"=1',
        "'=1",
        "“=1",
        "\u00a0=1",
        "\u00ad=1",
    ],
)
def test_a_cell_that_begins_a_formula_is_made_inert(cell):
    assert inert(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "Doe", "007", "1-2", "a=b", "2026-03-31"])
def test_every_other_cell_stays_as_it_is(cell):
    assert inert(cell) == cell


def test_the_header_is_the_agreed_order_and_ends_in_crlf():
    first = claim_lines_csv([]).decode()
    assert first == ",".join(CLAIM_LINE_COLUMNS) + "\r\n"
    assert len(CLAIM_LINE_COLUMNS) == 39
    assert CLAIM_LINE_COLUMNS[28:31] == ("approved_at", "forced_by", "practice_name"), (
        "New columns come at the end."
    )


def test_a_row_has_a_cell_for_every_column_and_empty_ones_for_what_is_unknown():
    row = claim_lines_csv([line()]).decode().splitlines()[1]
    assert row == (
        "1234567893,2026-03,RPM-202603-000001,1,RPM-202603-000001-01,007,Doe,Jane,1948-05-12,medicare,"
        '1EG4TE5MK73,99457,"RPM management, first 20 min",1,2026-03-31,2026-03-31,11,I10,,,,,,,Approved,'
        "medicare-rpm-2026-01,,Cora,2026-04-05T10:00:00-04:00,,"
        "Maple Test Practice,12-3456789,207R00000X,1 Test Way,Testtown,MA,02110-0001,,Clinic"
    )


def test_a_name_typed_as_a_formula_leaves_as_text():
    assert ",'=HYPERLINK(1)," in claim_lines_csv([line(patient_last="=HYPERLINK(1)")]).decode()


def test_the_same_rows_give_the_same_bytes():
    rows = [line(), line(line_number=2, code="99454")]
    assert claim_lines_csv(rows) == claim_lines_csv(list(rows))


def test_the_files_name_says_month_and_day():
    assert (
        claim_lines_name(date(2026, 3, 1), made_on=date(2026, 4, 5))
        == "rpm-claimlines-v1_2026-03_2026-04-05.csv"
    )


@given(st.text(alphabet=st.characters(), max_size=12))
def test_no_exported_cell_begins_a_formula_after_what_spreadsheets_pass_over(text):
    """The other way round: the second character of a neutralized cell does, or nothing was added."""
    made = inert(text)
    assert made in {text, "'" + text}
    bare = unicodedata.normalize("NFKC", text).strip(" \t\r\n\u00a0\u200b\ufeff\"'")
    if bare[:1] in {"=", "+", "-", "@"}:
        assert made == "'" + text
