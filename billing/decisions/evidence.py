"""The records behind a decision, and for each released line the fewest of them that suffice.

Feed the rules only what a line cites, with the papers as they are: it comes out again. Take any one record away:
it does not. Re-checking needs this module, the stored evidence and the rules, and no table.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from accounts.models import StaffKind
from billing.decisions.lines import Line, device_lines, service_on, withheld
from billing.facts.patient_month import (
    DEVICE_CODES,
    INTERPRETATION_CODE,
    SETUP_CODE,
)
from billing.facts.records import ReadingDay, Records
from billing.rules import Decision, PeriodFacts, RuleSet, select_codes

SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Cited:
    """The records that suffice for one released line."""

    code: str
    units: int
    service_on: str
    sessions: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    readings: tuple[ReadingDay, ...] = ()
    setup: str | None = None

    @classmethod
    def read(cls, stored: dict[str, Any]) -> "Cited":
        """From its JSON values."""
        lists = {name: tuple(stored[name]) for name in ("sessions", "contacts")}
        readings = tuple((device, day) for device, day in stored["readings"])
        return cls(**{**stored, **lists, "readings": readings})

    def without(self) -> Iterator["Cited"]:
        """The same with one record less, for each record in it."""
        for name in ("sessions", "contacts", "readings"):
            every = getattr(self, name)
            for at in range(len(every)):
                yield replace(self, **{name: every[:at] + every[at + 1 :]})
        if self.setup:
            yield replace(self, setup=None)


# What suffices ----------------------------------------------------------------------------------------------


def cite(facts: PeriodFacts, decision: Decision, records: Records, ruleset: RuleSet) -> list[Cited]:
    """For each released line, the records that suffice, in order of code and day."""
    found = [_device(facts, line, records, ruleset) for line in device_lines(facts, decision) if line[2]]
    late = withheld(facts, decision, records.served_until)
    for code, units in decision.released.items():
        if code not in DEVICE_CODES and code not in late:
            day = service_on(facts, code, records.served_until).isoformat()
            found.append(_by_code(Cited(code, units, day), facts, decision, records, ruleset))
    return sorted(found, key=lambda cited: (cited.code, cited.service_on))


def _by_code(line: Cited, facts: PeriodFacts, decision, records: Records, ruleset: RuleSet) -> Cited:
    if line.code == SETUP_CODE:
        return _setup(line, facts, records, ruleset)
    if line.code == INTERPRETATION_CODE:
        return _interpretation(line, records, ruleset)
    return _management(line, facts, decision, records, ruleset)


def _device(facts: PeriodFacts, line: Line, records: Records, ruleset: RuleSet) -> Cited:
    code, ends_on, _ = line
    needed = next(step.at_least for step in ruleset.device if step.code == code)
    days = records.windows[ends_on]
    if facts.policy.device_days == "any_device":
        days = tuple({day: (device, day) for device, day in days}.values())
    else:
        days = _best_device(days)
    return Cited(code, 1, ends_on.isoformat(), readings=days[:needed])


def _best_device(days: Iterable[ReadingDay]) -> tuple[ReadingDay, ...]:
    by_device: dict[str, list[ReadingDay]] = {}
    for each in days:
        by_device.setdefault(each[0], []).append(each)
    return tuple(max(by_device.values(), key=len, default=[]))


def _setup(line: Cited, facts: PeriodFacts, records: Records, ruleset: RuleSet) -> Cited:
    chosen = facts.policy.setup_min_days
    least = ruleset.checks["setup-days"].at_least if chosen is None else chosen
    days = _best_device(records.first_window)[:least]
    return replace(line, readings=days, setup=records.papers["setup"])


def _interpretation(line: Cited, records: Records, ruleset: RuleSet) -> Cited:
    needed = ruleset.interpretation.at_least * 60 * SECOND
    days = records.month[: ruleset.checks["readings-99091"].at_least]
    sessions = _enough(((s.microseconds_30_days, s.id) for s in records.sessions), needed)
    return replace(line, sessions=sessions, readings=days)


def _management(line: Cited, facts: PeriodFacts, decision, records: Records, ruleset: RuleSet) -> Cited:
    """The longest sessions first: with any one away, the minutes do not reach."""
    own = [s for s in records.sessions if s.staff_kind != StaffKind.QHP or not _beside_99091(decision)]
    sessions = _enough(((s.microseconds, s.id) for s in own), _minutes(line, ruleset) * 60 * SECOND)
    addon = ruleset.management.addon
    units = 1 + line.units if addon and line.code == addon.code else 1
    needed = units if facts.policy.live_contact_per_unit else ruleset.checks["live-contact"].at_least
    talks = [*records.contacts, *(records.chats if facts.policy.live_chat_counts else ())]
    # A contact inside a cited session first: one record then serves twice.
    talks.sort(key=lambda entry: entry not in sessions)
    days = records.month[: ruleset.checks["readings-management"].at_least]
    return replace(line, sessions=sessions, contacts=tuple(talks[:needed]), readings=days)


def _beside_99091(decision: Decision) -> bool:
    """Whether the practitioner's time is set aside for a 99091 under review."""
    return "dual-99091-review" in decision.held.get(INTERPRETATION_CODE, ())


def _minutes(line: Cited, ruleset: RuleSet) -> int:
    """The minutes that the line's code and units need."""
    steps = {step.code: step.at_least for step in ruleset.management.steps}
    if line.code in steps:
        return steps[line.code]
    addon = ruleset.management.addon
    return steps[addon.base] + line.units * addon.every


def _enough(sizes: Iterable[tuple[int, str]], needed: int) -> tuple[str, ...]:
    """The fewest that together reach what is needed, largest first."""
    chosen, total = [], 0
    for size, name in sorted(sizes, key=lambda pair: (-pair[0], pair[1])):
        if total >= needed:
            break
        chosen.append(name)
        total += size
    return tuple(chosen)


# Checked again ----------------------------------------------------------------------------------------------


def units_again(facts: PeriodFacts, evidence: dict[str, Any], cited: Cited, ruleset: RuleSet) -> int:
    """The released units of the line's code that the cited records alone come to."""
    return select_codes(facts_from(facts, evidence, cited), ruleset).released.get(cited.code, 0)


def facts_from(facts: PeriodFacts, evidence: dict[str, Any], cited: Cited) -> PeriodFacts:
    """The facts that the cited records alone amount to; papers, dates and policies stay as they were."""
    sessions = [row for row in evidence["sessions"] if row["id"] in cited.sessions]
    staff = _seconds(row["microseconds"] for row in sessions if row["staff_kind"] != StaffKind.QHP)
    chats = [entry for entry in cited.contacts if entry in evidence["chats"]]
    return replace(
        facts,
        clinical_staff_seconds=staff,
        qhp_seconds=_seconds(row["microseconds"] for row in sessions) - staff,
        qhp_seconds_30_days=_seconds(row["microseconds_30_days"] for row in sessions),
        unsigned_seconds=0,
        live_contacts=len(cited.contacts) - len(chats),
        live_chat_contacts=len(chats),
        auto_reading_days_in_month=len(cited.readings),
        device_windows=_cited_window(facts, cited),
        setup=_cited_setup(facts, cited),
    )


def _seconds(microseconds: Iterable[int]) -> int:
    return sum(microseconds) // SECOND


def _cited_window(facts: PeriodFacts, cited: Cited):
    if cited.code not in DEVICE_CODES:
        return ()
    whole = next(w for w in facts.device_windows if w.ends_on.isoformat() == cited.service_on)
    best, together = len(_best_device(cited.readings)), len({day for _, day in cited.readings})
    return (replace(whole, reading_days=best, reading_days_any_device=together),)


def _cited_setup(facts: PeriodFacts, cited: Cited):
    if facts.setup is None or cited.setup is None:
        return None
    return replace(facts.setup, first_window_reading_days=len(cited.readings))
