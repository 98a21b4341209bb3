"""Random patient-months with the records behind their facts, drawn around the edges of the rules."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from billing.facts.records import Records, Session
from billing.rules import PeriodFacts, parse_facts
from tests.rulebook.random_facts import EDGE_MONTHS, last_of

STAFF, QHP = "clinical_staff", "qhp"
MINUTES = (0, 1, 4, 5, 9, 10, 11, 15, 19, 20, 30, 41, 60)


@dataclass(frozen=True)
class Month:
    facts: PeriodFacts
    records: Records


def a_month(random: Random) -> Month:
    """A month with its papers mostly in order, so that most of what is earned is released."""
    month = random.choice([*EDGE_MONTHS, "2025-07", "2026-03", "2026-03", "2026-02"])
    last = last_of(month)
    sessions = tuple(_session(random, number) for number in range(random.randrange(8)))
    windows = _windows(random, last)
    first = tuple(sorted(_days(random, last - timedelta(days=29), 30)))
    days = tuple(sorted(_days(random, last.replace(day=1), last.day), key=lambda pair: pair[1]))
    names = [s.id for s in sessions] + ["talk-a", "talk-b"]
    records = Records(
        sessions=sessions,
        contacts=tuple(random.sample(names, random.choice((0, 1, 1, 1, 2)))),
        chats=tuple(f"chat-{n}" for n in range(random.choice((0, 0, 1, 2)))),
        month=days,
        windows=windows,
        first_window=first,
        papers={"setup": "assignment"},
    )
    return Month(parse_facts(_facts(random, month, last, records)), records)


def _session(random: Random, number: int) -> Session:
    length = random.choice(MINUTES) * 60_000_000 + random.choice((0, 0, 1, 999_999, 59_999_999))
    kind = random.choice((STAFF, STAFF, STAFF, QHP))
    recent = random.choice((length, length, length // 2)) if kind == QHP else 0
    return Session(f"session-{number}", length // 1_000_000, length, recent, kind)


def _days(random: Random, since: date, length: int) -> set[tuple[str, str]]:
    found = set()
    for device in random.choice((("cuff",), ("cuff", "scale"))):
        for day in random.sample(range(length), random.choice((0, 1, 2, 3, 15, 16, length))):
            found.add((device, (since + timedelta(days=day)).isoformat()))
    return found


def _windows(random: Random, last: date) -> dict:
    ends = random.choice(((), (last,), (last - timedelta(days=7),), (last, last.replace(day=1))))
    return {
        end: tuple(sorted(_days(random, end - timedelta(days=29), 30), key=lambda pair: (pair[1], pair[0])))
        for end in ends
    }


def best(days) -> int:
    devices = [device for device, _ in days]
    return max(map(devices.count, devices), default=0)


def _facts(random: Random, month: str, last: date, records: Records) -> dict:
    whole = sum(s.microseconds for s in records.sessions) // 1_000_000
    staff = sum(s.microseconds for s in records.sessions if s.staff_kind == STAFF) // 1_000_000
    paper = (last - timedelta(days=90)).isoformat()
    return {
        "month": month,
        "clinical_staff_seconds": staff,
        "qhp_seconds": whole - staff,
        "qhp_seconds_30_days": sum(s.microseconds_30_days for s in records.sessions) // 1_000_000,
        "live_contacts": len(records.contacts),
        "live_chat_contacts": len(records.chats),
        "unsigned_seconds": random.choice((0, 0, 0, 0, 0, 30, 1200)),
        "auto_reading_days_in_month": len({day for _, day in records.month}),
        "device_windows": [
            {
                "ends_on": end.isoformat(),
                "reading_days": best(days),
                "reading_days_any_device": len({day for _, day in days}),
            }
            for end, days in records.windows.items()
        ],
        "setup": random.choice((None, _setup(random, last, records))),
        "consent_on": random.choice((paper,) * 15 + (None,)),
        "order_signed_on": paper,
        "established_patient": True,
        "necessity_documented": True,
        "supervising_practitioner": True,
        "device_basis_on_file": True,
        "last_device_service_on": random.choice((None, None, (last - timedelta(days=40)).isoformat())),
        "billed_elsewhere": random.choice(([],) * 9 + (["99457"], ["99454"])),
        "policy": _policy(random),
    }


def _setup(random: Random, last: date, records: Records) -> dict:
    return {
        "completed_on": last.isoformat(),
        "documented": random.random() < 0.9,
        "first_window_reading_days": best(records.first_window),
    }


def _policy(random: Random) -> dict:
    policy = {
        "unit_limit_99458": random.choice((0, 1, 2)),
        "live_contact_per_unit": random.random() < 0.5,
        "live_chat_counts": True,
        "dual_99091": "cms_2021",
        "device_days": "any_device",
        "setup_min_days": random.choice((0, 1, 2, 5)),
    }
    return {key: value for key, value in policy.items() if random.random() < 0.3}
