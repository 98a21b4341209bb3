"""What patient-months come to as the policies stand and as they would, calculated as a close does. Reads only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.models import PolicySetting
from accounts.practice_policies import supposing
from billing.decisions.decide import Decided, decide, outcome, wanted_holds
from billing.decisions.second_count import second_counts
from billing.facts.gather import Instead, gather
from billing.labels import hold_in_words
from foundation.months import in_words
from timelogs.counting.counted import would_stand
from timelogs.counting.totals import LINES


@dataclass(frozen=True, slots=True)
class Came:
    """What one patient-month comes to."""

    decided: Decided

    @property
    def seconds(self) -> int:
        return self.decided.facts["clinical_staff_seconds"] + self.decided.facts["qhp_seconds"]

    @property
    def told(self) -> tuple:
        """All that a claim says: codes, units, days, holds, warnings, payer; and the time behind it."""
        facts = self.decided.facts
        times = facts["clinical_staff_seconds"], facts["qhp_seconds"]
        lines, holds = sorted(self.decided.lines.items()), sorted(wanted_holds(self.decided))
        return outcome(self.decided.decision, self.decided.payer), lines, holds, times

    @property
    def codes(self) -> list[tuple[str, int, bool]]:
        """(code, units, released), ready to print."""
        units: dict[tuple[str, bool], int] = defaultdict(int)
        for (code, _, released), count in self.decided.lines.items():
            units[code, released] += count
        return [(code, count, released) for (code, released), count in sorted(units.items())]

    @property
    def holds(self) -> list[str]:
        return list(dict.fromkeys(hold_in_words(slug) for _, slug in wanted_holds(self.decided)))

    @property
    def time(self) -> str:
        return in_words(self.seconds)

    @property
    def lines_reached(self) -> set[int]:
        """The lines of time that are announced, in minutes."""
        return {minutes for minutes in LINES if self.seconds >= minutes * 60}


@dataclass(frozen=True, slots=True)
class Pair:
    """One patient-month as it stands and as it would."""

    month: date
    patient_id: UUID
    before: Came
    after: Came

    @property
    def changed(self) -> bool:
        return self.before.told != self.after.told


def compared(
    practice, month: date, patient_ids: Sequence[UUID], row: PolicySetting, *, at: datetime
) -> Iterator[Pair]:
    """The patients named, in a constant number of queries, as they stand and as if the policy had been set."""
    before = _came(practice, month, patient_ids, None)
    with supposing(row):
        # Whether an unanswered call counts is stored with the time: what setting it would count anew is counted here.
        recounts = row.key == "attempts_counted"
        instead = would_stand(practice, month, patient_ids, at=at) if recounts else None
        after = _came(practice, month, patient_ids, instead)
    return (Pair(month, each, before[each], after[each]) for each in patient_ids)


def _came(practice, month: date, patient_ids: Sequence[UUID], instead: Instead) -> dict[UUID, Came]:
    counts = second_counts(practice, month, patient_ids)
    found = gather(practice, month, patient_ids, instead=instead)
    return {each: Came(decide(gathered, counts[each])) for each, gathered in found.items()}
