"""At risk: a line that the month before reached and this one will most likely not, or sixteen days out of reach."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.urls import reverse

from billing.close import acts as close
from boards.models import PatientSummary
from boards.refresh import Freshness, refresh
from patients.models import Patient
from reports import at_risk
from reports.forecast.curve import Curve, learned
from tests import factories
from tests.integration.billing.months import work
from tests.integration.patients.merged import merged, second_jane, settle
from tests.integration.reports.test_figures import patients
from tests.integration.timelogs.notes import REVIEW, signed_session

MAY, APRIL = date(2026, 5, 1), date(2026, 4, 1)
MAY_15 = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
JUNE_2 = datetime(2026, 6, 2, 15, 0, tzinfo=UTC)


def worked(cast, day: date, seconds: int) -> None:
    starts_at = datetime(day.year, day.month, day.day, 14, tzinfo=UTC)
    signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=seconds, **REVIEW)


def found(cast, at: datetime, month: date = MAY) -> list[tuple]:
    """With the count, which must be that of the rows."""
    with time_machine.travel(at, tick=True):
        refresh(
            cast.practice,
            list(Patient.objects.for_practice(cast.practice).values_list("pk", flat=True)),
            at=at,
        )
        rows, whole = at_risk.behind(cast.practice, month, at=at, offset=0, limit=25)
        assert (at_risk.count(cast.practice, month, at=at).patients or 0) == whole == len(rows)
    return [(row.patient_id, row.line, row.lost) for row in rows]


@pytest.mark.parametrize(("seconds", "line"), [(599, 10), (600, 20), (1199, 20), (1200, None)])
def test_in_a_month_that_is_over_whoever_did_not_reach_it_missed_it(cast, seconds, line):
    worked(cast, date(2026, 4, 10), 1200)
    worked(cast, date(2026, 5, 10), seconds)
    assert found(cast, JUNE_2) == ([(cast.jane.pk, line, False)] if line else [])


@pytest.mark.parametrize(("before", "line"), [(599, None), (600, 10), (0, None)])
def test_what_the_month_before_did_not_reach_is_not_missed(cast, before, line):
    if before:
        worked(cast, date(2026, 4, 10), before)
    assert found(cast, JUNE_2) == ([(cast.jane.pk, line, False)] if line else [])


def test_a_closed_month_before_is_read_from_its_claims(cast):
    worked(cast, date(2026, 4, 10), 1200)
    with time_machine.travel(JUNE_2, tick=True):
        close.start_close(cast.practice, APRIL, by=cast.cora, at=JUNE_2)
        work()
    assert found(cast, JUNE_2) == [(cast.jane.pk, 10, False)]
    assert not PatientSummary.objects.filter(month=APRIL).exists()


def test_of_the_running_month_with_too_small_a_past_nothing_is_guessed(cast):
    worked(cast, date(2026, 4, 10), 1200)
    assert found(cast, MAY_15) == []


def test_of_the_running_month_by_the_chances_of_the_past(cast):
    """Ten patients with six idle months each: a line is unlikely for who has nothing now."""
    patients(cast, 10)
    worked(cast, date(2026, 4, 10), 1200)
    assert found(cast, MAY_15) == [(cast.jane.pk, 10, False)]
    worked(cast, date(2026, 5, 3), 600)
    assert found(cast, MAY_15) == [(cast.jane.pk, 20, False)]


@pytest.mark.parametrize(("chance", "below"), [(0.19, 20), (0.2, 0)])
def test_unlikely_is_under_twenty_per_cent(chance, below):
    assert Curve((0,), (chance,), 60).below(0.2, 20) == below
    assert Curve((0,), (chance,), 49).below(0.2, 20) == 0
    assert Curve((0, 7), (0.1, chance), 60).below(0.2, 20) == (20 if below else 7)


def test_below_says_what_the_curve_says():
    curve = learned([(minutes, 40, minutes * 2) for minutes in range(20)])
    edge = curve.below(0.2, 20)
    assert [minutes for minutes in range(20) if curve.chance(minutes) < 0.2] == list(range(edge))


@pytest.mark.parametrize(("left_on", "count"), [(date(2026, 5, 15), 0), (date(2026, 5, 16), 1)])
def test_sixteen_days_out_of_reach_of_who_is_still_enrolled(cast, left_on, count):
    """Her window began in April and ends this month; she sent nothing since its second day."""
    factories.readings(cast.jane, date(2026, 4, 21), 2)
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = left_on, "Moved."
    cast.jane_enrolled.save()
    assert [lost for _, _, lost in found(cast, MAY_15)] == [True] * count


def test_the_page_opens_them_with_the_reason(cast, client):
    worked(cast, date(2026, 4, 10), 1200)
    client.force_login(cast.cora.user)
    with time_machine.travel(JUNE_2, tick=True):
        client.force_login(cast.cora.user)
        page = client.get(reverse("reports:program", args=[MAY])).content.decode()
        link = f"{reverse('reports:members', args=[MAY])}?what=at_risk"
        assert f'<a href="{link}">1</a>' in page
        rows = client.get(link).content.decode()
        client.force_login(cast.lena.user)
        assert client.get(link).status_code == 403
    assert "DOE, Jane" in rows
    assert "0 min; under 10 min, which the month before reached" in rows


@pytest.mark.parametrize("month", [APRIL, date(2026, 1, 1)])
def test_a_month_that_is_closed_or_has_not_begun_has_no_list_and_is_not_begun(cast, client, month):
    worked(cast, date(2026, 4, 10), 1200)
    with time_machine.travel(JUNE_2, tick=True):
        close.start_close(cast.practice, APRIL, by=cast.cora, at=JUNE_2)
        work()
        assert at_risk.count(cast.practice, month, at=JUNE_2).patients is None
        client.force_login(cast.cora.user)
        page = client.get(f"{reverse('reports:members', args=[month])}?what=at_risk")
        assert "No patient matches" in page.content.decode()
        client.get(reverse("reports:program", args=[month]))
    assert not PatientSummary.objects.filter(month=month).exists()


@pytest.mark.parametrize("missing", [MAY, APRIL])
def test_nobody_is_counted_while_the_rows_of_either_month_are_only_being_made(cast, missing, monkeypatch):
    worked(cast, date(2026, 4, 10), 1200)
    assert found(cast, JUNE_2)
    monkeypatch.setattr(
        at_risk,
        "fresh",
        lambda practice, month, *, at: Freshness(at if month == missing else None, month == missing),
    )
    assert at_risk.count(cast.practice, MAY, at=JUNE_2) == at_risk.Count()
    assert at_risk.behind(cast.practice, MAY, at=JUNE_2, offset=0, limit=9) == ([], 0)


def test_what_is_not_in_the_rows_yet_is_said(cast, client, monkeypatch):
    worked(cast, date(2026, 4, 10), 1200)
    assert found(cast, JUNE_2)
    nine = datetime(2026, 6, 2, 13, 0, tzinfo=UTC)
    monkeypatch.setattr(at_risk, "fresh", lambda practice, month, *, at: Freshness(nine))
    client.force_login(cast.cora.user)
    with time_machine.travel(JUNE_2, tick=True):
        client.force_login(cast.cora.user)
        page = client.get(reverse("reports:program", args=[MAY])).content.decode()
        rows = client.get(f"{reverse('reports:members', args=[MAY])}?what=at_risk").content.decode()
    assert "They are as of 09:00; later changes are on their way." in page
    assert "Figures of 09:00; later changes are on their way." in rows


def test_a_record_that_was_merged_is_not_at_risk(cast):
    worked(cast, date(2026, 4, 10), 1200)
    with time_machine.travel(JUNE_2, tick=True):
        close.start_close(cast.practice, APRIL, by=cast.cora, at=JUNE_2)
        work()
        settle(cast, cast.jane, at=JUNE_2)
    assert found(cast, JUNE_2) == [(cast.jane.pk, 10, False)]
    with time_machine.travel(JUNE_2, tick=True):
        merged(cast.jane, second_jane(cast), by=cast.ade, at=JUNE_2)
    assert found(cast, JUNE_2) == []


def test_a_month_to_come_and_another_practice_have_nobody(cast):
    worked(cast, date(2026, 4, 10), 1200)
    assert at_risk.count(cast.practice, date(2026, 7, 1), at=JUNE_2).patients is None
    rows, whole = at_risk.behind(cast.elsewhere, MAY, at=JUNE_2, offset=0, limit=25)
    assert (rows, whole) == ([], 0)
