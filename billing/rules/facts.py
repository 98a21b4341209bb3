"""The facts of one patient-month: all that the rules know, and no more."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceWindow:
    """A 30-day window of readings that ends in the month. Shorter when monitoring began or stopped inside it."""

    ends_on: date
    starts_on: date
    reading_days: int
    reading_days_any_device: int
    devices: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The set-up and teaching that opened the episode of care."""

    completed_on: date
    documented: bool = False
    billed_in_episode: bool = False
    first_window_reading_days: int = 0
    episode_restarted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Where a payer profile or practice departs from the rule set. None: it does not."""

    unit_limit_99458: int | None = None
    live_contact_per_unit: bool = False
    live_chat_counts: bool = False
    dual_99091: str = "never"
    device_days: str = "best_device"
    setup_min_days: int | None = None
    codes_not_covered: frozenset[str] = frozenset()


NO_POLICY = Policy()


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFacts:
    """One patient, one calendar month in the practice's time zone. What is not given is not known."""

    month: str
    payer: str = "medicare"
    setting: str = "office"
    clinical_staff_seconds: int = 0
    qhp_seconds: int = 0
    qhp_seconds_30_days: int | None = None
    live_contacts: int = 0
    live_chat_contacts: int = 0
    device_windows: tuple[DeviceWindow, ...] = ()
    auto_reading_days_in_month: int | None = None
    setup: SetUp | None = None
    consent_on: date | None = None
    order_signed_on: date | None = None
    established_patient: bool = False
    necessity_documented: bool = False
    supervising_practitioner: bool = False
    device_basis_on_file: bool = False
    diagnosis_allowed: bool = True
    practitioner_type: str = "physician"
    last_device_service_on: date | None = None
    last_99091_service_on: date | None = None
    billed_by_us: frozenset[str] = frozenset()
    billed_elsewhere: frozenset[str] = frozenset()
    global_period: str = "none"
    institutional_all_month: bool = False
    unsigned_seconds: int = 0
    policy: Policy = NO_POLICY

    def __post_init__(self) -> None:
        # Windows are read in order of their end, whatever order they came in.
        in_order = tuple(sorted(self.device_windows, key=lambda window: window.ends_on))
        object.__setattr__(self, "device_windows", in_order)

    @property
    def last_day(self) -> date:
        return last_day_of(self.month)

    @property
    def counted_seconds(self) -> int:
        return self.clinical_staff_seconds + self.qhp_seconds

    @property
    def interpretation_seconds(self) -> int:
        """Practitioner seconds of the open 30-day window of 99091."""
        return self.qhp_seconds if self.qhp_seconds_30_days is None else self.qhp_seconds_30_days

    @property
    def contacts(self) -> int:
        """Live contacts, and live chats where a policy lets them count."""
        return self.live_contacts + (self.live_chat_contacts if self.policy.live_chat_counts else 0)

    @property
    def auto_reading_days(self) -> int:
        if self.auto_reading_days_in_month is not None:
            return self.auto_reading_days_in_month
        return sum(window.reading_days for window in self.device_windows)

    def days_of(self, window: DeviceWindow) -> int:
        """The reading days of a window that count: of its best device, or of all where a policy says so."""
        any_device = self.policy.device_days == "any_device"
        return window.reading_days_any_device if any_device else window.reading_days


@lru_cache(maxsize=512)
def last_day_of(month: str) -> date:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, calendar.monthrange(year, number)[1])


def window_start(ends_on: date) -> date:
    """The first day of a full window that ends on `ends_on`."""
    return date.fromordinal(max(1, ends_on.toordinal() - (WINDOW_DAYS - 1)))


def facts_json(facts: PeriodFacts) -> dict[str, Any]:
    """The facts as plain JSON values, every key written out; `parse_facts` reads them back the same."""
    plain = {name: _plain(getattr(facts, name)) for name in PeriodFacts.__dataclass_fields__}
    plain["policy"] = {name: value for name, value in plain["policy"].items() if value is not None}
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, DeviceWindow | SetUp | Policy):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
