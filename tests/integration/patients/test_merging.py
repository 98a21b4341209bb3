"""Merging two records of one person, and undoing it: what is asked, what is written, what stays exactly as it was."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from foundation.refusals import Refused, StaleRow
from patients import merges, merging, selectors, services
from patients.comparing import FIELDS, compare
from patients.merges import MergedRecord
from patients.models import Consent, Coverage, Enrollment, Merge, Patient, TwoPeople
from patients.services import ConsentGiven, PayerGiven
from tests import factories
from tests.factories import saved
from tests.integration.patients.merged import WHY, merged, second_jane, settle

ALL = ("family_name", "phone", "language", "coverage")


@pytest.fixture
def twin(cast):
    return second_jane(cast)


def again(row):
    return type(row).objects.get(pk=row.pk)


def photograph(patient: Patient) -> list:
    """Every row of the record, with its version."""
    rows = [again(patient), *Coverage.objects.filter(patient=patient).order_by("pk")]
    return [
        {name: value for name, value in vars(row).items() if name not in {"_state", "version"}}
        for row in rows
    ]


def test_what_differs_is_asked_and_nothing_is_chosen_where_both_say_something(cast, twin):
    lines = {line.name: line for line in compare(twin, cast.jane, at=timezone.now())}
    assert {name for name, line in lines.items() if line.asked} == set(ALL)
    assert {lines["family_name"].usual, lines["coverage"].usual} == {""}
    # Jane's own record has neither.
    assert {lines["phone"].usual, lines["language"].usual} == {"take"}


def test_a_phone_written_otherwise_is_the_same(cast, twin):
    cast.jane.phone = "(207) 555-0147"
    cast.jane.save()
    assert not _line("phone", twin, cast.jane).asked


def _line(name, *records):
    return next(line for line in compare(*records, at=timezone.now()) if line.name == name)


def test_a_difference_that_nobody_decided_refuses_the_merge(cast, twin):
    at = timezone.now()
    with pytest.raises(Refused, match="Choose what the remaining record says: Phone") as refusal:
        merging.merge(
            twin,
            cast.jane,
            choices={"family_name": "keep", "language": "keep", "coverage": "keep"},
            seen=merging.mark(twin, cast.jane, at=at),
            reason=WHY,
            by=cast.ade,
            at=at,
        )
    assert refusal.value.field == "phone"
    assert not Merge.objects.exists()


def test_what_was_chosen_is_written_as_new_versions_with_the_merge_as_its_reason(cast, twin):
    row = merged(twin, cast.jane, by=cast.ade, take=("phone", "coverage"))
    jane = again(cast.jane)
    assert (jane.phone, jane.language, jane.family_name, jane.mrn) == ("207 555 0147", "", "Doe", "T-0001")
    assert jane.history.first().history_change_reason == f"MRN T-0009 merged into MRN T-0001: {WHY}"
    today = cast.practice.today()
    assert selectors.coverage_on(jane, today).payer == "commercial"
    assert selectors.coverage_on(jane, today - timedelta(days=1)).payer == "medicare"
    assert [taken["name"] for taken in row.taken] == ["phone", "coverage"]
    assert again(twin).version == twin.version


def test_undone_everything_is_as_it_was(cast, twin):
    before = photograph(cast.jane), photograph(twin)
    row = merged(twin, cast.jane, by=cast.ade, take=("family_name", "phone", "language"))
    merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    assert (photograph(cast.jane), photograph(twin)) == before
    assert again(row).kept == []


def test_undone_the_coverage_that_was_taken_over_is_hers_of_before(cast, twin):
    row = merged(twin, cast.jane, by=cast.ade, take=("coverage",))
    merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    covered = selectors.coverage_on(again(cast.jane), cast.practice.today())
    assert (covered.payer, covered.plan_name, covered.member_id) == ("medicare", "Medicare B", "1EG4TE5MK73")
    assert again(row).kept == []


def test_undone_a_coverage_where_there_was_none_ends_and_the_days_it_held_are_named(cast, twin):
    bare = factories.patient(cast.practice, "Dow", "Janet", mrn="T-0010", born_on=date(1948, 5, 12))
    row = merged(twin, bare, by=cast.ade, take=("coverage",))
    today = cast.practice.today()
    assert selectors.coverage_on(bare, today).payer == "commercial"
    assert selectors.coverage_on(bare, today - timedelta(days=1)) is None
    later = timezone.now() + timedelta(days=3)
    done = merging.undo(row, reason="Her sister.", by=cast.lena, at=later)
    assert selectors.coverage_on(bare, cast.practice.today(later)) is None
    days = f"Coverage {today:%-d %b %Y} to {today + timedelta(days=2):%-d %b %Y}"
    assert done.kept == [{"name": "coverage", "text": days}]
    assert days in merging.undo_in_words(done)


def ending(coverage, ends_on):
    coverage.ends_on = ends_on
    coverage.save()
    return coverage


def test_a_coverage_that_is_taken_over_ends_when_it_was_to_end_and_back_again(cast, twin):
    today = cast.practice.today()
    ending(Coverage.objects.get(patient=twin), today + timedelta(days=9))
    row = merged(twin, cast.jane, by=cast.ade, take=("coverage",))
    days = [today + timedelta(days=offset) for offset in (8, 9)]
    assert [bool(selectors.coverage_on(cast.jane, day)) for day in days] == [True, False]
    merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    assert [selectors.coverage_on(cast.jane, day).payer for day in days] == ["medicare", "medicare"]
    assert again(row).kept == []


def test_later_coverages_are_shown_and_one_that_is_in_the_way_is_said_at_the_choice(cast, twin):
    today = cast.practice.today()
    day = today + timedelta(days=30)
    sign = {"by": cast.rosa, "at": timezone.now()}
    services.change_coverage(cast.jane, PayerGiven(payer="medicaid", member_id="W7", starts_on=day), **sign)
    assert f"from {day:%d-%b-%Y}: " in _line("coverage", twin, cast.jane).remaining
    with pytest.raises(Refused, match="A later coverage is already recorded") as refusal:
        merged(twin, cast.jane, by=cast.ade, take=("coverage",))
    assert refusal.value.field == "coverage"
    merged(twin, cast.jane, by=cast.ade)


def test_a_row_is_not_moved_out_of_a_merged_record(cast, twin):
    """Around every act, by SQL."""
    row = merged(twin, cast.jane, by=cast.ade)
    for sql in (
        "UPDATE patients_coverage SET patient_id = %(jane)s WHERE patient_id = %(twin)s",
        "UPDATE patients_coverage SET patient_id = %(twin)s WHERE patient_id = %(jane)s",
    ):
        with (
            pytest.raises(DatabaseError, match="was merged"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, {"jane": cast.jane.pk, "twin": twin.pk})
    merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())


def test_who_enrolls_the_name_of_a_merged_record_is_shown_the_one_that_remains(cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    named = {"family_name": "dow", "given_name": "Jane", "born_on": date(1948, 5, 12)}
    assert list(selectors.same_person(cast.practice, **named)) == [cast.jane]


def test_the_day_of_a_merge_is_the_practices(cast, twin):
    """At three in the morning UTC it is the evening before in New York."""
    at = datetime(2026, 11, 3, 3, tzinfo=UTC)
    merged(twin, cast.jane, by=cast.ade, at=at)
    assert merges.merge_of(twin).merged_on == date(2026, 11, 2)
    with pytest.raises(Refused, match="on 2 Nov 2026"):
        merged(twin, cast.jane, by=cast.ade)
    assert "on 02-Nov-2026" in str(merges.refusal(str(twin.pk)))


def test_what_was_changed_since_stays_and_is_named(cast, twin):
    row = merged(twin, cast.jane, by=cast.ade, take=("phone", "language", "coverage"))
    sign = {"by": cast.rosa, "at": timezone.now()}
    jane = again(cast.jane)
    jane.practice = cast.practice
    services.edit_patient(jane, version=jane.version, phone="207 555 9999", **sign)
    newer = PayerGiven(payer="medicare", member_id="1EG4TE5MK73", starts_on=cast.practice.today())
    services.change_coverage(jane, newer, **sign)
    done = merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    jane = again(cast.jane)
    assert (jane.phone, jane.language) == ("207 555 9999", "")
    assert [kept["name"] for kept in done.kept] == ["phone", "coverage"]
    assert "Phone, Coverage" in merging.undo_in_words(done)


def test_a_second_undo_is_refused(cast, twin):
    row = merged(twin, cast.jane, by=cast.ade)
    merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    with pytest.raises(Refused, match="undone on"):
        merging.undo(row, reason="Her sister.", by=cast.lena, at=timezone.now())
    # And merged again, which is another row.
    assert merged(twin, cast.jane, by=cast.ade).pk != row.pk


def test_a_record_that_changed_meanwhile_is_not_merged(cast, twin):
    at, seen = timezone.now(), merging.mark(twin, cast.jane, at=timezone.now())
    cast.jane.phone = "1"
    cast.jane.save()
    with pytest.raises(StaleRow):
        merging.merge(
            twin, cast.jane, choices=dict.fromkeys(ALL, "keep"), seen=seen, reason=WHY, by=cast.ade, at=at
        )


def _said(patient: Patient, today: date) -> tuple:
    """What the record says of who she is, and who covers her on days before, on and after today."""
    row = again(patient)
    days = [today + timedelta(days=offset) for offset in (-400, -1, 0, 1, 400)]
    covered = [selectors.coverage_on(row, day) for day in days]
    who = [(c.payer, c.plan_name, c.member_id) if c else None for c in covered]
    return [getattr(row, field.name) for field in FIELDS], who


@pytest.mark.parametrize("seed", range(6))
def test_whatever_is_chosen_undoing_brings_back_what_was(cast, seed):
    """Two records with values at random, each difference chosen at random: what is chosen is taken, and nothing else;
    undone, both say on every day what they said."""
    at, pick = timezone.now(), random.Random(seed)
    today = cast.practice.today(at)
    records = []
    for number in range(2):
        record = factories.patient(
            cast.practice,
            pick.choice(["Dow", "Dow-Ames"]),
            pick.choice(["Jo", "Joan"]),
            mrn=f"R-{number}",
            born_on=pick.choice([date(1948, 5, 12), date(1948, 12, 5)]),
            sex=pick.choice("FU"),
            phone=pick.choice(["", "207 555 0101", "207 555 0102"]),
            language=pick.choice(["", "French"]),
            time_zone=pick.choice(["", "America/Denver"]),
        )
        if pick.random() < 0.7:
            payer = PayerGiven(
                payer=pick.choice(["medicaid", "commercial"]),
                member_id=pick.choice(["W1", "W2"]),
                starts_on=today - timedelta(days=pick.choice([0, 1, 500])),
            )
            services.change_coverage(record, payer, by=cast.rosa, at=at)
        records.append(record)
    one, other = records
    before = _said(one, today), _said(other, today)
    asked = [line.name for line in compare(one, other, at=at) if line.asked]
    taken = tuple(name for name in asked if pick.random() < 0.5)
    row = merged(one, other, by=cast.ade, take=taken, at=at)
    now = _said(other, today)[0]
    for place, field in enumerate(FIELDS):
        assert now[place] == before[0 if field.name in taken else 1][0][place]
    merging.undo(row, reason="r", by=cast.ade, at=at)
    assert _said(one, today) == before[0]
    said, covered = _said(other, today)
    assert said == before[1][0]
    # A coverage that she had none of before cannot end on its first day: it ends on the next.
    had_none = "coverage" in taken and before[1][1] == [None] * 5
    assert covered[3:] == [None, None] if had_none else covered == before[1][1]


# What must be settled before -----------------------------------------------------------------------------------


def test_everything_that_is_open_is_named_at_once(cast):
    services_words = [point.words for point in merging.unsettled(cast.max, at=timezone.now())]
    assert services_words == [
        "It is enrolled since 2 Nov 2025: end the enrollment",
        "Blood pressure cuff CUFF-T-0002 is given out on it: record its return",
    ]
    with pytest.raises(Refused, match="T-0002 is not settled yet. It is enrolled .* Blood pressure cuff"):
        merged(cast.max, cast.jane, by=cast.ade)


def test_settled_it_is_merged(cast):
    settle(cast, cast.max)
    assert merging.unsettled(cast.max, at=timezone.now()) == []
    merged(cast.max, cast.jane, by=cast.ade)


# Chains and cycles ---------------------------------------------------------------------------------------------


def test_no_merge_follows_another(cast, twin):
    third = factories.patient(cast.practice, "Doe", "Jane", mrn="T-0011", born_on=date(1948, 5, 12))
    merged(twin, cast.jane, by=cast.ade)
    with pytest.raises(Refused, match="T-0009 was merged into MRN T-0001"):
        merged(twin, third, by=cast.ade)
    with pytest.raises(Refused, match="T-0009 was merged into MRN T-0001"):
        merged(third, twin, by=cast.ade)
    settle(cast, cast.jane)
    with pytest.raises(Refused, match="Merge the other way round"):
        merged(cast.jane, third, by=cast.ade)
    with pytest.raises(Refused, match="into itself"):
        merged(third, third, by=cast.ade)
    merged(third, cast.jane, by=cast.ade)


def row_of(duplicate, remaining, by) -> Merge:
    return Merge(
        practice=by.practice,
        duplicate=duplicate,
        remaining=remaining,
        reason="r",
        merged_by=by,
        merged_at=timezone.now(),
    )


def test_the_database_keeps_chains_and_cycles_out(cast, twin):
    third = factories.patient(cast.practice, "Doe", "Jane", mrn="T-0011", born_on=date(1948, 5, 12))
    settle(cast, cast.jane)
    saved(row_of(twin, cast.jane, cast.ade))
    for pair in [(cast.jane, twin), (cast.jane, third), (third, twin), (twin, third)]:
        with pytest.raises(IntegrityError), transaction.atomic():
            row_of(*pair, cast.ade).save()


def test_the_database_merges_no_record_that_is_open(cast):
    with pytest.raises(IntegrityError, match="not settled"), transaction.atomic():
        row_of(cast.max, cast.jane, cast.ade).save()


def test_the_database_changes_a_merge_only_to_undo_it_and_once(cast, twin):
    row = merged(twin, cast.jane, by=cast.ade)
    row.reason = "Another."
    with pytest.raises(IntegrityError, match="is made"), transaction.atomic():
        row.save()
    row = merging.undo(again(row), reason="r", by=cast.ade, at=timezone.now())
    row.undo_reason = "Another."
    with pytest.raises(IntegrityError, match="is made"), transaction.atomic():
        row.save()


# A merged record is read, not written -------------------------------------------------------------------------


def test_every_act_on_a_merged_record_is_refused_with_the_remaining_chart_named(cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    given = ConsentGiven(given_on=cast.practice.today(), method="verbal", wording="w", taken_by=cast.rosa)
    with pytest.raises(MergedRecord, match="DOE, Jane, MRN T-0001") as refusal:
        services.record_consent(twin, given, by=cast.rosa, at=timezone.now())
    assert refusal.value.link[1] == cast.jane.pk
    with pytest.raises(MergedRecord):
        services.edit_patient(twin, version=twin.version, phone="1", by=cast.rosa, at=timezone.now())
    with pytest.raises(MergedRecord):
        factories.saved(Enrollment(practice=cast.practice, patient=twin, started_on=cast.practice.today()))
    assert not Consent.objects.filter(patient=twin).exists()


def test_undone_it_is_written_in_again(cast, twin):
    merging.undo(merged(twin, cast.jane, by=cast.ade), reason="r", by=cast.ade, at=timezone.now())
    services.edit_patient(
        again_with(twin, cast), version=twin.version, phone="1", by=cast.rosa, at=timezone.now()
    )


def again_with(patient, cast):
    row = again(patient)
    row.practice = cast.practice
    return row


# Where its name and number lead ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["T-0009", "dow", "dow jane", "Dow 12-May-1948"])
def test_whoever_looks_for_it_finds_the_record_that_remains(cast, twin, text):
    merged(twin, cast.jane, by=cast.ade)
    assert list(selectors.find(cast.practice, text)) == [cast.jane]


def test_everybody_is_found_without_it_and_by_birth_date_once(cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    assert list(selectors.find(cast.practice, "")) == [cast.jane, cast.max]
    assert list(selectors.find(cast.practice, "12-May-1948")) == [cast.jane]


def test_an_mrn_leads_to_the_record_that_remains(cast, twin):
    merged(twin, cast.jane, by=cast.ade)
    found = merges.by_mrn(cast.practice, ["T-0009", "T-0002", "nobody"])
    assert found == {"T-0009": cast.jane, "T-0002": cast.max}


# Two people, not one -------------------------------------------------------------------------------------------


def test_a_merge_ends_the_decision_that_they_are_two_people(cast, twin):
    from patients.duplicates import say_two_people

    say_two_people(twin, cast.jane, reason="Sisters.", by=cast.ade, at=timezone.now())
    with pytest.raises(Refused, match="said so already"):
        say_two_people(cast.jane, twin, reason="Sisters.", by=cast.ade, at=timezone.now())
    merged(twin, cast.jane, by=cast.ade)
    assert TwoPeople.objects.get().ended_at
