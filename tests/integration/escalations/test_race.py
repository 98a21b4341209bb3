"""Two workers at the same instant: of one cause one is opened, and past due it climbs one rung."""

import pytest

from escalations.acts import acknowledge, open_or_merge
from escalations.climbing import pass_on
from escalations.ladder import change, mark
from escalations.models import Escalation
from foundation.context import acting
from foundation.practice_scope import in_practice
from tests.faults.trials import at_once
from tests.integration.escalations.found import NOON, finding, later, opened, pressure, trail

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_batches_of_one_patient_open_one(cast):
    first, second = pressure(cast.jane), pressure(cast.jane, later(1))

    def take(reading):
        with in_practice(cast.practice):
            return open_or_merge(finding(cast.jane, reading), practice=cast.practice, at=later(2)).pk

    found = at_once([lambda: take(first), lambda: take(second)])
    row = Escalation.objects.get()
    assert found == [row.pk, row.pk]
    assert (trail(row), row.attached.count()) == (["opened", "merged"], 2)


def test_two_beats_climb_one_rung(cast):
    with acting("system: tests"):
        change(cast.practice, [cast.lena, cast.luis], why="Who is here.", seen=mark(cast.practice), at=NOON)
        row = opened(cast.jane, severity="critical")

    def beat():
        with in_practice(cast.practice):
            return pass_on(row.pk, at=later(60)).owner_id

    assert at_once([beat, beat]) == [cast.lena.pk, cast.lena.pk]
    assert trail(row) == ["opened", "climbed"]


def test_a_reading_that_merges_while_somebody_acknowledges(cast):
    with acting("system: tests"):
        row, more = opened(cast.jane), pressure(cast.jane, later(1))

    def merge():
        with in_practice(cast.practice), acting("system: tests"):
            return open_or_merge(finding(cast.jane, more), practice=cast.practice, at=later(2)).pk

    def seen():
        with in_practice(cast.practice), acting("system: tests"):
            return acknowledge(row, by=cast.lena, at=later(2)).pk

    assert at_once([merge, seen]) == [row.pk, row.pk]
    assert sorted(trail(row)) == ["acknowledged", "merged", "opened"]
