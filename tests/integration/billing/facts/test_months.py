"""Worked months, from whole records to codes: each row of the table as a nurse, a chart and a cuff would make it.

All of March 2026 unless said; set-up billed outside; a device window that ends in the month. S are minutes of staff,
Q of the physician, L live contacts, D reading days. Notes are what the claim page says beside the rules.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.practice_policies import set_policy
from billing.claims import acts as claim_acts
from billing.close.preflight import preflight
from billing.models import Claim, ClaimState
from foundation.refusals import Refused
from monitoring.models import Reading, Source
from patients.models import (
    Consent,
    Coverage,
    Diagnosis,
    InstitutionStay,
    OfficeVisit,
    Order,
    OtherService,
    SurgicalGlobal,
)
from tests import factories
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    WINDOW_STARTS,
    Month,
    close_march,
    codes,
    holds,
    left_out,
    minutes,
)
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.counting.workload import long_days
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.sign import sign

MARCH_31 = date(2026, 3, 31)
DAUGHTER = {**CALL, "party": "caregiver", "party_name": "Ann Doe", "party_relation": "daughter"}
DEVICE_HELP = {**CALL, "data_reviewed": False, "topics": ["device_help"]}
MESSAGE = {**CALL, "method": "secure_message"}
IN_PERSON = {**CALL, "method": "in_person"}


def visit(cast, day: date):
    factories.saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=day))


# Minutes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [25, 30, 39])
def test_e017_e018_no_pair_with_99470(month, total):
    month.work(5, CALL)
    month.work(total - 5)
    assert codes(month.decided()) == {"99457": 1}


def test_e020_staff_and_physician_at_the_same_time_count_once(month, cast):
    month.work(12, CALL, on=date(2026, 3, 4))
    month.work(12, by=cast.ana, on=date(2026, 3, 4))
    found = month.decided()
    assert (codes(found), minutes(found), left_out(found)) == ({"99470": 1}, 12, {"concurrent": 12})


def test_e021_two_nurses_on_one_call_count_once(month, cast):
    month.work(10, CALL, on=date(2026, 3, 4))
    month.work(10, CALL, by=cast.luis, on=date(2026, 3, 4))
    month.work(8)
    found = month.decided()
    assert (codes(found), minutes(found), left_out(found)) == ({"99470": 1}, 18, {"concurrent": 10})


def test_e023_minutes_are_never_carried_over(month):
    month.work(12, CALL, on=date(2026, 2, 28))
    month.work(10, CALL, on=date(2026, 3, 1))
    assert codes(month.decided(date(2026, 2, 1))) == {"99470": 1}
    assert codes(month.decided()) == {"99470": 1}


def test_a_session_over_midnight_is_split_where_the_practice_is(month):
    month.work(20, CALL, on=date(2026, 2, 28), at=14)
    # 23:50 on 28 February to 00:10 on 1 March in New York.
    month.entries.append(
        signed_session(
            month.cast.jane, by=month.cast.luis, starts_at=datetime(2026, 3, 1, 4, 50, tzinfo=UTC), seconds=1200, **CALL
        )
    )  # fmt: skip
    assert minutes(month.decided(date(2026, 2, 1))) == 30
    found = month.decided()
    assert (minutes(found), holds(found)) == (10, {"no-live-contact"})


def test_e041_the_talk_may_be_short(month):
    month.work(2, {**CALL, "contact_seconds": 120})
    month.work(18)
    assert codes(month.decided()) == {"99457": 1}


def test_e045_minutes_of_messages_count_and_the_call_makes_it_live(month):
    month.work(5, CALL)
    month.work(9, MESSAGE)
    found = month.decided()
    assert (codes(found), found.facts["live_contacts"]) == ({"99470": 1}, 1)


def test_messages_alone_are_no_live_contact(month):
    month.work(24, MESSAGE)
    found = month.decided()
    assert (codes(found), holds(found)) == ({}, {"no-live-contact"})


def test_e047_minutes_of_a_visits_day_are_out(month, cast):
    month.work(7, CALL)
    month.work(5, on=date(2026, 3, 20))
    visit(cast, date(2026, 3, 20))
    found = month.decided()
    assert (codes(found), minutes(found), left_out(found)) == ({}, 7, {"same-day-visit": 5})
    assert "below-minimum" in found.decision["warnings"]


def test_under_the_other_policy_a_visits_day_counts(month, cast):
    month.work(7, CALL)
    month.work(5, on=date(2026, 3, 20))
    visit(cast, date(2026, 3, 20))
    set_policy(cast.practice, key="same_day_visit", value="count", starts_on=MARCH, why="Counsel's advice.")
    assert codes(month.decided()) == {"99470": 1}


def test_e070_without_a_contact_45_physician_minutes_are_99091(month, cast):
    month.work(25, by=cast.ana)
    month.work(20, by=cast.ana)
    found = month.decided()
    assert codes(found) == {"99091": 1}
    assert "99457" not in found.decision["held"]


def test_physician_minutes_of_the_first_of_a_long_month_are_outside_the_30_days(month, cast):
    month.work(10, by=cast.ana, on=date(2026, 3, 1))
    month.work(29, by=cast.ana, on=date(2026, 3, 2))
    found = month.decided()
    assert (found.facts["qhp_seconds"], found.facts["qhp_seconds_30_days"]) == (2340, 1740)
    assert (codes(found), holds(found)) == ({}, {"no-live-contact"})


def test_e103_minutes_of_teaching_the_device_are_out(month):
    month.work(10, CALL)
    month.work(15, DEVICE_HELP)
    found = month.decided()
    assert (codes(found), left_out(found)) == ({"99470": 1}, {"not-countable": 15})


def test_e123_near_is_not_reached(month):
    month.work(18, CALL, on=date(2026, 3, 29))
    assert codes(month.decided()) == {"99470": 1}


# Live contact -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("note", [DAUGHTER, {**CALL, "method": "video"}, {**CALL, "method": "relay"}])
def test_e030_e042_who_and_how(month, note):
    month.work(24, note)
    assert codes(month.decided()) == {"99457": 1}


def test_e031_a_family_member_without_name_cannot_be_signed(month):
    with pytest.raises(Refused):
        month.work(24, {**CALL, "party": "caregiver"})
    assert codes(month.decided()) == {}


def test_e037_a_call_about_the_device_is_neither_time_nor_contact(month):
    month.work(16)
    month.work(5, DEVICE_HELP)
    found = month.decided()
    assert (codes(found), minutes(found), holds(found)) == ({}, 16, {"no-live-contact"})


def test_e039_a_talk_inside_a_visit_is_no_contact(month, cast):
    month.work(15)
    month.work(6, IN_PERSON, on=date(2026, 3, 20))
    visit(cast, date(2026, 3, 20))
    found = month.decided()
    assert (codes(found), holds(found)) == ({}, {"no-live-contact"})
    assert left_out(found) == {"same-day-visit": 6}


def test_e040_in_person_without_a_visit_is_live_and_noted(month):
    month.work(15)
    month.work(6, IN_PERSON)
    found = month.decided()
    assert (codes(found), found.evidence["notes"]) == ({"99457": 1}, ["in-person"])


# Devices ------------------------------------------------------------------------------------------------------


def test_e081_days_are_counted_and_not_readings(silent, cast):
    for day in range(9):
        for hour in (12, 14, 16, 18, 20):
            factories.readings(cast.jane, WINDOW_STARTS + timedelta(days=day), 1, hour=hour)
    released = silent.decided().decision["released"]
    assert Reading.objects.count() == 45
    assert released["99445"] == 1
    assert "99454" not in released


def test_e083_typed_days_make_nothing_and_are_noted(silent, cast):
    rows = factories.readings(cast.jane, MARCH, 20)
    for row in rows:
        row.source, row.device = Source.TYPED, None
        row.save()
    found = silent.decided()
    assert found.facts["device_windows"] == []
    assert "99454" not in found.decision["released"]
    assert found.evidence["notes"] == ["typed-readings"]


@pytest.mark.parametrize(
    ("days", "code"), [(1, None), (2, "99445"), (15, "99445"), (16, "99454"), (30, "99454")]
)
def test_e088_one_code_by_the_days(silent, cast, days, code):
    factories.readings(cast.jane, WINDOW_STARTS, days)
    device = {c for c in silent.decided().decision["released"] if c in ("99445", "99454")}
    assert device == ({code} if code else set())


def test_e089_disenrolled_on_day_six(silent, cast):
    episode = cast.jane_enrolled
    factories.readings(cast.jane, date(2026, 3, 2), 5)
    episode.ended_on, episode.end_reason = date(2026, 3, 8), "Goals met."
    episode.save()
    found = silent.decided()
    assert ("99445", date(2026, 3, 7), True) in found.lines
    assert "early-end" in found.evidence["notes"]
    assert silent.decided(date(2026, 4, 1)).lines == {}


def test_e093_a_reading_counts_for_the_day_it_was_taken(silent, cast):
    (row,) = factories.readings(cast.jane, date(2026, 3, 30), 1)
    row.received_at = datetime(2026, 4, 2, 12, tzinfo=UTC)
    row.save()
    assert silent.decided().facts["auto_reading_days_in_month"] == 1


def test_a_reading_just_before_midnight_belongs_to_the_patients_day(silent, cast):
    cast.jane.time_zone = "America/Los_Angeles"
    cast.jane.save()
    # 23:30 on 31 March where she lives, 02:30 on 1 April where the practice is.
    factories.readings(cast.jane, date(2026, 4, 1), 1, hour=6)
    assert silent.decided().facts["auto_reading_days_in_month"] == 1


def test_e095_a_stay_in_hospital_only_has_no_readings(month, cast):
    stay = {"kind": "hospital", "admitted_on": date(2026, 3, 12), "discharged_on": date(2026, 3, 15)}
    factories.saved(InstitutionStay(practice=cast.practice, patient=cast.jane, **stay))
    found = month.decided()
    assert (found.decision["released"], holds(found)) == ({"99454": 1}, set())


# Papers -------------------------------------------------------------------------------------------------------


def test_e060_an_operation_paid_to_somebody_else_holds_nothing(month, cast):
    month.work(22, CALL)
    surgery = factories.saved(
        SurgicalGlobal(
            practice=cast.practice, patient=cast.jane, procedure_code="27447", starts_on=MARCH, ends_on=MARCH_31,
            ours=False,
        )
    )  # fmt: skip
    assert month.decided().decision["released"] == {"99454": 1, "99457": 1}
    surgery.ours = True
    surgery.save()
    assert month.decided().decision["held"] == {"99454": ["global-period"], "99457": ["global-period"]}
    surgery.attested_by, surgery.attested_on, surgery.attestation = (
        cast.ana,
        MARCH,
        "The pressure is not the knee.",
    )
    surgery.save()
    found = month.decided()
    assert (found.decision["released"], found.decision["warnings"]) == (
        {"99454": 1, "99457": 1},
        ["global-attested"],
    )


def test_e106_consent_revoked_inside_the_month(month, cast):
    month.work(21, CALL)
    month.work(9, on=date(2026, 3, 20))
    consent = Consent.objects.get(patient=cast.jane)
    consent.revoked_on, consent.revoke_reason = date(2026, 3, 12), "She no longer wishes it."
    consent.save()
    found = month.decided()
    assert (minutes(found), left_out(found)) == (21, {"before-consent": 9})
    assert found.lines["99457", date(2026, 3, 11), True] == 1
    assert "early-end" in found.evidence["notes"]


def test_e109_a_visit_of_14_months_ago_is_noted(month, cast):
    month.work(22, CALL)
    cast.jane_enrolled.last_visit_on = date(2025, 1, 20)
    cast.jane_enrolled.save()
    found = month.decided()
    assert (codes(found), found.evidence["notes"]) == ({"99457": 1}, ["stale-visit"])


@pytest.mark.parametrize(("back", "notes"), [(365, []), (366, ["stale-visit"])])
def test_a_visit_is_stale_after_a_year(month, cast, back, notes):
    cast.jane_enrolled.last_visit_on = MARCH_31 - timedelta(days=back)
    cast.jane_enrolled.save()
    assert month.decided().evidence["notes"] == notes


def test_e111_a_verbal_consent_passes(month, cast):
    month.work(22, CALL)
    assert Consent.objects.get(patient=cast.jane).method == "verbal"
    assert codes(month.decided()) == {"99457": 1}


def test_e114_a_late_session_does_not_raise_what_was_approved(month, cast):
    month.work(12, CALL)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    late = APRIL_5 + timedelta(days=1)
    draft = drafts.log_past(
        cast.jane, starts_at=datetime(2026, 3, 30, 14, tzinfo=UTC), seconds=600, reason="Forgotten.",
        by=cast.rosa, at=late,
    )  # fmt: skip
    draft = drafts.save_draft(draft, note=CALL, version=draft.version, by=cast.rosa, at=late)
    with pytest.raises(Refused, match="closed"):
        sign(draft, version=draft.version, by=cast.rosa, at=late)
    claim.refresh_from_db()
    assert claim.state == ClaimState.APPROVED
    assert list(claim.lines.filter(standing=True, released=True).values_list("code", flat=True)) == [
        "99454",
        "99470",
    ]


def test_e115_more_minutes_need_a_reason(month, cast):
    entry = month.work(6, CALL)
    with pytest.raises(Refused):
        amend(entry, note=CALL, seconds=720, reason="", by=cast.rosa, at=entry.signed_at + timedelta(hours=1))
    assert minutes(month.decided()) == 6


def test_e119_a_label_is_no_note(month):
    vague = {**CALL, "said": "RPM management - 20 min", "action_detail": "RPM management - 20 min"}
    with pytest.raises(Refused):
        month.work(20, vague)


def test_e122_the_same_words_three_months_running_are_noted(month):
    for when in (date(2026, 1, 12), date(2026, 2, 12)):
        month.work(11, CALL, on=when)
    month.work(11, {**CALL, "said": CALL["said"].replace("eight", "eight 8:00")})
    found = month.decided()
    assert (codes(found), found.evidence["notes"]) == ({"99470": 1}, ["same-words"])


def test_the_same_words_in_two_months_are_not(month):
    month.work(11, CALL, on=date(2026, 2, 12))
    month.work(11, CALL)
    assert month.decided().evidence["notes"] == []


def test_e125_death_on_the_twelfth(silent, cast):
    factories.readings(cast.jane, date(2026, 3, 2), 6)
    silent.work(21, CALL)
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = date(2026, 3, 12), "Died."
    cast.jane_enrolled.save()
    found = silent.decided()
    assert ("99445", date(2026, 3, 11), True) in found.lines
    assert ("99457", date(2026, 3, 11), True) in found.lines
    assert max(day for _, day, _ in found.lines) < date(2026, 3, 12)


def test_e127_an_order_that_is_not_signed_is_none(month, cast):
    month.work(22, CALL)
    order = Order.objects.get(enrollment=cast.jane_enrolled)
    order.signed_on = date(2026, 4, 2)
    order.save()
    found = month.decided()
    assert codes(found) == {}
    assert "no-order" in holds(found)


def test_e133_a_plan_that_covers_heart_failure_alone(month, cast):
    month.work(22, CALL)
    coverage = Coverage.objects.get(patient=cast.jane)
    coverage.payer = "medicare-advantage"
    coverage.save()
    set_policy(
        cast.practice, key="covered_diagnoses", value=["I50"], starts_on=MARCH, why="The plan's bulletin.",
        payer="medicare-advantage",
    )  # fmt: skip
    found = month.decided()
    assert (found.decision["released"], holds(found)) == ({}, {"payer-diagnosis"})
    diagnosis = Diagnosis.objects.get(enrollment=cast.jane_enrolled)
    diagnosis.code = "I50.22"
    diagnosis.save()
    assert codes(month.decided()) == {"99457": 1}


# What else is billed ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "on", "whose", "held"),
    [
        ("98976", date(2026, 3, 20), "elsewhere", {"99454": ["rtm-conflict"], "99457": ["rtm-conflict"]}),
        ("99474", date(2026, 3, 20), "us", {"99454": ["smbp-conflict"], "99457": ["smbp-conflict"]}),
        ("99457", date(2026, 3, 31), "elsewhere", {"99457": ["other-practice"]}),
        ("99454", date(2026, 3, 20), "elsewhere", {"99454": ["other-practice"]}),
        ("99454", date(2026, 2, 10), "elsewhere", {"99454": ["other-practice"]}),
        ("99454", date(2026, 2, 9), "elsewhere", {}),
        ("99457", date(2026, 2, 28), "elsewhere", {}),
        ("98976", date(2026, 4, 1), "elsewhere", {}),
        ("99490", date(2026, 3, 31), "us", {}),
        ("99454", date(2026, 2, 9), "us", {}),
        ("99454", date(2026, 2, 10), "us", {"99454": ["under-30-days"]}),
    ],
)
def test_a_service_of_the_same_period_holds_ours(month, cast, code, on, whose, held):
    month.work(22, CALL)
    factories.saved(
        OtherService(practice=cast.practice, patient=cast.jane, code=code, service_on=on, billed_by=whose)
    )
    assert month.decided().decision["held"] == held


def test_a_whole_month_in_institutions_holds_everything(month, cast):
    month.work(22, CALL)
    own = {"practice": cast.practice, "patient": cast.jane}
    first = {"kind": "hospital", "admitted_on": date(2026, 2, 20), "discharged_on": date(2026, 3, 10)}
    factories.saved(InstitutionStay(**own, **first))
    then = factories.saved(InstitutionStay(**own, kind="snf", admitted_on=date(2026, 3, 10)))
    assert holds(month.decided()) == {"institutional"}
    then.discharged_on = date(2026, 3, 31)
    then.save()
    assert holds(month.decided()) == set()


def test_home_health_is_care_at_home(month, cast):
    own = {"practice": cast.practice, "patient": cast.jane}
    factories.saved(InstitutionStay(**own, kind="home_health", admitted_on=date(2026, 2, 20)))
    assert month.decided().facts["institutional_all_month"] is False


def test_set_up_is_billed_once_and_outside_counts(cast):
    silent = Month(cast)
    factories.readings(cast.jane, date(2025, 11, 10), 5)
    assert silent.decided(date(2025, 11, 1)).decision["held"]["99453"] == ["setup-days"]
    factories.readings(cast.jane, date(2026, 3, 1), 5)
    assert silent.decided().facts["setup"]["first_window_reading_days"] == 5
    factories.saved(
        OtherService(
            practice=cast.practice, patient=cast.jane, code="99453", service_on=date(2025, 11, 2), billed_by="us"
        )
    )  # fmt: skip
    assert silent.decided().facts["setup"]["billed_in_episode"] is True


def test_the_other_windows_are_a_policy(month, cast):
    assert [w["ends_on"] for w in month.decided().facts["device_windows"]] == ["2026-03-11"]
    set_policy(
        cast.practice, key="device_window", value="calendar_month", starts_on=MARCH, why="As the MAC asks."
    )
    (window,) = month.decided().facts["device_windows"]
    assert (window["starts_on"], window["ends_on"], window["reading_days"]) == (
        "2026-03-02",
        "2026-03-31",
        20,
    )


def test_e121_a_day_of_more_work_than_a_day_holds_is_named_before_the_close(month, cast):
    for hour in (0, 2, 4, 6, 8):
        month.work(120, CALL, on=date(2026, 3, 10), at=10 + hour)
    assert long_days(cast.practice, MARCH) == []
    month.work(1, REVIEW, by=cast.luis, on=date(2026, 3, 10), at=9)
    month.work(1, REVIEW, on=date(2026, 3, 10), at=9)
    assert [(d.name, d.day, d.seconds) for d in long_days(cast.practice, MARCH)] == [
        ("Rosa Nguyen", date(2026, 3, 10), 36_060)
    ]
    said = [item.text for item in preflight(cast.practice, MARCH, at=APRIL_5).items]
    assert "Rosa Nguyen signed 601 min for 10 March: more than a day of work." in said
    assert minutes(month.decided()) == 601
