"""A large practice to measure with: `python bench/world.py --patients 10000`. The last line is the figures as JSON.

A pattern of a hundred patients is written by the services, as the demo practice; the others are its copies, written by
COPY with keys, names and numbers of their own, signed anew. So every row is one that the services write, and a world of
ten thousand patients with their sessions, readings, closed months and history takes about a minute.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATTERN = 100
SEED = 7
UNTIL = date(2026, 5, 12)
MONTHS = 2
# Of a practice there is one of each; a copy's rows point to the same.
SHARED = {"Practice", "PracticeIdentity", "PolicySetting", "Site", "RangeTemplate", "Period", "CloseRun"}
# Work that is done, and processes: nothing that a page reads.
TECHNICAL = {
    "OutboxMessage", "Operation", "EmailDelivery", "Slot", "Pulse", "InvariantRun", "SignInEvent", "WaitingUpload",
    "PatientMark",
}  # fmt: skip
APPS = ("accounts", "patients", "monitoring", "timelogs", "billing", "boards", "staff", "dispatch", "audit")
UUID = r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
SYLLABLES = [first + second for first in "bdfghjklmnprstvwz" for second in "aeiou"]


def fill(patients: int, *, months: int = MONTHS, seed: int = SEED, until: date = UNTIL, processes: int = 1):
    """The practice with so many patients, a multiple of PATTERN, in an empty and migrated database.

    The connection's role must be allowed to set triggers and keys aside, as the owner is on servers made to be thrown
    away; unique, check and exclusion constraints are asked of every row. `processes` share the copies.
    """
    practice = sow(months=months, seed=seed, until=until)
    grow(patients, processes=processes)
    return practice


def sow(*, months: int = MONTHS, seed: int = SEED, until: date = UNTIL):
    """The practice with the pattern's patients, and their rows of the boards."""
    from datetime import datetime, time

    from boards.models import PatientMark
    from boards.refresh import rebuild
    from foundation.context import acting
    from foundation.practice_scope import in_practice
    from rpmportal.demo import build
    from rpmportal.demo.stage import Stage

    practice = build.load(Stage(seed=seed, patients=PATTERN, month_count=months, until=until))
    with in_practice(practice), acting("system: bench"):
        rebuild(practice, at=datetime.combine(until, time(12), tzinfo=practice.tz))
        PatientMark.objects.all().delete()
    return practice


def grow(patients: int, *, processes: int = 1) -> None:
    """Copies of the pattern, which alone is there, until there are so many patients. In the connection's database."""
    from django.db import connection

    copies, rest = divmod(patients, PATTERN)
    if rest or not copies:
        raise SystemExit(f"--patients must be a multiple of {PATTERN}.")
    with connection.cursor() as cursor:
        pattern = Pattern.read(cursor)
    shares = [range(first, copies, processes) for first in range(1, processes + 1)]
    if processes == 1:
        pattern.write_all(shares[0])
    else:
        _side_by_side(pattern, shares)
    with connection.cursor() as cursor:
        _lengthen_the_closes(cursor, copies)
        cursor.execute("ANALYZE")


def _side_by_side(pattern: Pattern, shares: list[range]) -> None:
    from django.db import connections

    # A child must not talk on its parent's connection.
    connections.close_all()
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=pattern.write_all, args=(share,)) for share in shares]
    for child in children:
        child.start()
    for child in children:
        child.join()
    if any(child.exitcode for child in children):
        raise SystemExit("A part of the world could not be written.")


def _lengthen_the_closes(cursor, copies: int) -> None:
    """A close of so many more patients. Its history is told the same, past the trigger that keeps it."""
    cursor.execute("SET session_replication_role = replica")
    for table in ("billing_closerun", "billing_historicalcloserun"):
        cursor.execute(
            f"UPDATE {table} SET total = total * %s, done = done * %s, sent_back = sent_back * %s",
            [copies] * 3,
        )
    cursor.execute("SET session_replication_role = origin")


def copied_models() -> list[type]:
    from django.apps import apps

    left_out = SHARED | TECHNICAL | {f"Historical{name}" for name in SHARED}
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in APPS and model._meta.managed and model.__name__ not in left_out
    ]


@dataclass
class Pattern:
    """Each table's rows as COPY writes them, cut where something is a copy's own."""

    tables: list[tuple[str, Cut]]
    marks: Marks

    @classmethod
    def read(cls, cursor) -> Pattern:
        marks = Marks.read(cursor)
        tables = []
        for model in copied_models():
            columns = ", ".join(f'"{c}"' for c in _columns(model))
            target = f'"{model._meta.db_table}" ({columns})'
            with cursor.copy(f"COPY (SELECT {columns} FROM {_rows(model)}) TO STDOUT") as copy:
                text = b"".join(copy).decode()
            tables.append((target, marks.cut(text)))
        return cls(tables, marks)

    def write_all(self, numbers: Iterable[int]) -> None:
        from django.db import connection, transaction

        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for number in numbers:
                self._write(cursor, number)
            cursor.execute("SET LOCAL session_replication_role = origin")

    def _write(self, cursor, number: int) -> None:
        own = self.marks.of_copy(number)
        for target, cut in self.tables:
            if cut.literals[0] or cut.marks:
                with cursor.copy(f"COPY {target} FROM STDIN") as copy:
                    copy.write(cut.filled(own))


def _columns(model) -> list[str]:
    """All but a number that a sequence gives."""
    from django.db.models import AutoField

    return [f.column for f in model._meta.local_concrete_fields if not isinstance(f, AutoField)]


def _rows(model) -> str:
    """Of people only those who logged time: nobody is in two places, so each copy has its own."""
    table = model._meta.db_table
    column = {"User": "id", "Membership": "user_id", "Preferences": "user_id"}.get(
        model.__name__.removeprefix("Historical")
    )
    where = f" WHERE {column} IN (SELECT staff_id FROM timelogs_timesegment)" if column else ""
    if model.__name__ == "Notice":
        where = " WHERE patient_id IS NOT NULL"
    # In the order of writing, which is that of the numbers.
    return f'"{table}"{where} ORDER BY "{model._meta.pk.column}"'


@dataclass
class Cut:
    """A text between whose `literals` stand `marks`, by their place in the list of all."""

    literals: list[str]
    marks: list[int]

    def filled(self, own: list[str]) -> str:
        parts = [""] * (len(self.literals) + len(self.marks))
        parts[::2] = self.literals
        parts[1::2] = [own[mark] for mark in self.marks]
        return "".join(parts)


class Marks:
    """What is each copy's own: keys, names, numbers, e-mail addresses, signatures."""

    def __init__(self, kept: set[str], words: dict[str, str], signed: dict[str, str]):
        self.kept, self.words = kept, words
        self.known: dict[str, int] = {}
        self.pattern = re.compile(rf"\b(?:{UUID}|[0-9a-f]{{64}}\b|{any_of(words)})")
        # A signature may lie beneath another: the first ones come first.
        self.signed = {digest: self.cut(text) for digest, text in signed.items()}

    @classmethod
    def read(cls, cursor) -> Marks:
        return cls(_kept(cursor), dict(_words()), dict(_signed()))

    def cut(self, text: str) -> Cut:
        parts, marks, at = [], [], 0
        for found in self.pattern.finditer(text):
            parts.append(text[at : found.start()])
            marks.append(self.known.setdefault(found[0], len(self.known)))
            at = found.end()
        return Cut([*parts, text[at:]], marks)

    def of_copy(self, number: int) -> list[str]:
        own = [self._own(mark, number) for mark in self.known]
        for digest, cut in self.signed.items():
            if digest in self.known:
                own[self.known[digest]] = hashlib.sha256(cut.filled(own).encode()).hexdigest()
        return own

    def _own(self, mark: str, number: int) -> str:
        if mark in self.kept:
            return mark
        if kind := self.words.get(mark):
            return _renamed(mark, kind, number)
        if len(mark) == 36:
            # The end, so that two keys stay in the order in which a constraint wants them.
            return f"{mark[:32]}{int(mark[32:], 16) ^ number:04x}"
        return mark


def any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of the words at a place; common beginnings are looked at once, not once a word."""
    tree: dict = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return _branches(tree)


def _branches(node: dict) -> str:
    ways = [re.escape(letter) + _branches(child) for letter, child in node.items() if letter]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)})" + ("?" if "" in node else "")


def _renamed(word: str, kind: str, number: int) -> str:
    if kind == "family":
        far, near = divmod(number, len(SYLLABLES))
        tail = (SYLLABLES[far] if far else "") + SYLLABLES[near]
        return word + (tail.upper() if word.isupper() else tail)
    if kind == "email":
        return word.replace("@", f".{number}@")
    return f"{word} {number}" if kind == "person" else f"{word}-{number}"


def _kept(cursor) -> set[str]:
    """Keys of the rows that a copy shares."""
    from django.apps import apps

    tables = [model._meta.db_table for model in apps.get_models() if model.__name__ in SHARED]
    asked = [f"SELECT id::text FROM {table}" for table in tables]
    idle = "NOT IN (SELECT staff_id FROM timelogs_timesegment)"
    asked += [
        f"SELECT id::text FROM accounts_user WHERE id {idle}",
        f"SELECT id::text FROM accounts_membership WHERE user_id {idle}",
    ]
    cursor.execute(" UNION ".join(asked))
    return {key for (key,) in cursor.fetchall()}


def _words() -> Iterator[tuple[str, str]]:
    """(word, what kind it is) of every name and number that a constraint or a reader wants to be one's own."""
    from accounts.models import User
    from billing.models import Claim
    from patients.models import Coverage, Device, Patient

    for patient in Patient.objects.all():
        yield patient.family_name, "family"
        yield patient.family_name.upper(), "family"
        yield patient.mrn, "number"
    for user in User.objects.filter(segments__isnull=False).distinct():
        yield user.email, "email"
        yield user.name, "person"
    for model, field in ((Device, "serial"), (Claim, "number"), (Coverage, "member_id")):
        for value in model.objects.values_list(field, flat=True):
            yield value, "number"


def _signed() -> Iterator[tuple[str, str]]:
    """(digest, the text it is of) of every signature and decision, what lies beneath another first."""
    from billing.decisions.decide import decided_text
    from billing.models import CodeSelection
    from timelogs.models import Addition, TimeEntry
    from timelogs.note import fields
    from timelogs.signing import addenda

    spans = _spans_at_signing()
    for entry in TimeEntry.objects.exclude(signature=""):
        yield entry.signature, fields.signed_text(entry, spans[entry.pk])
    for row in Addition.objects.order_by("signed_at").select_related("entry"):
        yield row.signature, addenda.signed_text(row)
    for selection in CodeSelection.objects.all():
        yield selection.digest, decided_text(selection.facts, selection.evidence, selection.decision)


def _spans_at_signing() -> dict:
    """{entry: its times}: those of its segments, whether they still stand or ended with it."""
    from timelogs.models import TimeSegment

    found = defaultdict(list)
    for segment in TimeSegment.objects.select_related("entry").order_by("during"):
        if segment.standing or segment.entry.status in {"amended", "voided"}:
            found[segment.entry_id].append((segment.during.lower, segment.during.upper))
    return found


def main() -> None:
    import django
    from django.core.management import call_command
    from django.db import connection

    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=10_000)
    asked.add_argument("--months", type=int, default=MONTHS)
    given = asked.parse_args()
    django.setup()
    call_command("migrate", verbosity=0)
    started = perf_counter()
    fill(given.patients, months=given.months, processes=os.cpu_count() or 1)
    seconds = perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(n_live_tup)::bigint FROM pg_stat_user_tables")
        rows = cursor.fetchone()[0]
    print(f"{given.patients:,} patients, {rows:,} rows in {seconds:.0f} s")
    print(
        json.dumps({"bench": "world", "patients": given.patients, "rows": rows, "seconds": round(seconds, 1)})
    )


if __name__ == "__main__":
    main()
