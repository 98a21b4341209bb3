"""Whatever the separator, the encoding, the way of writing dates and the unit: what was written is what is read."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.columns import RowError
from monitoring.files import mapping as mappings
from monitoring.files import questions
from monitoring.files.lines import read
from monitoring.files.mapping import Known
from monitoring.files.sheet import read as sheet_of
from monitoring.readings.incoming import Incoming
from tests.unit.monitoring.files.test_shapes import InNewYork, chosen

NEW_YORK = ZoneInfo("America/New_York")
GERMAN = ["Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sept", "Okt", "Nov", "Dez"]
FORMS = {
    "iso": lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    "iso with offset": lambda at: at.isoformat(),
    "iso in UTC": lambda at: f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    "dmy": lambda at: f"{at:%d.%m.%Y - %H:%M:%S}",
    "mdy": lambda at: f"{at:%m/%d/%Y %I:%M:%S %p}",
    "dmy with slashes": lambda at: f"{at:%d/%m/%Y %H:%M:%S}",
    "short year": lambda at: f"{at:%m/%d/%y %H:%M:%S}",
    "month name": lambda at: f"{at:%b %-d, %Y %I:%M:%S %p}",
    "German": lambda at: f"{at.day}. {GERMAN[at.month - 1]} {at.year} {at:%H:%M:%S}",
    "seconds": lambda at: str(int(at.timestamp())),
    "milliseconds": lambda at: str(int(at.timestamp()) * 1000),
    "compact": lambda at: f"{at:%Y%m%d%H%M%S}",
}
ORDERS = {"mdy": "mdy", "dmy with slashes": "dmy", "short year": "mdy"}
# Away from the hours that clocks skip or show twice; those have their own test.
MOMENTS = st.datetimes(datetime(2025, 1, 1, 3), datetime(2026, 9, 30)).filter(lambda at: 4 <= at.hour <= 22)
WEIGHTS = {"kg": Decimal(1), "lb": Decimal("0.45359237"), "g": Decimal("0.001")}


def quoted(cells, delimiter: str, always: bool) -> str:
    return delimiter.join(f'"{cell}"' if always or delimiter in cell else cell for cell in cells)


@settings(max_examples=250, deadline=None)
@given(
    at=st.lists(MOMENTS, min_size=1, max_size=4, unique_by=lambda at: at.replace(second=0)),
    tenths=st.integers(400, 2400),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]),
    form=st.sampled_from(sorted(FORMS)),
    unit=st.sampled_from(sorted(WEIGHTS)),
    in_cell=st.booleans(),
    comma=st.booleans(),
    always=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_what_was_written_is_read(at, tenths, delimiter, encoding, form, unit, in_cell, comma, always, end):
    moments = [each.replace(microsecond=0, tzinfo=NEW_YORK) for each in at]
    figure = Decimal(tenths) / 10 if unit != "g" else Decimal(tenths) * 100
    text = f"{figure}".replace(".", "," if comma else ".") + (f" {unit}" if in_cell else "")
    heading = "Weight" if in_cell else f"Weight ({unit})"
    lines = [("Date", heading, "Note"), *((FORMS[form](each), text, "ä") for each in moments)]
    content = end.join(quoted(cells, delimiter, always) for cells in lines).encode(encoding)

    sheet = sheet_of(content)
    mapping = chosen(mappings.guess(sheet, Known()), {"serial": "D-1"})
    asked = questions.of(sheet, mapping)
    assert {question.field for question in asked} <= {"order"}
    if asked:
        mapping = chosen(mapping, {"order": ORDERS[form]})
    found = [each for _, each in read(sheet, mapping, InNewYork())]
    assert not [each for each in found if isinstance(each, RowError)]
    assert [each.taken_at for each in found] == [each.astimezone(UTC) for each in moments]
    expected = (figure * WEIGHTS[unit]).quantize(Decimal("0.01"))
    assert all(isinstance(each, Incoming) and abs(each.value - expected) <= Decimal("0.01") for each in found)
    assert all(bool(each.original) == (unit != "kg") for each in found)


@settings(max_examples=300, deadline=None)
@given(content=st.one_of(st.binary(max_size=300), st.text(max_size=300).map(str.encode)))
def test_anything_is_read_or_refused(content):
    from foundation.refusals import Refused

    try:
        sheet = sheet_of(content)
    except Refused:
        return
    mapping = chosen(mappings.guess(sheet, Known()), {"serial": "D-1"})
    if not questions.of(sheet, mapping):
        list(read(sheet, mapping, InNewYork()))
