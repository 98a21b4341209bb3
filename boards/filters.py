"""What a caseload can be narrowed by: as an address says it, and as SQL on the summaries."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from accounts.models import Membership
from patients.models import DeviceKind


class Whose(StrEnum):
    """Of whom she has signed the most time this month, or whose clinician she is."""

    MINE = "me"


class Condition(StrEnum):
    """Groups of diagnoses, by which a nurse looks for people; as patterns of codes."""

    HYPERTENSION = "hypertension"
    HEART_FAILURE = "heart-failure"
    RHYTHM = "rhythm"
    DIABETES = "diabetes"
    LUNGS = "lungs"
    KIDNEYS = "kidneys"
    WEIGHT = "weight"

    @property
    def label(self) -> str:
        return _CONDITIONS[self][0]

    @property
    def pattern(self) -> str:
        """A regular expression of the codes' first three letters."""
        return _CONDITIONS[self][1]


_CONDITIONS = {
    Condition.HYPERTENSION: ("Hypertension", "^(I1[0-6]|O1[0-6])"),
    Condition.HEART_FAILURE: ("Heart failure", "^(I50|I11|I13)"),
    Condition.RHYTHM: ("Atrial fibrillation and rhythm", "^I4[7-9]"),
    Condition.DIABETES: ("Diabetes", "^(E0[89]|E1[013]|O24)"),
    Condition.LUNGS: ("COPD and asthma", "^J4[0-7]"),
    Condition.KIDNEYS: ("Kidney disease", "^N1[789]"),
    Condition.WEIGHT: ("Overweight", "^E66"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Each is None where nothing is asked, or what is asked is not known."""

    whose: Whose | None = None
    condition: Condition | None = None
    device: DeviceKind | None = None
    site: UUID | None = None
    clinician: UUID | None = None

    @classmethod
    def of(cls, given: QueryDict) -> "Filters":
        return cls(
            whose=_one(Whose, given.get("whose")),
            condition=_one(Condition, given.get("condition")),
            device=_one(DeviceKind, given.get("device")),
            site=_key(given.get("site", "")),
            clinician=_key(given.get("clinician", "")),
        )

    def __bool__(self) -> bool:
        return bool(self.query())

    def query(self, **more: str) -> str:
        """As an address has it, in one order; `more` first."""
        own = {
            "whose": self.whose,
            "condition": self.condition,
            "device": self.device,
            "site": self.site,
            "clinician": self.clinician,
        }
        return urlencode({name: str(value) for name, value in (more | own).items() if value})


def _one(words, given: str | None):
    return words(given) if given in set(words) else None


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


_OF = {
    "whose": "(s.nurse_id = %(by)s OR s.clinician_id = %(by)s)",
    "condition": """EXISTS (
        SELECT 1 FROM patients_diagnosis g JOIN patients_enrollment n ON n.id = g.enrollment_id
        WHERE n.patient_id = s.patient_id AND NOT g.withdrawn AND g.code ~ %(condition)s
            AND n.started_on <= %(today)s AND (n.ended_on IS NULL OR n.ended_on > %(today)s))""",
    "device": """EXISTS (
        SELECT 1 FROM patients_deviceassignment a JOIN patients_device v ON v.id = a.device_id
        WHERE a.patient_id = s.patient_id AND v.kind = %(device)s
            AND a.starts_on <= %(today)s AND (a.ends_on IS NULL OR a.ends_on > %(today)s))""",
    "site": "s.site_id = %(site)s",
    "clinician": "s.clinician_id = %(clinician)s",
}


def narrowed(filters: Filters, *, by: Membership) -> tuple[str, dict[str, Any]]:
    """Conditions on the summaries `s` beside `%(today)s`, each begun with AND, and what they are given."""
    asked = [name for name in _OF if getattr(filters, name)]
    given: dict[str, Any] = {name: getattr(filters, name) for name in asked if name != "whose"}
    if filters.whose:
        given["by"] = by.user_id
    if filters.condition:
        given["condition"] = filters.condition.pattern
    return "".join(f" AND {_OF[name]}" for name in asked), given
