"""A file that still names the MRN of a merged record means the person whose record remains."""

import pytest
from django.utils import timezone

from intake.models import Standing
from monitoring.intake import look_through
from patients.models import Patient
from tests.integration.intake.files import NEW, decided, matched, row, taken_in
from tests.integration.patients.merged import merged, second_jane, settle


@pytest.fixture
def merged_cast(cast):
    merged(second_jane(cast), cast.jane, by=cast.ade)
    return cast


def test_a_row_with_the_merged_mrn_is_matched_to_the_record_that_remains(merged_cast):
    found = matched(merged_cast.rosa, "T-0009,Doe,Jane,1948-05-12,F,")
    assert (row(found).standing, row(found).patient) == (Standing.SAME, merged_cast.jane)


def test_what_differs_is_decided_about_her_and_never_her_mrn(merged_cast):
    found = matched(merged_cast.rosa, "T-0009,Doe,Jane,1948-05-12,F,207 555 0199")
    assert row(found).differs == {"phone": ["", "207 555 0199"]}
    decided(found, 2, "theirs", by=merged_cast.rosa)
    taken_in(found, by=merged_cast.rosa)
    jane = Patient.objects.get(pk=merged_cast.jane.pk)
    assert (jane.phone, jane.mrn) == ("207 555 0199", "T-0001")


def test_a_new_row_is_likely_a_double_of_her_alone(merged_cast):
    found = matched(merged_cast.rosa, "N-7,Dow,Janet,1948-05-12,F,")
    assert row(found).doubles == []
    found = row(matched_again(merged_cast, found))
    assert found.doubles == [str(merged_cast.jane.pk)]


def matched_again(cast, found):
    from intake import acts

    acts.end(found, by=cast.rosa, at=timezone.now())
    return matched(cast.rosa, "N-7,Doe,Janet,1948-05-12,F,")


@pytest.mark.parametrize("decision", ["ours", "theirs"])
def test_who_was_merged_after_the_decision_is_looked_at_again_and_the_rest_comes_in(cast, decision):
    found = matched(cast.rosa, "T-0002,Roe,Max,1944-02-01,M,207 555 0100", NEW)
    decided(found, 2, decision, by=cast.rosa)
    settle(cast, cast.max)
    merged(cast.max, cast.jane, by=cast.ade)
    ended = taken_in(found, by=cast.rosa)
    assert Patient.objects.filter(mrn="N-1").exists()
    assert (ended.created, ended.waiting) == (1, 1)
    assert (row(found).decision, row(found).patient) == ("", cast.jane)


def reading(serial: str, mrn: str, day: str) -> bytes:
    return (
        "serial,mrn,measure,taken_at,value,second_value,unit,source\n"
        f"{serial},{mrn},blood_pressure,{day}T08:12:00-05:00,158,96,mmHg,automatic\n"
    ).encode()


def problems(cast, content: bytes) -> list[str]:
    return [str(error) for error in look_through(content, practice=cast.practice, at=timezone.now()).errors]


def test_a_late_reading_of_a_device_that_the_merged_record_had_names_both(cast):
    settle(cast, cast.max)
    merged(cast.max, cast.jane, by=cast.ade)
    (problem,) = problems(cast, reading("CUFF-T-0002", "", "2026-01-05"))
    assert "MRN T-0002" in problem
    assert "merged into MRN T-0001" in problem


def test_a_reading_with_the_merged_mrn_is_hers_where_she_has_the_device(merged_cast):
    assert problems(merged_cast, reading("CUFF-T-0001", "T-0009", "2026-01-05")) == []
    assert problems(merged_cast, reading("CUFF-T-0001", "T-0002", "2026-01-05"))
