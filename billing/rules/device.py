"""99445 and 99454: each 30-day window by its own reading days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from .decision import Line, Verdict
from .facts import DeviceWindow, PeriodFacts
from .gates import Gate, ask_covered, ask_spacing, days_apart
from .ruleset import RuleSet, Step
from .steps import each_refusal, earned_step, reached


@dataclass(frozen=True, slots=True)
class JudgedWindow:
    window: DeviceWindow
    days: int
    step: Step | None
    # Days since the latest service before it, billed or earned in this month; None: there was none.
    spacing: int | None


def judge_device(facts: PeriodFacts, ruleset: RuleSet, gate: Gate) -> Verdict:
    """One unit for each window that earns a code, and why the other codes are refused."""
    judged = _windows(facts, ruleset)
    lines = [_line(each, each.step, facts, ruleset, gate) for each in judged if each.step]
    return Verdict((*lines, *_refusals(judged, ruleset)), _warnings(ruleset, judged))


def _windows(facts: PeriodFacts, ruleset: RuleSet) -> list[JudgedWindow]:
    judged: list[JudgedWindow] = []
    latest = facts.last_device_service_on
    for window in facts.device_windows:
        days = facts.days_of(window)
        step = earned_step(ruleset.device, days)
        judged.append(JudgedWindow(window, days, step, days_apart(latest, window.ends_on)))
        if step:
            latest = _later(latest, window.ends_on)
    return judged


def _later(one: date | None, other: date) -> date:
    return other if one is None else max(one, other)


def _line(each: JudgedWindow, step: Step, facts: PeriodFacts, ruleset: RuleSet, gate: Gate) -> Line:
    own = Gate([reached(step, each.days), *gate.findings], gate.holds.copy())
    ask_spacing(own, ruleset.checks["spacing-device"], each.spacing)
    _ask_one_rule_set(own, each.window, ruleset)
    ask_covered(own, ruleset.checks["code-covered"], facts, step.code)
    return Line(step.code, 1, tuple(own.holds), tuple(own.findings))


def _ask_one_rule_set(own: Gate, window: DeviceWindow, ruleset: RuleSet) -> None:
    """A window that began under other device rules waits for a person. Its code is that of the later rules."""
    since = ruleset.device_rules_since
    if since:
        began = window.starts_on.isoformat()
        own.ask(ruleset.checks["one-rule-set"], window.starts_on >= since, began, since.isoformat())


def _refusals(judged: list[JudgedWindow], ruleset: RuleSet) -> list[Line]:
    """Refused by every window. With no window at all there were no days."""
    earned = {each.step.code for each in judged if each.step}
    return [
        Line(code, 0, (), findings)
        for days in [each.days for each in judged] or [0]
        for code, findings in each_refusal(ruleset.device, days)
        if code not in earned
    ]


def _warnings(ruleset: RuleSet, judged: list[JudgedWindow]) -> tuple[str, ...]:
    found = []
    if any(each.days and not each.step for each in judged):
        found.append("below-minimum")
    if any(_split_over_devices(each, ruleset) for each in judged):
        found.append("days-split-over-devices")
    if sum(each.step is not None for each in judged) > 1:
        found.append("two-windows")
    return tuple(found)


def _split_over_devices(each: JudgedWindow, ruleset: RuleSet) -> bool:
    """Whether all devices together would earn a higher code than the days that are counted."""
    return earned_step(ruleset.device, each.window.reading_days_any_device) is not each.step
