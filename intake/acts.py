"""What is done with an import of patients: opened, its columns chosen, its rows decided, ended. Taking in: `taking`."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts.models import Membership
from foundation.context import acting, because
from foundation.practice_scope import every_practice, in_practice
from foundation.refusals import Refused, refuse_if
from foundation.sweeps import going_on
from foundation.tracked import lock
from intake import fields, policies, sheet, waiting
from intake.cells import Columns
from intake.matching import compare_rows, match
from intake.models import (
    OPEN,
    Candidate,
    Decision,
    ImportFile,
    KnownColumns,
    PatientImport,
    Source,
    Standing,
    State,
)
from intake.selectors import candidates, known_columns, open_import, stalled
from patients.services import save_unless_taken
from payers.selectors import payers_of

KEPT = timedelta(days=7)
# Nobody was there when a message came; whoever decides may be away.
ARRIVAL_KEPT = timedelta(days=30)
# So many headers a practice's choices are kept for; the oldest go first.
MOST_KNOWN = 300
ONE_AT_A_TIME = (
    "An import of patients is open in your practice. Finish or discard it, then bring in this file"
)


@transaction.atomic
def open_csv(content: bytes, *, file_name: str, by: Membership, at: datetime) -> PatientImport:
    """Keep the file while its columns and rows are looked at. Raises `Refused` if it is no such file."""
    read = sheet.read(content)
    refuse_if(fields.why_not_header(read.header, known_columns(by.practice)), field="file")
    refuse_if(ONE_AT_A_TIME if open_import(by.practice) else None, field="file")
    found = PatientImport(
        practice=by.practice,
        source=Source.CSV,
        digest=hashlib.sha256(content).hexdigest(),
        opened_by=by,
        opened_at=at,
    )
    save_unless_taken(found, ONE_AT_A_TIME, field="file")
    kept = ImportFile(practice=by.practice, patient_import=found, windows=read.windows, content=content)
    kept.file_name = file_name[:120]
    kept.save()
    return found


@transaction.atomic
def choose_columns(
    found: PatientImport, chosen: Sequence[str], *, by: Membership, at: datetime
) -> PatientImport:
    """`chosen`: a field or nothing for each column. Every row is read and matched anew; decisions so far are undone."""
    found = lock(found)
    refuse_if(policies.why_not_choose_columns(found) or fields.why_not_columns(chosen))
    read = sheet.read(bytes(found.file.content))
    if len(chosen) != len(read.header):
        raise Refused("The columns sent are not those of the file. Open the page again")
    found.file.columns = fields.meanings(read.header, chosen)
    found.file.save(update_fields=["columns"])
    columns = Columns.of(read, list(chosen), today=found.practice.today(at), payers=payers_of(found.practice))
    rows = _candidates(found, columns)
    compare_rows(rows)
    match(rows, found.practice, today=found.practice.today(at))
    for row in rows:
        row.standing = Standing.WRONG if row.problems else row.standing
    Candidate.objects.filter(patient_import=found).delete()
    Candidate.objects.bulk_create(rows, batch_size=1000)
    found.state, found.rows = State.CHECKING, len(rows)
    found.save()
    return found


def _candidates(found: PatientImport, columns: Columns) -> list[Candidate]:
    return [
        Candidate(
            practice=found.practice,
            patient_import=found,
            number=row.number,
            values=row.values,
            problems=row.problems,
        )
        for row in columns.rows()
    ]


def remember(found: PatientImport) -> None:
    """What the practice's columns mean, for its next file. Not before rows are taken in: its history stays for ever."""
    (now,) = ImportFile.objects.filter(patient_import=found).values_list("columns", flat=True)
    row = KnownColumns.objects.for_practice(found.practice).filter(source=found.source).first()
    row = row or KnownColumns(practice=found.practice, source=found.source, columns={})
    columns = {**{name: field for name, field in row.columns.items() if name not in now}, **now}
    columns = dict(list(columns.items())[-MOST_KNOWN:])
    if columns != row.columns:
        row.columns = columns
        row.save()


@transaction.atomic
def decide(
    row: Candidate, *, decision: str, taken_over: Sequence[str], reason: str, seen: str, by: Membership
) -> Candidate:
    """`seen`: the mark of what was on the page, by which a decision about something else is refused."""
    refuse_if(policies.why_not_decide(lock(row.patient_import)))
    now = Candidate.objects.select_for_update().filter(pk=row.pk).first()
    if now is None or seen != mark(now):
        raise Refused("This row was matched anew while you had it open. Look at it again, then decide")
    row = now
    theirs = list(taken_over) if decision == Decision.THEIRS else []
    refuse_if(policies.why_not_so(row, decision, theirs), field="decision")
    _note_decision(row, decision, theirs, reason, by)
    row.save()
    return row


def mark(row: Candidate) -> str:
    """Of what a decision is about: whoever is asked about something else has another one."""
    asked = [row.standing, row.values, row.differs, row.doubles, row.everybody, row.twin]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _note_decision(row: Candidate, decision: str, theirs: list[str], reason: str, by: Membership) -> None:
    row.decision, row.fields = decision, theirs
    row.reason = "" if decision == Decision.LEAVE else reason
    row.decided_by, row.note = by, ""


@transaction.atomic
def decide_the_rest(
    found: PatientImport, *, decision: str, reason: str, undecided: int, version: int | None, by: Membership
) -> int:
    """One decision for every row that differs, keeps its name and is not decided yet: how many there were.

    `undecided`: how many the page said; `version`: the import's, which whatever matches its rows anew counts up.
    Others are refused, so that nobody decides about rows not shown.
    """
    found = lock(found)
    refuse_if(policies.why_not_decide(found))
    rows = candidates(found).filter(policies.AT_ONCE, decision="")
    if version != found.version or rows.count() != undecided:
        raise Refused("Rows were decided elsewhere while you had this page open. Look again, then decide")
    return rows.update(decision=decision, fields=[], reason=reason, decided_by=by, note="")


@transaction.atomic
def end(found: PatientImport, *, by: Membership, at: datetime) -> PatientImport:
    """Nothing more of the file is taken in; its rows are deleted. What was taken in before stays."""
    waiting.one_at_a_time(found)
    found = lock(found)
    refuse_if(policies.why_not_end(found, stalled=stalled(found)))
    with because("Rest left out" if found.finished else "Discarded"):
        forget(found, State.DONE if found.finished else State.DISCARDED, at=at)
    waiting.tell(found, at=at)
    return found


def forget(found: PatientImport, state: State, *, at: datetime) -> None:
    """The import has ended: its counts stay, its file and rows do not."""
    Candidate.objects.filter(patient_import=found).delete()
    ImportFile.objects.filter(patient_import=found).delete()
    found.left_out += found.waiting
    found.state, found.ended_at = state, at
    found.save()


def kept_until(found: PatientImport) -> datetime:
    return found.opened_at + (KEPT if found.is_file else ARRIVAL_KEPT)


def expire(*, at: datetime) -> int:
    """End imports that were left open for too long, each in its own transaction: how many there were."""
    files = Q(source=Source.CSV, opened_at__lte=at - KEPT)
    messages = ~Q(source=Source.CSV) & Q(opened_at__lte=at - ARRIVAL_KEPT)
    old = PatientImport.objects.filter(files | messages, state__in=OPEN).order_by("opened_at", "pk")
    with every_practice():
        found = list(old.values_list("pk", "practice_id"))
    return sum(_expire(pk, practice_id, at=at) for pk, practice_id in found)


def _expire(pk: UUID, practice_id: UUID, *, at: datetime) -> bool:
    """One that fails is passed over, and comes again with the next round."""
    with going_on("import of patients", pk), in_practice(practice_id), transaction.atomic():
        return _expire_locked(pk, at=at)
    return False


def _expire_locked(pk: UUID, *, at: datetime) -> bool:
    found = PatientImport.objects.get(pk=pk)
    waiting.one_at_a_time(found)
    found = lock(found)
    if policies.why_not_end(found, stalled=stalled(found)):
        return False
    with acting(
        "system: intake.expire", reason=f"Left open for {(kept_until(found) - found.opened_at).days} days"
    ):
        forget(found, State.EXPIRED, at=at)
    waiting.tell(found, at=at)
    return True
