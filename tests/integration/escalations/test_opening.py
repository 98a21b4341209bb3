"""From a finding to one escalation: opened, merged, raised, left alone; and handed to the right person."""

from datetime import timedelta

import pytest

from accounts.permissions import Role
from dispatch.models import Notice
from escalations import acts, owners
from escalations.acts import open_or_merge, resolve
from escalations.ladder import change, mark
from escalations.models import Escalation
from foundation.context import acting
from monitoring.findings import Cause, Severity
from patients.models import Patient
from tests import factories
from tests.integration.escalations.found import NOON, finding, later, opened, pressure, trail


@pytest.fixture(autouse=True)
def signed_by_the_system():
    with acting("system: tests"):
        yield


def found(cast, *readings, at=NOON, **more) -> Escalation | None:
    return open_or_merge(finding(cast.jane, *readings, at=at, **more), practice=cast.practice, at=at)


def test_a_finding_opens_one_with_owner_due_time_and_readings(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1))
    row = found(cast, first, second, at=later(1))
    assert (row.state, row.owner, row.due_at) == ("open", cast.ana, later(1, hours=24))
    assert {each.reading for each in row.attached.all()} == {first, second}
    assert trail(row) == ["opened"]
    told = Notice.objects.get()
    assert (told.recipient, told.patient_id) == (cast.ana.user, cast.jane.pk)
    assert "Warning" in told.text


def test_a_critical_one_is_due_within_the_hour(cast):
    assert opened(cast.jane, severity=Severity.CRITICAL).due_at == later(60)


def test_the_same_finding_twice_changes_nothing(cast):
    reading = pressure(cast.jane)
    row = found(cast, reading)
    again = found(cast, reading, at=later(5))
    assert (again.pk, again.version, again.steps.count(), again.attached.count()) == (row.pk, 1, 1, 1)
    assert Notice.objects.count() == 1


def test_another_reading_of_the_same_cause_merges(cast):
    row = opened(cast.jane)
    again = found(cast, pressure(cast.jane, later(30)), at=later(30))
    assert again.pk == row.pk
    assert (trail(again), again.attached.count(), again.due_at) == (["opened", "merged"], 2, row.due_at)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("other", [{"measure": "heart_rate"}, {"cause": Cause.TREND, "rule": "weight_gain"}])
def test_another_cause_is_another_escalation(cast, other):
    row = opened(cast.jane)
    assert found(cast, pressure(cast.jane, later(30)), at=later(30), **other).pk != row.pk


def test_what_becomes_critical_is_raised_and_told_again(cast):
    row = opened(cast.jane)
    again = found(
        cast, pressure(cast.jane, later(30)), severity=Severity.CRITICAL, says="Now 210.", at=later(30)
    )
    assert (again.pk, again.severity, again.says, again.due_at) == (row.pk, "critical", "Now 210.", later(90))
    assert trail(again) == ["opened", "raised"]
    assert Notice.objects.count() == 2
    standing = Notice.objects.get(withdrawn_at=None)
    assert (standing.urgent, standing.text) == (True, "Critical: DOE, Jane: Now 210.")


def test_what_becomes_critical_is_not_told_in_the_words_of_an_old_question(cast):
    acts.refer(opened(cast.jane), to=cast.ana, ask="Evening dose?", by=cast.rosa, at=later(10))
    found(cast, pressure(cast.jane, later(30)), severity=Severity.CRITICAL, says="Now 210.", at=later(30))
    assert Notice.objects.get(withdrawn_at=None).text == "Critical: DOE, Jane: Now 210."


def test_what_was_critical_does_not_sink_to_a_warning(cast):
    opened(cast.jane, severity=Severity.CRITICAL)
    again = found(cast, pressure(cast.jane, later(30)), at=later(30))
    assert (again.severity, trail(again)) == ("critical", ["opened", "merged"])


def test_a_reading_raises_its_cause_once_also_after_that_was_resolved(cast):
    reading = pressure(cast.jane)
    resolve(found(cast, reading), outcome="advised", by=cast.rosa, at=later(10))
    assert found(cast, reading, at=later(20)) is None
    assert found(cast, pressure(cast.jane, later(20)), at=later(20)).state == "open"


@pytest.mark.parametrize(("hours", "opens"), [(23.99, False), (24, True)])
def test_a_trend_that_was_resolved_is_quiet_for_a_day(cast, hours, opens):
    trend = {"cause": Cause.TREND, "rule": "weight_gain"}
    resolve(opened(cast.jane, **trend), outcome="advised", by=cast.rosa, at=NOON)
    at = later(hours=hours)
    assert bool(found(cast, pressure(cast.jane, at), at=at, **trend)) is opens


def test_a_trend_that_becomes_critical_is_not_quiet(cast):
    trend = {"cause": Cause.TREND, "rule": "weight_gain"}
    resolve(opened(cast.jane, **trend), outcome="advised", by=cast.rosa, at=NOON)
    assert found(cast, pressure(cast.jane, later(5)), at=later(5), severity=Severity.CRITICAL, **trend)


def test_silence_has_an_owner_and_a_due_time_and_tells_nobody(cast):
    row = found(cast, cause=Cause.SILENCE, measure="", says="No readings for 4 days.")
    assert (row.owner, row.due_at) == (cast.ana, later(hours=72))
    assert (
        found(
            cast, cause=Cause.SILENCE, measure="", says="No readings for 5 days.", at=later(hours=24)
        ).version
        == 1
    )
    assert not Notice.objects.exists()


def test_a_patient_of_another_practice_is_not_found(cast):
    with pytest.raises(Patient.DoesNotExist):
        open_or_merge(finding(cast.nora), practice=cast.practice, at=NOON)


# Whose ------------------------------------------------------------------------------------------------------------


def in_order(cast, **more) -> list[str]:
    return [member.user.name for member in owners.in_order(cast.jane, at=NOON, **more)]


def listed(cast, *members) -> None:
    change(cast.practice, members, why="Who is here.", seen=mark(cast.practice), at=NOON)


def left(member) -> None:
    member.ends_on = member.starts_on + timedelta(days=1)
    member.save()


def test_the_order_is_care_team_then_list_each_once(cast):
    listed(cast, cast.lena, cast.ana, cast.luis)
    assert in_order(cast) == ["Ana Rivera", "Lena Lead", "Luis Ortiz"]
    assert in_order(cast, answering=True) == ["Ana Rivera"]


def test_who_left_is_passed_over(cast):
    listed(cast, cast.lena, cast.luis)
    left(cast.lena)
    left(cast.ana)
    assert in_order(cast) == ["Luis Ortiz"]


def test_where_nobody_of_the_team_is_left_it_is_another_clinicians(cast):
    left(cast.ana)
    other = factories.membership(cast.practice, "Olga Other", Role.QHP, "MD", email="olga.other@example.test")
    assert opened(cast.jane).owner == other


def test_where_no_clinician_is_left_it_is_somebodys_who_works_on_escalations(cast):
    left(cast.ana)
    assert opened(cast.jane).owner in {cast.rosa, cast.luis, cast.lena}


def test_only_where_nobody_works_on_them_it_is_an_administrators(cast):
    for one in (cast.ana, cast.rosa, cast.luis, cast.lena):
        left(one)
    assert opened(cast.jane).owner == cast.ade
