"""Facts from rows: each precondition by itself, and the same number of queries for any number of patients."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.facts.gather import gather, patients_of
from billing.rules import parse_facts
from patients.models import Consent, Coverage, Device, DeviceAssignment, Diagnosis, Enrollment, Order
from tests import factories
from tests.integration.billing.months import MARCH, guides_example


def facts(patient) -> dict:
    return gather(patient.practice, MARCH, [patient.pk])[patient.pk].facts


def changed(row, **values):
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def test_the_guides_example_gathers_to_what_the_rules_read(cast):
    guides_example(cast)
    found = facts(cast.jane)
    parse_facts(found)
    assert (found["clinical_staff_seconds"], found["qhp_seconds"], found["live_contacts"]) == (1320, 0, 2)
    assert found["device_windows"] == [
        {
            "starts_on": "2026-02-10",
            "ends_on": "2026-03-11",
            "reading_days": 30,
            "reading_days_any_device": 30,
            "devices": 1,
        }
    ]
    assert found["auto_reading_days_in_month"] == 21
    assert (found["consent_on"], found["order_signed_on"]) == ("2025-11-02", "2025-11-02")
    assert found["setup"] == {
        "completed_on": "2025-11-02",
        "documented": True,
        "billed_in_episode": False,
        "first_window_reading_days": 30,
        "episode_restarted": False,
    }
    for name in (
        "established_patient",
        "necessity_documented",
        "supervising_practitioner",
        "device_basis_on_file",
    ):
        assert found[name] is True
    assert (found["payer"], found["policy"], found["practitioner_type"]) == ("medicare", {}, "physician")


def test_the_evidence_names_the_sessions_that_count_and_the_calls(cast):
    entries = guides_example(cast)
    found = gather(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk].records
    assert [(s.id, s.seconds) for s in found.sessions] == [(str(e.pk), e.seconds_signed) for e in entries]
    assert found.contacts == (str(entries[1].pk), str(entries[3].pk))


def test_a_consent_revoked_before_the_month_is_none(cast):
    changed(
        Consent.objects.get(patient=cast.jane), revoked_on=date(2026, 2, 28), revoke_reason="Wants no calls."
    )
    assert facts(cast.jane)["consent_on"] is None


def test_a_consent_revoked_inside_the_month_stood_in_it(cast):
    changed(
        Consent.objects.get(patient=cast.jane), revoked_on=date(2026, 3, 10), revoke_reason="Wants no calls."
    )
    assert facts(cast.jane)["consent_on"] == "2025-11-02"


def test_no_order_no_order(cast):
    other = factories.patient(cast.practice, "Loe", "Lou", mrn="T-0009", born_on=date(1950, 1, 1))
    factories.saved(
        Enrollment(practice=cast.practice, patient=other, ordering=cast.ana, started_on=date(2026, 3, 10))
    )
    found = facts(other)
    assert found["order_signed_on"] is None
    assert found["consent_on"] is None
    assert found["setup"] is None
    for name in (
        "established_patient",
        "necessity_documented",
        "supervising_practitioner",
        "device_basis_on_file",
    ):
        assert found[name] is False
    assert found["payer"] == "none"
    parse_facts(found)


def test_necessity_needs_a_sentence_and_a_diagnosis(cast):
    changed(cast.jane_enrolled, necessity="  ")
    assert facts(cast.jane)["necessity_documented"] is False
    assert Diagnosis.objects.filter(enrollment=cast.max_enrolled).exists()
    assert facts(cast.max)["necessity_documented"] is True


@pytest.mark.parametrize(
    ("credential", "kind"),
    [("MD", "physician"), ("N.P.", "np"), ("PA-C", "pa"), ("PT", "pt"), ("DPM", "physician")],
)
def test_who_bills_is_read_from_the_supervising_practitioners_credential(cast, credential, kind):
    changed(cast.ana, credential=credential)
    assert facts(cast.jane)["practitioner_type"] == kind


def test_a_supervisor_who_left_before_the_month_supervises_nothing(cast):
    changed(cast.ana, ends_on=date(2026, 3, 1))
    assert facts(cast.jane)["supervising_practitioner"] is False


def test_a_nurse_named_as_supervisor_is_none(cast):
    changed(cast.jane_enrolled, supervising=cast.rosa)
    assert facts(cast.jane)["supervising_practitioner"] is False


def test_every_automatic_device_needs_its_basis(cast):
    scale = factories.saved(Device(practice=cast.practice, serial="SCALE-1", kind="scale", basis=""))
    factories.saved(
        DeviceAssignment(
            practice=cast.practice,
            device=scale,
            enrollment=cast.jane_enrolled,
            patient=cast.jane,
            starts_on=date(2026, 3, 31),
        )
    )
    assert facts(cast.jane)["device_basis_on_file"] is False


def test_the_payer_is_the_one_of_the_months_last_day(cast):
    changed(Coverage.objects.get(patient=cast.jane), ends_on=date(2026, 3, 31))
    own = {"practice": cast.practice, "patient": cast.jane, "plan_name": "Plan", "member_id": "7"}
    factories.saved(Coverage(payer="commercial", starts_on=date(2026, 3, 31), **own))
    assert facts(cast.jane)["payer"] == "commercial"


def test_a_second_enrollment_is_an_episode_to_review(cast):
    changed(cast.jane_enrolled, ended_on=date(2026, 2, 1), end_reason="Goals met.")
    again = factories.saved(
        Enrollment(
            practice=cast.practice,
            patient=cast.jane,
            ordering=cast.ana,
            supervising=cast.ana,
            started_on=date(2026, 3, 1),
        )
    )
    DeviceAssignment.objects.get(patient=cast.jane)
    cuff = factories.saved(
        Device(practice=cast.practice, serial="CUFF-2", kind="bp_cuff", basis="510(k) K000000")
    )
    factories.saved(
        DeviceAssignment(
            practice=cast.practice, device=cuff, enrollment=again, patient=cast.jane, starts_on=date(2026, 3, 1),
            setup_on=date(2026, 3, 1), setup_by=cast.rosa,
        )
    )  # fmt: skip
    found = facts(cast.jane)["setup"]
    assert (found["episode_restarted"], found["documented"]) == (True, False)
    assert Order.objects.filter(enrollment=again).count() == 0
    assert facts(cast.jane)["order_signed_on"] is None


def test_gathering_costs_the_same_number_of_queries_for_two_patients_and_for_twelve(cast):
    def queries() -> int:
        ids = list(patients_of(cast.practice, MARCH).values_list("pk", flat=True))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            gather(cast.practice, MARCH, ids)
        return len(captured)

    factories.readings(cast.jane, date(2026, 2, 10), 10)
    few = queries()
    for number in range(10):
        patient = factories.patient(
            cast.practice, f"Many{number}", "Ann", mrn=f"T-1{number:03}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        factories.readings(patient, date(2026, 2, 10), 10)
    assert queries() == few
