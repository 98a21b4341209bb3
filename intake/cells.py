"""One row's cells as tidy values of a patient, or what is wrong with them and what to do. No database here."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from foundation.plain_text import has_hidden_characters, has_unseen_characters
from intake import dates
from intake.dates import BadDate, quoted
from intake.fields import DATES, FIELDS
from intake.sheet import Sheet
from patients import policies
from patients.forms.fields import ZONES
from patients.identifiers import tidy_mbi
from patients.models import Sex
from payers.models import Payer
from payers.selectors import matching

REQUIRED = ("mrn", "family_name", "given_name", "born_on")
OLDEST = 130
# Of a file alone.
OR_NOT = "; or choose not to take the column in"
_SEXES = {
    "female": Sex.FEMALE,
    "f": Sex.FEMALE,
    "male": Sex.MALE,
    "m": Sex.MALE,
    "other": Sex.OTHER,
    "o": Sex.OTHER,
}
_SEXES |= dict.fromkeys(("x", "nonbinary", "non-binary"), Sex.OTHER)
_SEXES |= dict.fromkeys(("u", "unknown", "unk", "un", "not recorded"), Sex.UNKNOWN)


class BadCell(Exception):
    """The sentence that says what is wrong with a cell."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a row says: field → text, dates as ISO, empty cells left out; `problems`: [column, sentence] of each."""

    number: int
    values: dict[str, str]
    problems: list[list[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column of a sheet gives which field."""

    sheet: Sheet
    places: dict[str, int]
    day_first: dict[str, int | None]
    today: date
    payers: tuple[Payer, ...] = ()

    @classmethod
    def of(cls, sheet: Sheet, chosen: list[str], *, today: date, payers: Iterable[Payer] = ()) -> "Columns":
        places = {field: index for index, field in enumerate(chosen) if field}
        doubtful = {
            name: dates.first_day_first(sheet.column(places[name])) for name in DATES if name in places
        }
        return cls(sheet, places, doubtful, today, tuple(payers))

    def rows(self) -> Iterator[Given]:
        return (self._row(number, cells) for number, cells in self.sheet.rows)

    def called(self, field: str) -> str:
        """The column as the file calls it, which is where it is put right."""
        place = self.places.get(field, self.places.get("full_name"))
        return FIELDS[field].label if place is None else self.sheet.header[place] or f"Column {place + 1}"

    def _row(self, number: int, cells: tuple[str, ...]) -> Given:
        values: dict[str, str] = {}
        problems: list[list[str]] = []
        if any(cells[len(self.sheet.header) :]):
            what = "Has more cells than the header. Put values that hold the separator in quotes"
            problems.append(["The row", what])
        for field, place in self.places.items():
            text = cells[place] if place < len(cells) else ""
            try:
                if text:
                    values |= self._read(field, text)
            except BadCell as bad:
                problems.append([self.called(field), str(bad)])
        return Given(number, values, problems + list(self._lacking(values, problems)))

    def _read(self, field: str, text: str) -> dict[str, str]:
        if has_hidden_characters(text) or has_unseen_characters(text):
            raise BadCell("Holds an invisible sign that changes how text reads. Type it again")
        if field in DATES:
            return {field: self._day(field, text)}
        if field == "full_name":
            return _names(text)
        if field == "payer":
            return {field: _payer(self.payers, text)}
        return {field: _fitting(field, _READERS.get(field, str)(text))}

    def _day(self, field: str, text: str) -> str:
        try:
            day = dates.read(text, day_first=self.day_first.get(field))
        except BadDate as bad:
            raise BadCell(str(bad)) from None
        if field == "coverage_on" and day > self.today:
            raise BadCell(f"Is {quoted(text)}, which is still to come. A coverage begins today or before")
        if field == "born_on" and not (self.today.year - OLDEST <= day.year and day <= self.today):
            raise BadCell(f"Is {quoted(text)}. It must be in the past, and not more than {OLDEST} years ago")
        return day.isoformat()

    def _lacking(self, values: dict, problems: list) -> Iterator[list[str]]:
        """What a row needs and does not say; not of a column of which something worse was said."""
        said = {column for column, _ in problems}
        for field in REQUIRED:
            if field not in values and self.called(field) not in said:
                said.add(self.called(field))
                yield [self.called(field), "Is empty. Every patient needs it"]
        if values.get("coverage_on", "9") < values.get("born_on", ""):
            said_on = quoted(values["coverage_on"])
            yield [self.called("coverage_on"), f"Is {said_on}, before the date of birth"]
        if "payer" not in values and {"plan_name", "member_id"} & set(values):
            if self.called("payer") not in said:
                yield [self.called("payer"), "Is empty, but a plan or member number is given. Name the payer"]
        elif (sentence := self._why_not_member(values)) and self.called("member_id") not in said:
            yield [self.called("member_id"), sentence]

    def _why_not_member(self, values: dict) -> str | None:
        payer = next((each for each in self.payers if each.slug == values.get("payer")), None)
        return policies.why_not_member(payer, values.get("member_id", ""))


def _fitting(field: str, text: str) -> str:
    longest = FIELDS[field].longest
    if len(text) > longest:
        raise BadCell(f"Has {len(text)} characters; {longest} fit. Shorten it")
    return text


def _names(text: str) -> dict[str, str]:
    """`Doe, Jane`"""
    family, comma, given = (part.strip() for part in text.partition(","))
    if not (comma and family and given):
        raise BadCell(f"Is {quoted(text)}. Write the family name, a comma, and the given name")
    return {"family_name": _fitting("family_name", family), "given_name": _fitting("given_name", given)}


def _sex(text: str) -> str:
    if text.casefold() not in _SEXES:
        raise BadCell(f"Is {quoted(text)}. Write F, M, O for other, or U for unknown")
    return str(_SEXES[text.casefold()])


def _payer(payers: Sequence[Payer], text: str) -> str:
    """The slug of the payer whose name, slug or payer id this is."""
    found = matching(payers, text)
    if len(found) == 1:
        return found[0].slug
    if found:
        names = ", ".join(payer.name for payer in found)
        raise BadCell(f"Is {quoted(text)}, the payer id of several payers. Write the name: {names}")
    names = ", ".join(payer.name for payer in payers if not payer.retired)
    instead = f"Write one of {names}" if names else "The practice has no payer yet; an administrator adds it"
    raise BadCell(f"Is {quoted(text)}, which is no payer here. {instead}{OR_NOT}")


def _zone(text: str) -> str:
    wanted = text.casefold().removesuffix(" time")
    for zone, label in ZONES.items():
        if wanted in {zone.casefold(), label.casefold()}:
            return zone
    raise BadCell(f"Is {quoted(text)}. Write one of {', '.join(ZONES.values())}")


_READERS: dict[str, Callable[[str], str]] = {
    "sex": _sex,
    "time_zone": _zone,
    "member_id": tidy_mbi,
}
