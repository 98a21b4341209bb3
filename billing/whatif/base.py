"""The facts that a what-if starts from, and what another payer would bring. Reads only."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.practice_policies import PolicyBook
from billing import rules
from billing.facts.gather import gather
from billing.facts.patient_month import covers
from billing.models import Claim
from billing.whatif.overlay import PayerProfile, plain
from foundation.months import last_day, next_month
from patients.models import Diagnosis, Patient


@dataclass(frozen=True, slots=True)
class Base:
    """The facts as they stand: the claim's photograph, or the records of this moment where nothing was decided yet."""

    facts: dict[str, Any]
    claim: Claim | None

    @property
    def digest(self) -> str:
        return hashlib.sha256(rules.canonical(self.facts).encode()).hexdigest()[:32]


def base_of(patient: Patient, month: date) -> Base:
    """Raises NoRuleSet for a month that no rule set covers."""
    rules.ruleset_for(month)
    claims = Claim.objects.for_practice(patient.practice).filter(patient=patient, period__month=month)
    claim = claims.select_related("selection").first()
    if claim is not None:
        return Base(plain(claim.selection.facts), claim)
    return Base(plain(gather(patient.practice, month, [patient.pk])[patient.pk].facts), None)


def profile_of(patient: Patient, month: date, payer: str) -> PayerProfile:
    """A payer's policies on the month's last day."""
    book = PolicyBook(patient.practice, on=last_day(month))
    covered = book.values(payer)["covered_diagnoses"]
    return PayerProfile(payer, book.rule_values(payer), covers(covered, _diagnoses(patient, month)))


def _diagnoses(patient: Patient, month: date) -> list[str]:
    """The codes on file of the month's episodes."""
    touching = Q(enrollment__ended_on=None) | Q(enrollment__ended_on__gt=month)
    rows = Diagnosis.objects.for_practice(patient.practice).filter(
        touching, enrollment__patient=patient, enrollment__started_on__lt=next_month(month), withdrawn=False
    )
    return list(rows.values_list("code", flat=True))
