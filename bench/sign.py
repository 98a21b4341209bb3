"""What a signature costs: `./dev bench bench/sign.py`. The last line is the figures as JSON.

The same note is signed for a patient whose month holds nine signed sessions and for one whose month holds 122, in
turns with a bare INSERT of the rows that a signature writes, into tables of the same columns, indexes and checks.
What counts is the processor's time of this process and of its PostgreSQL together. Then fifty nurses press Sign for
one patient at the same moment, at the web server as `./dev run` starts it: how long the last of them waits.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter, process_time
from urllib.parse import urlencode
from uuid import uuid4

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FEW, MANY, ROUNDS, EACH, SIGNERS, WARM = 9, 122, 5, 6, 50, 16
AIM, AIM_GROWTH, AIM_LAST = 6.0, 1.2, 1.5
MINUTES = timedelta(minutes=3)
NOTE = {
    "no_data_reason": "The cuff sent nothing in these days.",
    "party": "patient",
    "method": "phone",
    "contact_seconds": 60,
    "topics": ["readings", "diet"],
    "said": "She eats less salt at dinner and takes the evening dose at eight.",
    "action": "no_change",
    "action_detail": "Pressure is steady within goal; plan continues unchanged.",
    "late_reason": "Entered at the end of the day.",
}
# What a signature writes, in order.
TABLES = (
    ("timelogs_timeentry", "id = %(entry)s"),
    (
        "timelogs_historicaltimeentry",
        "history_id = (SELECT max(history_id) FROM timelogs_historicaltimeentry WHERE id = %(entry)s)",
    ),
    ("timelogs_countedinterval", "entry_id = %(entry)s"),
    ("dispatch_outboxmessage", "id = (SELECT max(id) FROM dispatch_outboxmessage)"),
)


class Desk:
    """A nurse who signs one session after the other for one patient, each at a time of its own."""

    def __init__(self, nurse, patient, began):
        self.nurse, self.patient, self.next = nurse, patient, began

    def draft(self):
        from timelogs.note import drafts

        start, self.next = self.next, self.next + MINUTES
        at = self.next
        by = {"by": self.nurse, "at": at}
        length = {"starts_at": start, "seconds": 150, "reason": "Entered at the end of the day."}
        entry = drafts.log_past(self.patient, **length, **by)
        return drafts.save_draft(entry, note=NOTE, version=entry.version, **by), at

    def sign(self, drafted) -> None:
        from timelogs.signing.sign import sign

        entry, at = drafted
        sign(entry, version=entry.version, by=self.nurse, at=at)


def spent(act: Callable[[], None]) -> float:
    """Seconds of the processor: ours and our PostgreSQL's."""
    backend, ours = backend_time(), process_time()
    act()
    return process_time() - ours + backend_time() - backend


def backend_time() -> float:
    from django.db import connection

    connection.ensure_connection()
    fields = (
        Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rsplit(")", 1)[1].split()
    )
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Bare:
    """The rows that a signature wrote, inserted again as they are."""

    def __init__(self, entry_id):
        from django.db import connection

        self.inserts, self.span = [], datetime(2020, 1, 1, tzinfo=UTC)
        with connection.cursor() as cursor:
            for table, which in TABLES:
                cursor.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
                columns = [
                    column.name for column in connection.introspection.get_table_description(cursor, table)
                ]
                key = "history_id" if "history_id" in columns else "id"
                cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t WHERE {which}", {"entry": entry_id})
                (row,) = cursor.fetchone()
                self.inserts.append((table, key, json.loads(row)))

    def insert(self) -> None:
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            for table, key, row in self.inserts:
                new = dict(row)
                new[key] = str(uuid4()) if isinstance(row[key], str) else self._next(row)
                if "during" in row:
                    new["during"] = self._another_span()
                cursor.execute(
                    f"INSERT INTO bench_{table} SELECT * FROM jsonb_populate_record(NULL::bench_{table}, %s::jsonb)",
                    [json.dumps(new)],
                )

    def _another_span(self) -> str:
        """Where nobody has worked yet, as the table's constraints want it."""
        self.span = self.span + MINUTES
        return f"[{self.span.isoformat()},{(self.span + MINUTES).isoformat()})"

    @staticmethod
    def _next(row: dict) -> int:
        for name in ("id", "history_id"):
            if isinstance(row.get(name), int):
                row[name] += 1
                return row[name]
        raise AssertionError(row)


def beside_bare(few: Desk, many: Desk, rounds: int, sessions: int) -> dict[str, float]:
    first = few.draft()
    few.sign(first)
    bare = Bare(first[0].pk)
    found: dict[str, list[float]] = {"bare": [], "few": [], "many": []}
    for number in range(rounds + 1):
        drafts = {"few": [few.draft() for _ in range(EACH)], "many": [many.draft() for _ in range(EACH)]}
        sides: dict[str, Callable[[], None]] = {
            "bare": lambda: [bare.insert() for _ in range(EACH * 10)] and None,
            "few": lambda: [few.sign(each) for each in drafts["few"]] and None,  # noqa: B023
            "many": lambda: [many.sign(each) for each in drafts["many"]] and None,  # noqa: B023
        }
        for name in sorted(sides, reverse=bool(number % 2)):
            seconds = spent(sides[name]) / (EACH * (10 if name == "bare" else 1))
            if number:
                found[name].append(seconds)
    bare_ms, few_ms, many_ms = (statistics.median(found[name]) * 1000 for name in ("bare", "few", "many"))
    ratio = statistics.median(few / base for few, base in zip(found["few"], found["bare"], strict=True))
    growth = statistics.median(many / few for many, few in zip(found["many"], found["few"], strict=True))
    print(
        f"bare {bare_ms:.2f} ms, signature {few_ms:.1f} ms beside {FEW} signed sessions ({ratio:.1f} times), "
        f"{many_ms:.1f} ms beside {sessions} ({growth:.2f} times)",
        flush=True,
    )
    return {"ratio": ratio, "growth": growth, "bare_ms": bare_ms, "few_ms": few_ms, "many_ms": many_ms}


def at_once(people: list[tuple], patient, signers: int) -> dict[str, float]:
    """Seconds from the press that all make together to the last answer."""
    from django.utils import timezone

    from accounts.models import Membership
    from bench.clock import sessions, web_server
    from timelogs.clock.acts import start_session
    from timelogs.models import CountedInterval, Status, TimeEntry
    from timelogs.note.drafts import save_draft

    some = people[:signers]
    members = {row.pk: row for row in Membership.objects.filter(pk__in=[member for _, member, _ in some])}
    with web_server() as (port, _):
        at = timezone.now()
        begun = []
        for _, member, _ in some:
            entry = start_session(patient, by=members[member], at=at)
            begun.append(save_draft(entry, note=NOTE, version=entry.version, by=members[member], at=at))
        keys = sessions(some)
        requests = [pressed(port, entry, key) for entry, key in zip(begun, keys, strict=True)]
        # Each worker has read its pages and routes before.
        opened = [opening(port, entry, key) for entry, key in zip(begun, keys, strict=True)]
        asyncio.run(together(port, opened[:WARM]))
        taken = asyncio.run(together(port, requests))
    signed = TimeEntry.objects.filter(pk__in=[entry.pk for entry in begun], status=Status.SIGNED)
    if signed.count() != signers:
        raise SystemExit(f"{signed.count()} of {signers} are signed.")
    counted = CountedInterval.objects.filter(entry__in=signed, standing=True).count()
    print(
        f"{signers} at once: the first after {taken[0]:.2f} s, the last after {taken[-1]:.2f} s", flush=True
    )
    return {"last_s": taken[-1], "median_s": taken[len(taken) // 2], "intervals": counted}


def pressed(port: int, entry, session: str) -> bytes:
    from bench.clock import TOKEN

    typed = {
        **NOTE,
        "data_from": f"{entry.data_from:%Y-%m-%d}",
        "data_until": f"{entry.data_until:%Y-%m-%d}",
        "contact_seconds": "0:01",
        "minutes": "0 min",
        "minutes_shown": "0 min",
        "version": entry.version,
        "operation_id": str(uuid4()),
    }
    body = urlencode(typed, doseq=True).encode()
    lines = [
        f"POST /sessions/{entry.pk}/sign/ HTTP/1.1", f"Host: 127.0.0.1:{port}", "HX-Request: true",
        f"X-CSRFToken: {TOKEN}", f"Cookie: csrf={TOKEN}; session={session}",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}",
    ]  # fmt: skip
    return "\r\n".join([*lines, "", ""]).encode() + body


def opening(port: int, entry, session: str) -> bytes:
    lines = [f"GET /sessions/{entry.pk}/ HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: session={session}"]
    return "\r\n".join([*lines, "", ""]).encode()


async def together(port: int, requests: list[bytes]) -> list[float]:
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in requests]
    began = perf_counter()

    async def one(stream, request: bytes) -> float:
        reader, writer = stream
        writer.write(request)
        status = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
        if status not in {b"200", b"204", b"302", b"303"}:
            raise SystemExit(f"{status.decode()}: {(await reader.read(3000))!r}")
        return perf_counter() - began

    return sorted(await asyncio.gather(*(one(*pair) for pair in zip(streams, requests, strict=True))))


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--signers", type=int, default=SIGNERS)
    asked.add_argument("--many", type=int, default=MANY)
    given, _ = asked.parse_known_args()
    os.environ["DEMO"] = "1"
    django.setup()
    from foundation.context import acting
    from foundation.practice_scope import every_practice

    call_command("migrate", verbosity=0)
    with acting("system: bench"), every_practice():
        figures = measured(given.rounds, given.signers, given.many)
    told = {name: round(value, 2) for name, value in figures.items()}
    met = told["ratio"] <= AIM and told["growth"] <= AIM_GROWTH and told["last_s"] <= AIM_LAST
    aims = {"aim": AIM, "aim_growth": AIM_GROWTH, "aim_last_s": AIM_LAST}
    print(
        json.dumps({"bench": "sign", **aims, "met": met, "n": given.rounds, "signers": given.signers, **told})
    )


def measured(rounds: int, signers: int, sessions: int) -> dict[str, float]:
    from accounts.models import Membership
    from bench.clock import copied, small_practice
    from foundation.months import midnight

    practice, nurse, patients = small_practice()
    people = copied({"accounts_user": nurse.user_id, "accounts_membership": nurse.pk}, signers + 2)
    two = [
        Membership.objects.select_related("user", "practice").get(pk=member) for _, member, _ in people[-2:]
    ]
    # Two days ago from the morning on: no later than today, and not late.
    began = midnight(practice.today() - timedelta(days=2), tz=practice.tz) + timedelta(hours=8)
    few, many = (Desk(nurse, patient, began) for nurse, patient in zip(two, patients[:2], strict=True))
    for desk, count in ((few, FEW), (many, sessions)):
        for _ in range(count):
            desk.sign(desk.draft())
    return beside_bare(few, many, rounds, sessions) | at_once(people, patients[2], signers)


if __name__ == "__main__":
    main()
