"""A file as the practice understands it: by what somebody chose for it, or for its shape before, or by its headings."""

from dataclasses import dataclass

from foundation.refusals import Refused
from monitoring.files import mapping as mappings
from monitoring.files import meanings as m
from monitoring.files import moments, questions, shapes
from monitoring.files.mapping import Column, Known, Mapping
from monitoring.files.people import known_in
from monitoring.files.questions import Question
from monitoring.files.sheet import Sheet, read


@dataclass(frozen=True, slots=True)
class Understood:
    """`kept`: its columns mean what the practice chose for this shape before."""

    sheet: Sheet
    mapping: Mapping
    kept: bool
    questions: tuple[Question, ...]

    @property
    def left_out(self) -> list[str]:
        """Names of columns that are not taken in, and are not empty."""
        unused = (place for place, column in enumerate(self.mapping.columns) if not column.meaning)
        return [self.sheet.name(place) for place in unused if self.sheet.samples(place, 1)]

    @property
    def remarks(self) -> list[str]:
        """What was understood of the file as a whole, in sentences."""
        sheet, mapping = self.sheet, self.mapping
        said = [f"Cells are divided by {sheet.delimiter}."]
        if sheet.windows:
            said.append("The file is not Unicode; it was read as Windows-1252. Check that accents are right.")
        if sheet.header_line == 0:
            said.append("It has no header, so what you choose is not kept for the next file.")
        if sheet.titles:
            said.append(f"The header is line {sheet.header_line}; the lines above it are left out.")
        if (settled := mappings.order_of(sheet, mapping)).why and not settled.asked:
            said.append(f"{settled.why}.")
        elif mapping.order:
            said.append(f"Dates are {moments.ORDERS[mapping.order]}.")
        said.append(self._zone())
        if mapping.mrn or (mapping.has(m.MRN) and not mapping.has(m.SERIAL)):
            said.append("Readings without a device count as typed in and make no reading day.")
        return said

    def _zone(self) -> str:
        zone, place = self.mapping.zone, self.mapping.place(m.ZONE)
        if place is None:
            if zone:
                return f"Times without an offset are in {zone}."
            return "Times without an offset are taken as the patient’s own, where she or he lives."
        called = self.sheet.name(place)
        if zone == mappings.UTC_ZONE:
            return f"Times without an offset are in UTC; “{called}” says only where the patient was."
        return f"Times without an offset are local ones as “{called}” says; where it is empty, the patient’s own."


def understand(content: bytes, practice, *, chosen: Mapping | None = None) -> Understood:
    """Raises `Refused` if it is no such file."""
    sheet = read(content, shapes.known_shapes(practice))
    before = shapes.kept_for(sheet, practice)
    mapping = chosen or before or mappings.guess(sheet, known_in(sheet, practice))
    if len(mapping.columns) != sheet.width:
        raise Refused("The columns were chosen for another file. Choose this one again")
    kept = before is not None and before.kept() == mapping.kept()
    return Understood(sheet, mapping, kept, tuple(questions.of(sheet, mapping)))


def given_to(found: Understood, practice, *, serial: str, mrn: str) -> Understood:
    """The same file, whose readings are said to be of this device or patient; not against what its columns say."""
    if not serial and not mrn:
        return found
    known, sheet, mapping = known_in(found.sheet, practice), found.sheet, found.mapping
    for place in mapping.places(m.SERIAL, m.MRN):
        if _names_somebody(sheet, place, known):
            raise Refused(
                f"The file says in “{sheet.name(place)}” whose readings these are. Leave --device and --mrn out"
            )
    columns = tuple(Column() if each.meaning in {m.SERIAL, m.MRN} else each for each in mapping.columns)
    mapping = Mapping(columns, mapping.order, mapping.zone, serial, mrn)
    return Understood(sheet, mapping, found.kept, tuple(questions.of(sheet, mapping)))


def _names_somebody(sheet: Sheet, place: int, known: Known) -> bool:
    return any(cell in known.serials or cell in known.mrns for _, cell in sheet.column(place) if cell)


def in_order(found: Understood, order: str) -> Understood:
    """The same file, whose dates are said to be written in this order."""
    mapping = found.mapping
    if not order:
        return found
    mapping = Mapping(mapping.columns, order, mapping.zone, mapping.serial, mapping.mrn)
    return Understood(found.sheet, mapping, found.kept, tuple(questions.of(found.sheet, mapping)))
