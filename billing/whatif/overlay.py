"""What a patient-month would come to if its facts were others. Plain values in, plain values out; nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.policy_specs import POLICIES
from billing import rules
from billing.decisions.explain import CodeExplanation, Sentence, explain, warning_in_words
from billing.labels import NO_COVERAGE, hold_in_words, hold_words
from foundation.months import in_words
from payers.models import NO_PAYER

WORDS = {"released": "Released", "held": "Held", "refused": "Not billed"}
MOST_OWN = 5
TONES = {"released": "ready", "held": "attention", "refused": "none"}


@dataclass(frozen=True, slots=True)
class PayerProfile:
    """What comes with a payer: its policies of the rules, and whether it covers the diagnoses on file."""

    payer: str
    policy: Mapping[str, Any]
    diagnosis_allowed: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What is laid over the facts. `policy`: None leaves it to the rules. `days`: {a window's end: (best, any)}."""

    profile: PayerProfile | None = None
    policy: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    days: Mapping[str, tuple[int, int]] = field(default_factory=dict)


def plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts with every key written out, so that two of them can be compared. Raises FactError."""
    return rules.facts_json(rules.parse_facts(dict(facts)))


# Laying changes over facts ------------------------------------------------------------------------------------


def lay_over(base: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """The facts with the changes: the payer first, then single policies, then all else. Raises FactError."""
    laid = _with_profile(dict(base), changes.profile)
    laid["policy"] = _with_policy(laid["policy"], changes.policy)
    laid["device_windows"] = [_with_days(window, changes.days) for window in laid["device_windows"]]
    return plain({**laid, **_thirty_days(base, changes.facts), **changes.facts})


def _with_profile(facts: dict[str, Any], profile: PayerProfile | None) -> dict[str, Any]:
    if profile is None:
        return facts
    return {
        **facts,
        "payer": profile.payer,
        "policy": dict(profile.policy),
        "diagnosis_allowed": profile.diagnosis_allowed,
    }


def _with_policy(policy: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**policy, **changes}.items() if value is not None}


def _with_days(window: Mapping[str, Any], days: Mapping[str, tuple[int, int]]) -> dict[str, Any]:
    best, together = days.get(window["ends_on"], (window["reading_days"], window["reading_days_any_device"]))
    return {**window, "reading_days": best, "reading_days_any_device": together}


def _thirty_days(base: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """The practitioner's 30-day window, where it is known apart, moves with the month's seconds."""
    known = base.get("qhp_seconds_30_days")
    if known is None or "qhp_seconds" not in facts:
        return {}
    return {"qhp_seconds_30_days": max(0, known + facts["qhp_seconds"] - base["qhp_seconds"])}


# What differs -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FactChange:
    """One fact that is another, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Side:
    """One outcome of a code. `own` are the sentences that the other side does not have, at most a handful."""

    words: str
    tone: str
    units: int
    holds: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    own: tuple[Sentence, ...]

    @property
    def outcome(self) -> tuple:
        return self.words, self.units, self.holds


@dataclass(frozen=True, slots=True)
class Row:
    """A code as it stands and with the changes; a code may be released for one unit and held for another."""

    code: str
    label: str
    before: tuple[Side, ...]
    after: tuple[Side, ...]

    @property
    def changed(self) -> bool:
        return [side.outcome for side in self.before] != [side.outcome for side in self.after]


@dataclass(frozen=True, slots=True)
class Difference:
    facts: tuple[FactChange, ...]
    rows: tuple[Row, ...]
    appear: tuple[str, ...]
    vanish: tuple[str, ...]

    @property
    def changed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.changed)

    @property
    def comes_out_otherwise(self) -> bool:
        return bool(self.changed or self.appear or self.vanish)


def difference(before: Mapping[str, Any], after: Mapping[str, Any], payers: Mapping[str, str]) -> Difference:
    """What comes of two sets of facts of one patient-month, side by side. Raises FactError, NoRuleSet.

    `payers`: the practice's, by slug.
    """
    told_before, notes_before = _told(before)
    told_after, notes_after = _told(after)
    codes = sorted({*told_before, *told_after})
    return Difference(
        facts=tuple(changed_facts(before, after, payers)),
        rows=tuple(_row(code, told_before.get(code, []), told_after.get(code, [])) for code in codes),
        appear=tuple(words for words in notes_after if words not in notes_before),
        vanish=tuple(words for words in notes_before if words not in notes_after),
    )


def _told(plain_facts: Mapping[str, Any]) -> tuple[dict[str, list[CodeExplanation]], list[str]]:
    """{code: its outcomes in words}, and what a biller should know beside them."""
    facts = rules.parse_facts(dict(plain_facts))
    decision = rules.to_dict(rules.select_codes(facts, rules.ruleset_for(facts.month)))
    told: dict[str, list[CodeExplanation]] = {}
    for each in explain(decision, facts):
        told.setdefault(each.code, []).append(each)
    notes = [warning_in_words(slug) for slug in decision["warnings"]]
    uncovered = [f"{hold_words(NO_COVERAGE)}: the claim waits as a whole"]
    return told, notes + (uncovered if facts.payer == NO_PAYER else [])


def _row(code: str, before: Sequence[CodeExplanation], after: Sequence[CodeExplanation]) -> Row:
    label = (*before, *after)[0].label
    return Row(code, label, _sides(before, against=after), _sides(after, against=before))


def _sides(told: Sequence[CodeExplanation], *, against: Sequence[CodeExplanation]) -> tuple[Side, ...]:
    there = {(sentence.text, sentence.met) for each in against for sentence in each.sentences}
    return tuple(_side(each, there) for each in told)


def _side(told: CodeExplanation, there: set[tuple[str, bool]]) -> Side:
    holds = tuple(hold_in_words(slug) for slug in told.holds)
    own = tuple(each for each in told.sentences if (each.text, each.met) not in there)
    return Side(WORDS[told.status], TONES[told.status], told.units, holds, told.sentences, _short(own))


def _short(own: tuple[Sentence, ...]) -> tuple[Sentence, ...]:
    """Where one side says nearly everything alone: what was seen first, and whatever is not met."""
    if len(own) <= MOST_OWN:
        return own
    return own[:1] + tuple(each for each in own[1:] if not each.met)


# Facts in words -----------------------------------------------------------------------------------------------


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _on_file(value: str | None) -> str:
    return f"on file since {_day(value)}" if value else "not on file"


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso):%d-%b-%Y}"


def payer_words(slug: str, payers: Mapping[str, str]) -> str:
    return "no coverage" if slug == NO_PAYER else payers.get(slug, slug)


LABELS = {
    "clinical_staff_seconds": ("Staff minutes", in_words),
    "qhp_seconds": ("Practitioner minutes", in_words),
    "qhp_seconds_30_days": (
        "Practitioner minutes of the 30 days of 99091",
        lambda value: "as in the month" if value is None else in_words(value),
    ),
    "unsigned_seconds": ("Unsigned minutes", in_words),
    "live_contacts": ("Live contacts", str),
    "live_chat_contacts": ("Live chats", str),
    "auto_reading_days_in_month": ("Days with readings in the month", str),
    "diagnosis_allowed": ("Payer covers the diagnoses", _yes),
    "consent_on": ("Consent", _on_file),
    "order_signed_on": ("Order", _on_file),
}


def changed_facts(
    before: Mapping[str, Any], after: Mapping[str, Any], payers: Mapping[str, str]
) -> list[FactChange]:
    """Every fact that is another than before, the payer's own policies included."""
    found = []
    if before["payer"] != after["payer"]:
        then, now = (payer_words(facts["payer"], payers) for facts in (before, after))
        found.append(FactChange("Payer", then, now))
    found += [
        FactChange(label, words(before[key]), words(after[key]))
        for key, (label, words) in LABELS.items()
        if before[key] != after[key]
    ]
    return [*found, *_changed_policies(before["policy"], after["policy"]), *_changed_days(before, after)]


def _changed_policies(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FactChange]:
    return [
        FactChange(spec.question, spec.words(before.get(key)), spec.words(after.get(key)))
        for key, spec in POLICIES.items()
        if before.get(key) != after.get(key)
    ]


def _changed_days(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FactChange]:
    pairs = zip(before["device_windows"], after["device_windows"], strict=True)
    return [
        FactChange(f"Reading days, {window_words(then)}", _days(then), _days(now))
        for then, now in pairs
        if then != now
    ]


def window_words(window: Mapping[str, Any]) -> str:
    """`10-Feb-2026 to 11-Mar-2026`"""
    return f"{_day(window['starts_on'])} to {_day(window['ends_on'])}"


def _days(window: Mapping[str, Any]) -> str:
    best, together = window["reading_days"], window["reading_days_any_device"]
    return str(best) if best == together else f"{best}, all devices together {together}"
