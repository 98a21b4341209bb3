"""What the forecast reads is what the months and windows hold; who sees it in which words."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from boards.models import PatientMark
from boards.refresh import refresh
from reports.forecast import days, minutes
from reports.forecast.curve import NEEDED, days_learned
from reports.forecast.days import Window, summed
from reports.forecast.minutes import Stood
from tests import factories
from tests.integration.reports.test_figures import patients
from tests.integration.test_nurses_see_no_money import found_in
from tests.integration.timelogs.notes import REVIEW, signed_session

# Seventeen days are left, today among them: as many as on the 14th of April.
MAY_15 = datetime(2026, 5, 15, 15, 0, tzinfo=UTC)
MAY = date(2026, 5, 1)


def worked(cast, month: int, day: int, seconds: int, *, hour: int = 14) -> None:
    starts_at = datetime(2026, month, day, hour, tzinfo=UTC)
    signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=seconds, **REVIEW)


@pytest.mark.parametrize(("day", "before"), [(13, 10), (14, 0)])
def test_a_past_month_is_cut_as_many_days_before_its_end(cast, day, before):
    worked(cast, 4, day, 659)
    worked(cast, 4, 25, 1200)
    worked(cast, 5, 14, 600)
    worked(cast, 5, 15, 600)
    past, now = minutes._stood(cast.practice, date(2026, 5, 15))
    jane = [each for each in past if each.whole]
    assert [(each.before, each.whole, each.count) for each in jane] == [(before, 30, 1)]
    assert jane[0].seconds == (1200 if before else 1859)
    # The six months before: all eleven patient-months in which nothing was done.
    assert sum(each.count for each in past) == 12
    assert sorted((each.before, each.whole, each.count) for each in now) == [(0, 0, 1), (10, 20, 1)]


def test_who_has_left_by_then_is_not_forecast(cast):
    cast.max_enrolled.ended_on, cast.max_enrolled.end_reason = date(2026, 5, 15), "Moved."
    cast.max_enrolled.save()
    past, now = minutes._stood(cast.practice, date(2026, 5, 15))
    assert sum(each.count for each in now) == 1
    assert sum(each.count for each in past) == 12


def test_lines_sum_the_chances_of_those_who_are_not_there():
    past = [Stood(0, 0, 60, 0), Stood(0, 25, 40, 60_000), Stood(12, 25, 99, 0), Stood(12, 14, 0, 0)]
    curve = minutes.curve_of(past, 20)
    assert round(curve.chance(0), 2) == 0.4
    assert round(curve.chance(12), 3) == 0.995
    line = minutes._line(20, curve, [Stood(0, 0, 10, 0), Stood(12, 12, 2, 0), Stood(12, 22, 3, 0)])
    assert (line.there, line.likely, line.open, line.unlikely) == (3, 2, 10, 0)
    assert round(line.expected, 1) == 9.0
    assert minutes._seconds(past, [Stood(0, 0, 10, 0)]) == 6000
    assert minutes._line(20, minutes.curve_of(past[:1], 20), [Stood(0, 0, 1, 0)]).expected is not None
    assert minutes._line(20, minutes.curve_of([Stood(0, 0, 49, 0)], 20), [Stood(0, 0, 1, 0)]).expected is None


def test_windows_there_lost_and_between():
    today = date(2026, 5, 15)
    curves = days_learned([list(range(1, 31))] * 60)
    now = [
        Window(NEEDED, 3, False, 5),
        Window(15, 0, False, 1),
        Window(10, 8, False, 2),
        Window(3, 5, True, 4),
    ]
    found = summed(curves, now, today=today)
    assert (found.patients, found.there, found.lost, found.likely) == (12, 5, 4, 3)
    # Fifteen days and only today; ten, and six of today and eight more days.
    assert found.last_days == {today: 1, today + timedelta(days=3): 2}


def test_past_stretches_and_running_windows_are_read_as_they_are(cast):
    factories.readings(cast.jane, date(2026, 1, 1), 120)
    with time_machine.travel(MAY_15, tick=False):
        refresh(cast.practice, [cast.jane.pk, cast.max.pk], at=MAY_15)
        found = days.forecast(cast.practice, today=date(2026, 5, 15))
    # Jane's last reading is of April 30th; her fifth window began on May 1st. Max has never sent anything.
    assert (found.patients, found.there, found.lost, found.expected) == (1, 0, 0, None)
    assert found.last_days == {date(2026, 5, 15): 1}


def test_the_page_figures_who_changed_before_it_counts(cast, client):
    """No row of the boards was made yet; then one is out of date."""
    factories.readings(cast.jane, date(2026, 4, 20), 10)
    with time_machine.travel(MAY_15, tick=False):
        client.force_login(cast.lena.user)
        assert (
            "Patients with a window that runs: 1." in client.get(reverse("reports:forecast")).content.decode()
        )
        factories.readings(cast.max, date(2026, 5, 1), 14)
        PatientMark.objects.update(marked_at=MAY_15 - timedelta(minutes=1))
        html = client.get(reverse("reports:forecast")).content.decode()
    assert "Patients with a window that runs: 2." in html
    assert "later changes are on their way" not in html


@pytest.mark.parametrize("who", ["lena", "cora", "ade"])
def test_codes_are_for_who_may_see_them_and_nobody_is_named(cast, client, who):
    patients(cast, 8)
    with time_machine.travel(MAY_15, tick=False):
        worked(cast, 5, 14, 1260)
        client.force_login(getattr(cast, who).user)
        html = client.get(reverse("reports:forecast")).content.decode()
        answer = client.get(reverse("reports:forecast"), {"file": "minutes"})
    assert "20 min" in html
    assert "DOE" not in html
    assert ("99457" in html) == (who != "lena")
    assert (found_in(html[html.index("<main") :]) == []) == (who == "lena")
    assert answer.content.decode().splitlines()[0] == "line,there,likely,open,unlikely,expected"


def test_a_practice_without_a_past_is_told_so(cast, client):
    client.force_login(cast.dora.user)
    with time_machine.travel(datetime(2025, 11, 20, 15, tzinfo=UTC), tick=False):
        client.force_login(cast.dora.user)
        html = client.get(reverse("reports:forecast")).content.decode()
    assert "There is no past month to learn from yet." in html
