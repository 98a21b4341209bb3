"""Under which versions of the care plan a month's counted time was worked: as each session says since its signature."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from patients.models import CarePlan
from timelogs.counting.totals import MonthTotal


@dataclass(frozen=True, slots=True)
class UnderPlan:
    """Counted seconds under one version; all else None: no plan was on record when they were signed."""

    plan_id: UUID | None
    number: int | None
    effective_on: date | None
    seconds: int

    @property
    def words(self) -> str:
        """`care plan version 2, from 03-Mar-2026`"""
        return plan_in_words(self.number, self.effective_on)


def plan_in_words(number: int | None, effective_on: date | None) -> str:
    if number is None or effective_on is None:
        return "no care plan on record at the signature"
    return f"care plan version {number}, from {effective_on:%d-%b-%Y}"


def worked_under(practice, by_plan: Mapping[UUID | None, int]) -> list[UnderPlan]:
    """A month's counted microseconds by version of the plan, the oldest first; one query, none without a plan."""
    ids = by_plan.keys() - {None}
    rows = CarePlan.objects.for_practice(practice).filter(pk__in=ids) if ids else CarePlan.objects.none()
    return _each(by_plan, {plan.pk: plan for plan in rows.only("number", "effective_on", "practice")})


def under_plans(total: MonthTotal, plans: Mapping[UUID, CarePlan]) -> list[UnderPlan]:
    """The same, from rows at hand. Each is cut to whole seconds by itself, where the total is cut once."""
    worked: Counter[UUID | None] = Counter()
    for share in total.by_entry:
        if share.microseconds:
            worked[share.entry.care_plan_id] += share.microseconds
    return _each(worked, plans)


def _each(worked: Mapping[UUID | None, int], plans: Mapping[UUID, CarePlan]) -> list[UnderPlan]:
    """Microseconds by version, the oldest first."""
    found = [_under(plans.get(plan_id) if plan_id else None, counted) for plan_id, counted in worked.items()]
    return sorted(found, key=lambda each: (each.effective_on or date.min, each.number or 0))


def _under(plan: CarePlan | None, microseconds: int) -> UnderPlan:
    named = (plan.pk, plan.number, plan.effective_on) if plan else (None, None, None)
    return UnderPlan(*named, microseconds // 1_000_000)
