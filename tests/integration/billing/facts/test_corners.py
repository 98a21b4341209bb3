"""Corners of gathering, windows, the second count and freshness, each of which once cost money or cried wolf."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from accounts.practice_policies import set_policy
from billing.claims import acts as claim_acts
from billing.claims.page import proof_of
from billing.claims.staleness import outdated, why_outdated
from billing.close import acts as close
from billing.decisions.decide import decide, wanted_holds
from billing.decisions.second_count import SecondCount, dissent, second_counts
from billing.facts.gather import gather
from billing.models import Claim, ClaimLine, ClaimState
from billing.rules import parse_facts, ruleset_for, select_codes
from dispatch import outbox
from dispatch.models import Notice, OutboxMessage
from foundation.context import because
from foundation.refusals import Refused
from patients import services as charts
from patients.models import (
    Consent,
    Coverage,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    Order,
    OtherService,
)
from tests import factories
from tests.cast import make_cast
from tests.faults.trials import at_once
from tests.integration.billing.months import APRIL_5, MARCH, Month, close_march, codes, holds, minutes, work
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.counting.totals import month_totals
from timelogs.models import CountedInterval, Period
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.void import void

FEBRUARY = date(2026, 2, 1)


def revoked(patient, on):
    consent = Consent.objects.filter(patient=patient).order_by("given_on").last()
    consent.revoked_on, consent.revoke_reason = on, "She no longer wishes it."
    consent.save()


def ended(episode, on, why="Goals met."):
    episode.ended_on, episode.end_reason = on, why
    episode.save()


def again(cast, started_on, *, order=True):
    own = {"practice": cast.practice}
    episode = factories.saved(
        Enrollment(
            patient=cast.jane, ordering=cast.ana, supervising=cast.ana, necessity="Again uncontrolled.",
            last_visit_on=started_on - timedelta(days=1), started_on=started_on, **own,
        )
    )  # fmt: skip
    factories.saved(Diagnosis(enrollment=episode, code="I10", position=1, **own))
    if order:
        factories.saved(
            Order(enrollment=episode, text="Monitoring.", **factories.signed(cast.ana, started_on), **own)
        )
    return episode


# Money and law ------------------------------------------------------------------------------------------------


def test_device_no_service_after_the_consent_was_revoked(month, cast):
    """R-CLM-04, E106: no date of service after the last day of service; the window ends on 11 March."""
    month.work(21, CALL)
    revoked(cast.jane, date(2026, 3, 5))
    found = month.decided()
    assert max(day for _, day, _ in found.lines) <= date(2026, 3, 4), found.lines


def test_device_readings_after_the_consent_was_revoked_make_no_days(silent, cast):
    factories.readings(cast.jane, date(2026, 2, 25), 15)  # 25 Feb to 11 Mar; the window would end on 26 March
    revoked(cast.jane, date(2026, 2, 26))
    # The one day of consent is the whole of a window that ends with it, in February.
    assert [w["reading_days"] for w in silent.decided(FEBRUARY).facts["device_windows"]] == [1]
    assert silent.decided().facts["device_windows"] == []


def test_device_readings_while_no_consent_stood_make_no_days(silent, cast):
    """Revoked on 26 Feb, given again on 20 March: readings between are not hers to give."""
    factories.readings(cast.jane, date(2026, 2, 24), 18)  # 24 Feb to 13 March: two days inside the consent
    revoked(cast.jane, date(2026, 2, 26))
    factories.saved(
        Consent(practice=cast.practice, patient=cast.jane, given_on=date(2026, 3, 20), method="verbal",
                wording="2025-01", taken_by=cast.rosa)
    )  # fmt: skip
    found = silent.decided()
    assert "99454" not in found.decision["released"], found.facts["device_windows"]


def test_99091_is_not_billed_11_days_after_the_last(month, cast):
    own = {"practice": cast.practice, "patient": cast.jane}
    factories.saved(OtherService(code="99091", service_on=date(2026, 2, 28), billed_by="us", **own))
    month.work(35, by=cast.ana, on=date(2026, 3, 3))
    ended(cast.jane_enrolled, date(2026, 3, 12))
    found = month.decided()
    days = [day for code, day, released in found.lines if code == "99091" and released]
    assert all((day - date(2026, 2, 28)).days >= 30 for day in days), found.lines


@pytest.mark.parametrize("last", [1, 29, 30])
def test_99091_that_waits_for_review_waits_for_its_30_days_too(month, cast, last):
    """Two people may judge the review, never the days between two services."""
    set_policy(cast.practice, key="dual_99091", value="cms_2021", starts_on=date(2026, 1, 1), why="test")
    own = {"practice": cast.practice, "patient": cast.jane}
    day = date(2026, 3, 26) - timedelta(days=last)
    factories.saved(OtherService(code="99091", service_on=day, billed_by="us", **own))
    month.work(35, by=cast.ana, on=date(2026, 3, 3))
    month.work(12, CALL, on=date(2026, 3, 4))
    ended(cast.jane_enrolled, date(2026, 3, 27))
    wanted = wanted_holds(month.decided())
    slugs = sorted(slug for code, slug in wanted if code == "99091")
    assert slugs == ["dual-99091-review"] + ["under-30-days"] * (last < 30)


def test_a_hold_that_the_rules_and_the_day_of_service_both_give_is_placed_once(month, cast):
    set_policy(cast.practice, key="dual_99091", value="cms_2021", starts_on=date(2026, 1, 1), why="test")
    own = {"practice": cast.practice, "patient": cast.jane}
    factories.saved(OtherService(code="99091", service_on=date(2026, 3, 2), billed_by="us", **own))
    month.work(35, by=cast.ana, on=date(2026, 3, 3))
    month.work(12, CALL, on=date(2026, 3, 4))
    ended(cast.jane_enrolled, date(2026, 3, 20))
    wanted = wanted_holds(month.decided())
    assert sorted(wanted) == sorted(set(wanted))
    assert ("99091", "under-30-days") in wanted


def test_99091_again_is_not_billed_too_early_between_two_closed_months_of_ours(month, cast):
    """The same with our own lines: 99091 on 28 Feb by a close, the episode ends on 12 March."""
    month.work(35, by=cast.ana, on=date(2026, 2, 10))
    close.start_close(cast.practice, FEBRUARY, by=cast.cora, at=APRIL_5)
    work()
    month.work(35, by=cast.ana, on=date(2026, 3, 3))
    ended(cast.jane_enrolled, date(2026, 3, 12))
    close_march(cast)
    rows = ClaimLine.objects.filter(code="99091", released=True, standing=True)
    days = sorted(rows.values_list("service_on", flat=True))
    assert len(days) < 2 or (days[1] - days[0]).days >= 30, days


def test_the_first_episodes_window_is_not_billed_on_the_second_episodes_order(silent, cast):
    factories.readings(cast.jane, date(2026, 2, 10), 30)
    order = Order.objects.get(enrollment=cast.jane_enrolled)
    ended(cast.jane_enrolled, date(2026, 3, 15))
    second = again(cast, date(2026, 3, 20), order=False)
    order.enrollment, order.signed_on = second, date(2026, 3, 20)
    order.save()
    found = silent.decided()
    assert found.facts["device_windows"], found.facts
    assert "99454" not in found.decision["released"], found.decision


def test_the_first_episodes_work_is_not_held_for_the_second_episodes_missing_papers(month, cast):
    month.work(22, CALL)
    ended(cast.jane_enrolled, date(2026, 3, 15))
    again(cast, date(2026, 3, 25), order=False)
    assert codes(month.decided()) == {"99457": 1}


def test_death_ends_the_coverage_too_and_what_was_done_before_is_billed(month, cast):
    month.work(21, CALL)
    ended(cast.jane_enrolled, date(2026, 3, 12), "Died.")
    coverage = Coverage.objects.get(patient=cast.jane)
    coverage.ends_on = date(2026, 3, 12)
    coverage.save()
    assert month.decided().payer == "medicare"


def test_a_line_is_billed_to_who_covered_on_its_day(month, cast):
    month.work(21, CALL)
    ended(cast.jane_enrolled, date(2026, 3, 12))
    coverage = Coverage.objects.get(patient=cast.jane)
    coverage.ends_on = date(2026, 3, 20)
    coverage.save()
    own = {"practice": cast.practice, "patient": cast.jane, "plan_name": "Plan", "member_id": "7"}
    factories.saved(Coverage(payer="commercial", starts_on=date(2026, 3, 20), **own))
    found = month.decided()
    assert max(day for _, day, _ in found.lines) < date(2026, 3, 20)
    assert found.payer == "medicare"


def test_management_that_we_billed_outside_is_not_billed_again(month, cast):
    """ADR 4: what this practice billed elsewhere counts ... as a conflicting code."""
    month.work(22, CALL)
    factories.saved(
        OtherService(practice=cast.practice, patient=cast.jane, code="99457", service_on=date(2026, 3, 31),
                     billed_by="us")
    )  # fmt: skip
    assert "99457" not in month.decided().decision["released"]


def test_therapy_monitoring_billed_inside_our_window_conflicts(month, cast):
    """R-GEN-11; as 99454 billed elsewhere on the same day does."""
    factories.saved(
        OtherService(practice=cast.practice, patient=cast.jane, code="98977", service_on=date(2026, 2, 20),
                     billed_by="elsewhere")
    )  # fmt: skip
    assert month.decided().decision["held"] == {"99454": ["rtm-conflict"]}


def test_an_earlier_month_decided_again_heeds_the_device_day_of_a_later_one(silent, cast):
    factories.readings(cast.jane, date(2026, 2, 10), 30)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    assert ClaimLine.objects.get(code="99454", standing=True).service_on == date(2026, 3, 11)
    factories.readings(cast.jane, date(2026, 1, 20), 21)  # uploaded late: the windows begin on 20 January now
    found = silent.decided(FEBRUARY)
    days = [day for code, day, released in found.lines if code == "99454" and released]
    assert all(abs((date(2026, 3, 11) - day).days) >= 30 for day in days), days


def test_set_up_is_not_served_after_the_episode_ended(silent, cast):
    row = DeviceAssignment.objects.get(patient=cast.jane)
    row.setup_on = row.setup_by = None
    row.save()
    factories.readings(cast.jane, date(2026, 3, 2), 8)
    ended(cast.jane_enrolled, date(2026, 3, 12))
    on = {"setup_on": date(2026, 3, 20), "setup_by": cast.rosa}
    with pytest.raises(Refused, match="Set-up must be before monitoring ended"):
        charts.record_setup(row, note="Taught.", by=cast.rosa, at=APRIL_5, **on)
    row.setup_on, row.setup_by = on.values()
    row.save()
    found = silent.decided()
    assert all(day < date(2026, 3, 12) for _, day, released in found.lines if released), found.lines


def test_somebody_who_joins_in_april_does_not_supervise_march(month, cast):
    cast.ana.starts_on = date(2026, 4, 1)
    cast.ana.save()
    assert month.decided().facts["supervising_practitioner"] is False


def test_two_drafts_of_the_same_minute_add_it_once(month, cast):
    """18:30 signed; two people's drafts of the same minute add 1:00 at most: 19:30, so nothing would change."""
    month.work(18.5, CALL)
    for person in (cast.rosa, cast.lena):
        drafts.log_past(
            cast.jane, starts_at=datetime(2026, 3, 20, 14, tzinfo=UTC), seconds=60, reason="Later.", by=person,
            at=APRIL_5,
        )  # fmt: skip
    found = month.decided()
    assert found.facts["unsigned_seconds"] == 60
    assert codes(found) == {"99470": 1}


def test_a_nurse_who_became_a_practitioner_and_mends_a_word_worked_as_a_nurse(month, cast):
    entry = month.work(35, on=date(2026, 3, 5))
    cast.rosa.ends_on = date(2026, 3, 20)
    cast.rosa.save()
    from accounts.models import Membership, StaffKind
    from accounts.permissions import Role

    np = factories.saved(
        Membership(practice=cast.practice, user=cast.rosa.user, role=Role.QHP, credential="NP", npi="1234567893",
                   staff_kind=StaffKind.QHP, starts_on=date(2026, 3, 20))
    )  # fmt: skip
    before = month.decided().facts["clinical_staff_seconds"]
    amend(
        entry, note={**REVIEW, "action_detail": "Pressure is steady within goal; the plan goes on as it is."},
        seconds=None, reason="A word.", by=np, at=datetime(2026, 3, 25, 14, tzinfo=UTC),
    )  # fmt: skip
    found = month.decided()
    assert "99091" not in found.decision["released"]
    assert (found.facts["clinical_staff_seconds"], found.facts["qhp_seconds"]) == (before, 0)


def test_99091_of_an_earlier_month_closed_later_heeds_the_one_after_it(month, cast):
    """31 January and 28 February lie 28 days apart; February was closed first."""
    month.work(35, by=cast.ana, on=date(2026, 1, 12))
    month.work(35, by=cast.ana, on=date(2026, 2, 12))
    factories.readings(cast.jane, date(2026, 1, 12), 2)
    for which in (FEBRUARY, date(2026, 1, 1)):
        close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        work()
    rows = ClaimLine.objects.filter(code="99091", released=True, standing=True)
    assert rows.count() == 1, list(rows.values_list("service_on", flat=True))


def test_99091_of_an_earlier_month_closed_after_the_later_one_was_exported_can_be_approved(month, cast):
    """Freshness does not help: an exported claim is not asked again, and January itself is fresh."""
    month.work(35, by=cast.ana, on=date(2026, 1, 12))
    month.work(35, by=cast.ana, on=date(2026, 2, 12))
    factories.readings(cast.jane, date(2026, 1, 12), 2)
    for which in (FEBRUARY, date(2026, 1, 1)):
        close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        work()
        claim = Claim.objects.get(patient=cast.jane, period__month=which)
        if which == FEBRUARY:
            claim = claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
            claim.state = ClaimState.EXPORTED
            claim.save()
    with pytest.raises(Refused):
        claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)


def test_99091_of_an_earlier_month_closed_later_makes_the_later_claim_outdated(month, cast):
    """Sound: what is not exported yet is stopped at approval."""
    month.work(35, by=cast.ana, on=date(2026, 1, 12))
    month.work(35, by=cast.ana, on=date(2026, 2, 12))
    factories.readings(cast.jane, date(2026, 1, 12), 2)
    for which in (FEBRUARY, date(2026, 1, 1)):
        close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        work()
    assert why_outdated(Claim.objects.get(patient=cast.jane, period__month=FEBRUARY))
    assert why_outdated(Claim.objects.get(patient=cast.jane, period__month=date(2026, 1, 1))) is None


def test_99091_in_the_order_of_the_months_is_held_in_february(month, cast):
    """The same, closed in order: sound."""
    month.work(35, by=cast.ana, on=date(2026, 1, 12))
    month.work(35, by=cast.ana, on=date(2026, 2, 12))
    factories.readings(cast.jane, date(2026, 1, 12), 2)
    for which in (date(2026, 1, 1), FEBRUARY):
        close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        work()
    rows = ClaimLine.objects.filter(code="99091", released=True, standing=True)
    assert rows.count() == 1


@pytest.mark.parametrize("credential", ["DPT", "PT, DPT", "OTR/L", "CCC-SLP", "MS, CCC-SLP"])
def test_a_therapist_under_the_usual_credential_does_not_bill(month, cast, credential):
    """R-GEN-17: physician, NP, PA, CNS, CNM alone."""
    month.work(22, CALL)
    cast.ana.credential = credential
    cast.ana.save()
    found = month.decided()
    assert holds(found) == {"practitioner-type"}, found.facts["practitioner_type"]


def test_a_window_that_ended_before_the_first_consent_is_not_billed(silent, cast):
    """Debatable: the contract asks the month's last day alone (E106 the other way round)."""
    factories.readings(cast.jane, date(2026, 2, 10), 30)
    consent = Consent.objects.get(patient=cast.jane)
    consent.given_on = date(2026, 3, 25)
    consent.save()
    assert "99454" not in silent.decided().decision["released"]


@pytest.mark.breaks_invariants
def test_alarm_over_an_exported_claim_says_what_is_so(month, cast):
    """Exported is exported: the notice may not say that nothing of it is released, and something must remember."""
    month.work(21, CALL)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim = claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    claim.state = ClaimState.EXPORTED
    claim.save()
    with because("Looking again."):
        close.reopen(claim.period, reason="Looking again.", by=cast.ade, at=APRIL_5)
    CountedInterval.objects.filter(patient=cast.jane, standing=True).update(
        standing=False, stood_until=datetime(2026, 4, 5, 15, tzinfo=UTC)
    )
    close_march(cast, at=APRIL_5 + timedelta(hours=1))
    texts = list(Notice.objects.filter(kind="second-count").values_list("text", flat=True))
    assert texts
    assert not any("Nothing of the claim is released" in text for text in texts)


# False alarms of the second count ------------------------------------------------------------------------------


def test_alarm_a_consent_given_and_revoked_on_one_day(month, cast):
    month.work(21, CALL)
    charts.revoke_consent(
        Consent.objects.get(patient=cast.jane), revoked_on=date(2025, 11, 2), reason="Did not want it.",
        by=cast.rosa, at=APRIL_5,
    )  # fmt: skip
    month.decided()  # asserts that the counts agree


def test_alarm_an_order_signed_on_the_day_the_enrollment_ended(month, cast):
    month.work(21, CALL)
    ended(cast.jane_enrolled, date(2026, 3, 12))
    order = Order.objects.get(enrollment=cast.jane_enrolled)
    order.signed_on = date(2026, 3, 12)
    order.save()
    month.decided()


def test_alarm_an_order_signed_after_the_enrollment_ended(month, cast):
    month.work(21, CALL)
    ended(cast.jane_enrolled, date(2026, 3, 12))
    order = Order.objects.get(enrollment=cast.jane_enrolled)
    order.signed_on = date(2026, 3, 20)
    order.save()
    month.decided()


def test_alarm_an_order_recorded_by_the_service_after_the_end(cast):
    """As the chart lets it be done: enrolled without an order, ended on 12 March, the order recorded for the 15th."""
    patient = factories.patient(cast.practice, "Loe", "Lou", mrn="T-0009", born_on=date(1950, 1, 1))
    episode = factories.saved(
        Enrollment(practice=cast.practice, patient=patient, ordering=cast.ana, started_on=date(2026, 3, 1))
    )
    signed_session(
        patient, by=cast.rosa, starts_at=datetime(2026, 3, 3, 14, tzinfo=UTC), seconds=1260, **CALL
    )
    ended(episode, date(2026, 3, 12))
    signed = factories.signed(cast.ana, date(2026, 3, 15))
    factories.saved(Order(practice=cast.practice, enrollment=episode, text="Monitoring.", **signed))
    counts = second_counts(cast.practice, MARCH, [patient.pk])
    found = decide(gather(cast.practice, MARCH, [patient.pk])[patient.pk], counts[patient.pk])
    assert found.agreed, found.evidence["dissent"]


def test_alarm_staff_kind_changed_and_an_overlapping_session_voided(month, cast):
    """Two gaps in a nurse's session; she becomes a practitioner; one of the overlapping sessions is voided."""
    at = datetime(2026, 3, 10, 14, tzinfo=UTC)
    first = signed_session(
        cast.jane, by=cast.lena, starts_at=at + timedelta(minutes=2), seconds=120, **REVIEW
    )
    signed_session(cast.jane, by=cast.luis, starts_at=at + timedelta(minutes=12), seconds=120, **REVIEW)
    signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=1200, **CALL)
    cast.rosa.staff_kind = "qhp"
    cast.rosa.save()
    void(first, reason="Not hers.", by=cast.lena, at=at + timedelta(days=1))
    month.decided()


def test_alarm_staff_kind_changed_and_nothing_else(month, cast):
    month.work(21, CALL)
    cast.rosa.staff_kind = "qhp"
    cast.rosa.save()
    assert month.decided().facts["clinical_staff_seconds"] == 1260


def test_alarm_staff_kind_changed_and_the_other_month_of_a_session_over_midnight_recounted(month, cast):
    at = datetime(2026, 3, 1, 4, 50, tzinfo=UTC)  # 23:50 on 28 February
    other = signed_session(
        cast.jane, by=cast.lena, starts_at=at - timedelta(minutes=2), seconds=240, **REVIEW
    )
    signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=1200, **REVIEW)
    cast.rosa.staff_kind = "qhp"
    cast.rosa.save()
    void(other, reason="Not hers.", by=cast.lena, at=at + timedelta(days=1))
    feb, mar = month.decided(FEBRUARY), month.decided()
    assert feb.facts["qhp_seconds"] + mar.facts["qhp_seconds"] in (0, 1200)


def test_second_counts_of_nobody(cast):
    assert second_counts(cast.practice, MARCH, []) == {}


def ladder(seconds, month, limit):
    m = seconds // 60
    base = "99457" if m >= 20 else "99470" if m >= 10 and month >= "2026-01" else None
    units = max(0, min((m - 20) // 20, limit))
    return {code: n for code, n in ((base, 1), ("99458", units)) if code and n}


def test_the_second_opinion_of_codes_agrees_on_random_facts():
    from tests.rulebook.random_records import a_month

    random, seen = Random(99), 0
    for _ in range(20_000):
        facts = raw = a_month(random).facts
        decision = select_codes(facts, ruleset_for(facts.month))
        limit = 0 if facts.month < "2020-01" else 2 if facts.month < "2023-07" else 3
        s, q = facts.clinical_staff_seconds, facts.qhp_seconds
        counted = SecondCount(s, q, ladder(s + q, facts.month, limit), ladder(s, facts.month, limit))
        assert dissent(facts, decision, counted) == [], (raw, decision)
        seen += bool(decision.held_units or decision.released)
    assert seen > 1000


# Freshness and stored evidence ---------------------------------------------------------------------------------


def test_fresh_evidence_of_the_earlier_shape_is_read(month, cast):
    month.work(21, CALL)
    close_march(cast)
    claim = Claim.objects.select_related("selection", "period", "practice").get(patient=cast.jane)
    old = claim.selection.evidence
    claim.selection.evidence = {
        "sessions": [{"id": s["id"], "seconds": s["seconds"]} for s in old["sessions"]],
        "contacts": old["contacts"],
        "left_out": old["left_out"],
    }
    claim.selection.digest = "0" * 64
    assert why_outdated(claim) is None
    assert proof_of(claim).counted_seconds == 1260


def test_fresh_after_the_next_month_is_closed_too(month, cast):
    month.work(21, CALL)
    close_march(cast)
    month.work(21, CALL, on=date(2026, 4, 2))
    close.start_close(cast.practice, date(2026, 4, 1), by=cast.cora, at=datetime(2026, 5, 4, 14, tzinfo=UTC))
    work()
    for claim in Claim.objects.filter(patient=cast.jane):
        assert why_outdated(claim) is None


def test_fresh_two_claims_of_one_patient(month, cast):
    """`outdated` of the same claim twice; `gather` of one patient twice."""
    month.work(21, CALL)
    close_march(cast)
    claims = list(Claim.objects.filter(patient=cast.jane).select_related("selection", "period", "practice"))
    assert outdated(claims + claims) == {}


def test_gather_of_a_patient_named_twice(month, cast):
    month.work(21, CALL)
    once = gather(cast.practice, MARCH, [cast.jane.pk])
    assert gather(cast.practice, MARCH, [cast.jane.pk, cast.jane.pk]) == once


def test_month_totals_of_a_patient_named_twice(month, cast):
    month.work(21, CALL)
    found = month_totals(cast.practice, MARCH, patient_ids=[cast.jane.pk, cast.jane.pk])
    assert found[cast.jane.pk].seconds == 1260


# Expected sound ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("anchor", [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 1)])
def test_windows_of_long_months(silent, cast, anchor):
    factories.readings(cast.jane, anchor, (date(2026, 4, 1) - anchor).days)
    found = silent.decided()
    lines = sorted(day for code, day, released in found.lines if code == "99454" and released)
    expected = {
        date(2026, 1, 30): [date(2026, 3, 30)],
        date(2026, 1, 31): [date(2026, 3, 1), date(2026, 3, 31)],
        date(2026, 2, 1): [date(2026, 3, 2)],
        date(2026, 3, 1): [date(2026, 3, 30)],
    }[anchor]
    assert lines == expected
    parse_facts(found.facts)


@pytest.mark.parametrize("policy", ["rolling_30", "calendar_month"])
def test_ends_of_every_day_and_reenrollment_parse(cast, policy):
    """Every end of the first episode, and a second one the same day or later: the facts are always valid ones."""
    from accounts.practice_policies import set_policy

    set_policy(cast.practice, key="device_window", value=policy, starts_on=date(2026, 1, 1), why="Test.")
    factories.readings(cast.jane, date(2026, 1, 25), 66)
    second = None
    for day in range(1, 31):
        end = date(2026, 3, 1) + timedelta(days=day)
        if second is not None:
            second.started_on = date(2026, 4, 5)
            second.save()
        ended(cast.jane_enrolled, end)
        if second is None:
            second = again(cast, date(2026, 4, 5))
        second.started_on = end + timedelta(days=day % 3)
        second.save()
        for which in (FEBRUARY, MARCH, date(2026, 4, 1)):
            found = Month(cast).decided(which)
            days = sorted(d for code, d, released in found.lines if released and code in ("99445", "99454"))
            assert len(days) == len(set(days))


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("America/Los_Angeles", (date(2026, 3, 8), date(2026, 4, 1))),
        ("Pacific/Honolulu", (date(2026, 3, 1), date(2026, 4, 1))),
        ("Pacific/Guam", (date(2026, 3, 1), date(2026, 4, 1))),
        ("Asia/Kathmandu", (date(2026, 3, 1), date(2026, 3, 15))),
        ("Asia/Beirut", (date(2026, 3, 29), date(2026, 3, 30))),  # no midnight on the 29th
        ("America/Havana", (date(2026, 3, 8), date(2026, 3, 9))),  # no midnight on the 8th
        ("Africa/Cairo", (date(2026, 3, 1), date(2026, 3, 31))),
    ],
)
@pytest.mark.parametrize("what", ["consent", "revoked", "visit", "order", "ended"])
def test_zones_the_counts_agree_around_odd_midnights(cast, zone, days, what):
    from foundation.months import midnight
    from patients.models import OfficeVisit

    cast.practice.time_zone = zone
    cast.practice.save()
    cast.jane.refresh_from_db()
    cast.rosa.refresh_from_db()
    for day in days:
        at = midnight(day, tz=cast.practice.tz) - timedelta(minutes=7, microseconds=333)
        signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=1260, **REVIEW)
        signed_session(cast.jane, by=cast.ana, starts_at=at + timedelta(minutes=20), seconds=1260, **REVIEW)
    on = days[0]
    if what == "consent":
        row = Consent.objects.get(patient=cast.jane)
        row.given_on = on
        row.save()
    elif what == "revoked":
        revoked(cast.jane, on)
    elif what == "visit":
        factories.saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=on))
    elif what == "order":
        row = Order.objects.get(enrollment=cast.jane_enrolled)
        row.signed_on = on
        row.save()
    else:
        ended(cast.jane_enrolled, on)
    for which in (FEBRUARY, MARCH, date(2026, 4, 1)):
        Month(cast).decided(which)


def test_consent_revoked_and_given_again_in_one_month(month, cast):
    month.work(11, CALL, on=date(2026, 3, 3))
    month.work(30, on=date(2026, 3, 10))
    month.work(11, CALL, on=date(2026, 3, 24))
    revoked(cast.jane, date(2026, 3, 5))
    factories.saved(
        Consent(practice=cast.practice, patient=cast.jane, given_on=date(2026, 3, 20), method="verbal",
                wording="2025-01", taken_by=cast.rosa)
    )  # fmt: skip
    found = month.decided()
    assert minutes(found) == 22
    assert ("99457", date(2026, 3, 31), True) in found.lines
    revoked(cast.jane, date(2026, 3, 28))
    assert ("99457", date(2026, 3, 27), True) in month.decided().lines


def test_set_up_once_over_months_closed_in_any_order(silent, cast):
    factories.readings(cast.jane, date(2026, 2, 20), 40)
    for which in (MARCH, FEBRUARY, date(2026, 1, 1)):
        close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        work()
    close.reopen(
        Claim.objects.get(period__month=FEBRUARY, patient=cast.jane).period,
        reason="Again.",
        by=cast.ade,
        at=APRIL_5,
    )
    close.start_close(cast.practice, FEBRUARY, by=cast.cora, at=APRIL_5)
    work()
    assert (
        ClaimLine.objects.filter(code="99453", released=True, standing=True, claim__patient=cast.jane).count()
        == 1
    )


def test_sessions_that_touch_at_a_microsecond_and_amendments(cast):
    at = datetime(2026, 3, 10, 14, 0, 0, 500_000, tzinfo=UTC)
    first = signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=600, **CALL)
    signed_session(cast.jane, by=cast.lena, starts_at=at + timedelta(seconds=600), seconds=600, **REVIEW)
    signed_session(
        cast.jane,
        by=cast.ana,
        starts_at=at + timedelta(seconds=599, microseconds=999_999),
        seconds=601,
        **REVIEW,
    )
    one = Month(cast)
    assert one.decided().facts["clinical_staff_seconds"] == 1200
    new = amend(
        first,
        note={**CALL, "action_detail": "Pressure is steady within goal; nothing to change today."},
        seconds=300,
        reason="Shorter.",
        by=cast.rosa,
        at=at + timedelta(days=1),
    )
    one.decided()
    void(new, reason="Wrong patient.", by=cast.rosa, at=at + timedelta(days=2))
    found = one.decided()
    assert (found.facts["clinical_staff_seconds"], found.facts["qhp_seconds"]) == (600, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
@pytest.mark.breaks_invariants
def test_set_up_once_though_two_months_close_at_once():
    """Two workers, two months of one patient: 99453 comes out of one of them."""
    cast = make_cast()
    factories.readings(cast.jane, date(2026, 2, 20), 40)
    for trial in range(5):
        for which in (FEBRUARY, MARCH):
            close.start_close(cast.practice, which, by=cast.cora, at=APRIL_5)
        ids = list(OutboxMessage.objects.filter(done_at=None, failed_at=None).values_list("id", flat=True))
        at_once([lambda i=i: outbox.deliver(i) for i in ids])
        work()
        rows = ClaimLine.objects.filter(code="99453", released=True, standing=True, claim__patient=cast.jane)
        if rows.count() > 1:  # at least neither can be approved as it stands
            assert all(why_outdated(claim) for claim in Claim.objects.filter(patient=cast.jane))
        assert rows.count() == 1, (trial, list(rows.values_list("claim__period__month", "service_on")))
        for period in Period.objects.all():
            close.reopen(period, reason="The next trial.", by=cast.ade, at=APRIL_5)
