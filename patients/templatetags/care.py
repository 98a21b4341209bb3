"""Words for ranges and readings."""

from django import template

from patients import labels, plans
from patients.models import UNITS, Measure
from patients.other_codes import LABELS

register = template.Library()
register.filter("number", labels.number)
register.filter("as_sent", labels.as_sent)
register.filter("plan_targets", plans.targets)
register.filter("plan_texts", plans.texts)
register.filter("review", plans.review_in_words)


@register.filter
def in_words(range_) -> str:
    """`at most 130/80 mmHg`."""
    return f"{labels.range_in_words(range_)} {UNITS[range_.measure]}"


@register.filter
def critical(range_) -> str:
    """`critical below 88 %`; empty without a critical limit."""
    words = labels.critical_in_words(range_)
    return f"{words} {UNITS[range_.measure]}" if words else ""


@register.filter
def value_of(reading) -> str:
    """`158/96 mmHg`, `84 %`."""
    return labels.value_in_words(reading.measure, reading.value, reading.second_value)


@register.filter
def measure(slug: str) -> str:
    return Measure(slug).label


@register.filter
def other_code(code: str) -> str:
    """`therapy monitoring, set-up`; empty for a code that monitoring does not meet."""
    return LABELS.get(code, "")
