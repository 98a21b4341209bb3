"""What row-level security costs a page: `./dev bench bench/second_wall.py`. The last line is the figures as JSON.

Each SELECT of a page is planned and run again, in turns as the app role with its policies and as the owner, whom none
holds back. The best of some rounds counts, in PostgreSQL's own milliseconds, so that others at work on the machine
count little. What all of a page's take longer is compared with the page: the processor's time of one request, and
the database's without policies. Telling the server whose rows it may show comes on top, as often as a request does.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, ROUNDS = 1_000, 5
AIM = 0.05
# To nobody, to the person, to her practice; each request.
TOLD = 3
EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON, FORMAT JSON) "


def connections_of_both() -> dict:
    """Side → a connection of Django's: with the wall, and without."""
    from django.db import connection

    sides = {}
    for side, role in (("with", "rpm_app"), ("without", "rpm_owner")):
        sides[side] = connection.copy()
        sides[side].settings_dict["OPTIONS"]["options"] += f" -c role={role}"
    return sides


@contextmanager
def through(one) -> Iterator[None]:
    from django.db import connections

    before = connections["default"]
    connections["default"] = one
    try:
        yield
    finally:
        connections["default"] = before


def pages(practice) -> list[tuple[str, str, str]]:
    """(name, who asks, address) of the pages that read most, and of the poll that reads least."""
    from django.urls import reverse

    from bench.world import UNTIL
    from patients.models import Patient
    from timelogs.models import Status, TimeEntry

    closed = UNTIL.replace(day=1, month=UNTIL.month - 1)
    patient = Patient.objects.for_practice(practice).order_by("pk")[100]
    entry = TimeEntry.objects.for_practice(practice).filter(status=Status.SIGNED).order_by("pk")[100]
    return [
        ("caseload", "nurse", reverse("caseload")),
        ("queue", "biller", reverse("billing:queue", args=[closed])),
        ("month", "biller", reverse("month_board", args=[closed])),
        ("chart", "nurse", reverse("chart", args=[patient.pk])),
        ("session record", "nurse", reverse("timelogs:session", args=[entry.pk])),
        ("history", "auditor", reverse("audit:history")),
        ("history of a patient", "auditor", reverse("audit:record", args=["patient", patient.pk])),
        ("bell", "nurse", reverse("dispatch:bell")),
    ]


def clients() -> dict:
    from django.test import Client

    from accounts.models import User

    found = {}
    for who in ("nurse", "biller", "auditor"):
        found[who] = Client()
        found[who].force_login(User.objects.get(email=f"{who}@demo.test"))
    return found


def asked_by(side, client, address: str) -> tuple[list[str], float]:
    """The page's questions, and the processor's milliseconds that the second request of it needs here."""
    from django.test.utils import CaptureQueriesContext

    with through(side):
        with CaptureQueriesContext(side) as seen:
            answer = client.get(address)
            asked = [query["sql"] for query in seen.captured_queries]
        if answer.status_code != 200:
            raise SystemExit(f"{address}: {answer.status_code} {answer.get('Location', '')}")
        began = process_time()
        client.get(address)
    return [sql for sql in asked if sql.startswith(("SELECT", "WITH", "("))], (process_time() - began) * 1000


def milliseconds(side, practice, sql: str) -> float:
    """To plan and to run it, as PostgreSQL counts."""
    from foundation.practice_scope import in_practice

    with in_practice(practice), side.cursor() as cursor:
        cursor.execute(EXPLAIN + sql.replace("%", "%%"), [])
        (found,) = cursor.fetchone()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]
    return plan["Planning Time"] + plan["Execution Time"]


def telling(side, practice) -> float:
    """Milliseconds to tell the server once, there and back; the best of some rounds here too."""
    from foundation.practice_scope import in_practice, nowhere

    best = float("inf")
    for _ in range(50):
        began = perf_counter()
        for _ in range(10):
            for scope in (in_practice(practice), nowhere()):
                with scope:
                    side._tell()
        best = min(best, perf_counter() - began)
    return best * 1000 / 20


def measured(sides: dict, practice, client, address: str, rounds: int) -> dict[str, float]:
    asked, page = asked_by(sides["with"], client, address)
    best = dict.fromkeys(sides, 0.0)
    for sql in asked:
        taken = {side: [] for side in sides}
        for _ in range(rounds):
            for side, found in taken.items():
                found.append(milliseconds(sides[side], practice, sql))
        for side, found in taken.items():
            best[side] += min(found)
    more = best["with"] - best["without"] + TOLD * telling(sides["with"], practice)
    return {**best, "queries": len(asked), "page": page, "cost": more / (page + best["without"])}


def report(practice, patients: int, rounds: int) -> None:
    sides, people, found = connections_of_both(), clients(), {}
    for name, who, address in pages(practice):
        found[name] = one = measured(sides, practice, people[who], address, rounds)
        print(
            f"{name:22} {one['queries']:3} queries {one['without']:8.1f} ms, with the wall {one['with']:8.1f} ms; "
            f"{one['cost']:+.1%} of the page"
        )
    worst = max(one["cost"] for one in found.values())
    figures = {name: {key: round(value, 3) for key, value in one.items()} for name, one in found.items()}
    head = {"bench": "second_wall", "patients": patients, "aim": AIM, "worst": round(worst, 3)}
    print(json.dumps({**head, "met": worst <= AIM, "pages": figures}))


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
