"""Closing a month: once, from wherever, across crashes; and re-opening it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing import rules
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.close import runs
from billing.models import Claim, ClaimLine, ClaimState, CloseRun, CodeSelection, Hold, RunState
from billing.tasks import close_if_due
from dispatch import outbox
from dispatch.models import Notice, OutboxMessage
from foundation.context import acting
from foundation.refusals import Refused
from patients.models import Consent, Coverage, Enrollment
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example, work
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.models import Period, PeriodState
from timelogs.signing.void import void


def claim_of(patient) -> Claim:
    return Claim.objects.get(patient=patient)


def lines(claim) -> dict:
    rows = ClaimLine.objects.filter(claim=claim, standing=True)
    return {(line.code, line.released): (line.units, line.service_on) for line in rows}


def test_the_guides_example_closes_as_99457_once(cast):
    guides_example(cast)
    run = close_march(cast)
    claim = claim_of(cast.jane)
    assert (run.state, run.done, run.total) == (RunState.DONE, 2, 2)
    assert lines(claim)["99457", True] == (1, date(2026, 3, 31))
    assert lines(claim)["99454", True] == (1, date(2026, 3, 11))
    assert claim.state == ClaimState.READY
    assert claim.number == "RPM-202603-000001" or claim.number == "RPM-202603-000002"


def test_without_the_calls_it_is_held_for_lack_of_a_live_contact(cast):
    guides_example(cast, calls=False)
    close_march(cast)
    claim = claim_of(cast.jane)
    assert ("99457", True) not in lines(claim)
    assert lines(claim)["99457", False] == (1, date(2026, 3, 31))
    assert claim.state == ClaimState.ATTENTION
    assert list(Hold.objects.filter(claim=claim).values_list("code", "slug")) == [
        ("99457", "no-live-contact")
    ]


def test_a_patient_without_anything_has_nothing_to_bill(cast):
    factories.saved(Period(practice=cast.practice, month=MARCH))
    close_march(cast)
    # The set-up was done in November and is still to be billed: held, for there were no readings.
    assert claim_of(cast.max).state == ClaimState.ATTENTION
    assert set(lines(claim_of(cast.max))) == {("99453", False)}


def test_a_stored_decision_re_derives_from_its_facts_byte_for_byte(cast):
    guides_example(cast)
    close_march(cast)
    for selection in CodeSelection.objects.all():
        facts = rules.parse_facts(selection.facts)
        again = rules.select_codes(facts, rules.ruleset_for(facts.month))
        assert rules.decision_json(again) == rules.canonical(selection.decision)


def test_a_month_that_is_not_over_cannot_be_closed(cast):
    with pytest.raises(Refused, match=r"March 2026 is not over yet. It can be closed from 01-Apr-2026"):
        close.start_close(cast.practice, MARCH, by=cast.cora, at=datetime(2026, 4, 1, 3, 59, tzinfo=UTC))
    assert not CloseRun.objects.exists()


def test_the_month_is_over_when_it_is_over_where_the_practice_is(cast):
    assert close.start_close(cast.practice, MARCH, by=cast.cora, at=datetime(2026, 4, 1, 4, 0, tzinfo=UTC))


def test_clicking_twice_joins_the_running_close(cast):
    first = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    assert close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5) == first
    assert OutboxMessage.objects.filter(topic="billing.close_chunk").count() == 1


def test_closing_a_closed_month_changes_nothing(cast):
    guides_example(cast)
    run = close_march(cast)
    before = (
        list(Claim.objects.values()),
        ClaimLine.objects.count(),
        CodeSelection.objects.count(),
        Claim.history.count(),
    )
    assert close_march(cast) == run
    assert before == (
        list(Claim.objects.values()),
        ClaimLine.objects.count(),
        CodeSelection.objects.count(),
        Claim.history.count(),
    )


def test_re_closing_a_reopened_month_without_a_change_writes_no_new_decision(cast):
    guides_example(cast)
    close_march(cast)
    close.reopen(Period.objects.get(), reason="A late call is missing.", by=cast.ade, at=APRIL_5)
    second = close_march(cast, at=APRIL_5 + timedelta(hours=1))
    assert (second.number, second.state, second.sent_back) == (2, RunState.DONE, 0)
    assert CodeSelection.objects.count() == 2
    assert all(claim.version == 1 for claim in Claim.objects.all())


def test_while_it_is_closing_and_closed_no_time_can_be_signed(cast):
    close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    with pytest.raises(Refused, match="March 2026 is closing"):
        signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **CALL)
    work()
    with pytest.raises(Refused, match="March 2026 is closed"):
        signed_session(cast.jane, by=cast.luis, starts_at=NINE, seconds=600, **CALL)


def test_a_crash_between_chunks_loses_nothing_and_doubles_nothing(cast, monkeypatch):
    guides_example(cast)
    monkeypatch.setattr(close, "CHUNK", 1)
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    first = OutboxMessage.objects.get(topic="billing.close_chunk")
    outbox.deliver(first.pk)
    run.refresh_from_db()
    assert (run.done, run.state) == (1, RunState.RUNNING)
    monkeypatch.setattr(close, "decide_patients", _dies)
    second = OutboxMessage.objects.get(topic="billing.close_chunk", done_at=None)
    with pytest.raises(RuntimeError):
        outbox.deliver(second.pk)
    run.refresh_from_db()
    assert (run.done, Claim.objects.count()) == (1, 1)
    monkeypatch.undo()
    work()
    run.refresh_from_db()
    assert (run.done, run.state, Claim.objects.count()) == (2, RunState.DONE, 2)


def _dies(*args, **kwargs):
    raise RuntimeError


def test_a_chunk_delivered_twice_decides_nobody_twice(cast):
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    for _ in range(2):
        close.work_chunk(cast.practice, run.pk, at=APRIL_5)
    assert Claim.objects.count() == 2
    assert CodeSelection.objects.count() == 2


def test_a_close_whose_work_was_set_aside_goes_on_when_asked_again(cast):
    run = close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)
    OutboxMessage.objects.update(failed_at=APRIL_5)
    assert runs.stalled(run)
    assert close_march(cast) == run
    run.refresh_from_db()
    assert run.state == RunState.DONE
    OutboxMessage.objects.filter(failed_at__isnull=False).update(done_at=APRIL_5)


def test_reopening_needs_a_closed_month(cast):
    period = factories.saved(Period(practice=cast.practice, month=MARCH))
    with pytest.raises(Refused, match="nothing to re-open"):
        close.reopen(period, reason="A late call.", by=cast.ade, at=APRIL_5)


def test_an_approved_claim_whose_outcome_changed_goes_back_to_review_and_says_so(cast):
    _, call, *_ = guides_example(cast)
    close_march(cast)
    claim = claim_of(cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    close.reopen(Period.objects.get(), reason="A session was logged twice.", by=cast.ade, at=APRIL_5)
    void(call, reason="Logged twice.", by=cast.rosa, at=APRIL_5)
    run = close_march(cast, at=APRIL_5 + timedelta(hours=2))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_at, run.sent_back) == (ClaimState.READY, None, 1)
    assert claim.sent_back_at is not None
    assert lines(claim)["99470", True] == (1, date(2026, 3, 31))
    assert ("99457", True) not in lines(claim)
    assert claim.selection.supersedes.decision["released"]["99457"] == 1
    assert "1 approved went back to review" in Notice.objects.filter(cause=f"close:{run.pk}").get().text


def test_an_approved_claim_that_comes_out_the_same_stays_approved(cast):
    guides_example(cast)
    close_march(cast)
    claim = claim_of(cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    close.reopen(Period.objects.get(), reason="Another review was forgotten.", by=cast.ade, at=APRIL_5)
    late = dict(REVIEW, late_reason="Forgotten at the time.")
    signed_session(
        cast.jane,
        by=cast.rosa,
        starts_at=datetime(2026, 3, 31, 20, tzinfo=UTC),
        seconds=60,
        at=APRIL_5,
        **late,
    )
    close_march(cast, at=APRIL_5 + timedelta(hours=2))
    claim.refresh_from_db()
    assert claim.state == ClaimState.APPROVED
    assert claim.selection.facts["clinical_staff_seconds"] == 1380
    assert CodeSelection.objects.filter(patient=cast.jane).count() == 2


def test_an_approved_claim_whose_day_of_service_moved_goes_back_to_review(cast):
    guides_example(cast)
    close_march(cast)
    claim = claim_of(cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    close.reopen(Period.objects.get(), reason="A hub sent its readings late.", by=cast.ade, at=APRIL_5)
    factories.readings(cast.jane, date(2026, 2, 9), 1)
    run = close_march(cast, at=APRIL_5 + timedelta(hours=2))
    claim.refresh_from_db()
    assert (claim.state, run.sent_back) == (ClaimState.READY, 1)
    assert lines(claim)["99454", True] == (1, date(2026, 3, 10))


def test_a_rules_hold_is_lifted_when_its_cause_is_cured(cast):
    guides_example(cast)
    consent = Consent.objects.get(patient=cast.jane)
    given = consent.given_on
    consent.given_on = date(2026, 4, 1)
    consent.save()
    close_march(cast)
    claim = claim_of(cast.jane)
    assert claim.state == ClaimState.ATTENTION
    consent.given_on = given
    consent.save()
    close.reopen(Period.objects.get(), reason="The consent had the wrong date.", by=cast.ade, at=APRIL_5)
    close_march(cast, at=APRIL_5 + timedelta(hours=1))
    claim.refresh_from_db()
    assert claim.state == ClaimState.READY
    assert set(Hold.objects.filter(claim=claim).values_list("lifted_reason", flat=True)) == {
        "The month was decided again."
    }


def test_no_coverage_on_the_last_day_holds_the_whole_claim(cast):
    guides_example(cast)
    coverage = Coverage.objects.get(patient=cast.jane)
    coverage.ends_on = date(2026, 3, 31)
    coverage.save()
    close_march(cast)
    claim = claim_of(cast.jane)
    assert (claim.state, claim.payer) == (ClaimState.ATTENTION, "none")
    with pytest.raises(Refused, match="No coverage in effect"):
        claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)


def test_set_up_is_billed_once_in_an_episode(cast):
    guides_example(cast)
    close_march(cast)
    assert ("99453", True) in lines(claim_of(cast.jane))
    april = close.start_close(
        cast.practice, date(2026, 4, 1), by=cast.cora, at=datetime(2026, 5, 1, 12, tzinfo=UTC)
    )
    work()
    claim = Claim.objects.get(patient=cast.jane, period=april.period)
    assert not claim.lines.filter(code="99453").exists()


def test_somebody_who_left_before_the_month_is_not_decided(cast):
    episode = Enrollment.objects.get(patient=cast.max)
    episode.ended_on, episode.end_reason = date(2026, 3, 1), "Goals met."
    episode.save()
    assert close_march(cast).done == 1


def test_the_schedule_closes_on_the_practices_day_and_only_once(cast):
    close_if_due(cast.practice, at=datetime(2026, 4, 5, 3, 59, tzinfo=UTC))
    assert not CloseRun.objects.exists()
    for _ in range(2):
        close_if_due(cast.practice, at=datetime(2026, 4, 5, 4, 0, tzinfo=UTC))
    work()
    assert CloseRun.objects.count() == 1
    assert Period.objects.get().state == PeriodState.CLOSED


def test_the_schedule_leaves_a_reopened_month_to_people(cast):
    close_march(cast)
    close.reopen(Period.objects.get(), reason="A late call is missing.", by=cast.ade, at=APRIL_5)
    close_if_due(cast.practice, at=APRIL_5)
    assert Period.objects.get().state == PeriodState.REOPENED


def test_the_billers_are_told_what_came_out(cast):
    guides_example(cast)
    run = close_march(cast)
    notice = Notice.objects.get(cause=f"close:{run.pk}")
    assert notice.recipient_id == cast.cora.user_id
    assert notice.text == "March 2026 is closed: 1 ready to review, 1 needs attention."


def test_every_row_of_a_close_by_schedule_says_so(cast):
    with acting("system: close by schedule"):
        close.start_close(cast.practice, MARCH, by=None, at=APRIL_5)
    line = Period.history.latest()
    assert (line.actor_label, line.history_change_reason) == (
        "system: close by schedule",
        "Close of March 2026, by schedule",
    )
    work()
