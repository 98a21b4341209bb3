"""The what-if's form: what of it counts as a change."""

import pytest
from django.http import QueryDict

from billing.whatif.base import Base
from billing.whatif.form import WhatIfForm, minutes_text
from billing.whatif.overlay import PayerProfile, lay_over, plain
from foundation.months import parse_duration

WINDOW = {"ends_on": "2026-03-11", "reading_days": 20, "reading_days_any_device": 22, "devices": 2}
PAYERS = {"medicare": "Medicare Part B", "commercial": "Commercial plan"}
PROFILE = PayerProfile("commercial", {"live_contact_per_unit": True}, False)


def base(**more) -> Base:
    return Base(plain({"month": "2026-03", "device_windows": [WINDOW], **more}), None)


def typed(stands: Base, **changes) -> WhatIfForm:
    as_shown = WhatIfForm(base=stands, payers=PAYERS).completed(QueryDict(""))
    return WhatIfForm({**as_shown, **changes}, base=stands, payers=PAYERS)


def laid(form: WhatIfForm) -> dict:
    assert form.is_valid(), form.errors
    return lay_over(form.facts, form.changes(lambda payer: PROFILE))


@pytest.mark.parametrize("seconds", [0, 59, 60, 1350, 3599, 3600, 9999 * 60 + 59])
def test_minutes_are_written_as_they_are_read(seconds):
    assert parse_duration(minutes_text(seconds)) == seconds


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"clinical_staff_seconds": 1350, "payer": "none", "policy": {"live_contact_per_unit": True}},
        {"consent_on": "2026-04-01", "order_signed_on": "2025-01-01", "auto_reading_days_in_month": 11},
        {"payer": "acme", "diagnosis_allowed": False, "qhp_seconds_30_days": 5},
    ],
)
def test_a_form_sent_as_it_is_lays_nothing_over(more):
    stands = base(**more)
    assert laid(typed(stands)) == stands.facts


def test_another_payer_brings_its_profile_and_the_same_one_nothing():
    assert laid(typed(base(), payer="commercial"))["policy"]["live_contact_per_unit"] is True
    assert laid(typed(base(), payer="commercial"))["diagnosis_allowed"] is False
    assert laid(typed(base(), payer="commercial", diagnosis_allowed="yes"))["diagnosis_allowed"] is True
    assert laid(typed(base(), payer="medicare")) == base().facts


def test_two_devices_have_a_field_for_their_days_together():
    window = laid(typed(base(), **{"days_2026-03-11": "5", "days_any_2026-03-11": "6"}))["device_windows"][0]
    assert (window["reading_days"], window["reading_days_any_device"]) == (5, 6)
    wrong = typed(base(), **{"days_2026-03-11": "23"})
    assert wrong.errors == {
        "days_any_2026-03-11": ["Days of all devices together must be 23 or more, as one has 23."]
    }


@pytest.mark.parametrize("days", [0, 15, 30])
def test_the_days_of_one_device_are_those_of_all(days):
    stands = base(device_windows=[{"ends_on": "2026-03-11", "reading_days": 20}])
    window = laid(typed(stands, **{"days_2026-03-11": str(days)}))["device_windows"][0]
    assert (window["reading_days"], window["reading_days_any_device"]) == (days, days)
    assert "days_any_2026-03-11" not in WhatIfForm(base=stands, payers=PAYERS).fields


def test_a_paper_dated_after_the_month_is_not_on_file_and_given_it_is_from_the_first():
    stands = base(consent_on="2026-04-01")
    assert WhatIfForm(base=stands, payers=PAYERS).fields["consent_on"].initial == "no"
    assert laid(typed(stands, consent_on="yes"))["consent_on"] == "2026-03-01"
    assert laid(typed(base(consent_on="2026-03-31"), consent_on="no"))["consent_on"] is None
