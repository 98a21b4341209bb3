"""Alerts: `./dev bench bench/alerts.py`. The last line is the figures as JSON.

Both sides in one run, the same rows:

- exactly once: so many patients, for each of whom fifty writers at once add the time that a line needs, against
  "insert, sum, insert the alert unless it is there", which has a unique key and no lock;
- what looking at one month costs (`billing.alerts.reconcile`, nothing to do, as mostly) against the bare SQL that
  takes the lock, sums up the month and reads what stands;
- the bell's poll of somebody with few notices against one with fifty thousand read and two hundred waiting.

The processor's time of this process counts; where the database's matters, both sides' is in the ratio by wall time too.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

WRITERS, TRIALS, ROUNDS, READ, WAITING = 50, 20, 40, 50_000, 200
AIM = 1.2

TABLES = """
    CREATE TABLE bench_month (id int PRIMARY KEY);
    CREATE TABLE bench_time (month int NOT NULL, seconds int NOT NULL);
    CREATE INDEX ON bench_time (month);
    CREATE TABLE bench_alert (month int NOT NULL, minutes int NOT NULL, UNIQUE (month, minutes));
    GRANT ALL ON bench_month, bench_time, bench_alert TO rpm_app;
"""
ALERT = """INSERT INTO bench_alert SELECT %(month)s, 20
    WHERE (SELECT sum(seconds) FROM bench_time WHERE month = %(month)s) >= 1200 ON CONFLICT DO NOTHING"""
BARE = (
    "SELECT id FROM timelogs_patientmonth WHERE id = %(month)s FOR UPDATE",
    """SELECT sum(extract(epoch FROM upper(during) - lower(during))) FROM timelogs_countedinterval
       WHERE patient_month_id = %(month)s AND standing""",
    "SELECT * FROM billing_thresholdalert WHERE patient_month_id = %(month)s AND withdrawn_at IS NULL",
)


def crossing(month: int, *, locked: bool) -> None:
    """Fifty writers of 24 seconds each, released together, each in a transaction of its own."""
    from django.db import connection, transaction

    gate = Barrier(WRITERS)

    def write() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1")
                gate.wait()
                if locked:
                    cursor.execute("SELECT 1 FROM bench_month WHERE id = %s FOR UPDATE", [month])
                cursor.execute("INSERT INTO bench_time VALUES (%s, 24)", [month])
                cursor.execute(ALERT, {"month": month})
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(lambda _: write(), range(WRITERS)))


def once_each(trials: int) -> dict[str, int]:
    """How many of the patients got their one alert, by side."""
    from django.db import connection

    found = {}
    for side, first in (("unique key alone", 0), ("under the lock", trials)):
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO bench_month VALUES (%s)", [[first + number] for number in range(trials)]
            )
        for number in range(trials):
            crossing(first + number, locked=side == "under the lock")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM bench_alert WHERE month >= %s AND month < %s", [first, first + trials]
            )
            found[side] = cursor.fetchone()[0]
    return found


def cost(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds: of this process's processor, and until it was done."""
    began, at = process_time(), perf_counter()
    act()
    return (process_time() - began) * 1000, (perf_counter() - at) * 1000


def in_turns(acts: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Side → medians of both clocks, the sides in turns, the first round left out."""
    taken: dict[str, list[tuple[float, float]]] = {side: [] for side in acts}
    for number in range(rounds + 1):
        for side in list(acts) if number % 2 else reversed(list(acts)):
            found = cost(acts[side])
            if number:
                taken[side].append(found)
    return {
        side: (statistics.median(cpu for cpu, _ in each), statistics.median(wall for _, wall in each))
        for side, each in taken.items()
    }


def bare(month) -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        for sql in BARE:
            cursor.execute(sql, {"month": month.pk})
            cursor.fetchall()


def looking(practice, rounds: int) -> dict[str, tuple[float, float]]:
    """The month with the most sessions, where everything stands already."""
    from django.db.models import Count
    from django.utils import timezone

    from billing import alerts
    from timelogs.models import PatientMonth

    months = PatientMonth.objects.for_practice(practice).annotate(n=Count("intervals"))
    month = months.select_related("patient__practice").order_by("-n", "pk").first()
    now = timezone.now()
    alerts.reconcile(month, at=now)
    return in_turns({"ours": lambda: alerts.reconcile(month, at=now), "bare": lambda: bare(month)}, rounds)


def polling(practice, rounds: int) -> tuple[dict[str, tuple[float, float]], dict[str, int]]:
    """The bell of two people, with few notices and with very many; and the queries of one poll."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.models import Membership
    from dispatch import inbox
    from dispatch.models import EmailDelivery, Notice

    few, many = (
        Membership.objects.for_practice(practice).filter(role__in=["biller", "nurse"]).order_by("pk")[:2]
    )
    both = [few.user_id, many.user_id]
    EmailDelivery.objects.filter(notice__recipient__in=both).delete()
    Notice.objects.filter(recipient__in=both).delete()
    for member, read, waiting in ((few, 0, 6), (many, READ, WAITING)):
        _fill(member, read, waiting)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE dispatch_notice")
    acts = {"few": lambda: inbox.unread(few), "many": lambda: inbox.unread(many)}
    queries = {}
    for side, act in acts.items():
        with CaptureQueriesContext(connection) as seen:
            act()
        queries[side] = len(seen)
    return in_turns(acts, rounds), queries


def _fill(member, read: int, waiting: int) -> None:
    from django.utils import timezone

    from dispatch.models import Notice

    told = {
        "practice": member.practice,
        "recipient_id": member.user_id,
        "kind": "close",
        "text": "t",
        "url": "/",
    }
    now = timezone.now()
    rows = [
        Notice(**told, cause=f"bench:{number}", fold=f"{number % 40}", read_at=now if number < read else None)
        for number in range(read + waiting)
    ]
    Notice.objects.bulk_create(rows, batch_size=5000)


def report(once: dict[str, int], trials: int, look: dict, bell: dict, queries: dict[str, int]) -> None:
    for side, count in once.items():
        print(f"{side:18} {count} of {trials} patients got their alert from {WRITERS} writers at once")
    for name, sides in (("look at a month", look), ("poll of the bell", bell)):
        for side, (cpu, wall) in sides.items():
            print(f"{name:18} {side:5} {cpu:7.2f} ms of this processor, {wall:7.2f} ms until done")
    ratio = bell["many"][1] / bell["few"][1]
    figures = {
        "bench": "alerts",
        "writers": WRITERS,
        "patients": trials,
        "once": once,
        "look_ms": {side: round(cpu, 2) for side, (cpu, _) in look.items()},
        "look_ratio": round(look["ours"][1] / look["bare"][1], 1),
        "bell_ms": {side: round(cpu, 2) for side, (cpu, _) in bell.items()},
        "bell_queries": queries,
        "ratio": round(ratio, 3),
        "goal": AIM,
        "met": ratio <= AIM and once["under the lock"] == trials and set(queries.values()) == {1},
    }
    print(json.dumps(figures))


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--trials", type=int, default=TRIALS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    given = asked.parse_args()
    os.environ["DEMO"] = "1"
    django.setup()
    from django.db import connection

    from bench import world
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    call_command("migrate", verbosity=0)
    practice = world.fill(world.PATTERN)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    once = once_each(given.trials)
    with acting("system: bench"), in_practice(practice):
        look = looking(practice, given.rounds)
        bell, queries = polling(practice, given.rounds)
    report(once, given.trials, look, bell, queries)


if __name__ == "__main__":
    main()
