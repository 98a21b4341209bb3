"""Taking rows in, a chunk in a transaction: whoever dies, a row is taken in once or waits whole."""

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.urls import reverse

from accounts.models import Membership
from dispatch import notices, outbox
from foundation.context import ActorKind, acting, because
from foundation.refusals import Refused, refuse_if
from foundation.tracked import bulk_create_tracked, lock
from intake import policies
from intake.acts import forget, remember
from intake.covering import SINCE
from intake.fields import COVERAGE
from intake.matching import OWN, match, match_again, patients_brought, rows_of
from intake.models import (
    Candidate,
    Decision,
    ImportedPatient,
    PatientImport,
    Standing,
    State,
    What,
)
from intake.selectors import GOOD, TOPIC, candidates, counts, stalled
from patients import selectors as people
from patients.enrolling import Who, register
from patients.merges import merge_of
from patients.models import Patient, Sex
from patients.services import PayerGiven, change_coverage, edit_patient

# While a chunk is at work it holds its patients; who saves one of them waits for at most three seconds.
CHUNK = 25
CHANGED_SINCE = "What is here changed after this row was checked. Look at it again"


@transaction.atomic
def start(found: PatientImport, *, everything: bool, by: Membership) -> PatientImport:
    """Ask for every good row to be taken in; `everything` refuses where not all are good.

    Asked again while that goes on, it joins; where it was set aside after too many failures, it is asked for anew.
    """
    found = lock(found)
    if found.state == State.TAKING:
        if stalled(found):
            outbox.send(found.practice, TOPIC, patient_import=str(found.pk))
        return found
    rows = counts(found)
    refuse_if(policies.why_not_take_in(found, everything=everything, left=rows["all"] - rows["good"]))
    if not candidates(found).filter(GOOD).update(taking=True, note=""):
        raise Refused("No row can be taken in yet. Decide the rows that differ, or correct the file")
    remember(found)
    found.state, found.taken_by = State.TAKING, by
    found.save()
    outbox.send(found.practice, TOPIC, patient_import=str(found.pk))
    return found


@transaction.atomic
def take_chunk(practice, import_id: UUID, *, at: datetime) -> None:
    """Take in the next rows and ask for more, or finish: all or nothing, signed by who asked.

    The outbox's own transaction holds it too. A chunk that comes twice finds its rows gone and goes on.
    """
    found = lock(PatientImport.objects.for_practice(practice).get(pk=import_id))
    if found.state != State.TAKING:
        return
    found.practice, by = practice, Membership.objects.select_related("user").get(pk=found.taken_by_id)
    reason = f"Brought in from {found.came_from}"
    with acting(by.label, kind=ActorKind.IMPORT, actor_id=by.user_id, reason=reason):
        rows = list(candidates(found).filter(taking=True)[:CHUNK])
        match(rows, practice, today=practice.today(at), own=patients_brought(found))
        _Chunk(found, by, at).take(rows)
        if candidates(found).filter(taking=True).exists():
            found.save()
            outbox.send(practice, TOPIC, patient_import=str(found.pk))
        else:
            _finish(found, by, at=at)


def take_one(found: PatientImport, row: Candidate, *, by: Membership | None, at: datetime) -> bool:
    """The one row of a message, as it stands in the database, at once. False if it is left to be looked at.

    `by`: who decided about it; nobody, where the message alone is enough. Inside of the caller's transaction.
    """
    _Chunk(found, by, at).take([row])
    if found.waiting:
        found.save()
        return False
    forget(found, State.DONE, at=at)
    return True


class _Chunk:
    """Rows of one transaction: whom they brought, and which are done with."""

    def __init__(self, found: PatientImport, by: Membership | None, at: datetime):
        self.found, self.by, self.at = found, by, at
        self.done: list[int] = []
        self.links: list[ImportedPatient] = []
        self.brought: dict[UUID, int] = {}

    def take(self, rows: list[Candidate]) -> None:
        self.brought = rows_of(self.found, [row.patient_id for row in rows])
        before = {row.pk: row for row in Candidate.objects.filter(pk__in=[row.pk for row in rows])}
        for row in rows:
            try:
                with transaction.atomic():
                    self._take(row, before[row.pk])
            except Refused as refusal:
                self._leave(row, refusal.message)
        bulk_create_tracked(self.links)
        Candidate.objects.filter(pk__in=self.done).delete()

    def _take(self, row: Candidate, before: Candidate) -> None:
        """By how the row stands now; a decision holds for what it was made about."""
        if row.decision == Decision.LEAVE:
            self.found.left_out += 1
        elif row.standing == Standing.NEW or (row.decision == Decision.ANOTHER and _same(row, before)):
            self._create(row)
        elif row.standing == Standing.SAME:
            self.found.same += 1
        elif row.decision in {Decision.OURS, Decision.THEIRS} and row.patient:
            self._keep_or_change(row, before)
        else:
            raise Refused(CHANGED_SINCE)
        self.done.append(row.pk)

    def _create(self, row: Candidate) -> None:
        another = row.decision == Decision.ANOTHER
        with because(row.reason if another else f"Brought in from {self.found.came_from}"):
            patient = register(
                self.found.practice,
                who=_who(row.values),
                payer=_payer(row.values, self._today()),
                another_person=another,
                by=self.by,
                at=self.at,
            )
        self._link(row, patient, What.CREATED)
        self.found.created += 1

    def _keep_or_change(self, row: Candidate, before: Candidate) -> None:
        patient = lock(row.patient)
        patient.practice = self.found.practice
        # The chunk's rows were matched before the first of them was written; somebody may have come in between.
        match_again(row, patient, today=self._today())
        refuse_if(None if _same(row, before) and merge_of(patient) is None else CHANGED_SINCE)
        refuse_if(policies.why_not_again(self.brought.get(patient.pk)))
        if row.decision == Decision.THEIRS:
            with because(row.reason):
                self._take_over(patient, row)
            self.found.changed += 1
        else:
            self.found.kept += 1
        self._link(row, patient, What.CHANGED if row.decision == Decision.THEIRS else What.KEPT)

    def _take_over(self, patient: Patient, row: Candidate) -> None:
        sign, over = {"by": self.by, "at": self.at}, row.fields or list(row.differs)
        own = {name: _typed(name, row.values[name]) for name in over if name in OWN}
        if own:
            edit_patient(patient, version=patient.version, **own, **sign)
        if set(over) & set(COVERAGE):
            change_coverage(patient, self._coverage(patient, row, over), **sign)

    def _coverage(self, patient: Patient, row: Candidate, over: list[str]) -> PayerGiven:
        """What stands here, with what is taken over in its place, from the day that was shown."""
        here = people.coverage_on(patient, self._today())
        given = {name: getattr(here, name, "") for name in COVERAGE}
        given |= {name: row.values.get(name, "") for name in over if name in COVERAGE}
        _, day = row.differs[SINCE]
        return PayerGiven(**given, starts_on=date.fromisoformat(day) if day else self._today())

    def _today(self) -> date:
        return self.found.practice.today(self.at)

    def _link(self, row: Candidate, patient: Patient, what: What) -> None:
        link = ImportedPatient(
            practice=self.found.practice, patient_import=self.found, patient=patient, row=row.number
        )
        link.what, link.reason, link.decided_by_id = what, row.reason, row.decided_by_id
        self.links.append(link)
        self.brought[patient.pk] = row.number

    def _leave(self, row: Candidate, note: str) -> None:
        """Back to be looked at, as it stands now; a decision about something else is undone."""
        row.taking, row.note = False, note[:300]
        row.decision, row.fields, row.reason, row.decided_by = "", [], "", None
        row.save()


def _same(row: Candidate, before: Candidate) -> bool:
    now, then = ((r.patient_id, r.differs, r.doubles, r.everybody) for r in (row, before))
    return now == then


def _who(values: dict) -> Who:
    given = {name: _typed(name, values[name]) for name in OWN if name in values}
    return Who(**{"sex": Sex.UNKNOWN, **given})


def _typed(name: str, text: str):
    return date.fromisoformat(text) if name == "born_on" else text


def _payer(values: dict, today: date) -> PayerGiven | None:
    if "payer" not in values:
        return None
    given = {name: values.get(name, "") for name in COVERAGE}
    return PayerGiven(**given, starts_on=_starts_on(values, today))


def _starts_on(values: dict, today: date) -> date:
    return date.fromisoformat(values["coverage_on"]) if "coverage_on" in values else today


def _finish(found: PatientImport, by: Membership, *, at: datetime) -> None:
    """Done where no row is left; else it is checked on."""
    if found.waiting:
        found.state = State.CHECKING
        found.save()
    else:
        forget(found, State.DONE, at=at)
    notices.notify(
        found.practice,
        [by.user],
        kind="intake",
        cause=f"intake:{found.pk}:{found.version}",
        text=result_in_words(found),
        url=reverse("intake:check", args=[found.pk]),
    )


def result_in_words(found: PatientImport) -> str:
    """`Patients from a file: 480 new, 3 changed, 12 already here. 5 rows wait for you.`"""
    told = [
        (found.created, "new"),
        (found.changed, "changed"),
        (found.kept, "kept as they were"),
        (found.same, "already here"),
        (found.left_out, "left out"),
    ]
    said = ", ".join(f"{count:,} {word}" for count, word in told if count) or "nothing taken in"
    rows = "1 row waits" if found.waiting == 1 else f"{found.waiting:,} rows wait"
    return f"Patients from a file: {said}." + (f" {rows} for you." if found.is_open else "")
