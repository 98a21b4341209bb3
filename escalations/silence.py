"""Silent patients: escalations that are no clinical matter, which close by themselves when readings come again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from accounts.practice_policies import PolicyBook
from escalations import acts
from escalations.models import Cause, Escalation, EscalationStep, Outcome
from escalations.states import Kind, State
from foundation.sweeps import going_on
from monitoring.models import Reading
from monitoring.selectors import latest_readings
from monitoring.watching.findings import of_silence
from monitoring.watching.silence import Quiet, quiet_patients
from patients.models import Device, DeviceAssignment, DeviceKind
from patients.selectors import in_force

# No policy lets a pause be longer.
LONGEST_PAUSE = timedelta(days=90)


def open_ones(practice) -> QuerySet[Escalation]:
    rows = Escalation.objects.for_practice(practice).filter(cause=Cause.SILENCE).exclude(state=State.RESOLVED)
    return rows.select_related("patient", "owner__user").order_by("opened_at", "pk")


def watch(practice, *, at: datetime) -> None:
    """Opens what is silent by now, and resolves what no longer is. Twice changes nothing."""
    _resolve(practice, at=at)
    known = set(open_ones(practice).order_by().values_list("patient_id", flat=True)) | _paused(practice, at)
    for finding in of_silence(practice, at):
        if finding.patient_id not in known:
            with going_on("silence of patient", finding.patient_id):
                acts.open_or_merge(finding, practice=practice, at=at)


def _paused(practice, at: datetime) -> set[UUID]:
    """Who asked for a pause is not asked after before it is over, by the policy of the day on which it began."""
    rows = Escalation.objects.for_practice(practice).filter(
        cause=Cause.SILENCE, outcome=Outcome.PAUSED, resolved_at__gt=at - LONGEST_PAUSE
    )
    begun = list(rows.values_list("patient_id", "resolved_at"))
    if not begun:
        return set()
    book = PolicyBook(practice, on=practice.today(at))
    return {
        patient_id for patient_id, since in begun if at < since + pause(book.values(on=practice.today(since)))
    }


def pause(policies: Mapping[str, Any]) -> timedelta:
    return timedelta(days=policies["silence_pause_days"])


def _resolve(practice, *, at: datetime) -> None:
    for row, outcome, words in ended(practice, open_ones(practice), at=at):
        with going_on("silence", row.pk):
            acts.resolve(row, outcome=outcome, words=words, by=None, at=at)


def ended(practice, rows: QuerySet[Escalation], *, at: datetime) -> Iterator[tuple[Escalation, Outcome, str]]:
    """Those of the open ones that are over by now, with what came of each."""
    found = list(rows)
    quiet = quiet_patients(practice, at, [row.patient_id for row in found]) if found else {}
    for row in found:
        if over := _over(row, quiet.get(row.patient_id), practice):
            yield row, *over


def _over(row: Escalation, quiet: Quiet | None, practice) -> tuple[Outcome, str] | None:
    """What came of it, and in words; None while it goes on."""
    if quiet is None:
        return (
            Outcome.NOT_EXPECTED,
            "No device at home that could send: ended, returned, or in an institution.",
        )
    if quiet.silent:
        return None
    if quiet.heard_on and quiet.heard_on >= row.opened_at.astimezone(practice.tz).date() - timedelta(days=1):
        return Outcome.TRANSMITTING, f"Readings came on {quiet.heard_on:%d-%b-%Y}."
    return Outcome.NOT_EXPECTED, f"No longer silent: {quiet.says[0].lower()}{quiet.says[1:]}."


# The list -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """A silent patient. `tried`: the latest attempts and notes, the newest first; `more` is how many came before."""

    escalation: Escalation
    quiet: Quiet | None
    last: Reading | None
    devices: list[Device]
    tried: list[EscalationStep]
    more: int


def narrowed(rows: QuerySet[Escalation], *, tried: str = "", kind: str = "", on=None) -> QuerySet[Escalation]:
    """`tried`: "no" or "yes"; `kind`: a kind of device that she has on the day."""
    if tried:
        attempts = EscalationStep.objects.filter(escalation=OuterRef("pk"), kind=Kind.ATTEMPTED)
        rows = rows.filter(Exists(attempts) if tried == "yes" else ~Exists(attempts))
    if kind in DeviceKind.values:
        held = DeviceAssignment.objects.filter(
            in_force(on), patient=OuterRef("patient"), practice=OuterRef("practice"), device__kind=kind
        )
        rows = rows.filter(Exists(held))
    return rows


SHOWN = 3


def lines(practice, rows: Iterable[Escalation], *, at: datetime) -> list[Line]:
    """As the page shows them, in five queries and those of `quiet_patients`."""
    rows = list(rows)
    ids = [row.patient_id for row in rows]
    quiet, last = quiet_patients(practice, at, ids), latest_readings(practice, ids)
    devices, tried = _devices(practice, ids, practice.today(at)), _tried(rows)
    return [
        Line(
            row,
            quiet.get(row.patient_id),
            last.get(row.patient_id),
            devices.get(row.patient_id, []),
            tried.get(row.pk, [])[:SHOWN],
            max(len(tried.get(row.pk, [])) - SHOWN, 0),
        )
        for row in rows
    ]


def _devices(practice, patient_ids: list[UUID], on) -> dict[UUID, list[Device]]:
    held = DeviceAssignment.objects.for_practice(practice).filter(in_force(on), patient__in=patient_ids)
    found: dict[UUID, list[Device]] = {}
    for row in held.select_related("device").order_by("starts_on", "pk"):
        found.setdefault(row.patient_id, []).append(row.device)
    return found


def _tried(rows: list[Escalation]) -> dict[UUID, list[EscalationStep]]:
    steps = EscalationStep.objects.filter(escalation__in=rows, kind__in=[Kind.ATTEMPTED, Kind.NOTED])
    found: dict[UUID, list[EscalationStep]] = {}
    for step in steps.select_related("by__user").order_by("-at", "-number"):
        found.setdefault(step.escalation_id, []).append(step)
    return found
