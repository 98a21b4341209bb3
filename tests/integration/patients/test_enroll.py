"""Enrolling on the page: whole, in part, twice, with what is wrong."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from dispatch.models import OutboxMessage
from patients.attachments import attach
from patients.completeness import missing_parts
from patients.models import (
    Consent,
    Coverage,
    Device,
    Diagnosis,
    Enrollment,
    Order,
    Patient,
    TargetRange,
)
from patients.signing import add_scan
from tests import factories
from tests.rows import signs_all

NEW = "/patients/new/"


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def least(**more):
    return {
        "operation_id": str(uuid4()),
        "family_name": "Bell",
        "given_name": "Ida",
        "born_on": "1951-03-04",
        "sex": "F",
        "mrn": "T-0100",
        "started_on": "2026-01-05",
        **more,
    }


def whole(cast, **more):
    ana, rosa = str(cast.ana.pk), str(cast.rosa.pk)
    return least(
        phone="617-555-0101",
        language="Spanish",
        payer="medicare",
        plan_name="Medicare B",
        member_id="1eg4-te5-mk73",
        coverage_on="2025-01-01",
        ordering=ana,
        supervising=ana,
        diagnoses="I10, e1165",
        necessity="Pressure stays high after two changes of medicine.",
        last_visit_on="2026-01-04",
        consent_on="2026-01-05",
        consent_method="verbal",
        consent_wording="2026-01",
        consent_taken_by=rosa,
        order_on="2026-01-05",
        order_by=ana,
        order_text="Remote monitoring of blood pressure.",
        bp_high="130",
        bp_second_high="80",
        plan_goals="Below 130/80.",
        plan_actions="Measure twice a day.",
        kind="bp_cuff",
        serial="A-77",
        basis="510(k) K000001",
        device_on="2026-01-06",
        setup_on="2026-01-06",
        setup_by=rosa,
        **more,
    )


def test_everything_on_one_page_in_one_save(rosa, cast):
    cast.ana.npi = "1245319599"
    cast.ana.save()
    answer = rosa.post(NEW, whole(cast))
    patient = Patient.objects.get(mrn="T-0100")
    assert (answer.status_code, answer["Location"]) == (303, reverse("chart", args=[patient.pk]))
    assert patient.practice == cast.practice
    assert Coverage.objects.get(patient=patient).member_id == "1EG4TE5MK73"
    episode = Enrollment.objects.get(patient=patient)
    codes = Diagnosis.objects.filter(enrollment=episode).order_by("position").values_list("code", flat=True)
    assert list(codes) == ["I10", "E11.65"]
    plan, order = signs_all(cast.ana)[0], Order.objects.get(enrollment=episode)
    assert (plan.number, plan.author, plan.signed_by) == (1, cast.rosa, cast.ana)
    assert (order.signature, order.seen_by, order.scan) == ("transcript", cast.rosa, None)
    assert Consent.objects.get(patient=patient).taken_by == cast.rosa
    assert TargetRange.objects.get(patient=patient).second_high == 80
    assert patient.assignments.get().setup_by == cast.rosa
    today = cast.practice.today()
    assert missing_parts(cast.practice, [patient.pk], today)[patient.pk] == ["signed order"]
    scan = attach(patient, b"%PDF-1.7", kind="order", title="Order", by=cast.rosa, at=timezone.now())
    add_scan(order, scan, by=cast.rosa, at=timezone.now())
    assert missing_parts(cast.practice, [patient.pk], today)[patient.pk] == []
    assert patient.history.get().history_change_reason == "Enrolled"
    assert patient.history.get().actor_label == "Rosa Nguyen, RN"
    assert set(OutboxMessage.objects.values_list("topic", flat=True)) == {"patients.permission_changed"}


def test_an_incomplete_enrollment_is_saved_and_its_chart_says_what_is_missing(rosa, cast):
    rosa.post(NEW, least())
    patient = Patient.objects.get(mrn="T-0100")
    page = rosa.get(reverse("chart", args=[patient.pk])).content.decode()
    assert "Missing:" in page
    for part in (
        "payer",
        "ordering clinician",
        "consent date",
        "signed order",
        "diagnosis",
        "care plan",
        "device",
    ):
        assert part in missing_parts(cast.practice, [patient.pk], date(2026, 2, 1))[patient.pk]


def test_a_double_click_enrolls_once(rosa, cast):
    form = least()
    first, second = rosa.post(NEW, form), rosa.post(NEW, form)
    assert first["Location"] == second["Location"]
    assert Patient.objects.filter(mrn="T-0100").count() == 1


def test_a_namesake_born_the_same_day_is_asked_about_before_saving(rosa, cast):
    jane = {"family_name": "doe", "given_name": "Jane", "born_on": "1948-05-12"}
    answer = rosa.post(NEW, least(**jane))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "is already here" in page
    assert reverse("chart", args=[cast.jane.pk]) in page
    assert "This is another person" in page
    assert rosa.post(NEW, least(**jane, another_person="on")).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"family_name": ""}, "Enter the family name"),
        ({"born_on": "soon"}, "Date of birth must be a real date, like 20 Jan 2026"),
        ({"born_on": "2999-01-01"}, "Date of birth must be in the past"),
        ({"started_on": "2999-01-01"}, "Enrollment must start today or in the past"),
        ({"mrn": "T-0001"}, "This MRN belongs to another patient"),
        ({"diagnoses": "E11"}, "E11 is a heading; choose a full code such as E11.65"),
        ({"diagnoses": "sugar"}, "SUG.AR is not a diagnosis code"),
        ({"payer": "medicare", "member_id": "1SG4TE5MK73"}, "Medicare number must be 11 characters"),
        ({"member_id": "123"}, "Select the payer"),
        ({"consent_on": "2026-01-05"}, "Select how consent was given"),
        (
            {"consent_on": "2999-01-05", "consent_method": "verbal", "consent_wording": "1"},
            "Select who took the consent",
        ),
        ({"order_on": "2026-01-05"}, "Select who signed the order"),
        ({"serial": "X-1"}, "Select the kind of device"),
        ({"kind": "scale"}, "Enter the device&#x27;s serial number"),
        (
            {"glucose_low": "180", "glucose_high": "70"},
            "Glucose: the lower limit must be below the upper one",
        ),
        ({"bp_high": "high"}, "Systolic at most must be a number, like 130"),
        ({"bp_second_high": "80"}, "Blood pressure: enter the systolic limit too"),
        ({"plan_goals": "Lower"}, "Enter the actions of the care plan"),
        (
            {"kind": "bp_cuff", "serial": "CUFF-T-0001"},
            "is with a patient on that day. Record its return first",
        ),
        (
            {"kind": "scale", "serial": "CUFF-T-0001"},
            "is already recorded as Blood pressure cuff CUFF-T-0001",
        ),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(rosa, cast, wrong, words):
    answer = rosa.post(NEW, least(**wrong))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert "There is a problem" in page
    assert "<title>Error: " in page
    assert not Patient.objects.filter(mrn="T-0100").exists()
    assert not Device.objects.filter(serial="X-1").exists()
    assert "This is another person" not in page


def test_an_mrn_of_another_practice_is_free_here(rosa, cast):
    factories.patient(cast.elsewhere, "Far", "Away", mrn="T-0100", born_on=date(1950, 1, 1))
    assert rosa.post(NEW, least()).status_code == 303


def test_clinicians_of_another_practice_cannot_be_chosen(rosa, cast):
    answer = rosa.post(NEW, least(ordering=str(cast.nora_enrolled.ordering_id)))
    assert answer.status_code == 422


def test_a_patient_who_left_can_be_enrolled_again(rosa, cast):
    today = cast.practice.today()
    episode = cast.jane_enrolled
    episode.ended_on, episode.end_reason = today - timedelta(days=5), "Moved away"
    episode.save()
    form = {"operation_id": str(uuid4()), "started_on": today.isoformat(), "diagnoses": "I10"}
    answer = rosa.post(reverse("patients:enrollment_new", args=[cast.jane.pk]), form)
    assert answer.status_code == 303
    assert cast.jane.enrollments.count() == 2


def test_enrolling_who_is_enrolled_is_refused(rosa, cast):
    form = {"operation_id": str(uuid4()), "started_on": "2026-01-05"}
    answer = rosa.post(reverse("patients:enrollment_new", args=[cast.jane.pk]), form)
    assert answer.status_code == 422
    assert "already enrolled on that day" in answer.content.decode()
