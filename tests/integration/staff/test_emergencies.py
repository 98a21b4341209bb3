"""Charts in an emergency: who, how long, told to whom, and marked wherever it is seen."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.urls import resolve, reverse
from django.utils import timezone

from accounts.permissions import Permission, Role, may
from audit.access import record_access
from audit.models import AccessEvent, Action
from dispatch.models import Notice
from dispatch.notices import notify
from foundation.months import previous_month
from foundation.refusals import Refused
from staff import emergencies
from staff.models import EMERGENCY, Emergency
from tests import factories
from tests.integration.billing.months import APRIL_5

OPEN, END = "/emergency/", "/emergency/end/"


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=False):
        yield


def opened(cast) -> Emergency:
    return emergencies.open_emergency(cast.ade, reason="The nurses’ line is down.", at=timezone.now())


def send(client, who, address=OPEN, **data):
    client.force_login(who.user)
    return client.post(address, {"operation_id": uuid4(), **data})


def chart(cast) -> str:
    return reverse("chart", args=[cast.jane.pk])


def test_an_administrator_reads_charts_and_every_page_says_so(client, cast):
    client.force_login(cast.ade.user)
    assert client.get(chart(cast)).status_code == 403
    answer = send(client, cast.ade, reason="The nurses’ line is down.")
    assert (answer.status_code, answer["Location"]) == (303, reverse("caseload"))
    page = client.get(chart(cast)).content.decode()
    assert "Charts are open to you until 14:00." in page
    assert "End the emergency" in client.get("/inbox/").content.decode()
    assert list(AccessEvent.objects.values_list("action", "patient_id")) == [(Action.EMERGENCY, cast.jane.pk)]
    client.get(reverse("caseload"))
    assert set(AccessEvent.objects.values_list("action", flat=True)) == {Action.EMERGENCY}


def test_an_export_in_an_emergency_stays_an_export(cast, rf):
    request = rf.get("/")
    request.practice, request.membership = cast.practice, cast.ade
    cast.ade.emergency = opened(cast)
    request.resolver_match = resolve(chart(cast))
    for action, written in ((Action.EXPORT, Action.EXPORT), (Action.LIST, Action.EMERGENCY)):
        record_access(request, [cast.jane.pk], action=action)
        assert AccessEvent.objects.latest("pk").action == written


def test_a_name_in_the_inbox_is_marked_too(client, cast):
    own = {
        "kind": "threshold",
        "cause": "cause",
        "text": "DOE, Jane reached 20 min.",
        "url": "/",
        "email": False,
    }
    notify(cast.practice, [cast.ade.user], patient_id=cast.jane.pk, **own)
    client.force_login(cast.ade.user)
    seen = AccessEvent.objects.filter(route="dispatch:inbox", patient_id=cast.jane.pk).order_by("pk")
    client.get("/inbox/")
    assert not seen, "Her role sees no chart, so her inbox does not show the line."
    opened(cast)
    client.get("/inbox/")
    assert seen.get().action == Action.EMERGENCY


def test_it_gives_reading_and_nothing_else(client, cast):
    opened(cast)
    client.force_login(cast.ade.user)
    for name in ("patients:patient_edit", "patients:consent_new", "timelogs:session_start"):
        assert client.post(reverse(name, args=[cast.jane.pk])).status_code == 403, name
    assert client.get(reverse("audit:record", args=["patient", cast.jane.pk])).status_code == 403
    assert client.get(reverse("audit:access")).status_code == 403


@pytest.mark.parametrize(
    ("later", "status"),
    [(EMERGENCY - timedelta(seconds=1), 200), (EMERGENCY, 403), (EMERGENCY + timedelta(seconds=1), 403)],
)
def test_it_ends_by_the_clock_after_four_hours(client, cast, later, status):
    opened(cast)
    with time_machine.travel(APRIL_5 + later, tick=False):
        client.force_login(cast.ade.user)
        assert client.get(chart(cast)).status_code == status


def test_it_ends_by_the_button_and_twice_changes_nothing(client, cast):
    row = opened(cast)
    with time_machine.travel(APRIL_5 + timedelta(minutes=10), tick=False):
        assert [send(client, cast.ade, END).status_code for _ in range(2)] == [303, 303]
        assert client.get(chart(cast)).status_code == 403
    row.refresh_from_db()
    assert (row.ends_at, row.ended_early) == (APRIL_5 + timedelta(minutes=10), True)
    assert row.history.count() == 2


def test_every_administrator_is_told_and_nobody_else(client, cast):
    other = factories.membership(cast.practice, "Ida Admin", Role.ADMINISTRATOR, email="ida@example.test")
    far = factories.membership(cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-a@example.test")
    opened(cast)
    told = Notice.objects.filter(kind="emergency")
    assert {notice.recipient for notice in told} == {cast.ade.user, other.user}
    assert far.user not in {notice.recipient for notice in told}
    assert told[0].headline == "Somebody opened charts in an emergency", "The e-mail says no more."


def test_the_report_of_duties_keeps_it(client, cast):
    # The log has the database's own clock.
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp() - interval '1 minute'")
        (now,) = cursor.fetchone()
    with time_machine.travel(now, tick=False):
        opened(cast)
        client.force_login(cast.ade.user)
        client.get(chart(cast))
        client.get(chart(cast))
        month = cast.practice.today().replace(day=1)
        for who in (cast.ade, cast.omar, cast.cora):
            page = duties_of(client, who, month)
            assert "The nurses’ line is down." in page
            assert '<td data-label="Patients seen" class="num">1</td>' in page
        assert "Nobody opened charts" in duties_of(client, cast.omar, previous_month(month))
        assert "Nobody opened charts" in duties_of(client, cast.dora, month)


def duties_of(client, who, month) -> str:
    client.force_login(who.user)
    return client.get(reverse("billing:duties", args=[month])).content.decode()


def test_the_reason_is_asked_for(client, cast):
    answer = send(client, cast.ade, reason=" ")
    assert answer.status_code == 422
    assert "Say what the emergency is" in answer.content.decode()
    assert not Emergency.objects.exists()


def test_a_double_click_opens_once_and_a_second_is_refused(client, cast):
    client.force_login(cast.ade.user)
    data = {"operation_id": uuid4(), "reason": "The nurses’ line is down."}
    assert [client.post(OPEN, data).status_code for _ in range(2)] == [303, 303]
    answer = send(client, cast.ade, reason="Still down.")
    assert answer.status_code == 422
    assert "Charts are open to you already, until 14:00" in answer.content.decode()
    assert "Still down." in answer.content.decode()
    with pytest.raises(Refused):
        opened(cast)
    assert Emergency.objects.count() == 1


def test_the_password_is_asked_again_after_a_while(client, cast):
    client.force_login(cast.ade.user)
    with time_machine.travel(APRIL_5 + timedelta(minutes=11), tick=False):
        answer = client.post(OPEN, {"operation_id": uuid4(), "reason": "Down."})
    assert answer.status_code == 403
    assert "confirm_password" in answer.content.decode()
    assert not Emergency.objects.exists()


def test_it_counts_in_one_practice_alone(client, cast):
    opened(cast)
    client.force_login(cast.ade.user)
    assert client.get(reverse("chart", args=[cast.nora.pk])).status_code == 404


def test_another_administrator_gets_nothing_of_it(client, cast):
    other = factories.membership(cast.practice, "Ida Admin", Role.ADMINISTRATOR, email="ida@example.test")
    opened(cast)
    client.force_login(other.user)
    assert client.get(chart(cast)).status_code == 403


def test_only_the_role_that_sees_no_chart_breaks_the_glass(cast):
    roles = {who.role: who for who in (cast.rosa, cast.lena, cast.ana, cast.cora, cast.omar, cast.ade)}
    assert set(roles) == set(Role)
    for who in roles.values():
        assert may(who, Permission.CHART_VIEW) is not may(who, Permission.CHART_EMERGENCY)


@pytest.mark.parametrize(
    "change",
    ["reason = 'other'", "ends_at = ends_at + interval '1 second'", "opened_at = opened_at - interval '1 h'"],
)
def test_what_was_opened_is_only_shortened(cast, change):
    opened(cast)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE staff_emergency SET {change}")


def test_no_row_lasts_longer_than_four_hours(cast):
    own = {"practice": cast.practice, "member": cast.ade, "reason": "r", "opened_at": APRIL_5}
    with pytest.raises(DatabaseError), transaction.atomic():
        Emergency(ends_at=APRIL_5 + EMERGENCY + timedelta(seconds=1), **own).save()
