"""Later changes of a record: each act, its reason, what it asks to be calculated again, and what it refuses."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from dispatch.models import OutboxMessage
from patients import selectors
from patients.models import CarePlan, Consent, Coverage, Diagnosis, OfficeVisit, TargetRange
from patients.papers import withdraw_paper, write_care_plan
from patients.services import PlanGiven
from tests import factories
from tests.rows import signs_all


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def today(cast):
    return cast.practice.today()


def send(client, name, patient, *ids, **form):
    form = {"operation_id": str(uuid4()), **form}
    return client.post(reverse(f"patients:{name}", args=[patient.pk, *ids]), form)


def asked_anew():
    return list(OutboxMessage.objects.values_list("topic", "body"))


def test_a_consent_is_revoked_with_a_reason_and_stays(rosa, cast, today):
    consent = Consent.objects.get(patient=cast.jane)
    answer = send(
        rosa, "consent_revoke", cast.jane, consent.pk, revoked_on=today.isoformat(), reason="Does not want it"
    )
    assert answer.status_code == 303
    consent.refresh_from_db()
    assert (consent.revoked_on, consent.revoke_reason) == (today, "Does not want it")
    assert consent.history.first().history_change_reason == "Does not want it"
    assert selectors.consent_on(cast.jane, today) is None
    assert selectors.consent_on(cast.jane, today - timedelta(days=1)) == consent
    assert asked_anew() == [("patients.permission_changed", {"patient": str(cast.jane.pk)})]


def test_a_consent_is_revoked_once(rosa, cast, today):
    consent = Consent.objects.get(patient=cast.jane)
    for expected in (303, 422):
        form = {"revoked_on": today.isoformat(), "reason": "Does not want it"}
        assert send(rosa, "consent_revoke", cast.jane, consent.pk, **form).status_code == expected
    assert len(asked_anew()) == 1


def test_a_consent_cannot_be_revoked_before_it_was_given(rosa, cast):
    consent = Consent.objects.get(patient=cast.jane)
    answer = send(
        rosa, "consent_revoke", cast.jane, consent.pk, revoked_on="2025-01-01", reason="Typed wrongly"
    )
    assert "Revocation must be on or after the consent, 2 Nov 2025" in answer.content.decode()


def test_consent_and_order_can_be_recorded_later(rosa, cast, today):
    ana, me = str(cast.ana.pk), str(cast.rosa.pk)
    day = today.isoformat()
    consent = {"consent_on": day, "method": "written", "wording": "2", "taken_by": me}
    assert send(rosa, "consent_new", cast.jane, **consent).status_code == 303
    assert send(rosa, "order_new", cast.jane, order_on=day, signed_by=ana, text="Go on").status_code == 303
    assert len(asked_anew()) == 2


def test_a_consent_of_tomorrow_is_refused(rosa, cast, today):
    form = {"method": "written", "wording": "2", "taken_by": str(cast.rosa.pk)}
    answer = send(rosa, "consent_new", cast.jane, consent_on=(today + timedelta(days=2)).isoformat(), **form)
    assert answer.status_code == 422
    assert "Consent date must be today or in the past" in answer.content.decode()


def test_a_care_plan_gets_its_next_version(rosa, cast, today):
    send(
        rosa,
        "care_plan_new",
        cast.jane,
        effective_on=today.isoformat(),
        goals="Below 125",
        actions="Less salt",
    )
    assert CarePlan.objects.get(enrollment=cast.jane_enrolled).number == 1
    signs_all(cast.ana)
    plans = CarePlan.objects.filter(enrollment=cast.jane_enrolled)
    assert [(plan.number, plan.author) for plan in plans] == [(2, cast.rosa), (1, cast.ana)]
    assert selectors.care_plan_on(cast.jane_enrolled, today - timedelta(days=1)).number == 1


def test_an_office_visit_is_recorded_once_and_withdrawn_with_a_reason(rosa, cast, today):
    assert send(rosa, "office_visit_new", cast.jane, visited_on=today.isoformat()).status_code == 303
    twice = send(rosa, "office_visit_new", cast.jane, visited_on=today.isoformat())
    assert "A visit on that day is already recorded" in twice.content.decode()
    visit = OfficeVisit.objects.get()
    assert send(rosa, "office_visit_withdraw", cast.jane, visit.pk, reason="Was cancelled").status_code == 303
    assert OfficeVisit.objects.get().withdrawn
    assert len(asked_anew()) == 2


def test_a_change_of_coverage_is_dated(client, cast, today):
    client.force_login(cast.cora.user)
    form = {"payer": "commercial", "plan_name": "Acme", "member_id": "X-1", "coverage_on": today.isoformat()}
    assert send(client, "coverage_new", cast.jane, **form).status_code == 303
    assert selectors.coverage_on(cast.jane, today).payer == "commercial"
    assert selectors.coverage_on(cast.jane, today - timedelta(days=1)).payer == "medicare"


def test_the_same_first_day_corrects_a_coverage(rosa, cast):
    form = {"payer": "medicare", "member_id": "1EG4-TE5-MK72", "coverage_on": factories.LONG_AGO.isoformat()}
    send(rosa, "coverage_new", cast.jane, **form)
    coverage = Coverage.objects.get(patient=cast.jane)
    assert (coverage.member_id, coverage.version) == ("1EG4TE5MK72", 2)


def test_a_coverage_before_a_later_one_is_refused(rosa, cast):
    form = {"payer": "medicaid", "coverage_on": "2024-01-01"}
    assert (
        "A later coverage is already recorded"
        in send(rosa, "coverage_new", cast.jane, **form).content.decode()
    )


def test_a_new_range_ends_the_one_before(rosa, cast, today):
    form = {"measure": "blood_pressure", "high": "125", "second_high": "75", "starts_on": today.isoformat()}
    form["reason"] = "Titration"
    assert send(rosa, "range_new", cast.jane, **form).status_code == 303
    old, new = TargetRange.objects.filter(patient=cast.jane).order_by("starts_on")
    assert (old.ends_on, new.high) == (today, 125)


def test_a_device_comes_back_and_goes_to_another(rosa, cast, today):
    held = cast.jane.assignments.get()
    answer = send(
        rosa, "device_return", cast.jane, held.pk, ends_on=today.isoformat(), reason="Got a larger cuff"
    )
    assert answer.status_code == 303
    form = {"kind": "bp_cuff", "serial": "CUFF-T-0001", "device_on": today.isoformat()}
    assert send(rosa, "device_new", cast.max, **form).status_code == 303
    assert cast.max.assignments.filter(device=held.device, ends_on=None).exists()


def test_a_device_is_with_one_patient_at_a_time(rosa, cast, today):
    form = {"kind": "bp_cuff", "serial": "CUFF-T-0001", "device_on": today.isoformat()}
    answer = send(rosa, "device_new", cast.max, **form)
    assert "Blood pressure cuff CUFF-T-0001 is with a patient on that day" in answer.content.decode()


def test_set_up_is_recorded_later(rosa, cast, today):
    form = {"kind": "scale", "serial": "S-1", "device_on": today.isoformat()}
    send(rosa, "device_new", cast.jane, **form)
    held = cast.jane.assignments.get(device__serial="S-1")
    done = {"setup_on": today.isoformat(), "setup_by": str(cast.rosa.pk), "note": "Stands on it barefoot"}
    assert send(rosa, "device_setup", cast.jane, held.pk, **done).status_code == 303
    held.refresh_from_db()
    assert held.setup_by == cast.rosa


def test_an_enrollment_ends_with_a_reason(rosa, cast, today):
    assert send(rosa, "enrollment_end", cast.jane, ended_on=today.isoformat(), reason="").status_code == 422
    assert (
        send(rosa, "enrollment_end", cast.jane, ended_on=today.isoformat(), reason="Moved away").status_code
        == 303
    )
    cast.jane_enrolled.refresh_from_db()
    assert (cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason) == (today, "Moved away")
    assert len(asked_anew()) == 1


def test_a_diagnosis_taken_out_is_withdrawn_not_deleted(rosa, cast):
    page = reverse("patients:enrollment_edit", args=[cast.jane.pk])
    form = rosa.get(page).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    answer = rosa.post(page, {**values, "diagnoses": "E11.65, I10", "operation_id": str(uuid4())})
    assert answer.status_code == 303
    rows = Diagnosis.objects.filter(enrollment=cast.jane_enrolled).order_by("withdrawn", "position")
    assert [(d.code, d.position, d.withdrawn) for d in rows] == [
        ("E11.65", 1, False),
        ("I10", 2, False),
        ("I10", 1, True),
    ]


def edit(client, patient, **changes):
    page = reverse("patients:patient_edit", args=[patient.pk])
    form = client.get(page).context["form"]
    values = {name: form[name].value() or "" for name in form.fields}
    return lambda: client.post(page, {**values, **changes, "operation_id": str(uuid4())})


def test_a_stale_form_shows_both_texts_and_overwrites_nothing(rosa, cast):
    hers = edit(rosa, cast.jane, phone="617-555-0199")
    edit(rosa, cast.jane, phone="617-555-0111")()
    answer = hers()
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "617-555-0111" in page
    assert "617-555-0199" in page
    cast.jane.refresh_from_db()
    assert cast.jane.phone == "617-555-0111"
    form = answer.context["form"]
    again = rosa.post(
        reverse("patients:patient_edit", args=[cast.jane.pk]),
        {**{name: form[name].value() or "" for name in form.fields}, "operation_id": str(uuid4())},
    )
    assert again.status_code == 303
    cast.jane.refresh_from_db()
    assert cast.jane.phone == "617-555-0199"


def test_acts_on_who_is_not_enrolled_are_refused(rosa, cast, today):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = date(2025, 12, 1), "Moved away"
    cast.jane_enrolled.save()
    answer = rosa.get(reverse("patients:order_new", args=[cast.jane.pk]))
    assert answer.status_code == 422
    assert "not enrolled today" in answer.content.decode()


def test_ids_of_another_patient_are_not_found(rosa, cast, today):
    consent = Consent.objects.get(patient=cast.max)
    answer = send(rosa, "consent_revoke", cast.jane, consent.pk, revoked_on=today.isoformat(), reason="x")
    assert answer.status_code == 404


def test_a_plan_written_over_one_that_came_into_effect_meanwhile_is_not_saved_until_that_was_seen(
    cast, client
):
    client.force_login(cast.ana.user)
    opened = client.get(reverse("patients:care_plan_new", args=[cast.jane.pk])).context["form"]
    given = PlanGiven(goals="Meanwhile.", actions="a", effective_on=cast.practice.today())
    write_care_plan(cast.jane_enrolled, given, by=cast.ana, at=timezone.now())
    typed = {
        "effective_on": cast.practice.today().isoformat(),
        "goals": "Typed over version 1.",
        "actions": "a",
    }
    refused = send(client, "care_plan_new", cast.jane, version=opened["version"].value(), **typed)
    assert refused.status_code == 409
    page = refused.content.decode()
    assert "Version 2 of the care plan came into effect while you wrote" in page
    assert "Typed over version 1." in page
    # What she would write over stands beside it.
    assert "Version 2, in effect now, against version 1" in page
    assert "Goals: added “Meanwhile.”" in page
    again = refused.context["form"]["version"].value()
    assert send(client, "care_plan_new", cast.jane, version=again, **typed).status_code == 303
    assert CarePlan.objects.get(number=3, enrollment=cast.jane_enrolled).goals == "Typed over version 1."


def test_a_plan_written_over_one_that_was_withdrawn_meanwhile_shows_what_holds_again(cast, client):
    client.force_login(cast.ana.user)
    given = PlanGiven(goals="Meanwhile.", actions="a", effective_on=cast.practice.today())
    wrong = write_care_plan(cast.jane_enrolled, given, by=cast.ana, at=timezone.now())
    first = cast.jane_enrolled.care_plans.get(number=1)
    for paper in (wrong, first):
        withdraw_paper(paper, reason="Another patient's.", by=cast.ana, at=timezone.now())
        typed = {"effective_on": cast.practice.today().isoformat(), "goals": "g", "actions": "a"}
        refused = send(client, "care_plan_new", cast.jane, version=2, **typed)
        page = refused.content.decode()
        assert refused.status_code == 409
        assert ("Version 1, in effect now, against version 2" in page) == (paper == wrong)
        assert ("No care plan is in effect now" in page) == (paper == first)


def test_a_plan_that_only_waits_is_compared_by_who_signs_it(rosa, cast):
    given = PlanGiven(goals="Meanwhile.", actions="a", effective_on=cast.practice.today())
    write_care_plan(cast.jane_enrolled, given, by=cast.ana, at=timezone.now())
    typed = {"effective_on": cast.practice.today().isoformat(), "goals": "g", "actions": "a"}
    assert send(rosa, "care_plan_new", cast.jane, version=1, **typed).status_code == 303
