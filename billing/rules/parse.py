"""Reading facts that came from outside. What is not exactly as agreed is refused, and the field is named."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from .facts import WINDOW_DAYS, DeviceWindow, PeriodFacts, Policy, SetUp, window_start
from .vocabulary import DAY_POLICIES, DUAL_POLICIES, GLOBAL_PERIODS, PRACTITIONERS, SETTINGS

MOST_READING_DAYS = 30
MOST_DAYS_IN_MONTH = 31
# No amount of care comes near it. Without an end, a line of nines could be read whose sum cannot be printed.
TOO_LARGE = 10**100

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CODE = re.compile(r"[0-9A-Z]{5}")

Reader = Callable[[Any, str], Any]


class FactError(ValueError):
    """Facts that cannot be read. Its text names the field and what was expected, never a patient's value."""


def parse_line(text: str) -> PeriodFacts:
    """One line of JSON as facts."""
    try:
        obj = json.loads(text, object_pairs_hook=_no_repeats)
    except FactError:
        raise
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "it cannot be read")
        raise FactError(f"line: expected one JSON object of facts, but this is not JSON: {reason}") from None
    return parse_facts(obj)


def parse_facts(obj: dict[str, Any]) -> PeriodFacts:
    """Facts from plain JSON values. Raises FactError at the first thing that is wrong."""
    facts = PeriodFacts(**_read_object(obj, "", FACTS, required=("month",)))
    _check_windows(facts)
    return facts


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    obj: dict[str, Any] = {}
    for key, value in pairs:
        if key in obj:
            raise FactError(f"{_name(key)}: expected once, but it is given twice")
        obj[key] = value
    return obj


def _name(key: Any) -> str:
    """A key as it may stand in an error: printable, ASCII and short. Nothing at all is shown in quotes."""
    return json.dumps(str(key)[:40])[1:-1] or '""'


def _read_object(obj: Any, where: str, readers: dict[str, Reader], required: Iterable[str]) -> dict[str, Any]:
    if not isinstance(obj, dict):
        raise FactError(f"{where or 'line'}: expected an object, got {_kind(obj)}")
    prefix = f"{where}." if where else ""
    for key in obj:
        if key not in readers:
            raise FactError(f"{prefix}{_name(key)}: unknown; expected one of {', '.join(readers)}")
    for key in required:
        if key not in obj:
            raise FactError(f"{prefix}{key}: expected, but it is missing")
    return {key: readers[key](value, prefix + key) for key, value in obj.items()}


def _kind(value: Any) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number that is not whole", str: "a text"}
    kinds |= {list: "a list", dict: "an object", type(None): "null"}
    return kinds.get(type(value), "something else")


# Readers of single values ---------------------------------------------------------------------------------


def _count(value: Any, where: str) -> int:
    if type(value) is not int:
        raise FactError(f"{where}: expected a whole number of 0 or more, got {_kind(value)}")
    if value < 0:
        raise FactError(f"{where}: expected a whole number of 0 or more, got one below 0")
    if value >= TOO_LARGE:
        raise FactError(f"{where}: expected a whole number of at most 100 digits")
    return value


def _count_up_to(most: int) -> Reader:
    def read(value: Any, where: str) -> int:
        if _count(value, where) > most:
            raise FactError(f"{where}: expected at most {most} days")
        return value

    return read


def _flag(value: Any, where: str) -> bool:
    if type(value) is not bool:
        raise FactError(f"{where}: expected true or false, got {_kind(value)}")
    return value


def _text(value: Any, where: str) -> str:
    if type(value) is not str:
        raise FactError(f"{where}: expected a text, got {_kind(value)}")
    return value


def _word(*words: str) -> Reader:
    def read(value: Any, where: str) -> str:
        if _text(value, where) not in words:
            raise FactError(f"{where}: expected one of {', '.join(words)}")
        return value

    return read


def _month(value: Any, where: str) -> str:
    if not _MONTH.fullmatch(_text(value, where)) or value.startswith("0000"):
        raise FactError(f'{where}: expected a calendar month "YYYY-MM"')
    return value


def _day(value: Any, where: str) -> date:
    if _DATE.fullmatch(_text(value, where)):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass  # 30 February has the right shape, but there is no such day
    raise FactError(f'{where}: expected a date of the calendar "YYYY-MM-DD"')


def _or_null(reader: Reader) -> Reader:
    return lambda value, where: None if value is None else reader(value, where)


def _list(value: Any, where: str) -> list[Any]:
    if type(value) is not list:
        raise FactError(f"{where}: expected a list, got {_kind(value)}")
    return value


def _code(value: Any, where: str) -> str:
    if not _CODE.fullmatch(_text(value, where)):
        raise FactError(f"{where}: expected a code of five digits or capital letters")
    return value


def _codes(value: Any, where: str) -> frozenset[str]:
    return frozenset(_code(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where)))


# Readers of objects ---------------------------------------------------------------------------------------


def _windows(value: Any, where: str) -> tuple[DeviceWindow, ...]:
    return tuple(_window(item, f"{where}[{index}]") for index, item in enumerate(_list(value, where)))


def _window(value: Any, where: str) -> DeviceWindow:
    given = _read_object(value, where, WINDOW, required=("ends_on",))
    days = given.get("reading_days", 0)
    unsaid = {
        "starts_on": window_start(given["ends_on"]),
        "reading_days": days,
        "reading_days_any_device": days,
    }
    return DeviceWindow(**{**unsaid, **given})


def _setup(value: Any, where: str) -> SetUp:
    return SetUp(**_read_object(value, where, SETUP, required=("completed_on",)))


def _policy(value: Any, where: str) -> Policy:
    return Policy(**_read_object(value, where, POLICY, required=()))


WINDOW: dict[str, Reader] = {
    "ends_on": _day,
    "starts_on": _day,
    "reading_days": _count_up_to(MOST_READING_DAYS),
    "reading_days_any_device": _count,
    "devices": _count,
}

SETUP: dict[str, Reader] = {
    "completed_on": _day,
    "documented": _flag,
    "billed_in_episode": _flag,
    "first_window_reading_days": _count,
    "episode_restarted": _flag,
}

POLICY: dict[str, Reader] = {
    "unit_limit_99458": _count,
    "live_contact_per_unit": _flag,
    "live_chat_counts": _flag,
    "dual_99091": _word(*DUAL_POLICIES),
    "device_days": _word(*DAY_POLICIES),
    "setup_min_days": _count,
    "codes_not_covered": _codes,
}

FACTS: dict[str, Reader] = {
    "month": _month,
    "payer": _text,
    "setting": _word(*SETTINGS),
    "clinical_staff_seconds": _count,
    "qhp_seconds": _count,
    "qhp_seconds_30_days": _or_null(_count),
    "live_contacts": _count,
    "live_chat_contacts": _count,
    "device_windows": _windows,
    "auto_reading_days_in_month": _or_null(_count_up_to(MOST_DAYS_IN_MONTH)),
    "setup": _or_null(_setup),
    "consent_on": _or_null(_day),
    "order_signed_on": _or_null(_day),
    "established_patient": _flag,
    "necessity_documented": _flag,
    "supervising_practitioner": _flag,
    "device_basis_on_file": _flag,
    "diagnosis_allowed": _flag,
    "practitioner_type": _word(*PRACTITIONERS),
    "last_device_service_on": _or_null(_day),
    "last_99091_service_on": _or_null(_day),
    "billed_by_us": _codes,
    "billed_elsewhere": _codes,
    "global_period": _word(*GLOBAL_PERIODS),
    "institutional_all_month": _flag,
    "unsigned_seconds": _count,
    "policy": _policy,
}


# Windows against the month, and against each other --------------------------------------------------------


def _check_windows(facts: PeriodFacts) -> None:
    previous = None
    for window in facts.device_windows:
        _check_window(window, facts.month)
        if previous == window.ends_on:
            raise FactError(f"device_windows.ends_on: expected once each, but two windows end on {previous}")
        previous = window.ends_on


def _check_window(window: DeviceWindow, month: str) -> None:
    if window.ends_on.isoformat()[:7] != month:
        raise FactError(f"device_windows.ends_on: expected a day of {month}")
    if window.starts_on > window.ends_on:
        raise FactError("device_windows.starts_on: expected a day on or before ends_on")
    if (window.ends_on - window.starts_on).days >= WINDOW_DAYS:
        raise FactError(f"device_windows.starts_on: expected at most {WINDOW_DAYS - 1} days before ends_on")
    if window.reading_days > window.reading_days_any_device:
        raise FactError("device_windows.reading_days: expected at most reading_days_any_device")
