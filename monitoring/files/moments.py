"""Dates and times as devices and their apps write them. What can be two days is asked, never guessed. No database.

A library that guesses (dateparser) is not used here: docs/adr/0027-any-vendors-file.md says why.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from monitoring.columns import FIRST_YEAR, LAST_YEAR
from monitoring.files.meanings import words

ORDERS = {"mdy": "month, day, year", "dmy": "day, month, year", "ymd": "year, month, day"}
# A year of two digits is one of these: no device's file here is older.
SHORT_YEARS = range(2018, 2060)
LIKE = "Write a date and time like 2026-01-05 08:12"
_MONTHS = (
    "jan january januar janvier enero ene janv jaen janner",
    "feb february februar fevrier febrero fev fevr",
    "mar march marz maerz mars marzo mrz",
    "apr april avril abril avr abr",
    "may mai mayo",
    "jun june juni juin junio",
    "jul july juli juillet julio juil",
    "aug august aout agosto ago",
    "sep sept september septembre septiembre set",
    "oct october oktober octobre octubre okt",
    "nov november novembre noviembre",
    "dec december dezember decembre diciembre dez dic",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names.split()}
_IGNORED = words(
    "at um uhr a las le la de del of the den on h hrs hr o clock mon tue wed thu fri sat sun tues"
    " thur thurs monday tuesday wednesday thursday friday saturday sunday mo di mi do fr sa so montag"
    " dienstag mittwoch donnerstag freitag samstag sonntag sonnabend lun mie jue vie sab dom lunes"
    " martes miercoles jueves viernes sabado domingo mer jeu ven sam dim lundi mardi mercredi jeudi"
    " vendredi samedi dimanche"
)
_OFFSETS = {"z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6}
_OFFSETS |= {"pst": -8, "pdt": -7, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "cet": 1, "cest": 2}
_ZONE = re.compile(
    r"\s*[(]?(?:(?<![a-z])(?:utc|gmt)?\s?([+-])(\d{1,2}?)(?::?(\d{2}))?|(?<![a-z])("
    + "|".join(sorted(_OFFSETS, key=len, reverse=True))
    + r"))[)]?$"
)
# Right before an offset; in `08:15 2026-03-05` the end is the day.
_BEHIND_TIME = re.compile(r"\d:\d{2}(?::\d{2}(?:[.,:]\d+)?)?\s*(?:[ap]\.?\s?m?\.?|uhr|h|hrs)?\s*$")
_TIME = re.compile(
    r"(?<![\d.,/-])(\d{1,2})\s?[:h]\s?(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?\s*(?:([ap])\.?\s?m?\.?(?![a-z]))?(?!\d)"
)
_COMPACT_TIME = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)?")
# `Tue Mar 03 07:18:00 EST 2026`, as Java writes a moment.
_JAVA = re.compile(r"([a-z]{3} [a-z]{3} \d{1,2} \d{1,2}:\d{2}:\d{2}) ([a-z]{1,4}) (20\d\d)")
_DOTTED_TIME = re.compile(r"(\d{1,2})\.(\d{2})(?:\.(\d{2}))?()\s*(?:([ap])\.?\s?m?\.?)?(?:\s*(?:uhr|h))?")
_HOUR = re.compile(r"(?<!\d)(\d{1,2})()()()\s*([ap])\.?\s?m\.?(?![a-z])")
_NUMERIC = re.compile(r"(\d{1,4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,4})\.?")
_DOTTED_DATE = re.compile(r"(?<![\d.])\d{1,4}\s?\.\s?\d{1,2}\s?\.\s?\d{1,4}(?!\d)")
_COMPACT = re.compile(r"(20\d\d)(\d\d)(\d\d)(?:t?(\d\d)(\d\d)(\d\d)?)?")
_EPOCH = re.compile(r"(\d{10})(?:[.,]\d{1,6})?|(\d{13})(?:\.0+)?|(\d{16})")


class BadMoment(Exception):
    """The sentence that says what is wrong with a cell."""


class NoOrder(BadMoment):
    """The cell can be two days, and nothing says which."""


@dataclass(frozen=True, slots=True)
class When:
    """What a cell says: a day, a time of day, both, and where it says so the zone."""

    day: date | None = None
    clock: time | None = None
    zone: tzinfo | None = None

    def beside(self, other: "When") -> "When":
        """A date's cell and a time's cell together."""
        return When(self.day or other.day, other.clock or self.clock, other.zone or self.zone)

    @property
    def whole(self) -> bool:
        return self.day is not None and self.clock is not None


@lru_cache(maxsize=65536)
def read(text: str, order: str = "") -> When:
    """Raises `BadMoment`, and `NoOrder` where it can be two days and `order` (of `ORDERS`) is not given."""
    plain = _plain(text)
    if found := _EPOCH.fullmatch(plain):
        return _of_epoch(text, plain, found)
    if found := _COMPACT.fullmatch(plain):
        year, month, day, *clock = found.groups()
        return When(_date(text, year, month, day), _time(text, *clock, None, None) if clock[0] else None)
    if (found := _JAVA.fullmatch(plain)) and found[2] in _OFFSETS:
        plain = f"{found[1][4:10]} {found[3]} {found[1][10:]} {found[2]}"
    plain, zone = _without_zone(text, plain)
    rest, clock = _without_time(text, plain)
    day = _day(text, rest, order) if rest else None
    if day is None and clock is None:
        raise BadMoment(f"Is {quoted(text)}, which is no date or time. {LIKE}")
    return When(day, clock, zone)


def read_time(text: str, order: str = "") -> When:
    """A cell of a column of times, where `071400` is one too."""
    if found := _COMPACT_TIME.fullmatch(text):
        return When(clock=time(int(found[1]), int(found[2]), int(found[3] or 0)))
    return read(text, order)


def is_compact_time(text: str) -> bool:
    return bool(_COMPACT_TIME.fullmatch(text))


def orders_of(text: str) -> dict[str, date]:
    """Each order in which the cell's figures are a day, with that day; nothing where they say it themselves."""
    plain, _ = _without_zone(text, _plain(text))
    try:
        rest, _ = _without_time(text, plain)
    except BadMoment:
        return {}
    found = _NUMERIC.fullmatch(rest)
    if found is None or len(found[1]) > 2:
        return {}
    return _possible(found[1], found[3], found[4])


@dataclass(frozen=True, slots=True)
class Settled:
    """The order of a column's dates and by what it is settled; or that it must be asked, and why."""

    order: str = ""
    why: str = ""
    asked: bool = False


def settle(cells: Iterable[tuple[int, str]]) -> Settled:
    """By all cells of the column: one with a day above 12 decides."""
    possible, doubtful, dotted, decided = set(ORDERS), "", True, None
    seen = False
    for line, text in cells:
        days = orders_of(text) if text else {}
        if not days:
            continue
        seen, dotted = True, dotted and _DOTTED_DATE.search(text) is not None
        left = possible & set(days)
        if not left:
            against = f"Line {line} has {quoted(text)}, which is no day in the order of the lines before it"
            return Settled(asked=True, why=against)
        if len(left) == 1 and len(possible) > 1:
            decided = (line, text)
        possible = left
        if len({days[order] for order in left}) > 1:
            doubtful = doubtful or text
    return _settled(seen, possible, doubtful, dotted, decided)


def _settled(seen: bool, possible: set[str], doubtful: str, dotted: bool, decided) -> Settled:
    if not seen:
        return Settled()
    if len(possible) == 1:
        (order,) = possible
        line, text = decided
        return Settled(order, f"Line {line} has {quoted(text)}, so dates are {ORDERS[order]}")
    if not doubtful:
        return Settled()
    if dotted and "dmy" in possible:
        return Settled("dmy", "Dates with dots are day, month, year")
    return Settled(asked=True, why=f"{quoted(doubtful)} can be two days")


def zone_named(text: str) -> tzinfo | None:
    """A cell of a zone's column: `America/New_York`, `-05:00`, `-5`, `UTC`, `EST`; else nothing.

    `-300` is nothing: it can be minutes as well as three hours.
    """
    plain = _plain(text)
    if found := re.fullmatch(
        r"(?:utc|gmt)?\s?([+-])(?:(\d{2})(\d{2})|(\d{1,2})(?::(\d{2}))?(?::00)?)", plain
    ):
        return _offset(found[1], found[2] or found[4], found[3] or found[5] or "0")
    if plain in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[plain]))
    try:
        return ZoneInfo(text.strip()) if re.fullmatch(r"[A-Za-z]+(/[A-Za-z_-]+)+", text.strip()) else None
    except (KeyError, ValueError, OSError):
        return None


def says_zone(text: str) -> bool:
    """Whether a cell names its offset, or is a count of seconds."""
    plain = _plain(text)
    try:
        return bool(_EPOCH.fullmatch(plain)) or _without_zone(text, plain)[1] is not None
    except BadMoment:
        return False


def at_midnight(text: str) -> bool:
    """As a spreadsheet writes a date alone: in whichever order, at 0:00 of no zone."""
    for order in ("", *ORDERS):
        try:
            when = read(text, order)
        except BadMoment:
            continue
        return when.clock == time() and when.zone is None
    return False


def without_clock(when: When) -> When:
    return replace(when, clock=None)


def _plain(text: str) -> str:
    if text.isascii():
        return text.casefold()
    flat = unicodedata.normalize("NFKD", text.casefold()).replace("\u202f", " ").replace("\xa0", " ")
    flat = "".join(sign for sign in flat if not unicodedata.combining(sign))
    return " ".join(flat.split()).replace("−", "-").replace("–", "-")


def _of_epoch(text: str, plain: str, found: re.Match) -> When:
    seconds = int(found[1] or 0) or (int(found[2]) / 1000 if found[2] else int(found[3]) / 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=0)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadMoment(f"Is {quoted(text)}, which is in the year {moment.year}. Check the date")
    return When(moment.date(), moment.time(), UTC)


def _without_zone(text: str, plain: str) -> tuple[str, tzinfo | None]:
    """Only behind a time: `-05` at the end of a date is its day, and `-2026` its year."""
    found = _ZONE.search(plain)
    if found is None or ":" not in plain[: found.start()]:
        return plain, None
    if found[1] == "-" and not _BEHIND_TIME.search(plain[: found.start()].rstrip(" (utcgm")):
        return plain, None
    if found[1]:
        return plain[: found.start()], _offset(found[1], found[2], found[3] or "0")
    return plain[: found.start()], timezone(timedelta(hours=_OFFSETS[found[4]]))


def _offset(sign: str, hours: str, minutes: str) -> tzinfo:
    apart = timedelta(hours=int(hours), minutes=int(minutes))
    if apart > timedelta(hours=14):
        raise BadMoment("Has an offset that no place on earth has. Check the zone")
    return timezone(-apart if sign == "-" else apart)


def _without_time(text: str, plain: str) -> tuple[str, time | None]:
    plain = re.sub(r"(?<=\d)t(?=\d)", " ", plain)
    found = _TIME.search(plain) or _HOUR.search(plain) or _DOTTED_TIME.fullmatch(plain)
    if found is None:
        return _tidy(plain), None
    rest = f"{plain[: found.start()]} {plain[found.end() :]}"
    return _tidy(rest), _time(text, *found.groups())


def _tidy(rest: str) -> str:
    """Without days of the week and small words; separators that stand alone go too.

    A word in another script stays, and so is refused: it may say that the time is of the afternoon.
    """
    found = re.findall(r"[^\W\d_]+|\d+(?:\s?[-/.]\s?\d+)*|[^\s\w]", rest)
    kept = [word for word in found if word not in _IGNORED and (word.isalpha() or word[0].isdigit())]
    return " ".join(kept)


def _time(
    text: str, hour: str, minute: str, second: str | None, fraction: str | None, half: str | None
) -> time:
    figure = int(hour)
    if half and not 1 <= figure <= 12:
        raise BadMoment(f"Is {quoted(text)}: {figure} does not go with {half.upper()}M. {LIKE}")
    if half:
        figure = figure % 12 + (12 if half == "p" else 0)
    try:
        return time(figure, int(minute or 0), int(second or 0))
    except ValueError:
        raise BadMoment(f"Is {quoted(text)}, a time that no clock shows. {LIKE}") from None


def _day(text: str, rest: str, order: str) -> date:
    found = _NUMERIC.fullmatch(rest)
    if found and len(found[1]) == 4:
        return _date(text, found[1], found[3], found[4])
    if found:
        return _ordered(text, found, order)
    if compact := re.fullmatch(r"(20\d\d)(\d\d)(\d\d)", rest):
        return _date(text, *compact.groups())
    return _with_month_name(text, rest)


def _ordered(text: str, found: re.Match, order: str) -> date:
    days = _possible(found[1], found[3], found[4])
    if order:
        if order not in days:
            raise BadMoment(
                f"Is {quoted(text)}, which is no day if dates are {ORDERS[order]}. Check the order"
            )
        return days[order]
    if not days:
        raise BadMoment(f"Is {quoted(text)}, a day that no calendar has. {LIKE}")
    if len(set(days.values())) > 1:
        raise NoOrder(f"Is {quoted(text)}, which can be two days. Say in which order the file writes dates")
    return next(iter(days.values()))


@lru_cache(maxsize=4096)
def _possible(first: str, second: str, third: str) -> dict[str, date]:
    given = {"mdy": (third, first, second), "dmy": (third, second, first), "ymd": (first, second, third)}
    found = {}
    for order, (year, month, day) in given.items():
        if len(year) not in {2, 4} or len(day) > 2 or len(month) > 2:
            continue
        full = int(year) if len(year) == 4 else 2000 + int(year)
        if len(year) == 2 and full not in SHORT_YEARS:
            continue
        try:
            found[order] = date(full, int(month), int(day))
        except ValueError:
            continue
    return {order: day for order, day in found.items() if FIRST_YEAR <= day.year <= LAST_YEAR}


def _with_month_name(text: str, rest: str) -> date:
    """`mar 3 2026`, `3 marz 2026`, `03 mar 26`: the name says which figure is the day."""
    found = re.findall(r"[^\W\d_]+|\d+", rest)
    names = [word for word in found if word.isalpha() and word not in {"st", "nd", "rd", "th"}]
    figures = [word for word in found if word.isdigit()]
    if len(names) != 1 or names[0] not in MONTHS or len(figures) != 2:
        raise BadMoment(f"Is {quoted(text)}, which is no date or time. {LIKE}")
    first, last = figures
    year, day = (first, last) if len(first) == 4 else (last, first)
    if len(year) == 2 and int(f"20{year}") not in SHORT_YEARS:
        raise BadMoment(f"Is {quoted(text)}, whose year is not sure. Write it with four digits")
    year = f"20{year}" if len(year) == 2 else year
    return _date(text, year, str(MONTHS[names[0]]), day)


def _date(text: str, year: str, month: str, day: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise BadMoment(f"Is {quoted(text)}, a day that no calendar has. {LIKE}") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadMoment(f"Is {quoted(text)}, which is in the year {found.year}. Check the date")
    return found


def quoted(text: str) -> str:
    return f"“{text[:30]}”" if text else "empty"
