"""A record with minutes, readings and claims: what must be settled before it is merged; nothing of it moves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from billing.claims import acts
from billing.claims.duties import note_release
from billing.claims.staleness import outdated
from billing.close import acts as close
from billing.models import Claim, ClaimLine, CodeSelection
from foundation.months import month_of
from foundation.refusals import Refused
from patients import merging
from patients.merges import MergedRecord
from tests import factories
from tests.integration.billing.months import APRIL_5, close_march, guides_example, minutes_of, work
from tests.integration.patients.merged import merged, second_jane, settle
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.clock import acts as clock
from timelogs.counting.totals import month_totals
from timelogs.models import CountedInterval, TimeEntry, TimeSegment
from timelogs.note import drafts
from timelogs.signing.void import void

MAY_5 = datetime(2026, 5, 5, 14, tzinfo=UTC)


def points(patient) -> list[str]:
    return [point.words for point in merging.unsettled(patient, at=timezone.now())]


def released(cast) -> Claim:
    """Jane's March, and the rest of her readings in April: closed, approved, exported. March's claim."""
    guides_example(cast)
    close_march(cast)
    close.start_close(cast.practice, date(2026, 4, 1), by=cast.cora, at=MAY_5)
    work()
    claims = list(cast.jane.claims.order_by("period__month"))
    for claim in claims:
        claim = acts.approve(claim, version=claim.version, by=cast.cora, at=MAY_5)
        note_release([claim], by=cast.cora, at=MAY_5 + timedelta(hours=1))
    return claims[0]


def figures(cast, *patients) -> dict:
    """Every counted second, decision and claim of these patients, and their totals of each month of the year."""
    ids = [patient.pk for patient in patients]
    months = [date(2026, number, 1) for number in range(1, 13)]
    rows = {
        model: list(model.objects.filter(**{f"{of}__in": ids}).order_by("pk").values())
        for model, of in [
            (CountedInterval, "patient"),
            (TimeEntry, "patient"),
            (TimeSegment, "entry__patient"),
            (Claim, "patient"),
            (ClaimLine, "claim__patient"),
            (CodeSelection, "patient"),
        ]
    }
    return rows | {month: month_totals(cast.practice, month, patient_ids=ids) for month in months}


def test_totals_decisions_and_claims_are_the_same_before_merged_and_undone(cast):
    claim = released(cast)
    settle(cast, cast.jane)
    twin = second_jane(cast)
    before = figures(cast, cast.jane, twin)
    assert before[CountedInterval]
    row = merged(cast.jane, twin, by=cast.ade, take=("family_name", "coverage"))
    assert figures(cast, cast.jane, twin) == before
    assert outdated([claim]) == {}
    merging.undo(row, reason="Her sister.", by=cast.ade, at=timezone.now())
    assert figures(cast, cast.jane, twin) == before


def test_a_month_that_is_not_closed_and_a_claim_that_is_not_exported_are_named(cast):
    guides_example(cast)
    settle(cast, cast.jane)
    assert [words.split(":")[0] for words in points(cast.jane)] == [
        "4 signed sessions of March 2026 count on it, and that month is not closed",
        "February 2026 is not closed, and would come to 99453 on it",
        "March 2026 is not closed, and would come to 99454, 99457 on it",
        "April 2026 is not closed, and would come to 99445 on it",
    ]


def test_a_claim_holds_the_merge_until_it_is_exported_after_its_approval(cast):
    guides_example(cast)
    close_march(cast)
    claim = cast.jane.claims.get()

    def named():
        return [words for words in points(cast.jane) if words.startswith(f"Claim {claim.number}")]

    assert "not exported" in named()[0]
    told = [point.told(cast.lena) for point in merging.unsettled(cast.jane, at=timezone.now())]
    assert ("A biller has to settle March 2026 first", "") in [(point.words, point.url) for point in told]
    assert not any(claim.number in point.words for point in told)
    claim = acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    assert named()
    note_release([claim], by=cast.cora, at=APRIL_5 - timedelta(seconds=1))
    assert named()
    note_release([claim], by=cast.cora, at=APRIL_5)
    assert not named()
    claim = acts.hold(claim, reason="Wait.", version=claim.version, by=cast.cora, at=APRIL_5)
    assert "blocks" not in named()[0]  # what was sent stays as it was sent


def test_minutes_of_an_open_month_are_voided_and_logged_on_the_record_that_remains(cast):
    """The honest way: nobody moves another's signed minutes."""
    now = timezone.now()
    start = now - timedelta(hours=3)
    entry = signed_session(cast.jane, by=cast.rosa, starts_at=start, seconds=600, **CALL)
    settle(cast, cast.jane)
    assert any("void" in words and "Log past session" in words for words in points(cast.jane))
    void(entry, reason="Logged on her other record.", by=cast.rosa, at=now)
    again = signed_session(cast.max, by=cast.rosa, starts_at=start, seconds=600, at=now, **CALL)
    month = month_of(now, tz=cast.practice.tz)
    before = month_totals(cast.practice, month, patient_ids=[cast.jane.pk, cast.max.pk])
    assert (before[cast.jane.pk].seconds, before[cast.max.pk].seconds) == (0, again.seconds_signed)
    assert points(cast.jane) == []
    merged(cast.jane, cast.max, by=cast.ade)
    assert month_totals(cast.practice, month, patient_ids=[cast.jane.pk, cast.max.pk]) == before


def test_a_draft_with_its_clock_is_named_with_its_author(cast):
    clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    assert any("A draft of Rosa Nguyen, RN" in words for words in points(cast.jane))


def test_no_time_is_logged_or_voided_on_a_merged_record(cast):
    released(cast)
    settle(cast, cast.jane)
    merged(cast.jane, cast.max, by=cast.ade)
    entry = TimeEntry.objects.filter(patient=cast.jane).first()
    past = datetime(2026, 5, 4, 15, tzinfo=UTC)
    with pytest.raises((MergedRecord, Refused)):
        clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    with pytest.raises(MergedRecord):
        drafts.log_past(cast.jane, starts_at=past, seconds=600, reason="r", by=cast.rosa, at=timezone.now())
    with pytest.raises(Refused):
        void(entry, reason="r", by=cast.rosa, at=timezone.now())
    with pytest.raises(MergedRecord):
        factories.readings(cast.jane, date(2026, 3, 30), 1)


def test_a_month_that_was_billed_on_both_is_shown(cast):
    factories.readings(cast.max, date(2026, 2, 10), 30)
    minutes_of(cast.max, cast.luis, 1200)
    released(cast)
    settle(cast, cast.jane)

    def shown():
        return [point.words.split(".")[0] for point in merging.together(cast.jane, cast.max)]

    assert shown() == ["March 2026 was billed on it"]
    claim = cast.max.claims.get(period__month=date(2026, 3, 1))
    note_release([acts.approve(claim, version=claim.version, by=cast.cora, at=MAY_5)], by=cast.cora, at=MAY_5)
    assert shown() == ["March 2026 was billed on both records"]
    merged(cast.jane, cast.max, by=cast.ade)
