"""Alerts of months that still take time: near a line, and minutes met without a live contact."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.practice_policies import set_policy
from billing import alerts
from billing.close import acts as close
from billing.models import AlertKind, ThresholdAlert
from billing.tasks import look_at_last_week
from dispatch.models import Notice, OutboxMessage
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, minutes_of, work
from tests.integration.billing.test_alerts import standing
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session
from timelogs.models import PatientMonth, Period
from timelogs.signing.months import TIME_CHANGED
from timelogs.signing.void import void

IN_MARCH = datetime(2026, 3, 20, 12, 0, tzinfo=UTC)
NEAR, NO_CONTACT, REACHED = AlertKind.NEAR, AlertKind.NO_CONTACT, AlertKind.REACHED


def should(seconds: int, *, contact: bool = True, **given) -> set:
    return {
        (kind, line)
        for kind, line in alerts.should_stand(seconds, **{"lead": 4, "has_contact": contact, **given})
        if kind != REACHED
    }


@pytest.mark.parametrize("line", [10, 20, 40, 60, 80])
def test_a_month_is_near_from_the_lead_to_the_line(line):
    assert should(line * 60 - 241) == set()
    assert should(line * 60 - 240) == should(line * 60 - 1) == {(NEAR, line)}
    assert should(line * 60) == set()


@pytest.mark.parametrize(("lead", "seconds"), [(0, 599), (1, 539), (9, 59)])
def test_a_lead_of_nothing_is_near_nothing(lead, seconds):
    assert should(seconds, lead=lead) == set()
    assert should(seconds + 1, lead=lead) == ({(NEAR, 10)} if lead else set())


@pytest.mark.parametrize(
    ("seconds", "last_week", "line"),
    [
        (1199, False, None),
        (1200, False, 20),
        (599, True, None),
        (600, True, 10),
        (1199, True, 10),
        (1200, True, 20),
    ],
)
def test_minutes_met_and_no_contact(seconds, last_week, line):
    found = should(seconds, contact=False, last_week=last_week, lead=0)
    assert found == ({(NO_CONTACT, line)} if line else set())
    assert should(seconds, contact=True, last_week=last_week, lead=0) == set()


def test_a_month_that_takes_no_time_is_near_nothing():
    assert should(1199, is_open=False, contact=False) == should(1300, is_open=False, contact=False) == set()


def look(patient, at=IN_MARCH):
    alerts.reconcile(PatientMonth.objects.get(patient=patient), at=at)


def told(kind: str) -> set:
    return set(Notice.objects.filter(kind=kind, withdrawn_at=None).values_list("recipient", flat=True))


def test_who_can_write_time_is_not_told_how_little_is_missing(cast):
    day = cast.practice.today(IN_MARCH)
    set_policy(cast.practice, key="alert_recipients", value="and_clinicians", starts_on=day, why="Asked for.")
    minutes_of(cast.jane, cast.rosa, 1140)
    look(cast.jane)
    assert standing(cast.jane, NEAR) == [20]
    assert told("near") == {cast.cora.user_id}
    assert Notice.objects.get(kind="near").text == "DOE, Jane: within 4 min of 20 min in March 2026"
    assert told("threshold") == {cast.user(name).pk for name in ("cora", "rosa", "lena", "ana")}


def test_a_line_that_is_reached_is_not_near_any_more_and_the_history_says_why(cast):
    minutes_of(cast.jane, cast.rosa, 540)
    look(cast.jane)
    near = ThresholdAlert.objects.get(kind=NEAR)
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(hours=1), seconds=60, **REVIEW)
    look(cast.jane)
    assert (standing(cast.jane, NEAR), standing(cast.jane)) == ([], [10])
    rows = near.history.order_by("history_id")
    assert [row.history_change_reason for row in rows] == ["9 min counted", "10 min counted"]
    assert all(row.actor_label for row in rows)
    assert told("near") == set()


def test_the_practice_chooses_the_lead_from_a_day_on(cast):
    day = cast.practice.today(IN_MARCH)
    set_policy(cast.practice, key="alert_lead_minutes", value=2, starts_on=day, why="Too many.")
    minutes_of(cast.jane, cast.rosa, 460)
    look(cast.jane, IN_MARCH - timedelta(days=1))
    assert standing(cast.jane, NEAR) == [10]
    look(cast.jane)
    assert standing(cast.jane, NEAR) == []


def test_twenty_minutes_and_no_contact_until_somebody_spoke_with_her(cast):
    minutes_of(cast.jane, cast.rosa, 1200, **REVIEW)
    look(cast.jane)
    assert standing(cast.jane, NO_CONTACT) == [20]
    assert told("no_contact") == {cast.cora.user_id, cast.rosa.user_id}
    notice = Notice.objects.filter(kind="no_contact").first()
    assert notice.text == "DOE, Jane: 20 min and no live contact in March 2026"
    talk = signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(hours=1), seconds=300, **CALL)
    look(cast.jane)
    assert standing(cast.jane, NO_CONTACT) == []
    void(talk, reason="It was another patient.", by=cast.rosa, at=NINE + timedelta(hours=2))
    look(cast.jane)
    assert standing(cast.jane, NO_CONTACT) == [20]
    assert ThresholdAlert.objects.filter(kind=NO_CONTACT).count() == 2


def test_ten_minutes_without_contact_are_told_of_in_the_last_week(cast):
    minutes_of(cast.jane, cast.rosa, 600, **REVIEW)
    look(cast.jane, datetime(2026, 3, 24, 12, tzinfo=UTC))
    assert standing(cast.jane, NO_CONTACT) == []
    look(cast.jane, datetime(2026, 3, 25, 12, tzinfo=UTC))
    assert standing(cast.jane, NO_CONTACT) == [10]
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(hours=1), seconds=600, **REVIEW)
    look(cast.jane, datetime(2026, 3, 25, 13, tzinfo=UTC))
    assert standing(cast.jane, NO_CONTACT) == [10]


@pytest.mark.parametrize(("day", "asked"), [(24, 0), (25, 1)])
def test_the_schedule_asks_once_a_day_in_the_last_week(day, asked, cast, time_machine):
    minutes_of(cast.jane, cast.rosa, 600, **REVIEW)
    look(cast.jane, IN_MARCH)
    OutboxMessage.objects.update(done_at=IN_MARCH)
    time_machine.move_to(datetime(2026, 3, day, 15, tzinfo=UTC))
    for _ in range(3):
        look_at_last_week()
    assert OutboxMessage.objects.filter(done_at=None).count() == asked
    work()
    assert standing(cast.jane, NO_CONTACT) == [10] * asked


def test_a_chat_is_a_contact_where_the_payer_takes_it_for_one(cast):
    chat = {**CALL, "method": "live_chat"}
    minutes_of(cast.jane, cast.rosa, 1200, **chat)
    look(cast.jane)
    assert standing(cast.jane, NO_CONTACT) == [20]
    set_policy(
        cast.practice,
        key="live_chat_counts",
        value=True,
        starts_on=date(2026, 1, 1),
        why="Said by the payer.",
    )
    look(cast.jane)
    assert standing(cast.jane, NO_CONTACT) == []


def test_a_close_withdraws_what_nobody_can_do_anything_about(cast):
    minutes_of(cast.jane, cast.rosa, 1140, **REVIEW)
    work()
    assert (standing(cast.jane, NEAR), standing(cast.jane, NO_CONTACT)) == ([20], [10])
    close_march(cast)
    assert standing(cast.jane, NEAR) == standing(cast.jane, NO_CONTACT) == []
    assert standing(cast.jane) == [10]
    why = ThresholdAlert.history.filter(kind=NEAR).latest().history_change_reason
    assert why == "March 2026 was closed"
    look(cast.jane)
    assert standing(cast.jane, NEAR) == []


def reopen(cast) -> Period:
    period = Period.objects.get(month=MARCH)
    return close.reopen(period, reason="A late call is missing.", by=cast.ade, at=APRIL_5)


def test_a_month_that_is_reopened_is_near_its_lines_and_lacks_its_contacts_again(cast):
    minutes_of(cast.jane, cast.rosa, 1140, **REVIEW)
    work()
    close_march(cast)
    assert standing(cast.jane, NEAR) == standing(cast.jane, NO_CONTACT) == []
    before = Notice.objects.filter(kind__in=("near", "no_contact")).count()
    reopen(cast)
    work()
    assert (standing(cast.jane, NEAR), standing(cast.jane, NO_CONTACT)) == ([20], [10])
    assert standing(cast.jane) == [10]
    assert (told("near"), told("no_contact")) == ({cast.cora.user_id}, {cast.cora.user_id, cast.rosa.user_id})
    assert Notice.objects.filter(kind__in=("near", "no_contact")).count() == 2 * before
    close_march(cast, at=APRIL_5 + timedelta(hours=1))
    assert standing(cast.jane, NEAR) == standing(cast.jane, NO_CONTACT) == []


def test_a_reopened_months_patients_are_asked_for_in_chunks_by_their_ids(cast, monkeypatch):
    monkeypatch.setattr(alerts, "CHUNK", 1)
    for patient, minutes in ((cast.jane, 0), (cast.max, 90)):
        starts_at = NINE + timedelta(minutes=minutes)
        signed_session(patient, by=cast.rosa, starts_at=starts_at, seconds=1140, **REVIEW)
    idle = factories.patient(cast.practice, "Idle", "Ida", mrn="I-1", born_on=factories.LONG_AGO)
    PatientMonth(**PatientMonth.fields_for(idle, MARCH)).save()
    close_march(cast)
    last = OutboxMessage.objects.latest("id").pk
    reopen(cast)
    work()
    sent = list(OutboxMessage.objects.filter(pk__gt=last).order_by("id").values_list("topic", "body"))
    asked = [body["patient_month"] for topic, body in sent if topic == TIME_CHANGED]
    first, second = PatientMonth.objects.exclude(patient=idle).order_by("patient")
    assert asked == [str(first.pk), str(second.pk)]
    period = str(Period.objects.get().pk)
    assert [body for topic, body in sent if topic == alerts.REOPENED] == [
        {"period": period},
        {"period": period, "after": str(first.patient_id)},
        {"period": period, "after": str(second.patient_id)},
    ]
    assert standing(cast.jane, NEAR) == standing(cast.max, NEAR) == [20]


@pytest.mark.parametrize(
    ("kind", "minutes"), [("reached", 30), ("near", 5), ("no_contact", 40), ("other", 10)]
)
def test_the_database_knows_the_lines(kind, minutes, cast):
    minutes_of(cast.jane, cast.rosa, 60)
    row = ThresholdAlert(
        practice=cast.practice,
        patient_month=PatientMonth.objects.get(),
        kind=kind,
        minutes=minutes,
        raised_at=NINE,
    )
    with pytest.raises(Exception, match="alert_is_of_a_line"), transaction.atomic():
        row.save()


def test_the_database_holds_one_alert_for_a_line_and_one_for_contact(cast):
    minutes_of(cast.jane, cast.rosa, 1140, **REVIEW)
    work()
    again = """INSERT INTO billing_thresholdalert
        (id, version, practice_id, patient_month_id, minutes, kind, raised_at)
        SELECT gen_random_uuid(), 1, practice_id, patient_month_id, minutes, %s, raised_at
        FROM billing_thresholdalert WHERE kind = %s"""
    for beside, kind in (("near", "reached"), ("no_contact", "no_contact"), ("near", "near")):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(again, [beside, kind])
