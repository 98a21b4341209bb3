"""Random facts as JSON values, drawn mostly from around the edges of the rules.

Strategies stand at the module's level: one that is made for each draw takes longer than the draw.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from hypothesis import strategies as st

from billing.rules import rulesets

MONTHS = [f"{year}-{number:02d}" for year in range(2019, 2027) for number in range(1, 13)]
# The first and the last month of every rule set: where the law changes.
EDGE_MONTHS = [
    day.isoformat()[:7] for ruleset in rulesets() for day in (ruleset.effective_from, ruleset.effective_to)
]
SECONDS = st.one_of(
    st.just(0),
    st.integers(0, 1300),
    st.integers(0, 8000),
    st.builds(
        lambda minutes, off: max(0, minutes * 60 + off),
        st.sampled_from([10, 12, 20, 30, 40, 60, 80, 100]),
        st.integers(-1, 1),
    ),
)
FEW = st.integers(0, 4)
OTHER_CODES = [
    "98975",
    "98977",
    "98981",
    "98982",
    "98984",
    "98986",
    "99453",
    "99445",
    "99454",
    "99457",
    "99458",
]
OTHER_CODES += ["99470", "99091", "99473", "99474", "99490", "G0557"]
CODES = st.one_of(st.just([]), st.just([]), st.lists(st.sampled_from(OTHER_CODES), max_size=3))
MOSTLY = st.sampled_from([True] * 9 + [False])
SELDOM = st.sampled_from([False] * 9 + [True])
# Days from the month's last one; dates once the month is known.
DATES = ("consent_on", "order_signed_on", "last_device_service_on", "last_99091_service_on")
EARLIER = st.one_of(st.none(), st.none(), st.integers(-70, 20))
PAPER = st.one_of(*[st.integers(-60, 5)] * 3, st.none())

MONTH = st.one_of(st.sampled_from(MONTHS), st.sampled_from(EDGE_MONTHS), st.sampled_from(MONTHS[-12:]))
WINDOWS = st.lists(
    st.fixed_dictionaries(
        {
            "ends_on": st.integers(1, 31),
            "reading_days": st.one_of(st.sampled_from([0, 1, 2, 15, 16, 30]), st.integers(0, 30)),
        },
        optional={
            # At least the best device's, and days before the end: see `_window`.
            "reading_days_any_device": st.integers(0, 30),
            "starts_on": st.integers(0, 29),
            "devices": st.integers(1, 3),
        },
    ),
    max_size=3,
    unique_by=lambda window: window["ends_on"],
)
SETUP = st.fixed_dictionaries(
    {
        "documented": MOSTLY,
        "billed_in_episode": SELDOM,
        "first_window_reading_days": st.sampled_from([0, 1, 2, 15, 16, 30]),
        "episode_restarted": SELDOM,
    }
)
POLICY = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {},
        optional={
            "unit_limit_99458": st.integers(0, 5),
            "live_contact_per_unit": st.booleans(),
            "live_chat_counts": st.booleans(),
            "dual_99091": st.sampled_from(["never", "cms_2021"]),
            "device_days": st.sampled_from(["best_device", "any_device"]),
            "setup_min_days": st.sampled_from([0, 2, 16, 20]),
            "codes_not_covered": st.lists(st.sampled_from(OTHER_CODES), max_size=3, unique=True),
        },
    ),
)
# What was done, and when it was done before.
SERVICES = st.fixed_dictionaries(
    {
        "clinical_staff_seconds": SECONDS,
        "qhp_seconds": st.one_of(st.just(0), SECONDS),
        "qhp_seconds_30_days": st.one_of(st.none(), SECONDS, st.integers(1799, 2400)),
        "live_contacts": FEW,
        "live_chat_contacts": FEW,
        "device_windows": WINDOWS,
        "auto_reading_days_in_month": st.sampled_from([None] * 5 + [0, 1, 16, 20, 25, 31] + [20] * 4),
        "setup": st.one_of(st.none(), SETUP),
        "last_device_service_on": EARLIER,
        "last_99091_service_on": EARLIER,
        "unsigned_seconds": st.one_of(st.just(0), st.just(0), SECONDS),
        "policy": POLICY,
        "setting": st.sampled_from(["office", "facility", "fqhc"]),
        "payer": st.sampled_from(["medicare", "some-plan"]),
    }
)
YES = ("established_patient", "necessity_documented", "supervising_practitioner", "device_basis_on_file")
PRECONDITIONS = st.fixed_dictionaries(
    {
        "consent_on": PAPER,
        "order_signed_on": PAPER,
        **dict.fromkeys(YES, MOSTLY),
        "diagnosis_allowed": MOSTLY,
        "practitioner_type": st.sampled_from(
            ["physician"] * 5 + ["np", "pa", "cns", "cnm", "pt", "ot", "slp"]
        ),
        "billed_by_us": CODES,
        "billed_elsewhere": CODES,
        "global_period": st.sampled_from(["none"] * 6 + ["related", "unrelated_attested"]),
        "institutional_all_month": SELDOM,
    }
)
# Half of the facts have their papers in order, or next to nothing would ever be released.
PAPERS = st.one_of(PRECONDITIONS, st.just({"consent_on": 0, "order_signed_on": 0} | dict.fromkeys(YES, True)))
KEYS = [
    "auto_reading_days_in_month", "billed_by_us", "billed_elsewhere", "clinical_staff_seconds", "consent_on",
    "device_basis_on_file", "device_windows", "diagnosis_allowed", "established_patient", "global_period",
    "institutional_all_month", "last_99091_service_on", "last_device_service_on", "live_chat_contacts",
    "live_contacts", "necessity_documented", "order_signed_on", "payer", "policy", "practitioner_type",
    "qhp_seconds", "qhp_seconds_30_days", "setting", "setup", "supervising_practitioner", "unsigned_seconds",
]  # fmt: skip
LEFT_OUT = st.sets(st.sampled_from(KEYS), max_size=4)
# What comes about a few times in a thousand is aimed at in every fourth draw; the other facts fall as they may.
SHORT_MONTH = {
    "month": st.sampled_from(MONTHS[-12:]),
    "clinical_staff_seconds": st.integers(600, 1199),
    "qhp_seconds": st.just(0),
    "qhp_seconds_30_days": st.none(),
    "live_contacts": st.integers(1, 4),
    "device_windows": st.just([{"ends_on": 20, "reading_days": 15}]),
}
TWO_RULE_SETS = {
    "month": st.sampled_from(EDGE_MONTHS[2::2]),
    "device_windows": st.just([{"ends_on": 10, "reading_days": 16}]),
}
BOTH_MANAGEMENTS = {
    "clinical_staff_seconds": st.integers(1200, 4800),
    "qhp_seconds_30_days": st.integers(1800, 2400),
    "live_contacts": st.integers(1, 4),
    "policy": st.just({"dual_99091": "cms_2021"}),
}
AIMED = [st.fixed_dictionaries(aim) for aim in (SHORT_MONTH, TWO_RULE_SETS, BOTH_MANAGEMENTS)]
AIM = st.sampled_from(["none"] * 9 + list(range(len(AIMED))))


def last_of(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


@st.composite
def facts(draw) -> dict:
    """Facts of any shape the contract allows; some keys left out."""
    aim = draw(AIM)
    aimed = {} if aim == "none" else draw(AIMED[aim])
    month = aimed.get("month") or draw(MONTH)
    left_out = draw(LEFT_OUT) - set(aimed)
    given = {"month": month} | draw(SERVICES) | draw(PAPERS) | aimed
    return {key: value for key, value in _dated(given, last_of(month)).items() if key not in left_out}


def _dated(given: dict, last: date) -> dict:
    """With dates instead of days."""
    dates = {key: None if given[key] is None else _day(last, given[key]) for key in DATES}
    # By their end, for two days of the longest month may be the last of a shorter one.
    windows = {
        min(window["ends_on"], last.day): _window(last, **window) for window in given["device_windows"]
    }
    setup = given["setup"] and {"completed_on": _day(last, 1 - last.day), **given["setup"]}
    return {**given, **dates, "device_windows": [*windows.values()], "setup": setup}


def _day(last: date, off: int) -> str:
    return (last + timedelta(days=off)).isoformat()


def _window(last: date, ends_on: int, reading_days: int, **more) -> dict:
    off = min(ends_on, last.day) - last.day
    if "reading_days_any_device" in more:
        more["reading_days_any_device"] = max(reading_days, more["reading_days_any_device"])
    if "starts_on" in more:
        more["starts_on"] = _day(last, off - more["starts_on"])
    return {"ends_on": _day(last, off), "reading_days": reading_days, **more}
