"""A role begins and ends at midnight where the practice is, not where the server's clock is."""

import ast
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client

from accounts.models import Membership
from accounts.permissions import Role
from audit.models import SignInEvent, SignInKind
from authentication.policies import second_factor_required
from tests import factories
from tests.architecture.walk import modules, parsed, short, table_of

DAY = date(2026, 3, 10)
# The moment at which the tenth of March begins there.
MIDNIGHTS = {
    "Pacific/Guam": datetime(2026, 3, 9, 14, 0, tzinfo=UTC),
    "America/New_York": datetime(2026, 3, 10, 4, 0, tzinfo=UTC),
    "Pacific/Honolulu": datetime(2026, 3, 10, 10, 0, tzinfo=UTC),
}
A_SECOND = timedelta(seconds=1)


@pytest.fixture(params=MIDNIGHTS)
def zone(request) -> str:
    return request.param


def member(zone: str, *, starts_on=factories.LONG_AGO, ends_on=None, role=Role.NURSE) -> Membership:
    practice = factories.practice("By the Sea", "sea", time_zone=zone)
    row = factories.membership(practice, "Nina Night", role, "RN", email="nina@example.test")
    row.starts_on, row.ends_on = starts_on, ends_on
    row.save()
    return row


def opens(user, at: datetime) -> bool:
    """Whether a page that needs a role opens for her at that moment."""
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        return client.get("/my/sessions/").status_code == 200


def test_an_ended_role_opens_pages_until_midnight_there(db, zone):
    user, midnight = member(zone, ends_on=DAY).user, MIDNIGHTS[zone]
    assert [opens(user, midnight + step) for step in (-A_SECOND, timedelta(0), A_SECOND)] == [
        True,
        False,
        False,
    ]


def test_a_role_to_come_opens_pages_from_midnight_there(db, zone):
    user, midnight = member(zone, starts_on=DAY).user, MIDNIGHTS[zone]
    assert [opens(user, midnight + step) for step in (-A_SECOND, timedelta(0), A_SECOND)] == [
        False,
        True,
        True,
    ]


def test_a_failed_sign_in_is_its_practices_until_midnight_there(db, zone):
    user, midnight = member(zone, ends_on=DAY).user, MIDNIGHTS[zone]
    for at in (midnight - A_SECOND, midnight):
        with time_machine.travel(at, tick=False):
            Client().post("/sign-in/", {"username": user.email, "password": "wrong"})
    rows = SignInEvent.objects.filter(kind=SignInKind.FAILED).order_by("at")
    assert [row.practice_id is not None for row in rows] == [True, False]


def test_the_second_factor_is_asked_for_until_midnight_there_and_before_a_role_begins(db, zone, settings):
    settings.SECOND_FACTOR_BY_POLICY = True
    row, midnight = member(zone, ends_on=DAY), MIDNIGHTS[zone]
    assert second_factor_required(row.user, at=midnight - A_SECOND)
    assert not second_factor_required(row.user, at=midnight)
    row.starts_on, row.ends_on = DAY, None
    row.save()
    # Who signs in the evening before is still signed in when it begins.
    assert second_factor_required(row.user, at=midnight - A_SECOND)
    row.ends_on = DAY
    row.save()
    assert not second_factor_required(row.user, at=midnight - A_SECOND)


def test_each_of_ones_practices_is_asked_by_its_own_calendar(db):
    """In New York it is still the ninth when the role in Guam has ended for ten hours."""
    here = member("Pacific/Guam", ends_on=DAY)
    there = factories.practice("Elsewhere", "elsewhere", npi="1987654328")
    factories.saved(
        Membership(practice=there, user=here.user, role=Role.BILLER, staff_kind="none", starts_on=DAY)
    )
    at = MIDNIGHTS["America/New_York"]
    rows = Membership.objects.filter(user=here.user)
    assert [m.practice.slug for m in rows.at(at - A_SECOND)] == []
    assert [m.practice.slug for m in rows.at(at)] == ["elsewhere"]
    assert [m.practice.slug for m in rows.not_over(at - A_SECOND)] == ["elsewhere"]
    with time_machine.travel(at, tick=False):
        client = Client()
        client.force_login(here.user)
        switched = client.post("/practice/switch/", {"practice": str(here.practice_id)})
        assert switched.status_code == 404
        assert "By the Sea" not in client.get("/inbox/").content.decode()


def test_no_code_asks_for_a_day_of_the_servers_clock():
    """`localdate()` without a zone, or `.on(…date())`, is the day of whatever zone is in force: here UTC's."""
    found = [
        f"{short(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and _is_servers_day(node)
    ]
    assert not found, f"Ask .at(moment), or .on(practice.today(at)):{table_of(found)}"


def _is_servers_day(call: ast.Call) -> bool:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name == "localdate":
        return not call.args and not call.keywords
    inner = call.args[0] if call.args else None
    return (
        name == "on"
        and isinstance(inner, ast.Call)
        and getattr(inner.func, "attr", "") in {"date", "localdate"}
    )
