"""The second count: a patient-month's time and management codes once more, in SQL, from the signed segments.

It shares nothing with the first but the tables: not the stored intervals, not the spans of Python, not the rule
sets. Where the two differ, one of them is wrong, and the claim waits until a person has found out which.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.permissions import Role
from accounts.practice_policies import policies_for
from billing.alert_recipients import in_role
from billing.rules import Decision, PeriodFacts
from dispatch import notices
from foundation.months import bounds, last_day
from timelogs.counting.counted import countable_activities

log = logging.getLogger(__name__)

DAYS, PAPERS, COUNT, LADDER_SQL = (
    (Path(__file__).parent / "second_count_sql" / name).read_text()
    for name in ("days.sql", "papers.sql", "count.sql", "ladder.sql")
)
CHOSEN = "chosen AS (SELECT * FROM days WHERE patient_id = ANY(%(patients)s::uuid[]))"
CODES = ("99470", "99457", "99458")


@dataclass(frozen=True, slots=True)
class SecondCount:
    """Whole seconds, and the management codes they earn: on all of them, and on the staff's alone."""

    staff_seconds: int
    qhp_seconds: int
    on_all: dict[str, int]
    on_staff: dict[str, int]


def second_counts(practice, month: date, patient_ids: Iterable[UUID]) -> dict[UUID, SecondCount]:
    """{patient: the second count}, in one query."""
    starts_at, ends_at = bounds(month, tz=practice.tz)
    policies = policies_for(practice, on=last_day(month))
    given = {
        "practice": practice.pk,
        "patients": list(patient_ids),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "zone": practice.time_zone,
        "month": month,
        "activities": sorted(map(str, countable_activities(practice, on=month))),
        "transcripts": policies["transcripts"],
        "visits_out": policies["same_day_visit"] != "count",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {DAYS}, {CHOSEN}, {PAPERS}, {COUNT}, {LADDER_SQL}", given)
        return {row[0]: _count(*row[1:]) for row in cursor.fetchall()}


def _count(staff: int, qhp: int, all_base, all_units, staff_base, staff_units) -> SecondCount:
    return SecondCount(staff, qhp, _codes(all_base, all_units), _codes(staff_base, staff_units))


def _codes(base: str | None, units: int) -> dict[str, int]:
    return {code: n for code, n in ((base, 1), ("99458", units)) if code and n}


def dissent(facts: PeriodFacts, decision: Decision, counted: SecondCount) -> list[str]:
    """What the two counts disagree on, in words without a patient; empty: they agree."""
    pairs = [
        ("staff seconds", facts.clinical_staff_seconds, counted.staff_seconds),
        ("practitioner seconds", facts.qhp_seconds, counted.qhp_seconds),
        ("management codes", _selected(decision), _expected(facts, decision, counted)),
    ]
    return [f"{what}: {first} and {second}" for what, first, second in pairs if first != second]


def _selected(decision: Decision) -> str:
    """Management codes with their units, released or held."""
    units = {code: decision.released.get(code, 0) + decision.held_units.get(code, 0) for code in CODES}
    return _in_words(units)


def _expected(facts: PeriodFacts, decision: Decision, counted: SecondCount) -> str:
    """99091 takes the practitioner's time with it where it is released, or reviewed beside management."""
    taken = "99091" in decision.released or "dual-99091-review" in decision.held.get("99091", ())
    units = counted.on_staff if taken else counted.on_all
    limit = facts.policy.unit_limit_99458
    if limit is not None:
        units = {code: min(n, limit) if code == "99458" else n for code, n in units.items()}
    return _in_words(units)


def _in_words(units: dict[str, int]) -> str:
    return ", ".join(f"{code} × {units[code]}" for code in CODES if units.get(code)) or "none"


def alarm(run, patient_id: UUID, differences: list[str], *, exported: bool) -> None:
    """Tell billers and administrators. The log names ids alone."""
    then = (
        "Its claim has been exported; it may have to be corrected"
        if exported
        else "Nothing of the claim is released"
    )
    log.error("second count differs: run %s, patient %s: %s", run.pk, patient_id, "; ".join(differences))
    month = run.period.month
    for role, url in (
        (Role.BILLER, reverse("billing:queue", args=[month]) + "?hold=second-count"),
        (Role.ADMINISTRATOR, reverse("billing:closed_months")),
    ):
        notices.notify(
            run.practice,
            in_role(run.practice, role, on=run.practice.today()),
            kind="second-count",
            cause=f"second-count:{run.pk}:{patient_id}",
            # Names no patient: administrators see no chart.
            text=f"{month:%B %Y}: two counts of one patient's time do not agree. {then}.",
            url=url,
        )
