"""A row's payer against what is here: the day from which it would hold is shown, decided, and what happens."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.refusals import Refused
from intake import acts, taking
from intake.models import State
from patients import services
from patients.models import Coverage
from patients.services import PayerGiven
from tests.integration.intake.files import CHOSEN, HEADER, decided, matched, row, taken_in
from tests.integration.timelogs.pages import text_of

COLUMNS = [*CHOSEN, "payer", "member_id", "coverage_on"]
TAKEN_IN = "Would hold from the day it is taken in"


def covered(cast, *line: str):
    """A file that says of Jane: payer, member number, covered since."""
    said = ",".join(("T-0001,Doe,Jane,1948-05-12,F,", *line))
    return matched(cast.rosa, said, header=f"{HEADER},Payer,MBI,Since", chosen=COLUMNS)


def held(cast) -> list[tuple]:
    rows = Coverage.objects.filter(patient=cast.jane).order_by("starts_on")
    return list(rows.values_list("payer", "member_id", "starts_on", "ends_on"))


def change(cast, payer: str, starts_on: date, **more) -> None:
    given = PayerGiven(payer=payer, starts_on=starts_on, **more)
    services.change_coverage(cast.jane, given, by=cast.luis, at=timezone.now())


def end(cast, day: date) -> None:
    (one,) = Coverage.objects.filter(patient=cast.jane)
    one.ends_on = day
    one.save()


def pages(cast, found) -> tuple[str, str]:
    client = Client()
    client.force_login(cast.rosa.user)
    listed = text_of(client.get(reverse("intake:check", args=[found.pk])))
    return listed, text_of(client.get(reverse("intake:row", args=[found.pk, 2])))


def test_the_day_from_which_another_payer_would_hold_is_on_both_pages(cast):
    (before,) = held(cast)
    day = before[2] + timedelta(days=40)
    found = covered(cast, "Medicaid", "TN-77", f"{day}")
    assert row(found).differs["coverage_on"] == [f"{before[2]}", f"{day}"]
    listed, compared = pages(cast, found)
    assert f"Covered since:</b> here {before[2]:%d-%b-%Y}, would hold from {day:%d-%b-%Y}" in listed
    assert f"Would hold from {day:%d-%b-%Y}" in compared
    assert f"{before[2]:%d-%b-%Y}" in compared
    decided(found, 2, "theirs", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    assert held(cast) == [(*before[:3], day), ("medicaid", "TN77", day, None)]


def test_a_decision_made_beside_another_first_day_waits_again(cast):
    found = covered(cast, "Medicaid", "TN-77", "")
    decided(found, 2, "theirs", by=cast.rosa)
    (before,) = held(cast)
    one = Coverage.objects.get(patient=cast.jane)
    one.starts_on = before[2] - timedelta(days=1)
    one.save()
    found = taken_in(found, by=cast.rosa)
    assert (found.state, row(found).note) == (State.CHECKING, taking.CHANGED_SINCE)


@pytest.mark.parametrize("after", [-1, 0, 1])
def test_a_coverage_that_is_over_is_not_cut_short(cast, after):
    """On its last day it is over; what begins before that holds from the day it is taken in."""
    (before,) = held(cast)
    over = before[2] + timedelta(days=30)
    end(cast, over)
    day = over + timedelta(days=after)
    found = covered(cast, "Medicaid", "TN-77", f"{day}")
    starts_on = day if after >= 0 else cast.practice.today()
    assert (TAKEN_IN in pages(cast, found)[1]) == (after < 0)
    assert row(found).differs["coverage_on"] == ["", f"{day}" if after >= 0 else ""]
    decided(found, 2, "theirs", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    assert held(cast) == [(*before[:3], over), ("medicaid", "TN77", starts_on, None)]


def test_what_begins_before_all_that_is_over_holds_from_the_day_it_is_taken_in(cast):
    (before,) = held(cast)
    end(cast, before[2] + timedelta(days=30))
    found = covered(cast, "Medicaid", "TN-77", f"{before[2] - timedelta(days=400)}")
    decided(found, 2, "theirs", by=cast.rosa)
    taken_in(found, by=cast.rosa)
    assert held(cast)[-1][2] == cast.practice.today()


def test_another_payer_is_taken_over_with_its_plan_and_number_or_not_at_all(cast):
    change(cast, "commercial", cast.practice.today(), plan_name="Blue", member_id="B-1")
    found = covered(cast, "Medicaid", "TN-77", f"{cast.practice.today()}")
    assert row(found).differs == {
        "payer": ["commercial", "medicaid"],
        "plan_name": ["Blue", ""],
        "member_id": ["B-1", "TN77"],
        "coverage_on": [f"{cast.practice.today()}"] * 2,
    }
    assert "Plan:</b> here Blue, in the file empty" in pages(cast, found)[0]
    for fields in (
        ["payer"],
        ["member_id"],
        ["payer", "member_id"],
        ["coverage_on"],
        ["payer", "coverage_on"],
    ):
        with pytest.raises(Refused):
            decided(found, 2, "theirs", by=cast.rosa, fields=fields)
    decided(found, 2, "theirs", by=cast.rosa, fields=["payer", "plan_name", "member_id"])
    taken_in(found, by=cast.rosa)
    assert held(cast)[-1][:2] == ("medicaid", "TN77")


def test_another_number_of_the_same_payer_keeps_the_plan(cast):
    change(cast, "commercial", cast.practice.today(), plan_name="Blue", member_id="B-1")
    found = covered(cast, "Commercial", "B-2", "")
    assert set(row(found).differs) == {"member_id", "coverage_on"}
    decided(found, 2, "theirs", by=cast.rosa, fields=["member_id"])
    taken_in(found, by=cast.rosa)
    last = Coverage.objects.filter(patient=cast.jane).latest("starts_on")
    assert (last.payer, last.plan_name, last.member_id) == ("commercial", "Blue", "B2")


def test_the_first_day_alone_is_nothing_to_decide(cast):
    found = covered(cast, "Medicare", "1EG4-TE5-MK73", "2025-01-01")
    assert row(found).differs == {}
    assert acts.mark(row(found))
