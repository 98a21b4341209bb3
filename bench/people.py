"""Twenty people at work for a minute: `./dev bench bench/people.py`. The last line is the figures as JSON.

A real web server (gunicorn, as in production, two workers) with a practice of 5,000 patients, a worker and a relay
beside it. Nurses open the caseload, its counters, a chart and their inbox; billers the month board, the queue and a
claim; an auditor reads the history; each waits a few seconds between two pages. Every nurse writes a reading down now
and then, so that rows of the boards change meanwhile. Answers are timed as a person waits for them; say how busy the
machine was beside it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, PEOPLE, SECONDS = 5_000, 20, 60
GOAL = 200
# How long somebody looks at a page: seconds, evenly between the two.
LOOKS = (1.0, 5.0)


@dataclass
class Person:
    """Somebody signed in, and the addresses among which she goes."""

    cookie: str
    pages: list[tuple[str, str]]
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    bytes: dict[str, int] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def work(self, port: int, until: float, seed: int) -> None:
        chance = random.Random(seed)
        time.sleep(chance.uniform(0, LOOKS[1]))
        while time.monotonic() < until:
            name, address = chance.choice(self.pages)
            self._open(port, name, address)
            time.sleep(chance.uniform(*LOOKS))

    def _open(self, port: int, name: str, address: str) -> None:
        began = time.perf_counter()
        try:
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            server.request("GET", address, headers={"Cookie": self.cookie, "Host": "localhost"})
            answer = server.getresponse()
            length = len(answer.read())
            server.close()
        except OSError as error:
            self.failed.append(f"{name}: {type(error).__name__}")
            return
        if answer.status != 200:
            self.failed.append(f"{name}: {answer.status}")
            return
        self.times[name].append((time.perf_counter() - began) * 1000)
        self.bytes[name] = max(length, self.bytes.get(name, 0))


def pages_of(practice, who: str) -> list[tuple[str, str]]:
    from django.urls import reverse

    from billing.models import Claim
    from foundation.months import previous_month
    from patients.models import Patient

    month = practice.today().replace(day=1)
    charts = Patient.objects.for_practice(practice).order_by("pk").values_list("pk", flat=True)[:200:20]
    caseload = reverse("caseload")
    if who == "biller":
        claims = Claim.objects.for_practice(practice).order_by("pk").values_list("pk", flat=True)[:200:40]
        return [
            ("month board", reverse("month_board", args=[month])),
            ("queue", reverse("billing:queue", args=[previous_month(month)])),
            ("inbox", reverse("dispatch:inbox")),
            *(("claim", reverse("billing:claim", args=[pk])) for pk in claims),
        ]
    if who == "auditor":
        return [("history", reverse("audit:history"))]
    return [
        *[("caseload", caseload)] * 4,
        ("caseload, filtered", caseload + "?show=silent"),
        ("caseload, filtered", caseload + "?show=no-contact"),
        ("caseload, page 9", caseload + "?page=9"),
        ("inbox", reverse("dispatch:inbox")),
        ("escalations", reverse("escalations:inbox")),
        *(("chart", reverse("chart", args=[pk])) for pk in charts[:4]),
    ]


def signed_in(practice, many: int) -> list[Person]:
    """Fourteen nurses, four billers and two auditors of twenty; several may be one person at several screens."""
    from django.conf import settings
    from django.test import Client

    from accounts.models import User

    found = []
    for number in range(many):
        who = "auditor" if number % 10 == 9 else "biller" if number % 5 == 3 else "nurse"
        client = Client()
        client.force_login(User.objects.get(email=f"{who}@demo.test"))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        found.append(Person(f"{settings.SESSION_COOKIE_NAME}={key}", pages_of(practice, who)))
    return found


def changes(practice, until: float) -> None:
    """A reading of somebody twice a second, through the service that takes them in."""
    from django.db import connection

    from bench.boards import READINGS
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    number = 0
    with in_practice(practice), acting("system: bench"):
        while time.monotonic() < until:
            number += 1
            with connection.cursor() as cursor:
                given = {"practice": practice.pk, "later": number}
                cursor.execute(READINGS.replace("LIMIT 1000", f"OFFSET {number * 7 % 900} LIMIT 1"), given)
            time.sleep(0.5)
    connection.close()


@contextmanager
def process(*command: str, env: dict[str, str]):
    with tempfile.TemporaryFile() as log:
        started = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(20)
            except subprocess.TimeoutExpired:
                started.kill()
                started.wait()


def a_server(stack: ExitStack) -> int:
    """The port of a web server on this database; the worker and the relay run beside it."""
    env = {**os.environ, "DEMO": "1", "WEB_CONCURRENCY": "2"}
    # As on a server: the role that the practices' policies hold back.
    env.pop("DB_ROLE", None)
    from devtools.ports import free_port

    port = free_port()
    bind = ("--bind", f"127.0.0.1:{port}", "--config", "deploy/gunicorn.conf.py", "rpmportal.wsgi")
    stack.enter_context(process("-m", "gunicorn", *bind, env=env))
    stack.enter_context(
        process("-m", "celery", "-A", "rpmportal", "worker", "-Q", "interactive", "-c", "1", env=env)
    )
    stack.enter_context(process("manage.py", "relay", env=env))
    _wait_for(port)
    return port


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            server = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            server.request("GET", "/healthz", headers={"Host": "localhost"})
            if server.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The web server did not come up.")


def at_work(people: list[Person], port: int, practice, seconds: float) -> None:
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=person.work, args=(port, until, number))
        for number, person in enumerate(people)
    ]
    threads.append(threading.Thread(target=changes, args=(practice, until)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def report(people: list[Person], patients: int, busy: float) -> None:
    times: dict[str, list[float]] = defaultdict(list)
    for person in people:
        for name, own in person.times.items():
            times[name] += own
    every = sorted(ms for own in times.values() for ms in own)
    for name, own in sorted(times.items()):
        print(
            f"{name:20} {len(own):4} pages  median {statistics.median(own):7.1f} ms  p95 {percentile(own):7.1f} ms"
        )
    failed = [line for person in people for line in person.failed]
    if not every:
        raise SystemExit(f"No page came: {sorted(set(failed))[:5]}")
    heaviest = max((size for person in people for size in person.bytes.values()), default=0)
    head = {
        "bench": "people", "patients": patients, "people": len(people), "pages": len(every),
        "failed": len(failed), "median ms": round(statistics.median(every), 1), "p95 ms": round(percentile(every), 1),
        "goal": GOAL, "heaviest kB": round(heaviest / 1000, 1), "load average": busy, "cores": os.cpu_count(),
    }  # fmt: skip
    for line in sorted(set(failed)):
        print(f"failed: {line}")
    print(json.dumps({**head, "met": percentile(every) <= GOAL and not failed}))


def percentile(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)] if times else 0.0


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=PATIENTS)
    asked.add_argument("--people", type=int, default=PEOPLE)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    given = asked.parse_args()
    os.environ["DEMO"] = "1"
    import django

    django.setup()
    from django.core.management import call_command

    from bench import world
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    call_command("migrate", verbosity=0)
    practice = world.fill(given.patients, until=date.today(), processes=os.cpu_count() or 1)
    with acting("system: bench"), in_practice(practice):
        people = signed_in(practice, given.people)
    with ExitStack() as stack:
        port = a_server(stack)
        at_work(people, port, practice, given.seconds)
    report(people, given.patients, round(os.getloadavg()[0], 1))


if __name__ == "__main__":
    main()
