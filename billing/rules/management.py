"""99470, 99457 and 99458: the calendar month's minutes, the live contact, and time that nobody signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .decision import Finding, Line, Verdict
from .facts import PeriodFacts
from .gates import Gate, ask_covered, ask_readings
from .interpretation import Split, Standing, split_time
from .ladder import Earned, earned, unit_limit
from .ruleset import AddOn, RuleSet, Step
from .steps import each_refusal, reached

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Time:
    """The seconds that are management's, what they earn, and what is said of those 99091 has taken."""

    seconds: int
    earned: Earned
    spent: tuple[Finding, ...]


def judge_management(
    facts: PeriodFacts, ruleset: RuleSet, gate: Gate, split: Split, *, held: bool
) -> Verdict:
    """The management codes on the seconds that are theirs. `held`: whether 99091 is."""
    result = earned(split.management_seconds, facts, ruleset)
    if_signed = _if_signed(facts, ruleset, held=held) if facts.unsigned_seconds else result
    time = Time(split.management_seconds, result, _spent(facts, ruleset, split, held=held))
    lines = list(_refused(facts, ruleset, time))
    if result.base:
        own = _gate(facts, ruleset, gate, unsigned_matters=if_signed.selection != result.selection)
        lines += _selected(facts, ruleset, time, result.base, own)
    return Verdict(tuple(lines), _warnings(facts, split, result, if_signed))


def _if_signed(facts: PeriodFacts, ruleset: RuleSet, *, held: bool) -> Earned:
    """What the month would earn if the unsigned seconds counted."""
    split = split_time(facts, ruleset, held=held, unsigned=facts.unsigned_seconds)
    return earned(split.management_seconds, facts, ruleset)


def _gate(facts: PeriodFacts, ruleset: RuleSet, gate: Gate, *, unsigned_matters: bool) -> Gate:
    """What every management line has to pass, all but the live contact."""
    own = gate.copy()
    ask_readings(own, ruleset.checks["readings-management"], facts.auto_reading_days)
    own.ask(ruleset.checks["signed-time"], not unsigned_matters, facts.unsigned_seconds, 0)
    return own


def _spent(facts: PeriodFacts, ruleset: RuleSet, split: Split, *, held: bool) -> tuple[Finding, ...]:
    taken = split.standing is Standing.DUAL or (split.standing is Standing.SELECTED and not held)
    if not (taken and facts.qhp_seconds):
        return ()
    return (Finding(ruleset.interpretation.single_use, True, facts.qhp_seconds, None),)


# Selected codes -------------------------------------------------------------------------------------------


def _selected(facts: PeriodFacts, ruleset: RuleSet, time: Time, base: Step, own: Gate) -> Iterator[Line]:
    """The base is unit 1 and its add-ons follow; live contacts serve them in that order."""
    addon, units = time.earned.addon, time.earned.units
    served = _served(facts, ruleset, 1 + units)
    reasons = (reached(base, time.seconds, MINUTE), *time.spent)
    yield _line(base.code, 1, reasons, _answered(facts, ruleset, own, base.code, unit=1))
    if addon and units:
        reasons = (_further(addon, base, units, time.seconds), _within_limit(facts, addon, time), *time.spent)
        free, codes = max(served - 1, 0), (base.code, addon.code)
        if free:
            yield _line(addon.code, free, reasons, _answered(facts, ruleset, own, *codes, unit=1 + free))
        if free < units:
            gate = _answered(facts, ruleset, own, *codes, unit=1 + units)
            yield _line(addon.code, units - free, reasons, gate)


def _line(code: str, units: int, reasons: tuple[Finding, ...], gate: Gate) -> Line:
    return Line(code, units, tuple(gate.holds), (*reasons, *gate.findings))


def _answered(facts: PeriodFacts, ruleset: RuleSet, own: Gate, *codes: str, unit: int) -> Gate:
    """The gate with the live-contact question put for the unit of that number, and whether its codes are covered."""
    gate, needed = own.copy(), _contacts_needed(facts, ruleset, unit)
    gate.ask(ruleset.checks["live-contact"], facts.contacts >= needed, facts.contacts, needed)
    ask_covered(gate, ruleset.checks["code-covered"], facts, *codes)
    return gate


def _contacts_needed(facts: PeriodFacts, ruleset: RuleSet, unit: int) -> int:
    """One live contact serves every unit; a payer may ask one for each."""
    return unit if facts.policy.live_contact_per_unit else ruleset.checks["live-contact"].at_least


def _served(facts: PeriodFacts, ruleset: RuleSet, units: int) -> int:
    """How many of the units, counted from the base, have the live contact they need."""
    return sum(facts.contacts >= _contacts_needed(facts, ruleset, unit) for unit in range(1, units + 1))


def _further(addon: AddOn, base: Step, units: int, seconds: int) -> Finding:
    """Whether the time holds this many full blocks beyond the base."""
    needed = (base.at_least + units * addon.every) * MINUTE
    return Finding(addon.rule, seconds >= needed, seconds, needed)


def _within_limit(facts: PeriodFacts, addon: AddOn, time: Time) -> Finding:
    limit, wanted = unit_limit(addon, facts.policy), time.earned.wanted
    return Finding(addon.limit_rule, wanted <= limit, wanted, limit)


# Refused codes --------------------------------------------------------------------------------------------


def _refused(facts: PeriodFacts, ruleset: RuleSet, time: Time) -> Iterator[Line]:
    management = ruleset.management
    for code, findings in each_refusal(management.steps, time.seconds, MINUTE):
        yield Line(code, 0, (), findings + time.spent)
    if management.addon and not time.earned.units:
        further = _further(management.addon, management.steps[-1], 1, time.seconds)
        past = (_within_limit(facts, management.addon, time),) if time.earned.wanted else ()
        yield Line(management.addon.code, 0, (), (further, *past, *time.spent))


# Warnings -------------------------------------------------------------------------------------------------


def _warnings(facts: PeriodFacts, split: Split, result: Earned, if_signed: Earned) -> tuple[str, ...]:
    found = []
    if not result.base and _earns_nothing(facts, split):
        found.append("below-minimum")
    if result.wanted > result.units:
        found.append("unit-limit")
    if facts.policy.live_chat_counts and facts.live_chat_contacts:
        found.append("live-chat-accepted")
    if _unsigned_in_vain(facts, result, if_signed):
        found.append("unsigned-time")
    return tuple(found)


def _earns_nothing(facts: PeriodFacts, split: Split) -> bool:
    """Whether there are seconds that, with no management code, earn 99091 neither. Staff time never does."""
    if split.standing is Standing.NOT_EARNED:
        return facts.counted_seconds > 0
    return facts.clinical_staff_seconds > 0


def _unsigned_in_vain(facts: PeriodFacts, result: Earned, if_signed: Earned) -> bool:
    """Unsigned time that holds nothing but ought to be known: it changes nothing, or would earn a code."""
    if not facts.unsigned_seconds:
        return False
    return if_signed.selection == result.selection if result.base else if_signed.base is not None
