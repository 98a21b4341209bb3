"""Rows of the chart: the patient, the episode and every paper that hangs on it, written model by model."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from accounts.models import Practice
from foundation.months import midnight
from foundation.tracked import bulk_create_tracked
from patients.models import (
    CarePlan,
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    DeviceKind,
    Diagnosis,
    Enrollment,
    Measure,
    OfficeVisit,
    Order,
    Patient,
    TargetRange,
)
from rpmportal.demo import series
from rpmportal.demo.cases import Case, member_id
from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.readings import Kit
from rpmportal.demo.stage import Stage

WORDING = "2025-01"
# Parents before children, which their keys point to.
_ORDER = (
    Patient,
    Coverage,
    Enrollment,
    Diagnosis,
    Consent,
    Order,
    CarePlan,
    TargetRange,
    Device,
    DeviceAssignment,
    OfficeVisit,
)


def write(
    stage: Stage, practice: Practice, team: Team, cases: Sequence[Case]
) -> tuple[dict[int, Kit], dict[int, Enrollment]]:
    """Everybody's chart, as the lead nurse enrolled them; by the patient's number."""
    rows: dict[type, list] = defaultdict(list)
    kits, episodes = {}, {}
    for case in cases:
        patient = _patient(practice, case, stage)
        episode = _episode(patient, case, team)
        kits[case.number] = Kit(patient, tuple(_devices(patient, case)))
        episodes[case.number] = episode
        for row in (
            patient,
            episode,
            *kits[case.number].devices,
            *_papers(stage, team, case, episode, kits[case.number]),
        ):
            rows[type(row)].append(row)
    with signed_by(team["lead"], reason="Enrolled"):
        for model in _ORDER:
            bulk_create_tracked(rows[model])
    return kits, episodes


def _patient(practice: Practice, case: Case, stage: Stage) -> Patient:
    rng = stage.random(case.path, "person")
    return Patient(
        practice=practice,
        family_name=case.family,
        given_name=case.given,
        born_on=case.born_on,
        sex=case.sex,
        mrn=case.mrn,
        phone=f"617-555-01{case.number % 100:02d}",
        language="Spanish" if rng.random() < 0.08 else "English",
        time_zone=case.zone,
    )


def _episode(patient: Patient, case: Case, team: Team) -> Enrollment:
    physician = team["physician"]
    return Enrollment(
        practice=patient.practice,
        patient=patient,
        ordering=physician,
        supervising=None if "supervision" in case.lacks else physician,
        necessity=case.condition.necessity,
        last_visit_on=case.started_on - timedelta(days=9),
        started_on=case.started_on,
    )


def _devices(patient: Patient, case: Case) -> list[Device]:
    models = case.condition.models
    name, basis = models[1] if case.pulse and len(models) > 1 else models[0]
    own = {"practice": patient.practice, "kind": case.condition.kind, "model_name": name}
    serials = [
        f"DEMO-{case.condition.kind.value.upper()}-{case.number:04d}{suffix}"
        for suffix in ("", "-B")[: 1 + case.spare]
    ]
    basis = "" if "basis" in case.lacks else basis
    return [Device(**own, serial=serial, basis=basis, automatic=not case.typed) for serial in serials]


def _papers(stage: Stage, team: Team, case: Case, episode: Enrollment, kit: Kit):
    yield from _coverages(stage, case, kit.patient)
    yield from _permission(team, case, episode)
    for position, code in enumerate(case.codes, start=1):
        yield Diagnosis(practice=episode.practice, enrollment=episode, code=code, position=position)
    range_ = _range(stage, case, kit.patient)
    yield _plan(team, case, episode, range_)
    yield range_
    yield from _assignments(team, case, episode, kit)
    for day in case.visits:
        yield OfficeVisit(practice=episode.practice, patient=kit.patient, visited_on=day)


def _plan(team: Team, case: Case, episode: Enrollment, range_: TargetRange) -> CarePlan:
    return CarePlan(
        practice=episode.practice,
        enrollment=episode,
        number=1,
        effective_on=case.started_on,
        # Most in the course of the year, so that some are near and few are over.
        review_by=case.started_on + timedelta(days=180 + 31 * (case.number % 7)),
        goals=f"{case.condition.measure.label}: {case.condition.goal_words}.",
        actions=case.condition.plan,
        medicines=f"Takes {case.medicine}.",
        education="Was shown how to measure and when to call; said it back in own words.",
        author=team["physician"],
        **_targets(range_),
        **_signed(team, episode, case.started_on),
    )


def _targets(range_: TargetRange) -> dict[str, Decimal | None]:
    """What is in range for the patient is what the plan aims at."""
    if range_.measure == Measure.BLOOD_PRESSURE:
        return {"systolic_high": range_.high, "diastolic_high": range_.second_high}
    return {f"{range_.measure}_low": range_.low, f"{range_.measure}_high": range_.high}


def _coverages(stage: Stage, case: Case, patient: Patient):
    for number, cover in enumerate(case.covers):
        yield Coverage(
            practice=patient.practice,
            patient=patient,
            payer=cover.payer,
            plan_name=cover.plan,
            member_id=member_id(case, cover.payer, lambda n=number: stage.random(case.path, "member", n)),
            starts_on=cover.since,
            ends_on=cover.until,
        )


def _permission(team: Team, case: Case, episode: Enrollment):
    if "consent" not in case.lacks:
        yield Consent(
            practice=episode.practice,
            patient=episode.patient,
            given_on=case.consent_on or case.started_on,
            method="verbal" if case.number % 3 else "written",
            wording=WORDING,
            taken_by=team[case.nurse],
        )
    if "order" not in case.lacks:
        yield Order(
            practice=episode.practice,
            enrollment=episode,
            text=case.condition.order,
            **_signed(team, episode, case.started_on),
        )


def _signed(team: Team, episode: Enrollment, day: date) -> dict:
    """By the physician herself, in the morning."""
    at = midnight(day, tz=episode.practice.tz) + timedelta(hours=8)
    return {"signed_by": team["physician"], "signed_on": day, "signed_at": at}


def _range(stage: Stage, case: Case, patient: Patient) -> TargetRange:
    goal = case.condition.goal
    if case.condition.kind == DeviceKind.SCALE:
        dry = Decimal(round(case.baseline or series.baseline(stage.random(case.path, "readings"), "weight")))
        goal = {"low": dry - Decimal("2.5"), "high": dry + Decimal("1.5")}
    own = {"practice": patient.practice, "patient": patient, "measure": Measure(case.condition.measure)}
    review_by = case.started_on + timedelta(days=180 + 31 * (case.number % 6))
    return TargetRange(**own, **goal, starts_on=case.started_on, review_by=review_by)


def _assignments(team: Team, case: Case, episode: Enrollment, kit: Kit):
    for device in kit.devices:
        yield DeviceAssignment(
            practice=episode.practice,
            device=device,
            enrollment=episode,
            patient=kit.patient,
            starts_on=case.started_on,
            setup_on=case.started_on,
            setup_by=team[case.nurse],
            setup_note=f"Showed how to use the {device.get_kind_display().lower()}; {case.given} showed it back.",
        )
