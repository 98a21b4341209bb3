"""How each tracked model's history is shown. Every model with a history is found; apps only add words.

An app says so in its `history.py`, imported by its `AppConfig.ready`: audit shows every app and imports none above it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Model

from accounts.permissions import Permission, may

# In every history: the row's own key and counters, which say nothing to a reader.
_ALWAYS_HIDDEN = frozenset({"id", "version", "practice"})


Names = dict[tuple[type[Model], Any], str]


def _short(row, names: Names) -> str:
    return str(row.id)[:8]


@dataclass(frozen=True, slots=True)
class Presentation:
    """`name(row, names)` prints a row, base or historical, without asking the database: `names` may hold those of
    its foreign keys. `needs` is the permission beside HISTORY_RECORD. `scope` is SQL on the history row `h` with
    the practice's id as its one parameter."""

    model: type[Model]
    label: str
    needs: Permission = Permission.HISTORY_ALL
    name: Callable[[Any, Names], str] = _short
    hide: frozenset[str] = frozenset()
    labels: dict[str, str] = field(default_factory=dict)
    scope: str = "h.practice_id = %s"
    # Foreign keys to patients, of a row that is about several; the first says whose it is.
    patients: tuple[str, ...] = ()

    @property
    def slug(self) -> str:
        return self.model._meta.model_name

    @property
    def history(self) -> type[Model]:
        return self.model.history.model

    def fields(self) -> list:
        """The tracked fields that a person is shown, in the model's order."""
        hidden = _ALWAYS_HIDDEN | self.hide
        return [f for f in self.history.tracked_fields if f.name not in hidden]

    def label_of(self, tracked) -> str:
        words = self.labels.get(tracked.name) or str(tracked.verbose_name)
        return words[:1].upper() + words[1:]

    def patient_path(self) -> tuple[str, ...]:
        """Foreign keys from a row to its patient: ("patient",), ("enrollment", "patient"), or ("id",) for a patient."""
        if self.model is _people.model:
            return ("id",)
        if self.patients:
            return (self.patients[0],)
        keys = [f for f in self.model._meta.local_fields if f.many_to_one or f.one_to_one]
        if any(_leads_to_patient(f) for f in keys):
            return ("patient",)
        # A key that may be empty, like that of a scan, tells nothing of whose row it is.
        for key in (key for key in keys if not key.null):
            if any(_leads_to_patient(f) for f in key.related_model._meta.local_fields):
                return (key.name, "patient")
        return ()


def _leads_to_patient(key) -> bool:
    return key.name == "patient" and key.related_model is _people.model


@dataclass(frozen=True, slots=True)
class People:
    """What the patients' app tells of its people: their names by id, and ids by what somebody typed."""

    model: type[Model] | None = None
    names: Callable[[Any, Iterable[UUID]], dict[UUID, str]] = lambda practice, ids: {}
    find: Callable[[Any, str], list[UUID]] = lambda practice, text: []


# practice → {id: the name under which a program of another system acts}
Programs = Callable[[Any], dict[str, str]]

_presented: dict[type[Model], Presentation] = {}
_people = People()
_programs: list[Programs] = []


def present(model: type[Model], *, label: str, needs: Permission, **more) -> None:
    """Say how a model's history is shown. Called once a model, when the apps are ready."""
    if "hide" in more:
        more["hide"] = frozenset(more["hide"])
    _presented[model] = Presentation(model, label, needs, **more)


def present_people(people: People) -> None:
    global _people
    _people = people


def present_programs(programs: Programs) -> None:
    _programs.append(programs)


def programs(practice) -> dict[str, str]:
    return {key: name for each in _programs for key, name in each(practice).items()}


def people() -> People:
    return _people


def presentation_of(model: type[Model]) -> Presentation:
    """The app's own, else a plain one that only the auditor may see."""
    return _presented.get(model) or Presentation(model, str(model._meta.verbose_name).capitalize())


def every_presentation() -> list[Presentation]:
    """All models with a history, in the order of their labels."""
    tracked = [m for m in apps.get_models() if hasattr(m._meta, "simple_history_manager_attribute")]
    return sorted(map(presentation_of, tracked), key=lambda p: p.label.lower())


def shown_to(membership) -> list[Presentation]:
    return [p for p in every_presentation() if may(membership, p.needs)]


def by_slug(slug: str) -> Presentation | None:
    return next((p for p in every_presentation() if p.slug == slug), None)
