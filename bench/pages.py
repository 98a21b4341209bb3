"""Pages of practices with 1,000, 5,000 and 10,000 patients: `./dev bench bench/pages.py`. The last line is JSON.

Each page is asked for in turns from each practice, and beside it a page that says hello to who is signed in, a list of
patients written by hand, and the page's own SQL through the driver alone. What counts is processor time, of this
process and of its database process together, so that others at work count little. The figures are medians;
`growth` is the median of the paired ratios of the largest practice to the smallest, and is what the goal is about.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import process_time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SIZES, ROUNDS = (1_000, 5_000, 10_000), 7
GROWTH, HEAVIEST, SLOWEST = 1.2, 60_000, 200


def places(practice) -> dict[str, tuple[str, str]]:
    """name → (who asks, address)"""
    from django.urls import reverse

    from foundation.months import previous_month

    month = practice.today().replace(day=1)
    closed = previous_month(month)
    found = {
        "hello": ("nurse", reverse("bench_hello")),
        "by hand": ("nurse", reverse("bench_caseload")),
        "caseload": ("nurse", reverse("caseload")),
        "silent ones": ("nurse", reverse("caseload") + "?show=silent"),
        "page 20": ("nurse", reverse("caseload") + "?page=20"),
        "month board": ("biller", reverse("month_board", args=[month])),
        "queue": ("biller", reverse("billing:queue", args=[closed])),
        "inbox": ("nurse", reverse("dispatch:inbox")),
        "escalations": ("nurse", reverse("escalations:inbox")),
        "history": ("auditor", reverse("audit:history")),
    }
    for name in ("program", "time", "not_counted", "reaching"):
        found[f"report {name}"] = ("biller", reverse(f"reports:{name}", args=[month]))
    return found


# A database for each size --------------------------------------------------------------------------------------


def databases(sizes: tuple[int, ...]) -> dict[int, object]:
    """Size → a connection. All grow from copies of the same hundred patients."""
    from django.db import connection

    sown = connection.settings_dict["NAME"]
    connection.close()
    found = {}
    with connection._nodb_cursor() as cursor:
        for size in sizes:
            found[size] = connection.copy()
            found[size].settings_dict["NAME"] = name = f"{sown}_{size}"
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{sown}"')
    return found


@contextmanager
def through(one) -> Iterator[None]:
    from django.db import connections

    before = connections["default"]
    connections["default"] = one
    try:
        yield
    finally:
        connections["default"] = before


def as_the_app(one) -> None:
    """From here on what it asks is held back by the practices' policies, as on a server."""
    one.close()
    one.settings_dict["OPTIONS"]["options"] += " -c role=rpm_app"


# Measuring -----------------------------------------------------------------------------------------------------


def spent(one) -> float:
    """Milliseconds of processor of this process and of the connection's at the server."""
    one.ensure_connection()
    try:
        server = int(Path(f"/proc/{one.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e6
    except OSError:
        # Another machine's, or no Linux: this process alone.
        server = 0.0
    return process_time() * 1000 + server


def taken(one, act: Callable, *given) -> float:
    began = spent(one)
    act(*given)
    return spent(one) - began


def asked_by(one, client, address: str) -> tuple[list[str], int]:
    """The page's statements and how many bytes it has; the first request, which no figure counts."""
    from django.test.utils import CaptureQueriesContext

    client.get(address)
    with CaptureQueriesContext(one) as seen:
        answer = client.get(address)
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code} {answer.get('Location', '')}")
    statements = [query["sql"] for query in seen.captured_queries]
    return [sql for sql in statements if sql.startswith(("SELECT", "WITH", "("))], len(answer.content)


def bare(one, practice, statements: list[str]) -> None:
    """Through the driver, without a model and without a page."""
    from foundation.practice_scope import in_practice

    with in_practice(practice), one.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql.replace("%", "%%"), [])
            cursor.fetchall()


def clients() -> dict:
    from django.test import Client

    from accounts.models import User

    found = {}
    for who in ("nurse", "biller", "auditor", "lead"):
        found[who] = Client()
        found[who].force_login(User.objects.get(email=f"{who}@demo.test"))
    return found


def measured(sides: dict, practice, people: dict, rounds: int) -> dict:
    """{page: {size: {"page": [ms], "sql": [ms], "queries", "bytes"}}}"""
    found: dict = defaultdict(dict)
    for size, one in sides.items():
        with through(one):
            for name, (who, address) in places(practice).items():
                statements, length = asked_by(one, people[size][who], address)
                found[name][size] = {"page": [], "sql": [], "statements": statements, "bytes": length}
    for number in range(rounds):
        for name, (who, address) in places(practice).items():
            for size in list(sides)[:: 1 if number % 2 else -1]:
                one, row = sides[size], found[name][size]
                with through(one):
                    row["page"].append(taken(one, people[size][who].get, address))
                    row["sql"].append(taken(one, bare, one, practice, row["statements"]))
    return found


# Saying --------------------------------------------------------------------------------------------------------


def figures(found: dict, name: str) -> dict:
    sizes = list(found[name])
    small, large = sizes[0], sizes[-1]
    middle = {size: statistics.median(found[name][size]["page"]) for size in sizes}
    pairs = zip(found[name][small]["page"], found[name][large]["page"], strict=True)
    largest = found[name][large]
    hello = statistics.median(found["hello"][large]["page"])
    return {
        "ms": {str(size): round(ms, 1) for size, ms in middle.items()},
        "slowest": round(max(ms for size in sizes for ms in found[name][size]["page"]), 1),
        "growth": round(statistics.median(many / few for few, many in pairs), 2),
        "queries": {str(size): len(found[name][size]["statements"]) for size in sizes},
        "kB": round(max(found[name][size]["bytes"] for size in sizes) / 1000, 1),
        "to hello": round(middle[large] / hello, 1),
        "to its sql": round(middle[large] / max(statistics.median(largest["sql"]), 0.01), 1),
    }


def report(found: dict, rounds: int) -> None:
    rows = {name: figures(found, name) for name in found}
    by_hand = rows["by hand"]["ms"]
    for name, row in rows.items():
        ms = "  ".join(f"{each:7.1f}" for each in row["ms"].values())
        size = f"{max(row['queries'].values()):3} queries  {row['kB']:5.1f} kB"
        ratios = f"×{row['to hello']} hello  ×{row['to its sql']} its SQL"
        print(f"{name:18} {ms} ms  growth {row['growth']:.2f}  {size}  {ratios}")
    large = list(by_hand)[-1]
    ours = {name: row for name, row in rows.items() if name not in {"hello", "by hand"}}
    worst = max(row["growth"] for row in ours.values())
    same = all(len(set(row["queries"].values())) == 1 for row in ours.values())
    heaviest = max(row["kB"] for row in ours.values())
    slowest = max(max(row["ms"].values()) for row in ours.values())
    head = {
        "bench": "pages",
        "ratio": worst,
        "min": min(row["growth"] for row in ours.values()),
        "max": worst,
        "goal": GROWTH,
        "n": rounds,
        "same queries": same,
        "heaviest kB": heaviest,
        "slowest median ms": slowest,
        "caseload to by hand": round(rows["caseload"]["ms"][large] / by_hand[large], 2),
        "met": worst <= GROWTH and same and heaviest * 1000 <= HEAVIEST and slowest <= SLOWEST,
    }
    print(json.dumps({**head, "pages": rows}))


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, nargs="+", default=list(SIZES))
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    given = asked.parse_args()
    # The demo's people sign in.
    os.environ["DEMO"] = "1"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from bench import world
    from foundation.context import acting

    settings.ROOT_URLCONF = "bench.by_hand"
    call_command("migrate", verbosity=0)
    practice = world.sow(until=date.today())
    sides, people = databases(tuple(given.patients)), {}
    with acting("system: bench"):
        for size, one in sides.items():
            with through(one):
                world.grow(size, processes=os.cpu_count() or 1)
                as_the_app(one)
                people[size] = clients()
        report(measured(sides, practice, people, given.rounds), given.rounds)


if __name__ == "__main__":
    main()
