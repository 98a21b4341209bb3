"""What an enrollment still lacks. Nothing here blocks enrolling; billing holds until it is complete."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q

from accounts.practice_policies import policy
from foundation.npi import why_not_npi
from patients import selectors
from patients.identifiers import why_not_mbi
from patients.models import CarePlan, Consent, Coverage, DeviceAssignment, Diagnosis, Enrollment, Order
from payers.codes import PlanKind


def missing_parts(practice, patient_ids: Iterable[UUID], on: date) -> dict[UUID, list[str]]:
    """{patient enrolled on the day: what is missing, in words}, in seven queries however many patients."""
    episodes = _episodes(practice, patient_ids, on)
    rows = {
        model: _by_patient(practice, model, episodes, on) for model in (Coverage, Consent, DeviceAssignment)
    }
    have = {model: _have(practice, model, episodes, on) for model in (Order, CarePlan, Diagnosis)}
    return {
        patient_id: [
            *_payer(rows[Coverage].get(patient_id)),
            *_program(episode, have),
            *([] if patient_id in rows[Consent] else ["consent date"]),
            *_device(rows[DeviceAssignment].get(patient_id)),
        ]
        for patient_id, episode in episodes.items()
    }


def _episodes(practice, patient_ids, on: date) -> dict[UUID, Enrollment]:
    rows = Enrollment.objects.for_practice(practice).filter(
        selectors.in_force(on, "started_on", "ended_on"), patient_id__in=list(patient_ids)
    )
    return {row.patient_id: row for row in rows.select_related("ordering__user", "supervising__user")}


def _by_patient(practice, model, episodes, on: date) -> dict:
    rows = model.objects.for_practice(practice).filter(patient_id__in=list(episodes))
    if model is Consent:
        rows = rows.filter(Q(revoked_on=None) | Q(revoked_on__gt=on), given_on__lte=on)
    else:
        rows = rows.filter(selectors.in_force(on))
    if model is DeviceAssignment:
        rows = rows.select_related("device")
    elif model is Coverage:
        rows = rows.with_payer()
    found: dict = {}
    for row in rows:
        found.setdefault(row.patient_id, []).append(row)
    return found


def _have(practice, model, episodes, on: date) -> set[UUID]:
    """Enrollments that have an order by the day, a care plan in effect, a standing diagnosis."""
    by_day = {Order: Q(signed_on__lte=on), CarePlan: Q(effective_on__lte=on), Diagnosis: Q(withdrawn=False)}
    rows = model.objects.for_practice(practice).filter(
        by_day[model], enrollment__in=[e.pk for e in episodes.values()]
    )
    if model is Order:
        rows = rows.releasing(policy(practice, "transcripts", on=on))
    elif model is CarePlan:
        rows = rows.standing()
    return set(rows.values_list("enrollment_id", flat=True))


def _payer(coverages: list[Coverage] | None) -> list[str]:
    if not coverages:
        return ["payer"]
    coverage = coverages[0]
    if not coverage.member_id:
        return ["member number"]
    if coverage.payer_kind == PlanKind.MEDICARE and why_not_mbi(coverage.member_id):
        return ["Medicare number in its right form"]
    return []


def _program(episode: Enrollment, have: dict) -> list[str]:
    lacks = [] if episode.ordering else ["ordering clinician"]
    if episode.supervising is None:
        lacks.append("supervising clinician")
    elif why_not_npi(episode.supervising.npi):
        lacks.append(f"NPI of {episode.supervising.label}")
    named = {"diagnosis": Diagnosis, "signed order": Order, "care plan": CarePlan}
    lacks += [name for name, model in named.items() if episode.pk not in have[model]]
    lacks += [] if episode.necessity.strip() else ["why monitoring is needed"]
    return lacks + ([] if episode.last_visit_on else ["last visit"])


def _device(held: list[DeviceAssignment] | None) -> list[str]:
    if not held:
        return ["device"]
    lacks = [] if all(a.device.basis for a in held) else ["device's basis as a medical device"]
    return lacks + ([] if all(a.setup_on for a in held) else ["device set-up and teaching"])
