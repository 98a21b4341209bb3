"""Every policy set by hand on its page, and what that changed: a decision, a session, a clock, an alert or a close.

A policy without a line in `EFFECTS` fails.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from accounts.policy_specs import POLICIES, is_per_payer
from authentication.policies import second_factor_required
from billing import tasks
from billing.close.preflight import preflight
from billing.decisions.decide import decide, wanted_holds
from billing.facts.gather import gather
from billing.models import Claim, CloseRun
from billing.policies import why_not_approve, why_not_release
from dispatch.models import Notice
from escalations import silence
from escalations.acts import open_or_merge, resolve
from foundation.refusals import Refused
from monitoring.models import Measure, Reading, Source
from monitoring.watching.findings import of_readings, of_silence
from patients.models import (
    Device,
    DeviceAssignment,
    DeviceKind,
    OfficeVisit,
    Order,
    SignatureKind,
    TargetRange,
)
from patients.papers import usual_review, withdraw_paper
from patients.services import usual_range_review
from reports import unusual
from tests import factories
from tests.factories import saved
from tests.integration.billing.claims.test_duties import does, in_two_roles
from tests.integration.billing.months import (
    APRIL_5,
    MARCH,
    NINE,
    close_march,
    guides_example,
    minutes_of,
    work,
)
from tests.integration.escalations.found import finding, opened, pressure
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from timelogs.clock import acts as clock
from timelogs.clock.status import clock_view
from timelogs.counting.totals import month_total
from timelogs.signing.shared_minutes import why_not_let

TODAY, MONTH = "2026-04-05", "2026-03-01"
CHAT = {**CALL, "method": "live_chat"}
MISSED = {**NO_ANSWER, "follow_up_on": date(2026, 4, 3)}


@dataclass(frozen=True, slots=True)
class Effect:
    """What is typed, from which day it holds, and what is seen of it: before it is set, and after."""

    value: str
    since: str
    seen: Callable[[Any], Any]
    before: Any
    after: Any


@pytest.fixture(autouse=True)
def in_april(settings):
    settings.SECOND_FACTOR_BY_POLICY = True
    with time_machine.travel(APRIL_5, tick=True):
        yield


# On a decision --------------------------------------------------------------------------------------------------


def decided(patient):
    return decide(gather(patient.practice, MARCH, [patient.pk])[patient.pk])


def management(patient) -> dict[str, int]:
    released = decided(patient).decision["released"]
    return {code: n for code, n in released.items() if code in {"99470", "99457", "99458", "99091"}}


def forty_minutes(cast) -> dict[str, int]:
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    minutes_of(cast.jane, cast.rosa, 2400)
    return management(cast.jane)


def a_chat(cast) -> dict[str, int]:
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    minutes_of(cast.jane, cast.rosa, 1200, **CHAT)
    return management(cast.jane)


def physician_and_nurse(cast) -> set[tuple[str, str]]:
    factories.readings(cast.jane, date(2026, 2, 10), 60)
    minutes_of(cast.jane, cast.ana, 2100)
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE + timedelta(days=1), seconds=1200, **CALL)
    return {pair for pair in wanted_holds(decided(cast.jane)) if pair[0] == "99091"}


def two_devices(cast) -> bool:
    """Eight days of the cuff, eight other days of a scale: sixteen only together."""
    own = {"practice": cast.practice}
    factories.readings(cast.jane, date(2026, 2, 10), 8)
    scale = saved(Device(serial="SCALE-1", kind=DeviceKind.SCALE, basis="510(k) K000001", **own))
    held = {"enrollment": cast.jane_enrolled, "patient": cast.jane, "starts_on": date(2025, 11, 2)}
    saved(DeviceAssignment(device=scale, **held, **own))
    for day in range(8):
        at = datetime(2026, 2, 18 + day, 13, tzinfo=UTC)
        when = {"taken_at": at, "received_at": at, "day": at.date()}
        what = {"measure": Measure.WEIGHT, "value": 80, "source": Source.AUTOMATIC}
        saved(Reading(patient=cast.jane, device=scale, **when, **what, **own))
    return "99454" in decided(cast.jane).decision["released"]


def setup(cast) -> bool:
    """Nothing was measured in the first window."""
    return "99453" in decided(cast.jane).decision["released"]


def window_ends(cast) -> set[date]:
    factories.readings(cast.jane, date(2026, 2, 10), 60)
    return {day for code, day, _ in decided(cast.jane).lines if code == "99454"}


def payer_holds(cast) -> bool:
    guides_example(cast)
    return ("99457", "payer-diagnosis") in wanted_holds(decided(cast.jane))


def code_holds(cast) -> bool:
    guides_example(cast)
    return ("99457", "payer-code") in wanted_holds(decided(cast.jane))


def only_a_transcript(cast) -> bool:
    guides_example(cast)
    withdraw_paper(Order.objects.get(enrollment=cast.jane_enrolled), reason="r", by=cast.ana, at=APRIL_5)
    on = date(2025, 11, 3)
    seen = {"signature": SignatureKind.TRANSCRIPT, "seen_by": cast.rosa, "seen_on": on, "signed_on": on}
    row = {"enrollment": cast.jane_enrolled, "text": "Monitor.", "signed_by": cast.ana, **seen}
    saved(Order(practice=cast.practice, **row))
    return ("99457", "no-order") in wanted_holds(decided(cast.jane))


# On a clock -----------------------------------------------------------------------------------------------------


def clock_after(minutes: int, *, every: int, had_input: bool) -> Callable[[Any], str]:
    """The state of a clock that was started this morning, whose page spoke so often."""

    def seen(cast) -> str:
        entry = clock.start_session(cast.jane, by=cast.rosa, at=APRIL_5)
        for minute in range(every, minutes + 1, every):
            at = APRIL_5 + timedelta(minutes=minute)
            clock.heartbeat(entry.pk, had_input=had_input, by=cast.rosa, at=at)
        return str(clock_view(entry, at=APRIL_5 + timedelta(minutes=minutes)).state)

    return seen


# On a session ---------------------------------------------------------------------------------------------------


def signed_today(cast, **note):
    at = APRIL_5 - timedelta(days=1)
    return signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=900, at=APRIL_5, **REVIEW, **note)


def may_be_signed(cast) -> bool:
    try:
        with transaction.atomic():
            signed_today(cast)
    except Refused:
        return False
    return True


def late(cast) -> tuple[bool, bool]:
    entry = signed_today(cast, late_reason="The line was down yesterday.")
    return entry.late, entry.needs_approval


def waits(cast) -> bool:
    return signed_today(cast).needs_approval


def unanswered(cast) -> int:
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=660, **MISSED)
    return month_total(cast.jane, MARCH).seconds


def on_a_visits_day(cast) -> int:
    saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=NINE.date()))
    minutes_of(cast.jane, cast.rosa, 660)
    return month_total(cast.jane, MARCH).seconds


def side_by_side(cast) -> bool:
    minutes_of(cast.jane, cast.rosa, 600)
    entry = minutes_of(cast.jane, cast.luis, 600)
    return why_not_let(entry, by=cast.lena, at=APRIL_5) is None


# On an alert, a plan, a close, a claim, a sign-in ---------------------------------------------------------------


def told(cast) -> set[str]:
    minutes_of(cast.jane, cast.rosa, 600)
    work()
    return {notice.recipient.name for notice in Notice.objects.filter(kind="threshold")}


def told_of_near(cast) -> set[str]:
    """Four minutes before the line, which the lead of 4 includes."""
    minutes_of(cast.jane, cast.rosa, 360)
    work()
    return {notice.recipient.name for notice in Notice.objects.filter(kind="near")}


def review_day(cast) -> date:
    return usual_review(cast.practice, APRIL_5.date())


def range_review_day(cast) -> date:
    return usual_range_review(cast.practice, APRIL_5.date())


def trends_of(measure: str, *values: tuple[date, str]) -> Callable[[Any], set[str]]:
    """The trends that are found when the last of these values comes in."""

    def seen(cast) -> set[str]:
        rows = [a_reading(cast.jane, measure, day, value) for day, value in values]
        return {found.rule for found in of_readings(cast.practice, [rows[-1].pk])} - {""}

    return seen


def a_reading(patient, measure: str, day: date, value: str) -> Reading:
    at = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
    first, _, second = value.partition("/")
    return saved(
        Reading(
            practice=patient.practice,
            patient=patient,
            measure=measure,
            value=first,
            second_value=second or None,
            source=Source.TYPED,
            taken_at=at,
            received_at=at,
            day=day,
        )
    )


def silent(cast) -> int:
    return len(of_silence(cast.practice, APRIL_5))


def time_to_answer(**what) -> Callable[[Any], timedelta]:
    """How long the owner of a new escalation has."""

    def seen(cast) -> timedelta:
        row = opened(cast.jane, APRIL_5, **what)
        return row.due_at - row.opened_at

    return seen


def soon_again(cast) -> bool:
    """A trend that was resolved an hour ago is found once more."""
    trend = {"cause": "trend", "rule": "weight_gain"}
    resolve(opened(cast.jane, APRIL_5, **trend), outcome="advised", by=cast.rosa, at=APRIL_5)
    later = APRIL_5 + timedelta(hours=1)
    once_more = finding(cast.jane, pressure(cast.jane, later), at=later, **trend)
    return open_or_merge(once_more, practice=cast.practice, at=later) is not None


def still_paused(cast) -> bool:
    """A pause that began today, three weeks later."""
    silence.watch(cast.practice, at=APRIL_5)
    row = silence.open_ones(cast.practice).get(patient=cast.jane)
    resolve(row, outcome="paused", by=cast.rosa, at=APRIL_5)
    silence.watch(cast.practice, at=APRIL_5 + timedelta(days=21))
    return not silence.open_ones(cast.practice).filter(patient=cast.jane).exists()


def urgency_of_a_late_one(cast) -> str:
    """A critical oxygen saturation that came in nine days after it was taken."""
    limits = {"low": 92, "critical_low": 88, "starts_on": date(2026, 3, 1), "review_by": date(2026, 5, 30)}
    saved(TargetRange(practice=cast.practice, patient=cast.jane, measure=Measure.SPO2, **limits))
    row = a_reading(cast.jane, Measure.SPO2, date(2026, 3, 27), "84")
    row.received_at = row.taken_at + timedelta(days=9)
    row.save()
    (found,) = of_readings(cast.practice, [row.pk])
    return str(found.severity)


def named_before_the_close(cast) -> bool:
    minutes_of(cast.jane, cast.rosa, 3660)
    return any(
        "Rosa Nguyen signed" in item.text for item in preflight(cast.practice, MARCH, at=APRIL_5).items
    )


def closed_by_itself(cast) -> bool:
    guides_example(cast)
    tasks.close_if_due(cast.practice, at=APRIL_5)
    return CloseRun.objects.exists()


def by_one_person(first: str, second: str) -> Callable[[Any], bool]:
    """Whether one person may do both: the first as a lead nurse until April, the second as a biller since."""

    def seen(cast) -> bool:
        guides_example(cast)
        close_march(cast)
        before, after = in_two_roles(cast, "lead_nurse" if first != "approved" else "biller", "biller")
        does(cast, first, before)
        claims = Claim.objects.filter(patient=cast.jane)
        if second == "approved":
            return why_not_approve(claims.get(), by=after) is None
        return why_not_release(cast.practice, MARCH, claims, by=after) is None

    return seen


def asked_for_a_second_factor(cast) -> bool:
    return second_factor_required(cast.rosa.user, at=APRIL_5)


def named_in_the_report(cast) -> bool:
    """Five and a half hours of one week."""
    for days in range(3):
        starts_at = NINE + timedelta(days=days)
        signed_session(cast.jane, by=cast.rosa, starts_at=starts_at, seconds=6600, **REVIEW)
    return bool(unusual.tables(cast.practice, MARCH)[1].rows)


BASE = {"99457": 1}
EFFECTS = {
    "unit_limit_99458": Effect("0", MONTH, forty_minutes, BASE | {"99458": 1}, BASE),
    "live_contact_per_unit": Effect("True", MONTH, forty_minutes, BASE | {"99458": 1}, BASE),
    "live_chat_counts": Effect("True", MONTH, a_chat, {}, BASE),
    "dual_99091": Effect("cms_2021", MONTH, physician_and_nurse, set(), {("99091", "dual-99091-review")}),
    "device_days": Effect("any_device", MONTH, two_devices, False, True),
    "setup_min_days": Effect("0", MONTH, setup, False, True),
    "codes_not_covered": Effect("99457", MONTH, code_holds, False, True),
    "device_window": Effect("calendar_month", MONTH, window_ends, {date(2026, 3, 11)}, {date(2026, 3, 31)}),
    "covered_diagnoses": Effect("E11", MONTH, payer_holds, False, True),
    "transcripts": Effect("any", MONTH, only_a_transcript, True, False),
    "idle_minutes": Effect("9", TODAY, clock_after(7, every=1, had_input=False), "asking", "running"),
    "lost_minutes": Effect("9", TODAY, clock_after(7, every=7, had_input=False), "paused", "asking"),
    "long_session_minutes": Effect(
        "15", TODAY, clock_after(17, every=1, had_input=True), "running", "asking"
    ),
    "max_session_minutes": Effect("10", TODAY, may_be_signed, True, False),
    "late_flag_days": Effect("0", TODAY, late, (False, False), (True, False)),
    "late_approval_days": Effect("0", TODAY, late, (False, False), (False, True)),
    "second_person_approval": Effect("True", TODAY, waits, False, True),
    "attempts_counted": Effect("True", MONTH, unanswered, 0, 660),
    "concurrent_time": Effect("reviewed", TODAY, side_by_side, False, True),
    "staff_weekly_ceiling_minutes": Effect("300", MONTH, named_in_the_report, False, True),
    "staff_daily_ceiling_minutes": Effect("60", MONTH, named_before_the_close, False, True),
    "alert_lead_minutes": Effect("3", TODAY, told_of_near, {"Cora Biller"}, set()),
    "alert_recipients": Effect("billers", TODAY, told, {"Cora Biller", "Rosa Nguyen"}, {"Cora Biller"}),
    "same_day_visit": Effect("count", MONTH, on_a_visits_day, 0, 660),
    "plan_review_days": Effect("30", TODAY, review_day, date(2026, 7, 4), date(2026, 5, 5)),
    "range_review_days": Effect("30", TODAY, range_review_day, date(2026, 7, 4), date(2026, 5, 5)),
    "weight_gain_grams": Effect(
        "1500",
        TODAY,
        trends_of(Measure.WEIGHT, (date(2026, 4, 4), "80"), (date(2026, 4, 5), "81.5")),
        set(),
        {"weight-gain"},
    ),
    "weight_gain_days": Effect(
        "4",
        TODAY,
        trends_of(Measure.WEIGHT, (date(2026, 4, 1), "80"), (date(2026, 4, 5), "82")),
        set(),
        {"weight-gain"},
    ),
    "repeated_readings": Effect(
        "2",
        TODAY,
        trends_of(Measure.BLOOD_PRESSURE, *((date(2026, 4, day), "140/85") for day in (4, 5))),
        set(),
        {"repeated-above"},
    ),
    "repeated_days": Effect(
        "9",
        TODAY,
        trends_of(
            Measure.BLOOD_PRESSURE,
            *((day, "140/85") for day in (date(2026, 3, 28), *(date(2026, 4, n) for n in (2, 3, 4, 5)))),
        ),
        set(),
        {"repeated-above"},
    ),
    "silent_days": Effect("0", TODAY, silent, 2, 0),
    "escalation_critical_minutes": Effect(
        "30", TODAY, time_to_answer(severity="critical"), timedelta(minutes=60), timedelta(minutes=30)
    ),
    "escalation_warning_hours": Effect("8", TODAY, time_to_answer(), timedelta(hours=24), timedelta(hours=8)),
    "escalation_silence_hours": Effect(
        "24", TODAY, time_to_answer(cause="silence"), timedelta(hours=72), timedelta(hours=24)
    ),
    "escalation_quiet_hours": Effect("0", TODAY, soon_again, False, True),
    "silence_pause_days": Effect("30", TODAY, still_paused, False, True),
    "old_reading_days": Effect("10", TODAY, urgency_of_a_late_one, "warning", "critical"),
    "close_day": Effect("6", TODAY, closed_by_itself, True, False),
    "biller_did_not_approve_time": Effect(
        "True", TODAY, by_one_person("approved_time", "approved"), True, False
    ),
    "releaser_is_not_approver": Effect("True", TODAY, by_one_person("approved", "released"), True, False),
    "releaser_did_not_log": Effect("True", TODAY, by_one_person("approved_time", "released"), True, False),
    "second_factor": Effect("False", TODAY, asked_for_a_second_factor, True, False),
}


def test_every_policy_has_a_line():
    assert list(EFFECTS) == list(POLICIES)


def set_by_hand(client, cast, key: str, payer: str = "") -> None:
    client.force_login(cast.ade.user)
    effect = EFFECTS[key]
    typed = {
        "value": effect.value,
        "starts_on": effect.since,
        "why": "Decided in the meeting of April.",
        "payer": payer,
    }
    sent = {"operation_id": str(uuid4()), **typed}
    answer = client.post(reverse("billing:policy_change", args=[key]), sent)
    assert answer.status_code == 303, answer.content.decode()[:3000]


def before_it_is_set(cast, effect: Effect):
    with transaction.atomic():
        found = effect.seen(cast)
        transaction.set_rollback(True)
    return found


@pytest.mark.parametrize("key", POLICIES)
def test_a_policy_set_by_hand_changes_what_it_says(client, cast, key):
    effect = EFFECTS[key]
    assert before_it_is_set(cast, effect) == effect.before
    # A gate of March, so that what the month would count is counted anew.
    signed_session(cast.max, by=cast.luis, starts_at=NINE - timedelta(hours=1), seconds=300, **CALL)
    set_by_hand(client, cast, key)
    assert effect.seen(cast) == effect.after


@pytest.mark.parametrize(("payer", "follows"), [("medicare", True), ("medicaid", False)])
@pytest.mark.parametrize("key", list(filter(is_per_payer, POLICIES)))
def test_a_payers_own_value_changes_its_claims_alone(client, cast, key, payer, follows):
    effect = EFFECTS[key]
    set_by_hand(client, cast, key, payer)
    assert effect.seen(cast) == (effect.after if follows else effect.before)
