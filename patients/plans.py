"""A care plan in words: what it says, how far its review is, and what a version changes against the one before."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from itertools import chain

from patients.labels import number
from patients.models import PLAN_TEXTS, VITALS, CarePlan, PlanContent, Vital

# How long before a plan's review is due people are told.
NEAR = timedelta(days=14)
TEXT_LABELS = {
    "goals": "Goals",
    "other_targets": "Other targets",
    "actions": "Actions",
    "medicines": "Medicines",
    "education": "Education",
}


def target_in_words(plan: PlanContent, vital: Vital) -> str:
    """`at most 130 mmHg`, `70 to 180 mg/dL`, `at least 92 %`; empty without a target."""
    low, high = getattr(plan, vital.low), getattr(plan, vital.high)
    if low is None and high is None:
        return ""
    if low is None or high is None:
        words = f"at least {number(low)}" if high is None else f"at most {number(high)}"
    else:
        words = f"{number(low)} to {number(high)}"
    return f"{words} {vital.unit}"


def targets(plan: PlanContent) -> list[tuple[str, str]]:
    """(vital, its target in words) of those that the plan aims at."""
    return [(vital.label, words) for vital in VITALS if (words := target_in_words(plan, vital))]


def texts(plan: PlanContent) -> list[tuple[str, str]]:
    """(label, text) of the texts that say something, the goals first."""
    return [(label, text) for name, label in TEXT_LABELS.items() if (text := getattr(plan, name))]


def review_in_words(review_by: date, on: date) -> str:
    """`Review by 03-Mar-2026`, and from that day on that it is due or overdue."""
    if review_by < on:
        return f"Review overdue since {review_by:%d-%b-%Y}"
    if review_by == on:
        return f"Review due {review_by:%d-%b-%Y}"
    return f"Review by {review_by:%d-%b-%Y}"


def to_come_in_words(plan: CarePlan | None) -> str:
    """Of a signed version that begins later; empty without one."""
    if plan is None:
        return ""
    begins = f"Version {plan.number} is signed and holds from {plan.effective_on:%-d %b %Y}"
    return f"{begins}: a version that begins before then holds only until then."


def plan_among(versions: Iterable[CarePlan], day: date) -> CarePlan | None:
    """The version of one enrollment in effect on the day, as `care_plan_on` finds it, from rows at hand."""
    begun = [plan for plan in versions if plan.effective_on <= day and plan.withdrawn_at is None]
    return max(begun, key=lambda plan: (plan.effective_on, plan.number), default=None)


def changes(now: PlanContent, before: PlanContent) -> list[str]:
    """What `now` says otherwise than `before`, a sentence for each change; empty where nothing changed."""
    by_field = chain(_text_changes(now, before), _target_changes(now, before), _review_change(now, before))
    return list(by_field)


def _text_changes(now: PlanContent, before: PlanContent) -> Iterable[str]:
    for name in PLAN_TEXTS:
        new, old = _pieces(getattr(now, name)), _pieces(getattr(before, name))
        if new != old:
            yield f"{TEXT_LABELS[name]}: {_changed(new, old)}"


def _pieces(text: str) -> list[str]:
    """A text's sentences and lines."""
    found = chain.from_iterable(re.split(r"(?<=[.!?])\s+", line.strip()) for line in text.splitlines())
    return [piece for piece in found if piece]


def _changed(new: list[str], old: list[str]) -> str:
    added, gone = _quoted(_beyond(new, old)), _quoted(_beyond(old, new))
    said = [f"added {added}" if added else "", f"no longer {gone}" if gone else ""]
    return "; ".join(filter(None, said)) or "the same in another order"


def _beyond(these: list[str], those: list[str]) -> Iterable[str]:
    """Pieces that `these` has more often than `those`, in their order.

    They are counted and not aligned: to align pieces that repeat takes a time like the cube of their number.
    """
    left = Counter(those)
    for piece in these:
        if left[piece]:
            left[piece] -= 1
        else:
            yield piece


def _quoted(pieces: Iterable[str]) -> str:
    return ", ".join(f"“{piece}”" for piece in pieces)


def _target_changes(now: PlanContent, before: PlanContent) -> Iterable[str]:
    for vital in VITALS:
        new, old = target_in_words(now, vital), target_in_words(before, vital)
        if new != old:
            yield f"{vital.label}: {new or 'no target any more'}{f', before {old}' if old else ', new'}."


def _review_change(now: PlanContent, before: PlanContent) -> Iterable[str]:
    if now.review_by != before.review_by:
        yield f"Review by: {now.review_by:%d-%b-%Y}, before {before.review_by:%d-%b-%Y}."
