"""Exporters: frozen rows in, bytes out. No table is read here, and no clock."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date

from billing.exports.batch import MOST_DIAGNOSES, ExportLine

# Column order is for ever; new columns come at the end.
CLAIM_LINE_COLUMNS = (
    "practice_npi", "month", "claim_number", "line_number", "line_control", "patient_mrn", "patient_last",
    "patient_first", "birth_date", "payer_id", "member_id", "code", "code_label", "units", "service_from",
    "service_to", "place_of_service", "dx1", "dx2", "dx3", "dx4", "rendering_npi", "unit_amount", "line_amount",
    "status", "rules_version", "fee_schedule", "approved_by", "approved_at", "forced_by",
    "practice_name", "practice_tax_id", "practice_taxonomy", "practice_address", "practice_city", "practice_state",
    "practice_zip", "practice_phone", "site",
)  # fmt: skip
# Signs that begin a formula, in whatever width they are typed, and the minus of mathematics.
_QUOTES = frozenset("\"'`‘’“”‚„«»′″＂＇")
_FORMULA = frozenset("=+-@\u2212")


def claim_lines_csv(rows: Iterable[ExportLine]) -> bytes:
    """UTF-8, comma, CRLF, a header. Amounts stay empty until there are fees. The same rows give the same bytes."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(CLAIM_LINE_COLUMNS)
    for row in rows:
        writer.writerow([inert(cell) for cell in _cells(row)])
    return out.getvalue().encode()


def _cells(row: ExportLine) -> Iterator[str]:
    values = {name: getattr(row, name, "") for name in CLAIM_LINE_COLUMNS}
    for position in range(MOST_DIAGNOSES):
        values[f"dx{position + 1}"] = row.diagnoses[position] if position < len(row.diagnoses) else ""
    for name in CLAIM_LINE_COLUMNS:
        value = values[name]
        yield value.isoformat() if isinstance(value, date) else str(value)


def inert(cell: str) -> str:
    """A cell that a spreadsheet would take for a formula gets a leading apostrophe.

    What a spreadsheet passes over before the sign is passed over here: white space, quotes, and characters without
    width or shape.
    """
    first = next((char for char in cell if not _is_passed_over(char)), "")
    formula = any(char in _FORMULA for char in unicodedata.normalize("NFKC", first))
    return "'" + cell if formula or cell[:1] in {"\t", "\r"} else cell


def _is_passed_over(char: str) -> bool:
    return char.isspace() or char in _QUOTES or unicodedata.category(char) in {"Cc", "Cf", "Mn"}


def claim_lines_name(month: date, *, made_on: date) -> str:
    return f"rpm-claimlines-v1_{month:%Y-%m}_{made_on:%Y-%m-%d}.csv"
