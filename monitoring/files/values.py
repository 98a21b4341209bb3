"""The values of one line: what its cells mean, in the measure's own unit, or what is wrong with them. No database."""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from foundation.refusals import Refused
from monitoring.files import cells, units
from monitoring.files import meanings as m
from monitoring.readings.incoming import Incoming
from monitoring.readings.units import as_sent, impossible, in_ours


class BadCell(Exception):
    def __init__(self, column: str, message: str):
        super().__init__(message)
        self.column, self.message = column, message


@dataclass(slots=True)
class Half:
    line: int
    meaning: str
    numbers: tuple[Decimal, ...]
    unit: str
    column: str


def part_of(text: str, meaning: str, unit: str, column: str, line: int) -> Half | tuple[Half, Half]:
    """One cell's figure with its unit: its own, else its column's."""
    try:
        if meaning == m.PRESSURE:
            upper, lower, own = cells.pair(text)
        else:
            upper, own = cells.figure(text)
    except cells.BadValue as bad:
        raise BadCell(column, str(bad)) from None
    if own and unit and own != unit:
        raise BadCell(
            column,
            f"Is in {units.shown(own)}, but the file says {units.shown(unit)}. Correct the one that is wrong",
        )
    unit, measure = own or unit, m.MEASURES[meaning]
    if not unit and measure in units.SAID:
        raise BadCell(column, "Has no unit. Write it behind the value, or choose it for the column")
    if meaning == m.PRESSURE:
        return (Half(line, m.SYSTOLIC, upper, unit, column), Half(line, m.DIASTOLIC, lower, unit, column))
    return Half(line, meaning, upper, unit, column)


def incoming_of(measure: str, part: Half | tuple[Half, Half], about: dict) -> Incoming:
    if isinstance(part, tuple):
        return pressure_of(*part, about)
    return _possible(
        measure, tuple((number, None) for number in part.numbers), part.unit, (part.column,) * 2, about
    )


def pressure_of(upper: Half, lower: Half, about: dict) -> Incoming:
    if upper.unit != lower.unit and upper.unit and lower.unit:
        raise BadCell(
            lower.column, f"Is in {units.shown(lower.unit)}, and systolic in {units.shown(upper.unit)}"
        )
    columns = (upper.column, lower.column)
    return _possible(
        m.PRESSURE, tuple(product(upper.numbers, lower.numbers)), upper.unit or lower.unit, columns, about
    )


def _possible(measure: str, meant: tuple, unit: str, columns: tuple[str, str], about: dict) -> Incoming:
    value, second, original, problem = _in_ours(measure, meant, unit)
    if problem:
        raise BadCell(columns[problem[0] == "second_value"], problem[1])
    return Incoming(measure=measure, value=value, second_value=second, original=original, **about)


@lru_cache(maxsize=16384)
def _in_ours(measure: str, meant: tuple, unit: str) -> tuple:
    """Of what the cells can mean, what a person can show; at most one of them is. Else what is wrong with the first."""
    wrong: tuple[str, str] | None = None
    for value, second in meant:
        try:
            ours = in_ours(measure, value, unit)
            ours_second = None if second is None else in_ours(measure, second, unit)
        except Refused as refusal:
            wrong = wrong or ("value", refusal.message)
            continue
        if (problem := impossible(measure, ours, ours_second)) is None:
            return ours, ours_second, as_sent(measure, value, unit, second), None
        wrong = wrong or problem
    return None, None, "", wrong
