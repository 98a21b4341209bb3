"""What keeping the rows of the boards costs: `./dev bench bench/boards.py`. The last line is the figures as JSON.

The same writes with the triggers that mark, and without, in turns, in processor time of this process and its database
process together; and figuring one, twenty-five and a hundred patients anew.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, PAIRS = 1_000, 9
GOAL = 1.1

NOTE = {
    "data_reviewed": False,
    "no_data_reason": "Looked at yesterday.",
    "party": "none",
    "action": "no_change",
    "action_detail": "Pressure is steady within goal; plan continues unchanged.",
}
READINGS = """
    INSERT INTO monitoring_reading (id, version, practice_id, patient_id, device_id, measure, value, second_value,
        original, source, entrance, sender, identifier, taken_at, received_at, day, excluded_reason)
    SELECT gen_random_uuid(), 1, r.practice_id, r.patient_id, r.device_id, r.measure, r.value, r.second_value, '',
           r.source, r.entrance, '', '', r.taken_at + %(later)s * interval '1 second', r.received_at, r.day, ''
    FROM (SELECT DISTINCT ON (patient_id) * FROM monitoring_reading WHERE practice_id = %(practice)s
          ORDER BY patient_id, taken_at DESC) r
    LIMIT 1000
"""


def switch(on: bool) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname LIKE 'marks_%'")
        for table, name in cursor.fetchall():
            cursor.execute(f'ALTER TABLE {table} {"ENABLE" if on else "DISABLE"} TRIGGER "{name}"')


def sign(practice, number: int) -> None:
    """A past session of ten minutes by the service, each of another patient on another day."""
    from accounts.models import Membership
    from patients.models import Patient
    from timelogs.note import drafts
    from timelogs.signing.sign import sign as sign_entry

    nurse = Membership.objects.get(practice=practice, user__email="nurse@demo.test")
    patient = Patient.objects.for_practice(practice).order_by("pk")[number]
    start = datetime.combine(practice.today() - timedelta(days=2), datetime.min.time(), tzinfo=practice.tz)
    start += timedelta(minutes=11 * number)
    done = {"by": nurse, "at": start + timedelta(minutes=10)}
    entry = drafts.log_past(patient, starts_at=start, seconds=600, reason="Logged after the fact.", **done)
    entry = drafts.save_draft(entry, note=NOTE, version=entry.version, **done)
    sign_entry(entry, version=entry.version, **done)


def take_readings(practice, number: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(READINGS, {"practice": practice.pk, "later": number + 1})


def ratio(practice, act: Callable, pairs: int, one) -> dict[str, float]:
    """With marks to without, and the milliseconds of both."""
    from django.db import transaction

    from bench.pages import taken

    found: dict[bool, list[float]] = {True: [], False: []}
    for number in range(2 * pairs + 2):
        on = bool(number % 2)
        with transaction.atomic():
            switch(on)
        ms = taken(one, act, practice, number)
        if number > 1:
            found[on].append(ms)
    paired = [with_ / without for with_, without in zip(found[True], found[False], strict=True)]
    return {
        "with": round(statistics.median(found[True]), 2),
        "without": round(statistics.median(found[False]), 2),
        "ratio": round(statistics.median(paired), 3),
        "min": round(min(paired), 3),
        "max": round(max(paired), 3),
    }


def figuring(practice, one, rounds: int) -> dict[str, float]:
    """Milliseconds to figure so many patients in the running month; 0: a page to which nobody is marked."""
    from django.utils import timezone

    from bench.pages import taken
    from boards.models import PatientMark
    from boards.refresh import fresh, mark
    from patients.models import Patient

    now, month, found = timezone.now(), practice.today().replace(day=1), {}
    people = list(Patient.objects.for_practice(practice).order_by("pk").values_list("pk", flat=True))
    for many in (0, 1, 25):
        times = []
        for number in range(rounds):
            PatientMark.objects.all().delete()
            mark(practice, people[many * number : many * number + many])
            times.append(taken(one, lambda: fresh(practice, month, at=now)))
        found[str(many)] = round(statistics.median(times), 1)
    return found


def all_of_them(practice, one) -> float:
    """Milliseconds a patient to make everybody's rows again, in every open month."""
    from django.utils import timezone

    from bench.pages import taken
    from boards.models import PatientSummary
    from boards.refresh import rebuild

    count = PatientSummary.objects.values("patient").distinct().count()
    return round(taken(one, lambda: rebuild(practice, at=timezone.now())) / count, 2)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=PATIENTS)
    asked.add_argument("--pairs", type=int, default=PAIRS)
    given = asked.parse_args()
    os.environ["DEMO"] = "1"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from bench import world
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    call_command("migrate", verbosity=0)
    practice = world.sow(until=date.today())
    world.grow(given.patients, processes=os.cpu_count() or 1)
    one = connections["default"]
    with acting("system: bench"), in_practice(practice):
        rebuilt = all_of_them(practice, one)
        fresh_ms = figuring(practice, one, given.pairs)
        found = {
            "sign a session": ratio(practice, sign, given.pairs, one),
            "1,000 readings": ratio(practice, take_readings, given.pairs, one),
        }
    for name, row in found.items():
        print(f"{name:16} {row['without']:8.2f} ms, with marks {row['with']:8.2f} ms: {row['ratio']:.3f}")
    print(
        "to figure before a page: " + ", ".join(f"{many} patients {ms} ms" for many, ms in fresh_ms.items())
    )
    print(f"to make everybody's rows: {rebuilt} ms a patient")
    worst = max(row["ratio"] for row in found.values())
    head = {"bench": "boards", "ratio": worst, "goal": GOAL, "n": given.pairs, "met": worst <= GOAL}
    print(json.dumps({**head, "marks": found, "fresh ms": fresh_ms, "rebuild ms a patient": rebuilt}))


if __name__ == "__main__":
    main()
