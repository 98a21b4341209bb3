"""Two counts of every patient-month: they agree on whatever nurses do, and a planted fault holds the claim."""

import logging
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from accounts.practice_policies import set_policy
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.decisions.decide import decide
from billing.decisions.second_count import LADDER_SQL, dissent, second_counts
from billing.facts.gather import gather, gather_all
from billing.models import Claim, ClaimState, Hold
from billing.rules import parse_facts, rulesets, select_codes
from dispatch.models import Notice
from foundation.context import because
from foundation.refusals import Refused
from patients.models import OfficeVisit
from tests import factories
from tests.cast import make_cast
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example, work
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from tests.saved_rows import saved_or_made
from timelogs.models import CountedInterval, Status, TimeEntry
from timelogs.note import drafts
from timelogs.signing import shared_minutes

# Days around what a month can stumble over: its first, the change of the clock, its last.
DAYS = (date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 17), date(2026, 3, 31))
ZONE_MIDNIGHTS = {day: 5 if day < date(2026, 3, 8) else 4 for day in DAYS}


def a_call(seconds: int) -> dict:
    """A call that is no longer than its session."""
    return CALL | {"contact_seconds": min(CALL["contact_seconds"], seconds)}


@pytest.fixture(scope="module")
def saved(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return saved_or_made()


@pytest.fixture
def busy(db, saved):
    """A hundred sessions take ten seconds to sign, so they are signed once for all these tests, which only read."""
    return saved.made_by(lambda: make_busy(make_cast()))


def make_busy(cast):
    """Ten patients whose sessions overlap one another's, cross midnights and meet every reason not to count."""
    random = Random(14)
    for number in range(10):
        patient = factories.patient(
            cast.practice, f"Busy{number}", "Ann", mrn=f"T-2{number:03}", born_on=date(1950, 1, 1)
        )
        episode = factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        for day in DAYS:
            _sessions(random, cast, patient, day, hour=number * 2)
        if number % 3 == 1:
            consent = patient.consents.get()
            consent.revoked_on, consent.revoke_reason = date(2026, 3, 17), "Moved away."
            consent.save()
        if number % 3 == 2:
            episode.ended_on, episode.end_reason = date(2026, 3, 18), "Goals met."
            episode.save()
        if number % 2:
            factories.saved(
                OfficeVisit(practice=cast.practice, patient=patient, visited_on=random.choice(DAYS))
            )
    _let_some_count_both(random, cast)
    return cast


def _let_some_count_both(random: Random, cast) -> None:
    """Of the sessions with minutes of two, about every third, by somebody who worked in none."""
    since = date(2026, 1, 1)
    set_policy(
        cast.practice, key="concurrent_time", value="reviewed", starts_on=since, why="Nurses work apart."
    )
    reviewer = factories.membership(cast.practice, "Rita Lead", "lead_nurse", "RN", email="rita@example.test")
    for entry in TimeEntry.objects.filter(status=Status.SIGNED).order_by("started_at", "pk"):
        at = entry.signed_at + timedelta(minutes=1)
        if random.random() < 0.3 and shared_minutes.why_not_let(entry, by=reviewer, at=at) is None:
            others = {each.pk for each in shared_minutes.undecided(entry)}
            shared_minutes.let_both_count(
                entry, others=others, reason="Each worked apart.", by=reviewer, at=at
            )


def _sessions(random: Random, cast, patient, day: date, *, hour: int) -> None:
    start = datetime.combine(day, datetime.min.time(), UTC) + timedelta(hours=hour + ZONE_MIDNIGHTS[day])
    for person in random.sample([cast.rosa, cast.lena, cast.ana], random.choice((1, 2, 2, 3))):
        begins = start + timedelta(
            seconds=random.randrange(-600, 1200), microseconds=random.randrange(1_000_000)
        )
        seconds = random.choice((60, 299, 600, 601, 1200, 1801))
        kind = random.random()
        if kind < 0.1:
            drafts.log_past(
                patient,
                starts_at=begins,
                seconds=seconds,
                reason="Later.",
                by=person,
                at=begins + timedelta(hours=1),
            )
            continue
        note = NO_ANSWER if kind < 0.2 else a_call(seconds) if kind < 0.6 else REVIEW
        late = timedelta(days=30) if kind > 0.9 else timedelta(0)
        # Overlaps of one person with themselves are refused, and that is right.
        try:
            signed_session(
                patient,
                by=person,
                starts_at=begins,
                seconds=seconds,
                at=begins + timedelta(hours=1) + late,
                **note,
            )
        except Refused:
            continue


@pytest.mark.parametrize("month", [date(2026, 2, 1), MARCH, date(2026, 4, 1)])
def test_the_two_counts_agree_whatever_nurses_do(busy, month):
    found = list(gather_all(busy.practice, month))
    counts = second_counts(busy.practice, month, [g.patient_id for g in found])
    reasons = Counter()
    for gathered in found:
        decided = decide(gathered, counts[gathered.patient_id])
        assert decided.agreed, decided.evidence["dissent"]
        reasons.update(row["why"] for row in gathered.records.left_out)
        assert decide(gathered).digest == decided.digest
    if month == MARCH:
        assert {
            "not-signed",
            "concurrent",
            "before-consent",
            "not-enrolled",
            "same-day-visit",
            "needs-approval",
        } <= set(reasons)
        assert sum(counts[g.patient_id].qhp_seconds > 0 for g in found) > 3
        assert sum("both-count" in g.notes for g in found) > 3


def test_every_second_is_counted_or_left_out_for_a_reason(busy):
    from timelogs.counting.totals import month_totals

    for total in month_totals(busy.practice, MARCH).values():
        for share in total.by_entry:
            inside = _inside_march(busy.practice, share.entry)
            left_out = sum(seconds for seconds, _, _ in share.not_counted)
            # Each reason's seconds are cut by themselves.
            assert 0 <= inside - share.counted_seconds - left_out <= 1 + len(share.not_counted)


def _inside_march(practice, entry) -> int:
    starts_at = datetime(2026, 3, 1, tzinfo=practice.tz)
    ends_at = datetime(2026, 4, 1, tzinfo=practice.tz)
    spans = [
        (max(s.during.lower, starts_at), min(s.during.upper, ends_at))
        for s in entry.segments.filter(standing=True)
    ]
    return int(sum((end - start).total_seconds() for start, end in spans if start < end))


def test_streaming_a_practice_asks_as_often_as_for_one_patient(busy, django_assert_max_num_queries):
    ids = [g.patient_id for g in gather_all(busy.practice, MARCH)]
    with django_assert_max_num_queries(40) as of_one:
        gather(busy.practice, MARCH, ids[:1])
    with django_assert_max_num_queries(40) as of_all:
        streamed = list(gather_all(busy.practice, MARCH))
    # One more: who they are.
    assert len(of_all) == len(of_one) + 1
    assert streamed == list(gather(busy.practice, MARCH, ids).values())
    assert [g.patient_id for g in streamed] == sorted(ids)


# Planted faults ----------------------------------------------------------------------------------------------


def lose_an_interval(cast) -> CountedInterval:
    """As a faulty recount would: a signed session that no longer counts."""
    interval = CountedInterval.objects.filter(patient=cast.jane, standing=True).order_by("during").last()
    CountedInterval.objects.filter(pk=interval.pk).update(standing=False, stood_until=timezone.now())
    return interval


@pytest.mark.breaks_invariants
def test_a_lost_interval_holds_the_claim_and_sounds_the_alarm(cast, caplog):
    guides_example(cast)
    lose_an_interval(cast)
    with caplog.at_level(logging.ERROR, logger="billing.decisions.second_count"):
        close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    assert claim.state == ClaimState.ATTENTION
    hold = Hold.objects.get(claim=claim, slug="second-count")
    assert (hold.code, hold.lifted_at) == ("", None)
    with pytest.raises(Refused, match="Two independent counts"):
        claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    told = set(Notice.objects.filter(kind="second-count").values_list("recipient__email", flat=True))
    assert told == {cast.cora.user.email, cast.ade.user.email}
    assert "Doe" not in caplog.text
    assert str(cast.jane.pk) in caplog.text
    assert "900 and 1320" in str(claim.selection.evidence["dissent"])


@pytest.mark.breaks_invariants
def test_put_right_and_decided_again_the_claim_is_free(cast):
    guides_example(cast)
    interval = lose_an_interval(cast)
    close_march(cast)
    CountedInterval.objects.filter(pk=interval.pk).update(standing=True, stood_until=None)
    period = Claim.objects.get(patient=cast.jane).period
    with because("Counted again"):
        close.reopen(period, reason="A session was missing from the count.", by=cast.ade, at=APRIL_5)
    close_march(cast, at=APRIL_5 + timedelta(hours=1))
    claim = Claim.objects.get(patient=cast.jane)
    assert claim.state == ClaimState.READY
    assert Hold.objects.get(claim=claim, slug="second-count").lifted_at is not None
    assert claim.selection.evidence["dissent"] == []


@pytest.mark.breaks_invariants
def test_an_approved_claim_on_which_the_counts_part_goes_back_to_review(cast):
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    close.reopen(claim.period, reason="Looking again.", by=cast.ade, at=APRIL_5)
    lose_an_interval(cast)
    close_march(cast, at=APRIL_5 + timedelta(hours=1))
    claim.refresh_from_db()
    assert (claim.state, claim.approved_by) == (ClaimState.ATTENTION, None)


def test_without_time_the_two_counts_are_silent(cast):
    close_march(cast)
    assert not Hold.objects.filter(slug="second-count").exists()
    assert work() == 0


@pytest.mark.parametrize("leaves", [False, True])
def test_a_day_whose_midnight_comes_twice_begins_at_the_first(cast, leaves):
    """Havana, 1 November 2026: the hour from midnight comes twice. Who is enrolled that day counts in both."""
    cast.practice.time_zone = "America/Havana"
    factories.saved(cast.practice)
    november, first_midnight = date(2026, 11, 1), datetime(2026, 11, 1, 4, tzinfo=UTC)
    patient = factories.patient(cast.practice, "Twice", "Ann", mrn="T-4001", born_on=date(1950, 1, 1))
    since = date(2026, 10, 1) if leaves else november
    episode = factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa, started_on=since)
    begins = first_midnight - timedelta(minutes=5) if leaves else first_midnight
    signed_session(patient, by=cast.rosa, starts_at=begins, seconds=3600, **REVIEW)
    if leaves:
        episode.ended_on, episode.end_reason = november, "Goals met."
        episode.save()
    for month in (date(2026, 10, 1), november):
        facts = gather(cast.practice, month, [patient.pk])[patient.pk].facts
        expected = {True: {10: 300, 11: 0}, False: {10: 0, 11: 3600}}[leaves][month.month]
        assert facts["clinical_staff_seconds"] == expected
        assert second_counts(cast.practice, month, [patient.pk])[patient.pk].staff_seconds == expected


# The ladder ---------------------------------------------------------------------------------------------------

SWEEP = """WITH totals AS (
    SELECT lpad(second::text, 32, '0')::uuid AS patient_id, second AS whole, second AS staff
    FROM generate_series(0, 7200) AS second
), """


def test_the_second_ladder_agrees_at_every_second_of_two_hours_under_every_rule_set():
    for ruleset in rulesets():
        for month in {ruleset.effective_from, ruleset.effective_to.replace(day=1)}:
            with connection.cursor() as cursor:
                cursor.execute(SWEEP + LADDER_SQL, {"month": month})
                rows = {UUID(int=0) if row[0] is None else row[0]: row for row in cursor.fetchall()}
            assert len(rows) == 7201
            for seconds in range(0, 7201):
                *_, base, units = rows[UUID(f"{seconds:032d}")]
                assert (base, units) == _by_the_rules(seconds, month, ruleset), (seconds, month)


def _by_the_rules(seconds: int, month: date, ruleset) -> tuple[str | None, int]:
    facts = parse_facts({"month": f"{month:%Y-%m}", "clinical_staff_seconds": seconds})
    held = select_codes(facts, ruleset).held_units
    base = next((code for code in ("99470", "99457") if code in held), None)
    return base, held.get("99458", 0)


@pytest.mark.parametrize("fault", [{"clinical_staff_seconds": 1319}, {"qhp_seconds": 1}])
def test_a_fault_of_one_second_is_dissent(cast, fault):
    guides_example(cast)
    counts = second_counts(cast.practice, MARCH, [cast.jane.pk])
    facts = gather(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk].facts
    right = parse_facts(facts)
    (ruleset,) = [r for r in rulesets() if r.id.endswith("2026-01")]
    assert dissent(right, select_codes(right, ruleset), counts[cast.jane.pk]) == []
    wrong = parse_facts(facts | fault)
    assert dissent(wrong, select_codes(wrong, ruleset), counts[cast.jane.pk])
    decision = select_codes(parse_facts(facts | {"clinical_staff_seconds": 1199}), ruleset)
    assert dissent(right, decision, counts[cast.jane.pk]) == ["management codes: 99470 × 1 and 99457 × 1"]
