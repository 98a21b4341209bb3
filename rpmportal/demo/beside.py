"""What else goes on with some patients in the month shown: a service elsewhere, an operation, a stay."""

from collections.abc import Sequence
from datetime import timedelta

from patients.models import BilledBy, InstitutionStay, OtherService, Patient, StayKind, SurgicalGlobal
from rpmportal.demo.cases import Case
from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.readings import Kit
from rpmportal.demo.stage import Stage

WHY = "The cuff follows high blood pressure, treated here since before the operation on the knee."
# The days of the month shown on which the patient was away, counted from its first: in on the one, out on the other.
IN, OUT = 9, 12


def write(stage: Stage, team: Team, cases: Sequence[Case], kits: dict[int, Kit]) -> None:
    """Each case's, as its `beside` names them."""
    acts = {"service": _service, "surgery": _surgery, "stay": _stay}
    for case in cases:
        for name in case.beside:
            acts[name](stage, team, kits[case.number].patient)


def _own(patient: Patient) -> dict:
    return {"practice": patient.practice, "patient": patient}


def _service(stage: Stage, team: Team, patient: Patient) -> None:
    with signed_by(team["biller"]):
        OtherService(
            code="98977",
            service_on=stage.workday(8),
            billed_by=BilledBy.ELSEWHERE,
            note="The physical therapist's office told us on the phone.",
            **_own(patient),
        ).save()


def _surgery(stage: Stage, team: Team, patient: Patient) -> None:
    """Recorded by the lead nurse, attested by the physician."""
    first = stage.workday(2)
    period = SurgicalGlobal(
        procedure_code="27447",
        starts_on=first,
        ends_on=first + timedelta(days=91),
        ours=True,
        **_own(patient),
    )
    with signed_by(team["lead"]):
        period.save()
    physician = team["physician"]
    period.attested_by, period.attested_on, period.attestation = physician, stage.workday(4), WHY
    with signed_by(physician, reason=WHY):
        period.save()


def _stay(stage: Stage, team: Team, patient: Patient) -> None:
    days = {
        "admitted_on": stage.shown + timedelta(days=IN),
        "discharged_on": stage.shown + timedelta(days=OUT),
    }
    with signed_by(team["nurse"]):
        InstitutionStay(kind=StayKind.HOSPITAL, **days, **_own(patient)).save()
