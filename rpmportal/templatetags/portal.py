"""What our templates say often: durations, ages, the month's progress in words and as a bar."""

from datetime import date
from uuid import uuid4

from django import template
from django.utils import timezone
from django.utils.dateformat import format as date_format
from django.utils.html import format_html

from foundation.local_time import comes_twice
from foundation.months import in_words, on_the_clock
from timelogs.counting.totals import LINES, distance
from timelogs.labels import kind_in_words

register = template.Library()

_WIDTH = 240


@register.filter
def duration(seconds: int) -> str:
    """`25 min 53 s`. Never rounded up."""
    return in_words(seconds)


@register.filter
def long_duration(seconds: int) -> str:
    """A day's or a week's work: `2 h 44 min`; within the first hour as `duration`."""
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60} min" if hours else in_words(seconds)


@register.filter
def clock(seconds: int) -> str:
    """`06:12`, past an hour `1:06:12`."""
    return on_the_clock(seconds)


@register.filter
def moment(value, form: str) -> str:
    """As `date`, with the zone behind a time that the clocks show twice that night: `01:30 EDT`."""
    if not value:
        return ""
    local = timezone.localtime(value)
    return date_format(local, form) + (f" {local:%Z}" if comes_twice(local) else "")


@register.filter
def kind(row) -> str:
    """`Late entry`: what a session or an addition is, by what happened to it. Empty for a draft."""
    return kind_in_words(row)


@register.filter
def age(patient, on: date) -> int:
    """Full years of a patient on a date."""
    return patient.age(on)


@register.simple_tag
def operation_id() -> str:
    """The hidden field of a one-button form, by which sending it twice does it once."""
    return format_html('<input type="hidden" name="operation_id" value="{}">', uuid4())


@register.inclusion_tag("components/_threshold_bar.html")
def threshold_bar(seconds: int, unsigned: int = 0) -> dict:
    """A month's counted seconds, and those of a session not yet signed, in words and drawn against the lines."""
    total = seconds + unsigned
    top = 40 if total <= 40 * 60 else 80
    return {
        "words": progress_in_words(total),
        "signed_width": _x(seconds, top),
        "unsigned_x": _x(seconds, top),
        "unsigned_width": _x(total, top) - _x(seconds, top),
        # Which drawing of the lines lies over it: `components/_icons.html` holds one up to each top.
        "top": top,
    }


def _x(seconds: int, top: int) -> int:
    return min(_WIDTH, seconds * _WIDTH // (top * 60))


def progress_in_words(seconds: int) -> str:
    """`14 min · 6 min to 20 min`: facts, no invitation. Seconds only in the first minute and the last before a line."""
    if not seconds:
        return "No time yet"
    line, missing = distance(seconds)
    whole = seconds if seconds < 60 or 0 < missing < 60 else seconds - seconds % 60
    if line is None:
        return f"{in_words(whole)} · past {LINES[-1]} min"
    return f"{in_words(whole)} · {in_words(line * 60 - whole)} to {line} min"


@register.filter
def error_links(form) -> list[dict]:
    """Every error of a form as `{target, message}`; `target` is the id of the control at fault, empty for the form."""
    own = [{"target": "", "message": message} for message in form.non_field_errors()]
    hidden = [
        {"target": "", "message": message} for field in form.hidden_fields() for message in field.errors
    ]
    fields = [
        {"target": _control(field), "message": message}
        for field in form.visible_fields()
        for message in field.errors
    ]
    return own + hidden + fields


def _control(field) -> str:
    """Radio groups and checkbox lists have no control of the field's own id: their first one is meant."""
    return field.id_for_label or f"{field.auto_id}_0"
