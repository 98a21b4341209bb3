"""What a report costs at a large practice: `./dev bench bench/reports.py`. The last line is the figures as JSON.

Each page is asked for as its reader would, some rounds; the least processor time of this process counts, and that of
PostgreSQL for each long statement. A month of so many patients, two months in all.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, ROUNDS = 5_000, 3
EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, FORMAT JSON) "
PAGES = ("program", "time", "not_counted", "further", "unusual", "reaching", "sessions")


def measured(client, address: str, rounds: int) -> dict:
    """Milliseconds of the processor and of PostgreSQL, queries, and kB of the page."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    best, clock = None, None
    for _ in range(rounds):
        began, cpu = perf_counter(), process_time()
        answer = client.get(address)
        spent = (process_time() - cpu) * 1000
        best, clock = min(best or spent, spent), min(clock or 1e9, (perf_counter() - began) * 1000)
    assert answer.status_code == 200, answer.status_code
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    longest = sorted(
        (q["sql"] for q in queries if "shares" in q["sql"] or "WITH" in q["sql"][:6].upper()), key=len
    )
    return {
        "cpu_ms": round(best, 1),
        "wall_ms": round(clock, 1),
        "queries": len(queries),
        "kb": round(len(answer.content) / 1024, 1),
        "sql_ms": [round(planned(sql, rounds), 1) for sql in longest],
    }


def processor_of(pid: int) -> float:
    """Milliseconds of the processor that a process of this machine has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def planned(sql: str, rounds: int) -> float:
    from django.db import connection

    times = []
    for _ in range(rounds):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
            before = processor_of(pid)
            cursor.execute(EXPLAIN + sql)
            times.append(processor_of(pid) - before)
    if os.environ.get("PLANS"):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS) " + sql)
            print("\n".join(row[0] for row in cursor.fetchall()), file=sys.stderr)
    return min(times)


def report(practice, patients: int, rounds: int) -> None:
    from django.test import Client
    from django.urls import reverse

    from accounts.models import Membership
    from bench.world import UNTIL

    client = Client()
    client.force_login(Membership.objects.get(practice=practice, user__email="biller@demo.test").user)
    month = UNTIL.replace(month=UNTIL.month - 1, day=1)
    found = {name: measured(client, reverse(f"reports:{name}", args=[month]), rounds) for name in PAGES}
    for name, each in found.items():
        print(f"{name:12} {each}")
    print(json.dumps({"bench": "reports", "patients": patients, "pages": found}))


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=PATIENTS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    given = asked.parse_args()
    # The demo's people sign in.
    os.environ["DEMO"] = "1"
    django.setup()
    from bench import world
    from foundation.context import acting

    call_command("migrate", verbosity=0)
    practice = world.fill(given.patients, processes=os.cpu_count() or 1)
    with acting("system: bench"):
        report(practice, given.patients, given.rounds)


if __name__ == "__main__":
    main()
