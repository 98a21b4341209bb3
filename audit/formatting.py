"""Values of history rows in words: choices by label, keys by name, dates with the month in letters, ranges from–to."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from audit.registry import Names, people, presentation_of
from foundation.months import in_words

EMPTY = "–"


def moment(value: datetime) -> str:
    return f"{timezone.localtime(value):%d-%b-%Y %H:%M:%S}"


def day(value: date) -> str:
    return f"{value:%d-%b-%Y}"


def in_text(field, value, names: Names) -> str:
    """One field's value as a person reads it. `names` comes from `names_of`."""
    if value is None or value == "" or value == []:
        return EMPTY
    if field.is_relation:
        return names.get((field.related_model, value)) or str(value)[:8]
    if isinstance(field, ArrayField):
        return ", ".join(in_text(field.base_field, item, names) for item in value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.IntegerField) and "seconds" in field.name:
        return in_words(value)
    return _plain(value)


def _plain(value) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if hasattr(value, "lower_inf"):
        return _range(value)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, dict | list):
        return _structure(value)
    return str(value)


def _structure(value: dict | list) -> str:
    """A list whose items say in `text` what they are reads as those texts; anything else as it is stored."""
    if isinstance(value, list) and all(isinstance(item, dict) and item.get("text") for item in value):
        return "\n".join(item["text"] for item in value)
    return raw(value)


def raw(value) -> str:
    """The stored value, for where words do not tell two of them apart."""
    if isinstance(value, dict | list):
        return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, default=str)
    return str(value)


def _range(value) -> str:
    start, end = value.lower, value.upper
    if start is None and end is None:
        return EMPTY
    first = _plain(start) if start else "…"
    if end is None:
        return f"{first} – still running"
    same_day = isinstance(end, datetime) and timezone.localdate(start) == timezone.localdate(end)
    return f"{first} – {timezone.localtime(end):%H:%M:%S}" if same_day else f"{first} – {_plain(end)}"


def names_of(practice, rows: Iterable) -> Names:
    """The names behind every foreign key of these history rows: one query per kind of record."""
    wanted: dict[type, set] = defaultdict(set)
    for row in rows:
        for field in presentation_of(row.instance_type).fields():
            if field.is_relation and (value := getattr(row, field.attname)) is not None:
                wanted[field.related_model].add(value)
    names: Names = {}
    for model, ids in wanted.items():
        names |= _names(practice, model, ids)
    return names


def _names(practice, model, ids: set) -> Names:
    if model is people().model:
        return {(model, pk): name for pk, name in people().names(practice, ids).items()}
    related = [f.name for f in model._meta.local_fields if f.name == "user"]
    found = model._default_manager.filter(pk__in=ids).select_related(*related)
    if hasattr(model, "practice"):
        found = found.filter(practice=practice)
    if "__str__" in vars(model):
        return {(model, row.pk): str(row) for row in found}
    return {(model, row.pk): presentation_of(model).name(row, {}) for row in found}
