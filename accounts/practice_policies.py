"""The practice's choices where the law leaves one: as they stood on a date, and setting one. Read from here."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import JSONField, Value

from accounts.models import PolicySetting
from accounts.policy_specs import POLICIES, RULE_KEYS, PolicySpec, is_per_payer

__all__ = [
    "POLICIES",
    "RULE_KEYS",
    "PolicyBook",
    "PolicySpec",
    "is_per_payer",
    "end_own_policy",
    "own_policy",
    "policies_for",
    "policy",
    "set_policy",
    "setting_words",
    "supposing",
]

_supposed: ContextVar[PolicySetting | None] = ContextVar("supposed_policy", default=None)


@contextmanager
def supposing(row: PolicySetting) -> Iterator[None]:
    """Inside, policies are read as if this row had been set, after any other of its day. Nothing is stored."""
    token = _supposed.set(row)
    try:
        yield
    finally:
        _supposed.reset(token)


class PolicyBook:
    """Every policy of a practice as it stood on a date, for any number of payers, from one query."""

    def __init__(self, practice, *, on: date) -> None:
        rows = PolicySetting.objects.for_practice(practice).filter(starts_on__lte=on)
        self._rows = list(rows.order_by("payer", "starts_on"))
        if (row := _supposed.get()) and row.practice_id == practice.pk and row.starts_on <= on:
            self._rows = sorted([*self._rows, row], key=lambda each: (each.payer, each.starts_on))

    def values(self, payer: str = "", *, on: date | None = None) -> dict[str, Any]:
        """Each key's value: the payer's own row before the practice's, else the default. `on`: an earlier date."""
        rows = [row for row in self._rows if on is None or row.starts_on <= on]
        values = {key: spec.default for key, spec in POLICIES.items()}
        values |= {row.key: row.value for row in rows if not row.payer}
        return values | self.own(payer, on=on)

    def own(self, payer: str, *, on: date | None = None) -> dict[str, Any]:
        """What a payer has of its own, ended values left out; nothing for the whole practice."""
        rows = [row for row in self._rows if on is None or row.starts_on <= on]
        own = {row.key: row for row in rows if payer and row.payer == payer}
        return {key: row.value for key, row in own.items() if not row.as_practice}

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


def own_policy(practice, key: str, payer: str, *, on: date) -> PolicySetting | None:
    """The row by which a payer has a value of its own on a date; None where the practice's counts for it."""
    rows = PolicySetting.objects.for_practice(practice).filter(key=key, payer=payer, starts_on__lte=on)
    row = rows.order_by("-starts_on").first()
    return None if row is None or row.as_practice else row


def end_own_policy(practice, *, key: str, payer: str, starts_on: date, why: str) -> PolicySetting:
    """From a date on the practice's value counts for this payer again."""
    row = PolicySetting(
        practice=practice,
        key=key,
        value=Value(None, JSONField()),
        as_practice=True,
        starts_on=starts_on,
        why=why,
        payer=payer,
    )
    row.save()
    row.value = None
    return row


def setting_words(row: PolicySetting) -> str:
    """What a row set, in words."""
    return "as the practice" if row.as_practice else POLICIES[row.key].words(row.value)


def set_policy(
    practice, *, key: str, value: Any, starts_on: date, why: str, payer: str = ""
) -> PolicySetting:
    """Set a policy from a date on. Raises ValidationError for an unknown key or value, or a payer it has not."""
    spec = POLICIES.get(key)
    if spec is None or not spec.accepts(value):
        raise ValidationError(f"{value!r} is not a value of the policy {key!r}.")
    if payer and not is_per_payer(key):
        raise ValidationError(f"The policy {key!r} is read for the whole practice, not for a payer.")
    # None as it is would become SQL's NULL; what is left to the rules is a value like others.
    stored = Value(None, JSONField()) if value is None else value
    row = PolicySetting(practice=practice, key=key, value=stored, starts_on=starts_on, why=why, payer=payer)
    row.save()
    row.value = value
    return row
