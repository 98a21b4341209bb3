"""What a report consists of: tables of figures, each with its file and, where a picture helps, its bars."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from urllib.parse import urlencode

from django.urls import reverse

from billing.exports.csv import inert
from foundation.months import in_words


class Kind(Enum):
    """How a value is said on a page. In a file a time is whole seconds, and what is not known is empty."""

    TEXT = "text"
    COUNT = "count"
    TIME = "time"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Column:
    """`name` heads the file's column, `label` the page's."""

    name: str
    label: str
    kind: Kind = Kind.COUNT


@dataclass(frozen=True, slots=True)
class Cell:
    """A value; the page that opens the rows behind it, where who looks may see them; what the file says instead."""

    value: str | int | None
    url: str = ""
    code: str | None = None


Row = tuple[Cell, ...]
# Addresses know no month before it.
FIRST_YEAR = 2000
# Height of a bar with its words, in pixels.
BAR_ROW = 40


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name and figures in words, and the filled and the hollow part in per cent of the longest."""

    label: str
    words: str
    filled: float
    hollow: float
    number: int

    @property
    def text_at(self) -> int:
        return self.number * BAR_ROW + 14

    @property
    def bar_at(self) -> int:
        """The words stand above their bar."""
        return self.number * BAR_ROW + 20

    @property
    def bar_end(self) -> int:
        return self.bar_at + 12


@dataclass(frozen=True, slots=True)
class Figure:
    """Bars of a table's rows. `filled` and `hollow` say what the two parts of a bar are; without a second: ''."""

    caption: str
    bars: tuple[Bar, ...]
    filled: str
    hollow: str

    @property
    def height(self) -> int:
        return len(self.bars) * BAR_ROW

    @property
    def in_words(self) -> str:
        return "; ".join(f"{bar.label}: {bar.words}" for bar in self.bars)


@dataclass(frozen=True, slots=True)
class Table:
    """`slug` names it in addresses and files. The first cell of a row heads it; `total` is its last line."""

    slug: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    note: str = ""
    empty: str = "Nothing of this kind."
    total: Row | None = None
    figure: Figure | None = None
    # How many rows there are, where it shows the first of them alone.
    whole: int = 0

    def first(self, most: int) -> "Table":
        """With so many rows and bars at most, as a page with other tables has it; the total stays that of all."""
        figure = self.figure and replace(self.figure, bars=self.figure.bars[:most])
        return replace(self, rows=self.rows[:most], figure=figure, whole=len(self.rows))

    @property
    def left_out(self) -> bool:
        """Whether there are more rows than it shows."""
        return self.whole > len(self.rows)

    @property
    def lines(self) -> list[list[tuple[Column, Cell, str]]]:
        """For the page, with the total."""
        every = [*self.rows, *([self.total] if self.total and len(self.rows) > 1 else [])]
        return [
            [(c, cell, words(c, cell)) for c, cell in zip(self.columns, row, strict=True)] for row in every
        ]


def words(column: Column, cell: Cell) -> str:
    """A value as the page says it."""
    if cell.value is None:
        return "–"
    if column.kind is Kind.TIME:
        return length(int(cell.value))
    if column.kind is Kind.SHARE:
        return f"{cell.value} %"
    return f"{cell.value:,}" if isinstance(cell.value, int) else cell.value


def length(seconds: int) -> str:
    """`25 min 53 s`, and from three hours on `50 h 05 min`, cut to minutes."""
    if seconds < 3 * 3600:
        return in_words(seconds)
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours:,} h {minutes:02d} min" if minutes else f"{hours:,} h"


def share(part: int, whole: int) -> int | None:
    """Per cent, rounded; of nothing it is not known."""
    return round(100 * part / whole) if whole else None


def bars(
    table_rows: Sequence[Row], columns: Sequence[Column], filled: int, hollow: int | None = None
) -> tuple[Bar, ...]:
    """A bar for each row, from one of its cells or two laid end to end."""
    longest = max((_number(row, filled) + _number(row, hollow) for row in table_rows), default=0) or 1
    return tuple(_bar(row, columns, filled, hollow, longest, n) for n, row in enumerate(table_rows))


def _bar(row: Row, columns, filled: int, hollow: int | None, longest: int, number: int) -> Bar:
    said = [words(columns[at], row[at]) for at in (filled, hollow) if at is not None]
    parts = [round(100 * _number(row, at) / longest, 2) for at in (filled, hollow)]
    return Bar(str(row[0].value), " + ".join(said), *parts, number=number)


def _number(row: Row, at: int | None) -> int:
    return 0 if at is None else int(row[at].value or 0)


def address(route: str, month, **chosen) -> str:
    """A page of the month with what was chosen; names of codes and ids only. Of a month without addresses none."""
    if month.year < FIRST_YEAR:
        return ""
    return f"{reverse(route, args=[month])}?{urlencode(chosen)}" if chosen else reverse(route, args=[month])


def span(since: date | None) -> dict[str, str]:
    """What an address adds to its month where the months from `since` on are meant."""
    return {"from": f"{since:%Y-%m}"} if since else {}


def as_csv(table: Table) -> bytes:
    """UTF-8, comma, CRLF, a header; no cell begins a formula. The total is no row: a spreadsheet adds up itself."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([inert(_plain(cell)) for cell in row])
    return out.getvalue().encode()


def _plain(cell: Cell) -> str:
    return cell.code if cell.code is not None else "" if cell.value is None else str(cell.value)
