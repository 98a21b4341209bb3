"""Separation of duties: what is refused, what is reported, for every pair of roles that one person may have had."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from accounts.models import Membership, User
from accounts.permissions import Permission, Role, may
from accounts.practice_policies import set_policy
from audit.models import AccessEvent, Action
from billing.claims import acts as claim_acts
from billing.claims.duties import DUTIES, Exceptions, note_release
from billing.models import Claim, Release
from billing.policies import why_not_approve, why_not_release
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example
from tests.rows import signed_entry
from timelogs.models import TimeEntry
from timelogs.policies import why_not_approve as why_not_approve_time

# What a role needs for each duty.
NEEDS = {
    "logged": Permission.TIME_LOG,
    "approved_time": Permission.TIME_APPROVE,
    "approved": Permission.CLAIM_REVIEW,
    "released": Permission.CLAIM_EXPORT,
}
POLICY = {
    ("approved_time", "approved"): "biller_did_not_approve_time",
    ("approved", "released"): "releaser_is_not_approver",
    ("logged", "released"): "releaser_did_not_log",
    ("approved_time", "released"): "releaser_did_not_log",
}


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def closed(cast):
    guides_example(cast)
    close_march(cast)
    return cast


def claim_of(patient) -> Claim:
    return Claim.objects.get(patient=patient)


def refuse(practice, key: str) -> None:
    set_policy(practice, key=key, value=True, starts_on=date(2026, 4, 1), why="Two people.")


def in_two_roles(cast, first: Role, second: Role) -> tuple[Membership, Membership]:
    """One person who had the first role until April, and the second since."""
    care = {Role.NURSE, Role.LEAD_NURSE, Role.QHP}
    one = factories.membership(
        cast.practice, "Two Roles", first, "RN" if first in care else "", email="two@example.test"
    )
    one.ends_on = date(2026, 4, 1)
    one.save()
    other = Membership(practice=cast.practice, user=one.user, role=second, starts_on=date(2026, 4, 1))
    other.staff_kind, other.credential = factories.KIND.get(second, "none"), "RN" if second in care else ""
    return one, factories.saved(other)


def does(cast, duty: str, by: Membership, at: datetime = NINE + timedelta(days=6)) -> None:
    """The duty, done by rows: whether an act would refuse it is asked apart."""
    claim = claim_of(cast.jane)
    if duty == "logged":
        signed_entry(cast.jane_enrolled, at, 3, by=by)
    elif duty == "approved_time":
        entry = TimeEntry.objects.filter(patient=cast.jane).first()
        entry.approved_by, entry.approved_at = by, APRIL_5
        entry.save()
    elif duty == "approved":
        claim.state, claim.approved_by, claim.approved_at = "approved", by, APRIL_5
        claim.save()
    else:
        note_release([claim], by=by, at=APRIL_5)


def why_not(cast, duty: str, by: Membership) -> str | None:
    """The sentence by which the duty's own act would refuse it."""
    claim = claim_of(cast.jane)
    if duty == "approved_time":
        entry, _ = signed_entry(
            cast.jane_enrolled, NINE + timedelta(days=7), 3, by=cast.luis, needs_approval=True
        )
        return why_not_approve_time(entry, by=by)
    if duty == "approved":
        return why_not_approve(claim, by=by)
    if duty == "released":
        return why_not_release(cast.practice, MARCH, Claim.objects.filter(pk=claim.pk), by=by)
    return None


def reported(cast, who: Membership) -> set[str]:
    return {
        duty
        for row in Exceptions(cast.practice, MARCH)[0:99]
        if row.who == who.user.name
        for duty in row.duties
    }


def pairs():
    """(first duty, second duty, role at the first, role at the second), in the order in which duties happen."""
    names = list(DUTIES)
    for (i, first), (j, second) in product(enumerate(names), repeat=2):
        if i < j:
            yield from ((first, second, *roles) for roles in product(Role, repeat=2))


def check(cast, first: str, second: str, one: Role, other: Role) -> None:
    before, after = in_two_roles(cast, one, other)
    if not (may(before, NEEDS[first]) and may(after, NEEDS[second])):
        return
    does(cast, first, before)
    sentence, key = why_not(cast, second, after), POLICY.get((first, second))
    if (first, second) == ("logged", "approved"):
        assert "You logged time" in sentence
        return
    assert sentence is None, (first, second, one, other)
    if key:
        with transaction.atomic():
            refuse(cast.practice, key)
            assert "By your practice’s policy" in why_not(cast, second, after), (first, second)
            transaction.set_rollback(True)
    does(cast, second, after)
    assert reported(cast, after) == {DUTIES[first], DUTIES[second]}, (first, second, one, other)


def test_every_pair_of_duties_in_every_pair_of_roles_is_refused_or_reported(closed):
    asked = list(pairs())
    assert len(asked) == 6 * 36
    for case in asked:
        with transaction.atomic():
            check(closed, *case)
            transaction.set_rollback(True)


def test_nobody_approves_their_own_time_whatever_the_policies(closed):
    """The same person's session is always another's to approve."""
    entry, _ = signed_entry(
        closed.jane_enrolled, NINE + timedelta(days=6), 3, by=closed.lena, needs_approval=True
    )
    assert why_not_approve_time(entry, by=closed.lena)


def test_a_claim_is_not_approved_around_the_form_by_who_logged_its_time(closed):
    with pytest.raises(DatabaseError, match="approved by who logged"), transaction.atomic():
        does(closed, "approved", closed.rosa)


def approved(cast) -> Claim:
    claim = claim_of(cast.jane)
    return claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)


def test_the_export_is_refused_where_another_must_do_it_and_names_the_reason(client, closed):
    approved(closed)
    refuse(closed.practice, "releaser_is_not_approver")
    client.force_login(closed.cora.user)
    url = reverse("billing:export_csv", args=[MARCH])
    answer = client.get(url)
    assert answer.status_code == 422
    assert "You approved 1 of these claims" in answer.content.decode()
    assert not Release.objects.exists()
    factories.membership(closed.practice, "Bea Biller", Role.BILLER, email="bea@example.test")
    client.force_login(User.objects.get(email="bea@example.test"))
    assert client.get(url).status_code == 200
    assert Release.objects.get().released_by.user.name == "Bea Biller"


def test_a_policy_of_tomorrow_refuses_nothing_today(closed):
    approved(closed)
    tomorrow = {"value": True, "starts_on": date(2026, 4, 6), "why": "Two people."}
    set_policy(closed.practice, key="releaser_is_not_approver", **tomorrow)
    claims = Claim.objects.filter(patient=closed.jane)
    assert why_not_release(closed.practice, MARCH, claims, by=closed.cora) is None


def test_an_export_stays_written(closed):
    note_release([approved(closed)], by=closed.cora, at=APRIL_5)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE billing_release SET released_at = now()")


def test_the_report_names_the_patient_to_who_may_see_charts(client, closed):
    approved(closed)
    note_release([claim_of(closed.jane)], by=closed.cora, at=APRIL_5)
    seen = {}
    for who in ("cora", "omar", "ade"):
        client.force_login(closed.user(who))
        seen[who] = client.get(reverse("billing:duties", args=[MARCH])).content.decode()
        assert "approved the claim, exported the claim" in seen[who]
    claim = reverse("billing:claim", args=[claim_of(closed.jane).pk])
    assert [("DOE" in page, claim in page) for page in seen.values()] == [
        (True, True),
        (True, True),
        (False, False),
    ]
    client.force_login(closed.dora.user)
    assert "RPM-2026" not in client.get(reverse("billing:duties", args=[MARCH])).content.decode()


def test_an_empty_report_says_so(client, closed):
    client.force_login(closed.omar.user)
    assert (
        "Nobody did more than one duty"
        in client.get(reverse("billing:duties", args=[MARCH])).content.decode()
    )


def test_the_report_is_paged_and_its_queries_do_not_grow(client, closed, django_assert_max_num_queries):
    """Twenty-six people who exported and approved time: a second page, with as many queries."""
    claim, entries = approved(closed), list(TimeEntry.objects.filter(patient=closed.jane))
    note_release([claim], by=closed.lena, at=APRIL_5)
    entries[0].approved_by, entries[0].approved_at = closed.lena, APRIL_5
    entries[0].save()
    url = reverse("billing:duties", args=[MARCH])
    client.force_login(closed.omar.user)
    client.get(url)
    with django_assert_max_num_queries(30) as few:
        client.get(url)
    for number in range(26):
        who = factories.membership(
            closed.practice, f"Person {number:02}", Role.NURSE, "RN", email=f"p{number}@x.test"
        )
        signed_entry(closed.jane_enrolled, NINE + timedelta(days=7, hours=number), 3, by=who)
        note_release([claim], by=who, at=APRIL_5)
    with django_assert_max_num_queries(len(few)):
        page = client.get(url).content.decode()
    assert "Page 2" in page
    assert page.count("exported the claim</td>") == 25


def test_the_file_has_the_same_rows_names_no_patient_and_is_written_down(client, closed):
    closed.cora.user.name = "=HYPERLINK(1)"
    closed.cora.user.save()
    note_release([approved(closed)], by=closed.cora, at=APRIL_5)
    url = reverse("billing:duties", args=[MARCH])
    for who in ("ade", "omar"):
        client.force_login(closed.user(who))
        answer = client.get(url, {"file": "duties"})
        assert answer["Content-Disposition"] == 'attachment; filename="rpm-duties-v1_2026-03.csv"'
        number = claim_of(closed.jane).number
        assert answer.content.decode() == (
            "month,claim_number,person,logged,approved_time,approved,released\r\n"
            f"2026-03,{number},'=HYPERLINK(1),,,yes,yes\r\n"
        )
        seen = AccessEvent.objects.filter(
            action=Action.EXPORT, route="billing:duties", actor_id=closed.user(who).pk
        )
        assert [each.patient_id for each in seen] == [closed.jane.pk]
        assert f"{url}?file=duties" in client.get(url).content.decode()
    client.force_login(closed.dora.user)
    assert client.get(url, {"file": "duties"}).content.count(b"\r\n") == 1
    client.force_login(closed.rosa.user)
    assert client.get(url, {"file": "duties"}).status_code == 403


@pytest.mark.parametrize(
    ("begins", "duties"),
    [(datetime(2026, 2, 28, 4, tzinfo=UTC), set()),
     (datetime(2026, 4, 1, 3, 50, tzinfo=UTC), {"logged time", "exported the claim"}),
     (datetime(2026, 4, 1, 4, tzinfo=UTC), set())],
)  # fmt: skip
def test_time_outside_the_month_is_no_duty_of_it(closed, begins, duties):
    """Midnight of the practice's April is four o'clock."""
    signed_entry(closed.jane_enrolled, begins, 20, by=closed.lena)
    note_release([claim_of(closed.jane)], by=closed.lena, at=APRIL_5)
    assert reported(closed, closed.lena) == duties
