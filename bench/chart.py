"""A chart beside few readings and beside many: `./dev bench bench/chart.py`. The last line is the figures as JSON.

The practice of a hundred patients lies in two databases. In one its table of readings is filled to 10,000 rows, in the
other, by rows of other patients, to 1,000,000. The same pages of the same patients are asked for in turns; what counts
is the median of the paired ratios of the processor's and the database's time together, as a person waits for it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FEW, MANY, PAIRS, PEOPLE = 10_000, 1_000_000, 9, 6
AIM = 1.2
EACH = 100

# A patient's hundred days of one value; nobody's rows but these point to her.
OTHERS = """
    INSERT INTO monitoring_reading (id, version, practice_id, patient_id, device_id, measure, value, second_value,
        original, source, entrance, sender, identifier, taken_at, received_at, day, excluded_reason)
    SELECT gen_random_uuid(), 1, %(practice)s, p.patient, p.device, 'blood_pressure', 100 + n %% 60, 60 + n %% 30,
        '', 'automatic', 'csv', '', '', t.taken, t.taken, t.taken::date, ''
    FROM (SELECT gen_random_uuid() AS patient, gen_random_uuid() AS device
          FROM generate_series(1, %(people)s)) p
    CROSS JOIN generate_series(1, %(each)s) n
    CROSS JOIN LATERAL (SELECT %(until)s::timestamptz - n * interval '1 day' AS taken) t
"""


def fill_up(one, practice, rows: int) -> int:
    """Readings of others until the table has so many."""
    from bench.world import UNTIL

    with one.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("SELECT count(*) FROM monitoring_reading")
        missing = max(rows - cursor.fetchone()[0], 0)
        asked = {"practice": practice.pk, "people": missing // EACH, "each": EACH, "until": UNTIL}
        cursor.execute(OTHERS, asked)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE monitoring_reading")
        cursor.execute("SELECT count(*) FROM monitoring_reading")
        return cursor.fetchone()[0]


def two_databases() -> dict:
    """Side → a connection; the second database is a copy of the first."""
    from django.db import connection

    few, copied = connection.settings_dict["NAME"], connection.settings_dict["NAME"] + "_many"
    connection.close()
    sides = {"few": connection.copy(), "many": connection.copy()}
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{copied}"')
        cursor.execute(f'CREATE DATABASE "{copied}" TEMPLATE "{few}"')
    sides["many"].settings_dict["NAME"] = copied
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


def addresses(practice) -> list[str]:
    """The chart, and the panel of ninety days, of a few of the practice's own patients."""
    from django.urls import reverse

    from patients.models import Patient

    people = Patient.objects.for_practice(practice).filter(readings__isnull=False).distinct().order_by("pk")
    keys = list(people.values_list("pk", flat=True))[:: max(people.count() // PEOPLE, 1)][:PEOPLE]
    pages = [("chart", ""), ("monitoring:panel", "?days=90"), ("monitoring:readings", "")]
    return [reverse(name, args=[key]) + query for name, query in pages for key in keys]


def seconds(one, client, address: str) -> float:
    with through(one):
        began = perf_counter()
        answer = client.get(address)
        taken = perf_counter() - began
    if answer.status_code != 200:
        raise SystemExit(f"{address}: {answer.status_code}")
    return taken


def report(sides: dict, client, places: list[str], rows: dict[str, int], pairs: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {}
    for number in range(pairs + 1):
        for address in places:
            order = ("few", "many") if number % 2 else ("many", "few")
            taken = {side: seconds(sides[side], client, address) for side in order}
            if number:
                kind = address.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
                name = kind if kind in {"panel", "readings"} else "chart"
                found.setdefault(name, []).append((taken["few"], taken["many"]))
    ratios = {name: statistics.median(many / few for few, many in each) for name, each in found.items()}
    for name, each in found.items():
        few, many = (statistics.median(side) * 1000 for side in zip(*each, strict=True))
        print(
            f"{name:10} {few:7.1f} ms beside {rows['few']:,}, {many:7.1f} ms beside {rows['many']:,}: "
            f"{ratios[name]:.3f}"
        )
    worst = max(ratios.values())
    head = {
        "bench": "chart",
        "rows": rows,
        "ratio": round(worst, 3),
        "goal": AIM,
        "met": worst <= AIM,
        "n": pairs,
    }
    print(json.dumps({**head, "pages": {name: round(ratio, 3) for name, ratio in ratios.items()}}))


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, default=PAIRS)
    given = asked.parse_args()
    # The demo's people sign in.
    os.environ["DEMO"] = "1"
    django.setup()
    from django.test import Client

    from accounts.models import User
    from bench import world
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    call_command("migrate", verbosity=0)
    practice = world.fill(world.PATTERN)
    client = Client()
    with acting("system: bench"):
        client.force_login(User.objects.get(email="nurse@demo.test"))
    with in_practice(practice):
        places = addresses(practice)
    sides = two_databases()
    with acting("system: bench"):
        rows = {
            side: fill_up(sides[side], practice, wanted) for side, wanted in (("few", FEW), ("many", MANY))
        }
        report(sides, client, places, rows, given.pairs)


if __name__ == "__main__":
    main()
