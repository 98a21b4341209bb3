"""Decisions per second on one core: `python bench/rules.py`. The last line is the figure as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from billing.rules import PeriodFacts, parse_facts, ruleset_for, select_codes  # noqa: E402

MONTHS = 2_000
ROUNDS = 5
AIM = 20_000


def a_month(random: Random) -> PeriodFacts:
    """A month like those of a practice: mostly in order, some with a paper missing."""
    days = random.choice((0, 1, 5, 15, 16, 22, 30))
    return parse_facts({
        "month": random.choice(("2025-11", "2026-03", "2026-04")),
        "clinical_staff_seconds": random.randrange(0, 6000),
        "qhp_seconds": random.choice((0, 0, 0, 900, 2000)),
        "live_contacts": random.choice((0, 1, 1, 1, 2)),
        "auto_reading_days_in_month": days,
        "consent_on": random.choice(("2025-06-01",) * 9 + (None,)),
        "order_signed_on": "2025-06-01",
        "established_patient": True,
        "necessity_documented": True,
        "supervising_practitioner": True,
        "device_basis_on_file": True,
        "billed_by_us": random.choice(([], [], ["99490"])),
        "unsigned_seconds": random.choice((0, 0, 0, 300)),
    } | _window(random, days))  # fmt: skip


def _window(random: Random, days: int) -> dict:
    month = random.choice(("2025-11", "2026-03", "2026-04"))
    return {"month": month, "device_windows": [{"ends_on": f"{month}-28", "reading_days": days}]}


def seconds_for(months: list[PeriodFacts]) -> float:
    started = process_time()
    for facts in months:
        select_codes(facts, ruleset_for(facts.month))
    return process_time() - started


def main() -> None:
    random = Random(1)
    months = [a_month(random) for _ in range(MONTHS)]
    seconds_for(months)  # the first round reads the rule sets
    best = min(seconds_for(months) for _ in range(ROUNDS))
    rate = round(MONTHS / best)
    print(
        f"{rate:,} decisions per second on one core ({best / MONTHS * 1e6:.0f} µs each; the aim is {AIM:,})"
    )
    print(json.dumps({"bench": "rules", "decisions_per_second": rate, "aim": AIM, "met": rate >= AIM}))


if __name__ == "__main__":
    main()
