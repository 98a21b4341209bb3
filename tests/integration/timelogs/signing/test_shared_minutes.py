"""Two people with one patient in the same minutes: counted once, unless a third writes down why both count."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.practice_policies import set_policy
from audit.invariants import broken
from billing.decisions.second_count import second_counts
from billing.facts.gather import gather
from billing.models import Claim
from dispatch.models import OutboxMessage
from foundation.refusals import Refused
from tests import factories
from tests.integration.billing.months import close_march
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from tests.integration.timelogs.pages import text_of
from timelogs.counting import shared_minutes as pairs
from timelogs.counting.totals import month_total
from timelogs.locks import MonthShut
from timelogs.models import Concurrence, CountedInterval, TimeEntry
from timelogs.signing import shared_minutes
from timelogs.signing.amend import amend as amend_session
from timelogs.signing.void import void

MARCH = date(2026, 3, 1)
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
LATER = NINE + timedelta(hours=2)
WHY = "Rosa read the chart while Luis spoke with her on the telephone, each apart."


@pytest.fixture
def reviewed(cast):
    """A practice where a reviewer may say that both count."""
    factories.readings(cast.jane, MARCH, 20)
    set_policy(
        cast.practice, key="concurrent_time", value="reviewed", starts_on=MARCH, why="Counsel's advice."
    )
    return cast


@pytest.fixture
def pair(reviewed) -> tuple[TimeEntry, TimeEntry]:
    """Rosa 9:00 to 9:10, Luis 9:05 to 9:15; she signed first."""
    first = signed_session(reviewed.jane, by=reviewed.rosa, starts_at=NINE, seconds=600, **REVIEW)
    then = NINE + timedelta(minutes=5)
    return first, signed_session(reviewed.jane, by=reviewed.luis, starts_at=then, seconds=600, **CALL)


def both(entry: TimeEntry, *, by, reason: str = WHY, at: datetime = LATER) -> None:
    """Decided as its page shows it."""
    others = {each.pk for each in shared_minutes.undecided(entry)}
    shared_minutes.let_both_count(entry, others=others, reason=reason, by=by, at=at)


def once(entry: TimeEntry, *, by, reason: str = "They sat together after all.", at: datetime = LATER) -> None:
    others = {each.pk for each in shared_minutes.decided(entry)}
    shared_minutes.count_once(entry, others=others, reason=reason, by=by, at=at)


def counted(cast) -> dict:
    """Seconds by author, and the whole."""
    total = month_total(cast.jane, MARCH)
    return {s.entry.author.user.name.split()[0]: s.counted_seconds for s in total.by_entry} | {
        "all": total.seconds
    }


def second_count(cast) -> int:
    found = second_counts(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk]
    return found.staff_seconds + found.qhp_seconds


def test_the_same_minutes_count_once_until_somebody_says_why_not(reviewed, pair):
    assert counted(reviewed) == {"Rosa": 600, "Luis": 300, "all": 900}
    both(pair[1], by=reviewed.lena)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 600, "all": 1200}
    assert second_count(reviewed) == 1200
    assert broken() == {}


@pytest.mark.parametrize("which", [0, 1])
def test_it_does_not_matter_on_which_of_the_two_it_is_said(reviewed, pair, which):
    both(pair[which], by=reviewed.lena)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 600, "all": 1200}
    for entry in TimeEntry.objects.filter(pk__in=[pair[0].pk, pair[1].pk]):
        (shared,) = shared_minutes.shared_time(entry, entry.segments.all())
        assert (shared.seconds, shared.decision.reason) == (300, WHY)


def test_a_third_person_in_the_same_minutes_still_counts_once(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    then = NINE + timedelta(minutes=8)
    third = signed_session(reviewed.jane, by=reviewed.ana, starts_at=then, seconds=480, **REVIEW)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 600, "Ana": 60, "all": 1260}
    assert second_count(reviewed) == 1260
    both(third, by=reviewed.lena, reason="Ana signed the order meanwhile.")
    assert counted(reviewed) == {"Rosa": 600, "Luis": 600, "Ana": 480, "all": 1680}
    assert second_count(reviewed) == 1680
    assert broken() == {}


def test_it_is_told_alerts_follow_and_the_history_says_who_and_why(reviewed, pair):
    told = OutboxMessage.objects.filter(topic="timelogs.time_changed")
    before = told.count()
    both(pair[1], by=reviewed.lena)
    assert told.count() == before + 1
    (row,) = pairs.decisions_on(pair[0])
    assert (row.decided_by, row.decided_at, row.reason) == (reviewed.lena, LATER, WHY)
    assert row.history.first().history_change_reason == WHY


def test_it_can_be_taken_back_with_a_reason(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    with pytest.raises(Refused, match="Give the reason"):
        once(pair[1], by=reviewed.ana, reason="  ")
    once(pair[0], by=reviewed.ana)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 300, "all": 900}
    row = Concurrence.objects.get()
    assert (row.ended_at, row.ended_reason) == (LATER, "They sat together after all.")
    assert row.history.first().history_change_reason == "They sat together after all."
    with pytest.raises(Refused, match="count once here already"):
        once(pair[1], by=reviewed.ana)
    both(pair[1], by=reviewed.lena)
    assert counted(reviewed)["all"] == 1200
    assert broken() == {}


def test_who_worked_in_either_session_does_not_decide(reviewed, pair):
    reviewed.rosa.role = reviewed.luis.role = "lead_nurse"
    for member in (reviewed.rosa, reviewed.luis):
        with pytest.raises(Refused, match="worked in neither session"):
            both(pair[1], by=member)


def test_without_the_policy_nobody_decides(cast):
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **CALL)
    second = signed_session(cast.jane, by=cast.luis, starts_at=NINE, seconds=600, **CALL)
    with pytest.raises(Refused, match="counts the same minutes of two people once"):
        both(second, by=cast.lena)


def test_where_nobody_else_was_there_is_nothing_to_decide(reviewed):
    alone = signed_session(reviewed.jane, by=reviewed.rosa, starts_at=NINE, seconds=600, **CALL)
    # To the microsecond beside it, and not a part of it.
    signed_session(
        reviewed.jane, by=reviewed.luis, starts_at=NINE + timedelta(minutes=10), seconds=60, **REVIEW
    )
    with pytest.raises(Refused, match="nothing to decide"):
        both(alone, by=reviewed.lena)


def test_no_reason_and_a_second_time_decide_nothing(reviewed, pair):
    with pytest.raises(Refused, match="Give the reason"):
        both(pair[1], by=reviewed.lena, reason=" ")
    both(pair[1], by=reviewed.lena)
    with pytest.raises(Refused, match="nothing to decide"):
        both(pair[0], by=reviewed.lena)


def test_a_shut_month_lets_nobody_decide(reviewed, pair):
    close_march(reviewed)
    with pytest.raises(MonthShut):
        both(pair[1], by=reviewed.lena)


def amend(entry: TimeEntry, seconds: int, *, at: datetime = LATER) -> TimeEntry:
    note = CALL if entry.said else REVIEW
    return amend_session(entry, note=note, seconds=seconds, reason="Other length.", by=entry.author, at=at)


def test_an_amendment_keeps_the_decision_as_long_as_it_shares_no_other_minute(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    shorter = amend(pair[1], 540)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 540, "all": 1140}
    longer = amend(shorter, 900)
    assert counted(reviewed) == {"Rosa": 600, "Luis": 900, "all": 1500}
    (row,) = pairs.decisions_on(longer)
    assert (row.reason, row.decided_by, row.decided_at) == (WHY, reviewed.lena, LATER)
    assert broken() == {}


def test_minutes_that_an_amendment_shares_anew_are_not_decided(reviewed, pair):
    """Rosa goes on into Luis's second half: nobody looked at that. She signs last now."""
    both(pair[1], by=reviewed.lena)
    amend(pair[0], 601)
    assert counted(reviewed) == {"Rosa": 300, "Luis": 600, "all": 900}
    assert second_count(reviewed) == 900
    assert Concurrence.objects.get().ended_reason == "Other length."


def test_who_goes_on_counts_when_the_other_is_voided(reviewed, pair):
    both(pair[0], by=reviewed.lena)
    void(pair[0], reason="Wrong patient.", by=reviewed.rosa, at=LATER)
    assert counted(reviewed) == {"Luis": 600, "all": 600}
    assert Concurrence.objects.get().ended_reason == "Wrong patient."
    assert broken() == {}


# Around the services -----------------------------------------------------------------------------------------


def row_of(pair, **changed) -> Concurrence:
    first, second = sorted(pair, key=lambda entry: entry.pk)
    values = {"entry": first, "other": second, "decided_at": LATER, "reason": WHY, **changed}
    return Concurrence(practice=first.practice, **values)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ({"reason": " \n"}, "concurrence_says_why"),
        ({"ended_at": LATER}, "concurrence_end_says_why"),
        ({"ended_at": LATER, "ended_reason": "  "}, "concurrence_end_says_why"),
    ],
)
def test_the_database_refuses_a_decision_without_its_reason(reviewed, pair, wrong, name):
    with pytest.raises(DatabaseError, match=name), transaction.atomic():
        row_of(pair, decided_by=reviewed.lena, **wrong).save()


@pytest.mark.parametrize("who", ["rosa", "luis"])
def test_the_database_refuses_who_worked_in_either(reviewed, pair, who):
    with pytest.raises(DatabaseError, match="is not sound"), transaction.atomic():
        row_of(pair, decided_by=getattr(reviewed, who)).save()


def test_the_database_refuses_one_session_two_patients_and_another_practice(reviewed, pair):
    elsewhere = signed_session(
        reviewed.max, by=reviewed.luis, starts_at=NINE + timedelta(hours=1), seconds=60, **REVIEW
    )
    with pytest.raises(DatabaseError, match="is not sound"), transaction.atomic():
        row_of([pair[0], elsewhere], decided_by=reviewed.lena).save()
    with pytest.raises(DatabaseError, match="concurrence_is_of_two|is not sound"), transaction.atomic():
        row_of([pair[0], pair[0]], decided_by=reviewed.lena).save()
    row_of(pair, decided_by=reviewed.dan).save()
    with pytest.raises(DatabaseError, match="_same"):
        connection.check_constraints()


def test_the_database_refuses_to_change_a_decision_or_to_take_it_twice(reviewed, pair):
    both(pair[1], by=reviewed.lena)
    with pytest.raises(DatabaseError, match="one_concurrence_of_two"), transaction.atomic():
        row_of(pair, decided_by=reviewed.ana).save()
    row = Concurrence.objects.get()
    row.reason = "Another."
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        row.save()
    once(pair[1], by=reviewed.ana)
    row = Concurrence.objects.get()
    row.ended_at, row.ended_reason = None, ""
    with pytest.raises(DatabaseError, match="is decided"), transaction.atomic():
        row.save()


def test_the_database_counts_nothing_twice_without_a_decision(reviewed, pair):
    mine = CountedInterval.objects.get(entry=pair[0], standing=True)
    with pytest.raises(DatabaseError, match="is not earned"), transaction.atomic():
        CountedInterval.objects.filter(pk=mine.pk).update(concurrent=True)
    twice = CountedInterval.objects.get(entry=pair[1], standing=True)
    with pytest.raises(DatabaseError, match="no_second_of_a_patient_twice"), transaction.atomic():
        CountedInterval.objects.filter(pk=twice.pk).update(during=pair[1].segments.get().during)


# On the pages ------------------------------------------------------------------------------------------------


def form(*others: TimeEntry, reason: str = WHY) -> dict:
    return {"operation_id": str(uuid4()), "others": " ".join(str(e.pk) for e in others), "reason": reason}


def test_a_reviewer_sees_the_effect_decides_once_and_reads_it_on_both_records(reviewed, pair, client):
    client.force_login(reviewed.lena.user)
    assert "Let both count…" in text_of(client.get(f"/sessions/{pair[1].pk}/"))
    address = f"/sessions/{pair[1].pk}/count-both/"
    page = text_of(client.get(address))
    assert "March total 15 min → <b>20 min</b>" in page
    assert "Rosa Nguyen also recorded 03-Mar-2026 09:05:00–09:10:00" in page
    assert f'value="{pair[0].pk}"' in page
    body = form(pair[0])
    assert [client.post(address, body).status_code for _ in range(2)] == [303, 303]
    assert counted(reviewed)["all"] == 1200
    row = Concurrence.objects.get()
    for entry in pair:
        page = text_of(client.get(f"/sessions/{entry.pk}/"))
        assert f"count for both: {WHY} (Lena Lead, RN" in page
        assert f"/history/concurrence/{row.pk}/" in page
        assert "Let both count…" not in page
        assert "Count it once again…" in page
    assert WHY in text_of(client.get(f"/history/concurrence/{row.pk}/"))
    address = f"/sessions/{pair[0].pk}/count-once/"
    assert "March total 20 min → <b>15 min</b>" in text_of(client.get(address))
    assert client.post(address, form(pair[1], reason="They sat together.")).status_code == 303
    assert counted(reviewed)["all"] == 900
    page = text_of(client.get(f"/history/concurrence/{row.pk}/"))
    assert "They sat together." in page


def test_what_was_typed_stays_when_it_is_refused(reviewed, pair, client):
    client.force_login(reviewed.lena.user)
    address = f"/sessions/{pair[1].pk}/count-both/"
    answer = client.post(address, form(pair[0], reason=""))
    assert answer.status_code == 422
    assert "Say what each of them did apart from the other." in text_of(answer)
    answer = client.post(address, form(pair[1]))
    page = text_of(answer)
    assert answer.status_code == 409
    assert "has changed since this page was opened" in page
    assert WHY in page
    assert f'value="{pair[0].pk}"' in page
    answer = client.post(address, {**form(pair[0]), "others": "nonsense"})
    assert answer.status_code == 422
    assert "it does not say whose minutes are meant" in text_of(answer)


@pytest.mark.parametrize("who", ["rosa", "cora", "omar", "ade"])
def test_other_roles_have_no_button_and_no_way(who, reviewed, pair, client):
    client.force_login(reviewed.user(who))
    assert client.post(f"/sessions/{pair[1].pk}/count-both/", form(pair[0])).status_code == 403
    if who != "ade":
        assert "Let both count" not in text_of(client.get(f"/sessions/{pair[1].pk}/"))


def test_from_the_other_practice_it_is_not_there(reviewed, pair, client):
    lead = factories.membership(
        reviewed.elsewhere, "Far Lead", "lead_nurse", "RN", email="far-lead@example.test"
    )
    client.force_login(lead.user)
    assert client.post(f"/sessions/{pair[1].pk}/count-both/", form(pair[0])).status_code == 404


def test_the_claim_shows_it_with_its_reason(reviewed, pair, client):
    both(pair[1], by=reviewed.lena)
    close_march(reviewed)
    claim = Claim.objects.get(patient=reviewed.jane)
    assert gather(reviewed.practice, MARCH, [reviewed.jane.pk])[reviewed.jane.pk].notes == ("both-count",)
    assert claim.selection.facts["clinical_staff_seconds"] == 1200
    client.force_login(reviewed.cora.user)
    page = text_of(client.get(f"/claims/{claim.pk}/"))
    assert "Minutes of two people at the same time both count" in page
    assert f"Beside another person’s session: {WHY} Lena Lead, RN" in page
