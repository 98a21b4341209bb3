"""Rows for tests, through the models' own constraints. Dates far enough back for any month a test needs."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Membership, Practice, PracticeIdentity, StaffKind, User
from accounts.permissions import Role
from foundation.months import midnight
from foundation.tracked import bulk_create_tracked
from monitoring.models import Reading, Source
from patients.models import (
    BilledBy,
    CarePlan,
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    DeviceKind,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    Measure,
    Order,
    OtherService,
    Patient,
    RangeTemplate,
    StayKind,
    SurgicalGlobal,
    TargetRange,
)
from payers.acts import usual_payers

LONG_AGO = date(2025, 1, 1)
PASSWORD = "correct horse battery"
KIND = {
    Role.NURSE: StaffKind.CLINICAL_STAFF,
    Role.LEAD_NURSE: StaffKind.CLINICAL_STAFF,
    Role.QHP: StaffKind.QHP,
}


_gathered: list | None = None


def saved(row):
    if _gathered is None:
        row.save()
    else:
        _gathered.append(row)
    return row


@contextmanager
def together():
    """Rows made inside are written at its end, all of a model at once, which takes a quarter of the time."""
    global _gathered
    _gathered = rows = []
    try:
        yield
    finally:
        _gathered = None
    models = dict.fromkeys(type(row) for row in rows)
    for model in models:
        bulk_create_tracked([row for row in rows if type(row) is model])


def practice(
    name: str,
    slug: str,
    *,
    npi: str = "1234567893",
    time_zone: str = "America/New_York",
    payers: bool = True,
) -> Practice:
    """With the usual payers, unless it has none yet."""
    where = saved(Practice(name=name, slug=slug, time_zone=time_zone))
    saved(PracticeIdentity(practice=where, name=name, npi=npi, starts_on=LONG_AGO, why="Opened."))
    for payer in usual_payers(where) if payers else ():
        saved(payer)
    return where


def membership(where: Practice, name: str, role: Role, credential: str = "", *, email: str) -> Membership:
    user = User(email=email, name=name)
    # A plain, fast hash would be a setting of its own; PBKDF2 once a person is affordable.
    user.set_password(PASSWORD)
    saved(user)
    return saved(
        Membership(
            practice=where,
            user=user,
            role=role,
            credential=credential,
            npi="1234567893" if role == Role.QHP else "",
            staff_kind=KIND.get(role, StaffKind.NONE),
            starts_on=LONG_AGO,
        )
    )


def patient(
    where: Practice, family: str, given: str, *, mrn: str, born_on: date, sex: str = "F", **more
) -> Patient:
    return saved(
        Patient(
            practice=where, family_name=family, given_name=given, mrn=mrn, born_on=born_on, sex=sex, **more
        )
    )


def signed(clinician: Membership, day: date) -> dict:
    """Her own signature, at noon of the day."""
    at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    return {"signed_by": clinician, "signed_on": day, "signed_at": at}


def enrollment(
    person: Patient, *, clinician: Membership, taken_by: Membership, started_on: date = date(2025, 11, 2)
) -> Enrollment:
    """A complete enrollment: coverage, consent, order, diagnosis, plan, cuff with set-up, goal below 130/80."""
    own = {"practice": person.practice}
    saved(
        Coverage(
            patient=person,
            payer="medicare",
            plan_name="Medicare B",
            member_id="1EG4TE5MK73",
            starts_on=LONG_AGO,
            **own,
        )
    )
    episode = saved(
        Enrollment(
            patient=person,
            ordering=clinician,
            supervising=clinician,
            necessity="Uncontrolled hypertension after two changes of medicine.",
            last_visit_on=started_on - timedelta(days=1),
            started_on=started_on,
            **own,
        )
    )
    saved(
        Consent(
            patient=person, given_on=started_on, method="verbal", wording="2025-01", taken_by=taken_by, **own
        )
    )
    saved(
        Order(
            enrollment=episode,
            text="Remote monitoring of blood pressure.",
            **signed(clinician, started_on),
            **own,
        )
    )
    saved(Diagnosis(enrollment=episode, code="I10", position=1, **own))
    saved(
        CarePlan(
            enrollment=episode,
            number=1,
            effective_on=started_on,
            goals="Below 130/80.",
            actions="Measure twice a day.",
            systolic_high=Decimal(130),
            diastolic_high=Decimal(80),
            review_by=started_on + timedelta(days=90),
            author=clinician,
            **signed(clinician, started_on),
            **own,
        )
    )
    saved(
        TargetRange(
            patient=person,
            measure=Measure.BLOOD_PRESSURE,
            high=Decimal(130),
            second_high=Decimal(80),
            starts_on=started_on,
            review_by=started_on + timedelta(days=90),
            **own,
        )
    )
    cuff = saved(Device(serial=f"CUFF-{person.mrn}", kind=DeviceKind.BP_CUFF, basis="510(k) K000000", **own))
    saved(
        DeviceAssignment(
            device=cuff,
            enrollment=episode,
            patient=person,
            starts_on=started_on,
            setup_on=started_on,
            setup_by=taken_by,
            setup_note="Taught how to place the cuff; the patient showed it back.",
            **own,
        )
    )
    return episode


def going_on(person: Patient, day: date) -> dict:
    """One of each beside monitoring, from the day on: a service elsewhere, a surgical period of ours, a stay."""
    own = {"practice": person.practice, "patient": person}
    rows = {
        "service": OtherService(code="99490", service_on=day, billed_by=BilledBy.ELSEWHERE, **own),
        "surgery": SurgicalGlobal(
            procedure_code="27447", starts_on=day, ends_on=day + timedelta(days=91), ours=True, **own
        ),
        "stay": InstitutionStay(kind=StayKind.HOSPITAL, admitted_on=day, **own),
    }
    return {name: saved(row) for name, row in rows.items()}


def cuff_of(person: Patient) -> Device:
    return Device.objects.get(assignments__patient=person, kind=DeviceKind.BP_CUFF)


def range_template(practice: Practice, **given) -> RangeTemplate:
    """By default of blood pressure, for hypertension."""
    usual = {
        "name": "Hypertension",
        "diagnosis": "I10",
        "measure": Measure.BLOOD_PRESSURE,
        "high": Decimal(135),
        "second_high": Decimal(85),
        "critical_high": Decimal(180),
        "second_critical_high": Decimal(110),
        "review_days": 60,
    }
    return saved(RangeTemplate(practice=practice, **(usual | given)))


def readings(
    person: Patient, first: date, days: int, *, systolic: int = 128, diastolic: int = 78, hour: int = 13
) -> list[Reading]:
    """One automatic blood pressure a day, at `hour` UTC; today's not later than a quarter of an hour ago."""
    cuff, now = cuff_of(person), timezone.now()
    rows = []
    for offset in range(days):
        taken = datetime(first.year, first.month, first.day, hour, tzinfo=UTC) + timedelta(days=offset)
        if taken > now and taken.astimezone(person.tz).date() == now.astimezone(person.tz).date():
            began = midnight(now.astimezone(person.tz).date(), tz=person.tz)
            taken = max(began, now.replace(microsecond=0) - timedelta(minutes=15))
        rows.append(
            Reading(
                practice=person.practice,
                patient=person,
                device=cuff,
                measure=Measure.BLOOD_PRESSURE,
                value=Decimal(systolic),
                second_value=Decimal(diastolic),
                source=Source.AUTOMATIC,
                taken_at=taken,
                received_at=taken,
                day=taken.astimezone(person.tz).date(),
            )
        )
    return bulk_create_tracked(rows)
