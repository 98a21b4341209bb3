"""The practice's choices where the law leaves one: their names, defaults and sources, read everywhere from here."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import PolicySetting


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """`default` is the law's (or the safest) reading; `departs` says what another value gives up."""

    default: Any
    accepts: Callable[[Any], bool]
    question: str
    departs: str


def _whole(low: int, high: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value <= high


def _either(*choices) -> Callable[[Any], bool]:
    return lambda value: value in choices and type(value) is type(choices[0])


def _diagnoses(value: Any) -> bool:
    """A list of ICD-10-CM codes or beginnings of codes: `["I50", "O10.1"]`."""
    return isinstance(value, list) and all(
        isinstance(code, str) and re.fullmatch(r"[A-Z][0-9]([0-9A-Z](\.[0-9A-Z]{0,4})?)?", code)
        for code in value
    )


POLICIES: dict[str, PolicySpec] = {
    # Keys of the rules: handed to select_codes as they are.
    "unit_limit_99458": PolicySpec(
        None, _whole(0, 9), "Units of 99458 a month, at most", "Can only lower the limit in force."
    ),
    "live_contact_per_unit": PolicySpec(
        False, _either(True, False), "One live contact for every unit?", "Stricter than the code."
    ),
    "live_chat_counts": PolicySpec(
        False,
        _either(True, False),
        "Does a real-time text chat count as live contact?",
        "The code speaks of real-time interactive communication; most payers read that as voice.",
    ),
    "dual_99091": PolicySpec(
        "never",
        _either("never", "cms_2021"),
        "99091 beside the management codes?",
        "The 2021 final rule allowed it in narrow cases.",
    ),
    "device_days": PolicySpec(
        "best_device",
        _either("best_device", "any_device"),
        "Days of which devices are counted?",
        "Days of several devices put together are disputed.",
    ),
    "setup_min_days": PolicySpec(
        None, _whole(0, 30), "Reading days before 99453 is billed", "None means the rule set's number."
    ),
    # Keys of the facts: what is gathered for the rules.
    "device_window": PolicySpec(
        "rolling_30",
        _either("rolling_30", "calendar_month"),
        "Which 30 days make a device window?",
        "Windows run from the first reading day; the last 30 days of each month are another reading, and in "
        "February they come less than 30 days after January's.",
    ),
    "covered_diagnoses": PolicySpec(
        [],
        _diagnoses,
        "Diagnoses for which this payer covers remote monitoring",
        "Empty means any diagnosis. Some plans name a few; claims for others wait as payer-diagnosis.",
    ),
    # Keys of time.
    "idle_minutes": PolicySpec(
        5, _whole(1, 30), "Minutes without input before the clock asks", "Longer lets unproven time in."
    ),
    "lost_minutes": PolicySpec(
        3, _whole(1, 15), "Minutes without heartbeat before the clock pauses", "Longer lets unproven time in."
    ),
    "max_session_minutes": PolicySpec(
        120, _whole(10, 480), "Minutes one session may last", "Longer sessions draw questions."
    ),
    "late_flag_days": PolicySpec(
        3, _whole(0, 31), "Days after which an entry is marked late", "Reviewers speak of a couple of days."
    ),
    "late_approval_days": PolicySpec(
        14,
        _whole(0, 62),
        "Days after which a late entry needs approval",
        "Reviewers may disregard late time.",
    ),
    "second_person_approval": PolicySpec(
        False,
        _either(True, False),
        "Must another person approve time entered by hand?",
        "Off: time entered by hand counts at once.",
    ),
    "attempts_counted": PolicySpec(
        False,
        _either(True, False),
        "Do minutes of an unanswered call count?",
        "The guide counts only interactive time; an attempt reached nobody.",
    ),
    "same_day_visit": PolicySpec(
        "exclude_date",
        _either("exclude_date", "count"),
        "Minutes on the day of an office visit",
        "Counting them risks paying twice for one conversation.",
    ),
    # Keys of the close.
    "close_day": PolicySpec(
        5, _whole(1, 28), "Day of the next month on which the month closes by itself", ""
    ),
}

RULE_KEYS = (
    "unit_limit_99458",
    "live_contact_per_unit",
    "live_chat_counts",
    "dual_99091",
    "device_days",
    "setup_min_days",
)


class PolicyBook:
    """Every policy of a practice as it stood on a date, for any number of payers, from one query."""

    def __init__(self, practice, *, on: date) -> None:
        rows = PolicySetting.objects.for_practice(practice).filter(starts_on__lte=on)
        self._rows = list(rows.order_by("payer", "starts_on"))

    def values(self, payer: str = "") -> dict[str, Any]:
        """Each key's value: the payer's own row before the practice's, else the default."""
        values = {key: spec.default for key, spec in POLICIES.items()}
        for row in self._rows:
            if row.payer in ("", payer):
                values[row.key] = row.value
        return values

    def rule_values(self, payer: str) -> dict[str, Any]:
        """The policies that `select_codes` takes, without those left to the rule set."""
        values = self.values(payer)
        return {key: values[key] for key in RULE_KEYS if values[key] != POLICIES[key].default}


def policies_for(practice, *, on: date, payer: str = "") -> dict[str, Any]:
    """Every policy as it stood on a date: the payer's own row before the practice's, else the default."""
    return PolicyBook(practice, on=on).values(payer)


def policy(practice, key: str, *, on: date, payer: str = "") -> Any:
    """One policy's value on a date."""
    return policies_for(practice, on=on, payer=payer)[key]


def set_policy(
    practice, *, key: str, value: Any, starts_on: date, why: str, payer: str = ""
) -> PolicySetting:
    """Lay a policy down from a date on. Raises ValidationError for an unknown key or value."""
    spec = POLICIES.get(key)
    left_to_the_rules = spec is not None and value is None and spec.default is None
    if spec is None or not (left_to_the_rules or spec.accepts(value)):
        raise ValidationError(f"{value!r} is not a value of the policy {key!r}.")
    row = PolicySetting(practice=practice, key=key, value=value, starts_on=starts_on, why=why, payer=payer)
    row.save()
    return row
