"""What an import holds and how it is getting on, in few queries."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q

from dispatch.models import OutboxMessage
from intake import policies
from intake.models import (
    OPEN,
    AskedMerge,
    Candidate,
    ImportedPatient,
    KnownColumns,
    PatientImport,
    Source,
    Standing,
    State,
)
from patients.models import Merge, Patient, TwoPeople

TOPIC = "intake.take_in"
UNDECIDED = Q(standing__in=[Standing.CHANGED, Standing.OTHER_NAME, Standing.DOUBLE], decision="")
GOOD = ~Q(standing=Standing.WRONG) & ~UNDECIDED


def open_import(practice) -> PatientImport | None:
    rows = PatientImport.objects.for_practice(practice).filter(state__in=OPEN, source=Source.CSV)
    return rows.select_related("opened_by__user", "file").defer("file__content").first()


def waiting_arrivals(practice):
    """Messages from other systems that wait for somebody's decision."""
    return PatientImport.objects.for_practice(practice).filter(state__in=OPEN).exclude(source=Source.CSV)


def open_asked_merges(practice):
    """Pairs of records that another system calls one person's and nobody has decided about."""
    goes, stays = OuterRef("duplicate"), OuterRef("remaining")
    merged = Merge.objects.standing().filter(Q(duplicate=goes) | Q(duplicate=stays))
    two = TwoPeople.objects.filter(Q(one=goes, other=stays) | Q(one=stays, other=goes), ended_at=None)
    return AskedMerge.objects.filter(~Exists(merged), ~Exists(two), practice=practice).order_by(
        "asked_at", "pk"
    )


def known_columns(practice) -> dict[str, str]:
    """What the columns of the practice's files meant so far: {header: field or ""}."""
    row = KnownColumns.objects.for_practice(practice).filter(source=Source.CSV).first()
    return row.columns if row else {}


def candidates(found: PatientImport):
    return Candidate.objects.filter(practice=found.practice_id, patient_import=found).order_by("number")


def counts(found: PatientImport) -> dict[str, int]:
    """Rows by standing, `good` ones, `undecided` ones, and of these those that many are decided of `at_once`."""
    rows = candidates(found).order_by()
    each = {str(name): Count("pk", filter=Q(standing=name)) for name in Standing}
    at_once = UNDECIDED & policies.AT_ONCE
    return rows.aggregate(
        **each,
        all=Count("pk"),
        good=Count("pk", filter=GOOD),
        undecided=Count("pk", filter=UNDECIDED),
        at_once=Count("pk", filter=at_once),
    )


def came_in(found: PatientImport, rows: Iterable[int]) -> dict[int, Patient]:
    """Whom these rows of the file brought or were decided about, of those that are done with."""
    links = ImportedPatient.objects.for_practice(found.practice_id).filter(patient_import=found, row__in=rows)
    return {link.row: link.patient for link in links.select_related("patient")}


def waiting_messages(found: PatientImport):
    """Chunks asked for, not done and not set aside."""
    return OutboxMessage.objects.filter(
        practice=found.practice_id,
        topic=TOPIC,
        body={"patient_import": str(found.pk)},
        done_at=None,
        failed_at=None,
    )


def stalled(found: PatientImport) -> bool:
    """Whether rows are to be taken in and nobody is at work on it any more."""
    return found.state == State.TAKING and not waiting_messages(found).exists()
