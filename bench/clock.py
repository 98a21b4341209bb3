"""How many running clocks the web server carries: `./dev bench bench/clock.py`. The last line is the figures as JSON.

A thousand nurses sit before a running clock each, and the web server is started as `./dev run` starts it. First come
heartbeats and a logged-in hello in turns, as many as it answers: what counts is the processor's time of the server's
processes for one of each. Then pages as they are: each has its connection and beats every five seconds, whether or not
the one before was answered in time; the 95th percentile counts from the beat's turn. The pages themselves and
PostgreSQL share the same processors.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, perf_counter, sleep

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, CLOCKS, PAIRS, SPELL = 10, 1_000, 5, 3.0
STEPS = (100, 200, 300, 500, 700, 1_000)
EVERY, WATCHED = 5.0, 15.0
AIM_P95, AIM_CLOCKS = 0.3, 1_000
AT_ONCE = 8
TOKEN = "b" * 32


@dataclass(frozen=True)
class Page:
    """A nurse's page: the address of her clock's heartbeat, and her sign-in."""

    entry: str
    session: str

    def request(self, port: int, path: str) -> bytes:
        lines = [
            f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: application/json", "X-Background: 1",
            f"X-CSRFToken: {TOKEN}", f"Cookie: csrf={TOKEN}; session={self.session}", "Content-Length: 0",
        ]  # fmt: skip
        return "\r\n".join([*lines, "", ""]).encode()

    def beat(self, port: int) -> bytes:
        return self.request(port, f"/sessions/{self.entry}/heartbeat/")

    def hello(self, port: int) -> bytes:
        return self.request(port, "/hello/")


# The world ------------------------------------------------------------------------------------------------------------

# A row of a table as it is, but for what is given; {people} are a thousand of them.
_COPY = """
    INSERT INTO {table} SELECT (jsonb_populate_record(r, {changes})).* FROM {table} r CROSS JOIN bench_people p
    WHERE r.{key} = %s
"""
_COPIES = (
    ("accounts_user", "id", "jsonb_build_object('id', p.person, 'email', p.n || '@bench.test')"),
    ("accounts_membership", "id", "jsonb_build_object('id', p.member, 'user_id', p.person)"),
    ("timelogs_timeentry", "id", "jsonb_build_object('id', p.entry, 'author_id', p.member)"),
    ("timelogs_clock", "entry_id", "jsonb_build_object('entry_id', p.entry, 'staff_id', p.person)"),
    (
        "timelogs_timesegment",
        "entry_id",
        "jsonb_build_object('id', gen_random_uuid(), 'entry_id', p.entry, 'staff_id', p.person)",
    ),
)


def small_practice():
    """(practice, a nurse, the enrolled patients)"""
    from django.utils import timezone

    from accounts.models import Membership
    from patients.models import Enrollment
    from rpmportal.demo import build
    from rpmportal.demo.stage import Stage

    today = timezone.now().date()
    practice = build.load(Stage(seed=7, patients=PATIENTS, month_count=2, until=today))
    nurse = Membership.objects.for_practice(practice).filter(role="nurse").select_related("user").first()
    episodes = Enrollment.objects.for_practice(practice).filter(ended_on=None, started_on__lte=today)
    return practice, nurse, [episode.patient for episode in episodes.select_related("patient").order_by("pk")]


def world(clocks: int) -> list[Page]:
    """One nurse who has started a clock, by the services; the others are copies of her and of it."""
    from django.utils import timezone

    from timelogs.clock.acts import start_session

    _, nurse, patients = small_practice()
    entry = start_session(patients[0], by=nurse, at=timezone.now(), switch=True)
    of = {
        "accounts_user": nurse.user_id,
        "accounts_membership": nurse.pk,
        "timelogs_timeentry": entry.pk,
        "timelogs_clock": entry.pk,
        "timelogs_timesegment": entry.pk,
    }
    people = copied(of, clocks)
    return [Page(str(entry_id), key) for (_, _, entry_id), key in zip(people, sessions(people), strict=True)]


def copied(rows: dict, count: int) -> list[tuple]:
    """(person, membership, session) of so many copies; `rows`: which row of each table is copied."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "CREATE TEMP TABLE bench_people AS SELECT n, gen_random_uuid() AS person, gen_random_uuid() AS member, "
            "gen_random_uuid() AS entry FROM generate_series(1, %s) n",
            [count],
        )
        for table, key, changes in _COPIES:
            if table in rows:
                cursor.execute(_COPY.format(table=table, key=key, changes=changes), [rows[table]])
        cursor.execute("SELECT person, member, entry FROM bench_people ORDER BY n")
        people = cursor.fetchall()
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
    return people


def sessions(people: list[tuple]) -> list[str]:
    """A sign-in of each."""
    from datetime import timedelta

    from django.conf import settings
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from accounts.middleware import SEEN, STARTED
    from accounts.models import User

    now, store = timezone.now(), SessionStore()
    rows = []
    for number, user in enumerate(User.objects.filter(pk__in=[person for person, *_ in people])):
        told = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": settings.AUTHENTICATION_BACKENDS[-1],
            "_auth_user_hash": user.get_session_auth_hash(),
            SEEN: now.isoformat(),
            STARTED: now.isoformat(),
        }
        key = f"bench{number:027d}"
        row = store.model(
            session_key=key, session_data=store.encode(told), expire_date=now + timedelta(hours=12)
        )
        rows.append((user.pk, row))
    store.model.objects.bulk_create([row for _, row in rows])
    keys = {person: row.session_key for person, row in rows}
    return [keys[person] for person, *_ in people]


# The server -----------------------------------------------------------------------------------------------------------


@contextmanager
def web_server() -> Iterator[tuple[int, int]]:
    """(port, process) of the web server as `./dev run` starts it, with the route of the hello."""
    from devtools.ports import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py"]
    env = {
        **os.environ,
        "PROCESS": "web",
        "DB_ROLE": "app",
        "DJANGO_SETTINGS_MODULE": "bench._hello_settings",
    }
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--log-level", "error"], cwd=ROOT, env=env
    )
    try:
        _wait_for(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(40)


def _wait_for(port: int) -> None:
    deadline = monotonic() + 120
    while monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            sleep(0.1)
    raise SystemExit("The web server did not start.")


def processor_time(process: int) -> float:
    """Seconds that the server's workers have used."""
    ticks, tick = 0, os.sysconf("SC_CLK_TCK")
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        fields = Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / tick


# The pages ------------------------------------------------------------------------------------------------------------


async def answered(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    body = await reader.readexactly(int(length.split(b":")[1]))
    status = head.split(b" ", 2)[1]
    if status != b"200":
        raise SystemExit(f"{status.decode()}: {body[:200]!r}")
    return body


async def as_many_as_it_answers(port: int, requests: list[bytes]) -> int:
    """Answers within a spell, to as many at once as the server has hands for."""
    until, count = perf_counter() + SPELL, 0

    async def one(place: int) -> None:
        nonlocal count
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while perf_counter() < until:
            writer.write(requests[place % len(requests)])
            await answered(reader)
            count, place = count + 1, place + AT_ONCE
        writer.close()

    await asyncio.gather(*(one(place) for place in range(AT_ONCE)))
    return count


async def watched(port: int, pages: list[Page]) -> list[float]:
    """Seconds from each beat's turn to its answer, of pages that beat for a while."""
    began, taken = perf_counter() + 1.0, []

    async def one(number: int, page: Page) -> None:
        turn, request = began + EVERY * number / len(pages), page.beat(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while turn < began + WATCHED:
            await asyncio.sleep(max(0.0, turn - perf_counter()))
            writer.write(request)
            body = await answered(reader)
            taken.append(perf_counter() - turn)
            if b'"running": true' not in body:
                raise SystemExit(f"No running clock: {body!r}")
            turn += EVERY
        writer.close()

    await asyncio.gather(*(one(number, page) for number, page in enumerate(pages)))
    return sorted(taken)


# Figures --------------------------------------------------------------------------------------------------------------


def beside_hello(port: int, process: int, pages: list[Page], pairs: int) -> dict[str, float]:
    sides = {"beat": [page.beat(port) for page in pages], "hello": [page.hello(port) for page in pages]}
    found: dict[str, list[tuple[float, float]]] = {"beat": [], "hello": []}
    for number in range(pairs + 1):
        for name in ("beat", "hello") if number % 2 else ("hello", "beat"):
            before = processor_time(process)
            count = asyncio.run(as_many_as_it_answers(port, sides[name]))
            if number:
                found[name].append((count / SPELL, (processor_time(process) - before) / count * 1000))
    both = list(zip(found["beat"], found["hello"], strict=True))
    figures = {
        "beats_per_second": statistics.median(rate for rate, _ in found["beat"]),
        "hellos_per_second": statistics.median(rate for rate, _ in found["hello"]),
        "beat_ms": statistics.median(used for _, used in found["beat"]),
        "hello_ms": statistics.median(used for _, used in found["hello"]),
        "ratio": statistics.median(beat[1] / hello[1] for beat, hello in both),
    }
    print(
        f"{figures['beats_per_second']:.0f} beats/s beside {figures['hellos_per_second']:.0f} hellos/s; the server's "
        f"processor: {figures['beat_ms']:.1f} ms beside {figures['hello_ms']:.1f} ms, {figures['ratio']:.2f} times",
        flush=True,
    )
    return figures


def carried(port: int, process: int, pages: list[Page]) -> dict[str, float]:
    """The most clocks whose beats are answered in time."""
    most, p95_of_most = 0, 0.0
    for count in [step for step in STEPS if step <= len(pages)]:
        before = processor_time(process)
        taken = asyncio.run(watched(port, pages[:count]))
        p95 = taken[-(-len(taken) * 95 // 100) - 1]
        used = (processor_time(process) - before) / len(taken) * 1000
        print(
            f"{count:6,} clocks: p95 {p95 * 1000:7.0f} ms, {used:.1f} ms of the server's processor",
            flush=True,
        )
        if p95 > AIM_P95:
            break
        most, p95_of_most = count, p95
    return {"clocks": most, "p95_ms": p95_of_most * 1000}


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--pairs", type=int, default=PAIRS)
    asked.add_argument("--clocks", type=int, default=CLOCKS)
    given, _ = asked.parse_known_args()
    os.environ["DEMO"] = "1"
    django.setup()
    from foundation.context import acting
    from foundation.practice_scope import every_practice

    call_command("migrate", verbosity=0)
    with acting("system: bench"), every_practice():
        pages = world(given.clocks)
    with web_server() as (port, process):
        figures = beside_hello(port, process, pages, given.pairs) | carried(port, process, pages)
    told = {name: round(value, 2) for name, value in figures.items()}
    print(
        json.dumps(
            {
                "bench": "clock",
                "aim": AIM_CLOCKS,
                "met": figures["clocks"] >= AIM_CLOCKS,
                "n": given.pairs,
                **told,
            }
        )
    )


if __name__ == "__main__":
    main()
