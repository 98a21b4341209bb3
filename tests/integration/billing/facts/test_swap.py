"""A cuff that is swapped for another inside a window: no day is lost, and the window does not begin anew.

The law ties the days to one device at least; whether two devices add up is the practice's policy `device_days`.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.models import PolicySetting
from billing.decisions.decide import decide
from billing.facts.gather import gather
from foundation.context import acting
from monitoring.readings.incoming import Incoming
from monitoring.readings.taking import take
from patients.models import Device, DeviceAssignment, DeviceKind
from tests.factories import saved
from tests.integration.billing.months import MARCH

FIRST = date(2026, 2, 10)


def swapped(cast, on: date) -> DeviceAssignment:
    """Jane's cuff came back on that day, and she was given another."""
    before = cast.jane.assignments.get()
    before.ends_on = on
    before.save()
    own = {"practice": cast.practice}
    device = saved(Device(serial="CUFF-B", kind=DeviceKind.BP_CUFF, basis="510(k) K000000", **own))
    held = {"patient": cast.jane, "enrollment": cast.jane_enrolled, "starts_on": on}
    return saved(DeviceAssignment(device=device, **held, **own))


def sent(cast, serial: str, since: date, days: int) -> None:
    start = datetime(since.year, since.month, since.day, 15, tzinfo=UTC)
    values = [
        Incoming("blood_pressure", Decimal(128), start + timedelta(days=i), Decimal(78), serial=serial)
        for i in range(days)
    ]
    with acting("system: test"):
        told = {"entrance": "hub", "sender": "hub", "at": start + timedelta(days=60)}
        take(values, practice=cast.practice, all_or_none=True, **told)


def decided(cast):
    return decide(gather(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk])


def device_code(found) -> set[str]:
    return {code for code in found.decision["released"] if code in {"99445", "99454"}}


@pytest.mark.parametrize(
    ("policy", "second", "code"),
    [
        ("any_device", 8, "99454"),
        ("any_device", 7, "99445"),
        ("best_device", 8, "99445"),
        ("best_device", 16, "99454"),
        ("best_device", 15, "99445"),
    ],
)
def test_the_days_of_both_stand_in_one_window(cast, policy, second, code):
    if policy == "any_device":
        row = {
            "key": "device_days",
            "value": policy,
            "starts_on": date(2026, 1, 1),
            "why": "Vendor's reading",
        }
        saved(PolicySetting(practice=cast.practice, **row))
    sent(cast, "CUFF-T-0001", FIRST, 8)
    swapped(cast, FIRST + timedelta(days=8))
    sent(cast, "CUFF-B", FIRST + timedelta(days=8), second)
    found = decided(cast)
    (window,) = found.facts["device_windows"]
    assert window == {
        "starts_on": "2026-02-10",
        "ends_on": "2026-03-11",
        "reading_days": max(8, second),
        "reading_days_any_device": 8 + second,
        "devices": 2,
    }
    assert device_code(found) == {code}
    split = policy == "best_device" and 8 + second >= 16 and second < 16
    assert ("days-split-over-devices" in found.decision["warnings"]) == split


def test_a_day_on_which_both_sent_is_one_day(cast):
    """The first is given back the day after the second was given: on that day the patient had both."""
    sent(cast, "CUFF-T-0001", FIRST, 9)
    second = swapped(cast, FIRST + timedelta(days=9))
    second.starts_on = FIRST + timedelta(days=8)
    second.save()
    sent(cast, "CUFF-B", FIRST + timedelta(days=8), 7)
    (window,) = decided(cast).facts["device_windows"]
    assert window["reading_days_any_device"] == 15


def test_a_reading_of_the_first_cuff_after_the_swap_is_nobodys(cast):
    swapped(cast, FIRST)
    with acting("system: test"):
        moment = datetime(2026, 2, 10, 15, tzinfo=UTC)
        value = Incoming("heart_rate", Decimal(71), moment, serial="CUFF-T-0001")
        (late,) = take([value], practice=cast.practice, entrance="hub", sender="hub", at=moment)
    assert late.outcome == "parked"


def test_the_database_refuses_two_holders_of_one_device_on_one_day(cast):
    before = cast.jane.assignments.get()
    theirs = {"practice": cast.practice, "patient": cast.max, "enrollment": cast.max_enrolled}
    twice = DeviceAssignment(device=before.device, starts_on=FIRST, **theirs)
    with pytest.raises(IntegrityError, match="one_holder_per_device"), transaction.atomic():
        saved(twice)
