"""Random facts as JSON values, drawn mostly from around the edges of the rules."""

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


def last_of(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


@st.composite
def facts(draw) -> dict:
    """Facts of any shape the contract allows; some keys left out. Half of them have their papers in order,
    or next to nothing would ever be released."""
    month = draw(
        st.one_of(st.sampled_from(MONTHS), st.sampled_from(EDGE_MONTHS), st.sampled_from(MONTHS[-12:]))
    )
    last = last_of(month)
    given = draw(services(last)) | draw(st.one_of(preconditions(last), st.just(in_order(last))))
    left_out = draw(st.sets(st.sampled_from(sorted(given)), max_size=4))
    return {"month": month} | {key: value for key, value in given.items() if key not in left_out}


@st.composite
def services(draw, last: date) -> dict:
    """What was done, and when it was done before."""
    earlier = st.one_of(st.none(), st.none(), _around(last, -70, 20))
    return {
        "clinical_staff_seconds": draw(SECONDS),
        "qhp_seconds": draw(st.one_of(st.just(0), SECONDS)),
        "qhp_seconds_30_days": draw(st.one_of(st.none(), SECONDS, st.integers(1799, 2400))),
        "live_contacts": draw(FEW),
        "live_chat_contacts": draw(FEW),
        "device_windows": draw(windows(last)),
        "auto_reading_days_in_month": draw(
            st.one_of(st.none(), st.sampled_from([0, 1, 16, 20, 25, 31]), st.just(20))
        ),
        "setup": draw(st.one_of(st.none(), setups(last))),
        "last_device_service_on": draw(earlier),
        "last_99091_service_on": draw(earlier),
        "unsigned_seconds": draw(st.one_of(st.just(0), st.just(0), SECONDS)),
        "policy": draw(policies()),
        "setting": draw(st.sampled_from(["office", "facility", "fqhc"])),
        "payer": draw(st.sampled_from(["medicare", "some-plan"])),
    }


@st.composite
def preconditions(draw, last: date) -> dict:
    paper = _around(last, -60, 5)
    return {
        "consent_on": draw(st.one_of(paper, paper, paper, st.none())),
        "order_signed_on": draw(st.one_of(paper, paper, paper, st.none())),
        "established_patient": draw(MOSTLY),
        "necessity_documented": draw(MOSTLY),
        "supervising_practitioner": draw(MOSTLY),
        "device_basis_on_file": draw(MOSTLY),
        "diagnosis_allowed": draw(MOSTLY),
        "practitioner_type": draw(
            st.sampled_from(["physician"] * 5 + ["np", "pa", "cns", "cnm", "pt", "ot", "slp"])
        ),
        "billed_by_us": draw(CODES),
        "billed_elsewhere": draw(CODES),
        "global_period": draw(st.sampled_from(["none"] * 6 + ["related", "unrelated_attested"])),
        "institutional_all_month": draw(SELDOM),
    }


def in_order(last: date) -> dict:
    yes = ("established_patient", "necessity_documented", "supervising_practitioner", "device_basis_on_file")
    return dict.fromkeys(("consent_on", "order_signed_on"), last.isoformat()) | dict.fromkeys(yes, True)


def _around(day: date, least: int, most: int):
    return st.integers(least, most).map(lambda off: (day + timedelta(days=off)).isoformat())


@st.composite
def windows(draw, last: date) -> list[dict]:
    days = draw(st.lists(st.integers(1, last.day), max_size=3, unique=True))
    return [draw(_window(last.replace(day=day))) for day in days]


@st.composite
def _window(draw, ends_on: date) -> dict:
    best = draw(st.one_of(st.sampled_from([0, 1, 2, 15, 16, 30]), st.integers(0, 30)))
    window = {"ends_on": ends_on.isoformat(), "reading_days": best}
    if draw(st.booleans()):
        window["reading_days_any_device"] = draw(st.integers(best, 30))
    if draw(st.booleans()):
        window["starts_on"] = (ends_on - timedelta(days=draw(st.integers(0, 29)))).isoformat()
    if draw(st.booleans()):
        window["devices"] = draw(st.integers(1, 3))
    return window


@st.composite
def setups(draw, last: date) -> dict:
    return {
        "completed_on": last.replace(day=1).isoformat(),
        "documented": draw(MOSTLY),
        "billed_in_episode": draw(SELDOM),
        "first_window_reading_days": draw(st.sampled_from([0, 1, 2, 15, 16, 30])),
        "episode_restarted": draw(SELDOM),
    }


@st.composite
def policies(draw) -> dict:
    policy = {
        "unit_limit_99458": draw(st.integers(0, 5)),
        "live_contact_per_unit": draw(st.booleans()),
        "live_chat_counts": draw(st.booleans()),
        "dual_99091": draw(st.sampled_from(["never", "cms_2021"])),
        "device_days": draw(st.sampled_from(["best_device", "any_device"])),
        "setup_min_days": draw(st.sampled_from([0, 2, 16, 20])),
        "codes_not_covered": draw(st.lists(st.sampled_from(OTHER_CODES), max_size=3, unique=True)),
    }
    kept = draw(st.one_of(st.just(set()), st.sets(st.sampled_from(sorted(policy)))))
    return {key: value for key, value in policy.items() if key in kept}
