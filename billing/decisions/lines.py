"""What a decision comes to on a claim: its lines with their days of service, and its holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from billing.facts.patient_month import DEVICE_CODES, INTERPRETATION_CODE, SETUP_CODE, WINDOW
from billing.rules import Decision, PeriodFacts, ruleset_for, select_codes

Line = tuple[str, date, bool]
"""(code, date of service, released)."""


def claim_lines(facts: PeriodFacts, decision: Decision, served_until: date | None) -> dict[Line, int]:
    """{line: units}. Each device window that earned a code has a line of its own."""
    lines = dict.fromkeys(device_lines(facts, decision), 1)
    late = withheld(facts, decision, served_until)
    for units_of, released in ((decision.released, True), (decision.held_units, False)):
        for code, units in units_of.items():
            if code not in DEVICE_CODES:
                lines[code, service_on(facts, code, served_until), released and code not in late] = units
    return lines


def withheld(facts: PeriodFacts, decision: Decision, served_until: date | None) -> dict[str, str]:
    """{code: hold} of what the rules find earned on the month's last day, but too early on the earlier day of service.

    The rules ask how long 99091 is ago on the month's last day; where service ended before it, that is too late.
    Held too: two people may judge what the rules hold it for, but not the days.
    """
    last = facts.last_99091_service_on
    if INTERPRETATION_CODE not in {**decision.released, **decision.held} or not served_until or not last:
        return {}
    return {INTERPRETATION_CODE: "under-30-days"} if served_until - last < WINDOW else {}


def device_lines(facts: PeriodFacts, decision: Decision) -> Iterator[Line]:
    """What each window comes to by itself, after those that ended before it: the decision gives only their sum."""
    latest = facts.last_device_service_on
    for window in facts.device_windows:
        alone = replace(facts, device_windows=(window,), last_device_service_on=latest)
        answer = select_codes(alone, ruleset_for(facts.month)) if len(facts.device_windows) > 1 else decision
        for code in {*answer.released, *answer.held}.intersection(DEVICE_CODES):
            yield code, window.ends_on, code in answer.released
            latest = max(latest or window.ends_on, window.ends_on)


def service_on(facts: PeriodFacts, code: str, served_until: date | None) -> date:
    """Set-up: the day it was done. Management and 99091: the month's last day, or the last day of service."""
    if code == SETUP_CODE and facts.setup is not None:
        return facts.setup.completed_on
    return served_until or facts.last_day
