"""What the columns of one shape of file mean: guessed, corrected by hand, kept for the practice. No database here."""

import re
from dataclasses import asdict, dataclass

from monitoring.files import cells, headings, moments, names, units
from monitoring.files import meanings as m
from monitoring.files.moments import Settled
from monitoring.files.sheet import Sheet

SAMPLE = 60
UTC_ZONE = "UTC"
# Times are local ones, at the offset or in the zone that a column says for each line.
BY_COLUMN, AS_COLUMN = "column", "The local time, as the column of zones says"


# Where `071400` is a time.
_TIMES = m.words("time zeit uhrzeit messzeit heure hora measurementtime readingtime timeofday")
_VENDORS_OFFSET = re.compile(r"UTC[+-]\d{4}")


@dataclass(frozen=True, slots=True)
class Column:
    """`meaning`: of `meanings.LABELS`, or nothing where the column is left out. `unit`: in UCUM, or nothing."""

    meaning: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """`order`: of `moments.ORDERS`, or nothing where the cells say it. `zone`: of times that name none; BY_COLUMN,
    or nothing for the patient’s. `serial`, `mrn`: whose readings these are where no column says so; of one file alone,
    never kept.
    """

    columns: tuple[Column, ...]
    order: str = ""
    zone: str = ""
    serial: str = ""
    mrn: str = ""

    def places(self, *meanings: str) -> list[int]:
        return [place for place, column in enumerate(self.columns) if column.meaning in meanings]

    def place(self, meaning: str) -> int | None:
        return next((place for place, column in enumerate(self.columns) if column.meaning == meaning), None)

    def has(self, meaning: str) -> bool:
        return self.place(meaning) is not None

    @property
    def when(self) -> int | None:
        """The column that gives the day."""
        return self.place(m.MOMENT) if self.has(m.MOMENT) else self.place(m.DATE)

    @property
    def long(self) -> bool:
        """A line holds one value and the name of its measure."""
        return self.has(m.MEASURE)

    def kept(self) -> dict:
        """For the next file of this shape: without whose the readings are."""
        return {
            "columns": [asdict(column) for column in self.columns],
            "order": self.order,
            "zone": self.zone,
        }

    def of_this_file(self) -> dict:
        return {**self.kept(), "serial": self.serial, "mrn": self.mrn}

    @classmethod
    def of(cls, values: dict) -> "Mapping":
        columns = tuple(Column(each["meaning"], each["unit"]) for each in values["columns"])
        rest = {name: str(values.get(name, "")) for name in ("order", "zone", "serial", "mrn")}
        return cls(tuple(each if each.meaning in m.LABELS else Column() for each in columns), **rest)


@dataclass(frozen=True, slots=True)
class Known:
    """Serial numbers and MRNs of the practice that stand in the file."""

    serials: frozenset[str] = frozenset()
    mrns: frozenset[str] = frozenset()


def guess(sheet: Sheet, known: Known) -> Mapping:
    """What the headings say, with their cells; what is not sure is left open."""
    said = [headings.understood(name) for name in sheet.header]
    found = [Column(each.meaning, each.unit or unit) for each, unit in zip(said, _units(sheet), strict=True)]
    found = [
        _of_weak_name(sheet, place) if _is_weak(sheet, place) else each for place, each in enumerate(found)
    ]
    _settle_names(sheet, found)
    utc = _settle_when(sheet, found, said) or _is_utc_beside_offset(sheet, found)
    if utc:  # a column of zones beside it says where the patient was, not how the time is written
        for place in _at(found, m.ZONE):
            found[place] = Column()
    _settle_persons(sheet, found, said, known)
    _settle_value(sheet, found)
    _settle_pairs(sheet, found)
    return Mapping(
        tuple(_with_unit(sheet, place, each) for place, each in enumerate(found)),
        zone=UTC_ZONE if utc else "",
    )


def _units(sheet: Sheet) -> tuple[str, ...]:
    return sheet.units or ("",) * sheet.width


def _is_weak(sheet: Sheet, place: int) -> bool:
    return headings.key(sheet.header[place]) in headings.WEAK


def distinct(sheet: Sheet, place: int, most: int = 200) -> set[str]:
    found: set[str] = set()
    for _, cell in sheet.column(place):
        if cell and not cells.is_empty(cell):
            found.add(cell)
        if len(found) >= most:
            break
    return found


def _of_weak_name(sheet: Sheet, place: int) -> Column:
    """`Type` is which measure or which kind of line, as its cells say."""
    values = distinct(sheet, place)
    if any(names.measure(each).meaning for each in values):
        return Column(m.MEASURE)
    return Column(m.KIND) if any(names.is_reading(each) is not None for each in values) else Column()


def _settle_names(sheet: Sheet, found: list[Column]) -> None:
    """A column of names is one only if its cells are such names; of two, the first is it."""
    tests = {
        m.MEASURE: lambda values: any(names.measure(each).meaning for each in values),
        m.KIND: lambda values: any(names.is_reading(each) is not None for each in values),
    }
    for meaning, test in tests.items():
        first = True
        for place in _at(found, meaning):
            holds = first and test(distinct(sheet, place))
            found[place] = found[place] if holds else Column()
            first = first and not holds
    # Of two that say whether a value was typed neither is passed over: it is asked.
    for place in _at(found, m.SOURCE):
        if not any(names.source(each, sheet.name(place)) for each in distinct(sheet, place)):
            found[place] = Column()
    if _at(found, m.MEASURE) and not _at(found, m.VALUE):
        for place in _at(found, m.MEASURE):
            found[place] = Column(m.KIND)


def _at(found: list[Column], *meanings: str) -> list[int]:
    return [place for place, column in enumerate(found) if column.meaning in meanings]


def _settle_when(sheet: Sheet, found: list[Column], said: list[headings.Heading]) -> bool:
    """The column of date and time, or one of each; whether its heading says UTC. Of two alike it is asked."""
    looked = _at(found, headings.WHEN) if sheet.header_line else range(sheet.width)
    kinds = {place: kind for place in looked if (kind := _kind_of_when(sheet, place))}
    for place in _at(found, headings.WHEN):
        found[place] = Column()
    for kind in _kinds_taken(sheet, kinds, said):
        for place in _best([place for place in kinds if kinds[place] == kind], said):
            found[place] = Column(kind)
    return any(said[place].utc for place in _at(found, m.MOMENT, m.DATE, m.TIME))


def _is_utc_beside_offset(sheet: Sheet, found: list[Column]) -> bool:
    """Samsung Health writes times in UTC, and beside them in `time_offset` where the patient was: `UTC+0200`."""
    return any(
        headings.key(sheet.name(place)).endswith("timeoffset")
        and all(_VENDORS_OFFSET.fullmatch(text) for text in distinct(sheet, place))
        for place in _at(found, m.ZONE)
    )


def _kinds_taken(sheet: Sheet, kinds: dict[int, str], said: list[headings.Heading]) -> tuple[str, ...]:
    """A column of moments, or one of dates beside one of times where these are named better.

    Dates of a spreadsheet are moments at midnight: beside a column of times they are dates.
    """
    if m.MOMENT not in kinds.values():
        return m.DATE, m.TIME
    ranks: dict[str, int] = {}
    for place, kind in kinds.items():
        ranks[kind] = min(ranks.get(kind, said[place].rank), said[place].rank)
    if m.TIME not in ranks:
        return (m.MOMENT,)
    if m.DATE in ranks:
        return (m.DATE, m.TIME) if max(ranks[m.DATE], ranks[m.TIME]) < ranks[m.MOMENT] else (m.MOMENT,)
    for place in [place for place in kinds if kinds[place] == m.MOMENT]:
        if all(map(moments.at_midnight, sheet.samples(place, SAMPLE))):
            kinds[place] = m.DATE
    return (m.DATE, m.TIME) if m.MOMENT not in kinds.values() else (m.MOMENT,)


def _best(places: list[int], said: list[headings.Heading]) -> list[int]:
    """Those that are best named; one that says its zone goes before one that does not."""
    if not places:
        return []
    order = {place: (said[place].rank, not said[place].utc) for place in places}
    utc = [place for place in places if said[place].utc]
    best = min(order[place] for place in utc or places)
    return [place for place in utc or places if order[place] == best]


def _kind_of_when(sheet: Sheet, place: int) -> str:
    """What the first cells are, if nearly all of them are dates or times."""
    kinds: list[str] = []
    texts = [text for text in sheet.samples(place, SAMPLE) if not names.is_summary(text)]
    timed = headings.key(sheet.header[place]) in _TIMES and all(map(moments.is_compact_time, texts))
    for text in texts:
        kinds.append(m.TIME if timed else _kind(text))
    kind = max(set(kinds), key=kinds.count, default="")
    return kind if kind and kinds.count(kind) * 2 > len(kinds) else ""


def _kind(text: str) -> str:
    """Read with any order: a kind does not depend on it."""
    for order in ("", *moments.ORDERS):
        try:
            when = moments.read(text, order)
        except moments.BadMoment:
            continue
        return m.MOMENT if when.whole else (m.DATE if when.day else m.TIME)
    return ""


def _settle_persons(sheet: Sheet, found: list[Column], said: list[headings.Heading], known: Known) -> None:
    """The device by the column that holds a known serial number, else by its heading; the patient by a known MRN."""
    free = [place for place, column in enumerate(found) if column.meaning in {"", m.SERIAL, m.MRN}]
    met = [place for place in free if known.serials & distinct(sheet, place, 2000)]
    named = sorted(_at(found, m.SERIAL), key=lambda place: said[place].rank)
    sure = [place for place in named if said[place].rank < headings.UNSURE_SERIAL]
    filled = [place for place in sure if distinct(sheet, place, 1)]
    serial = next(iter([place for place in met if place in named] + met + filled), None)
    mrns = [place for place in _at(found, m.MRN) if place != serial]
    if serial is not None or len(mrns) > 1:
        mrns = [place for place in mrns if known.mrns & distinct(sheet, place, 2000)] or mrns[
            : serial is None
        ]
    for place in _at(found, m.SERIAL, m.MRN):
        found[place] = Column()
    for place in mrns[:1]:
        found[place] = Column(m.MRN)
    if serial is not None:
        found[serial] = Column(m.SERIAL)


def _settle_value(sheet: Sheet, found: list[Column]) -> None:
    """Without a column of measures a value is of the one measure that has its unit: mg/dL is of glucose."""
    if _at(found, m.MEASURE):
        return
    for place in _at(found, m.VALUE):
        given = (
            {found[place].unit} - {""}
            or _units_in(sheet, place)
            or {
                unit
                for each in _at(found, m.UNIT)
                for cell in distinct(sheet, each)
                if (unit := units.known(cell))
            }
        )
        of = [measure for measure in (m.GLUCOSE, m.WEIGHT) if given and given <= set(units.OF[measure])]
        found[place] = Column(of[0], found[place].unit) if len(of) == 1 else found[place]
    for place in _at(found, m.SECOND):
        found[place] = Column()


def _units_in(sheet: Sheet, place: int) -> set[str]:
    found = set()
    for text in sheet.samples(place, SAMPLE):
        try:
            found.add(cells.figure(text)[1])
        except cells.BadValue:
            continue
    return found - {""}


def _settle_pairs(sheet: Sheet, found: list[Column]) -> None:
    """`134/84` is a blood pressure, whatever the heading; a column named so that holds one figure is not."""
    for place, column in enumerate(found):
        looks = [cells.looks_like_pair(text) for text in sheet.samples(place, SAMPLE)]
        pairs = bool(looks) and sum(looks) * 2 > len(looks)
        if pairs and (column.meaning == m.SYSTOLIC or (column.meaning == "" and not sheet.header_line)):
            found[place] = Column(m.PRESSURE, column.unit)
        elif column.meaning == m.PRESSURE and looks and not any(looks):
            found[place] = Column()


def _with_unit(sheet: Sheet, place: int, column: Column) -> Column:
    """Its unit if that is one of the measure; of a measure that has but one here, that one."""
    if column.meaning == m.VALUE:
        return column
    possible = units.OF.get(m.MEASURES.get(column.meaning, ""), ())
    if column.unit in possible:
        return column
    return Column(column.meaning)


def order_of(sheet: Sheet, mapping: Mapping) -> Settled:
    """In which order the file writes its dates: as chosen, as a heading says, or as its cells decide."""
    if mapping.order:
        return Settled(mapping.order)
    place = mapping.when
    if place is None:
        return Settled()
    if said := headings.understood(sheet.header[place]).order:
        return Settled(said, f"The heading says {moments.ORDERS[said]}")
    return moments.settle(sheet.column(place))
