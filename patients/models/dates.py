"""The constraint that whatever ends does so after it began."""

from django.db import models
from django.db.models import F, Q


def ends_after_start(name: str, start: str = "starts_on", end: str = "ends_on") -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{end: None}) | Q(**{f"{end}__gt": F(start)}), name=name)
