"""The rows behind patient-months, read for one patient, some, or a whole practice in the same number of queries."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from accounts.practice_policies import PolicyBook, policy
from billing.facts import remarks as notes
from billing.facts.merged import REMAINING, closed_records, sent_lines
from billing.facts.patient_month import (
    SETUP_CODE,
    WINDOW,
    PatientRows,
    coverage_on,
    facts_of,
    served_until,
)
from billing.facts.records import Records, records_of
from billing.models import Claim, ClaimLine
from foundation.months import last_day, next_month
from foundation.streams import grouped
from monitoring.windows import (
    WINDOWS,
    anchored,
    days_of_devices,
    first_windows,
    reading_days,
    within,
)
from patients.models import (
    CarePlan,
    Consent,
    Coverage,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    Order,
    OtherService,
    Patient,
    SurgicalGlobal,
)
from payers.models import NO_PAYER
from timelogs.counting.totals import month_totals_in_order
from timelogs.models import CountedInterval

Instead = Mapping[UUID, list[CountedInterval]] | None
"""Counted time to take in the place of what is stored, by patient."""
_PLAN = ("number", "effective_on", "enrollment__patient_id")


@dataclass(frozen=True, slots=True)
class Gathered:
    """One patient's facts as plain JSON values, as `billing.rules.parse_facts` reads them, the records behind, and the
    rows that both were made of."""

    patient_id: UUID
    facts: dict[str, Any]
    records: Records
    notes: tuple[str, ...]
    rows: PatientRows


def patients_of(practice, month: date):
    """Everybody the month is decided for: enrolled on some day of it, or with a claim from an earlier decision."""
    alive = Q(ended_on=None) | Q(ended_on__gt=month)
    enrolled = Enrollment.objects.for_practice(practice).filter(alive, started_on__lt=next_month(month))
    claimed = Claim.objects.for_practice(practice).filter(period__month=month)
    here = Q(pk__in=enrolled.values("patient")) | Q(pk__in=claimed.values("patient"))
    return Patient.objects.for_practice(practice).filter(here).order_by("pk")


def facts_for(practice, month: date) -> Iterator[tuple[UUID, dict[str, Any]]]:
    """(patient, facts) of everybody the month is decided for, one after the other."""
    return ((gathered.patient_id, gathered.facts) for gathered in gather_all(practice, month))


def gather_all(practice, month: date) -> Iterator[Gathered]:
    """Everybody the month is decided for, in order of id: read through cursors, so that memory does not grow."""
    ids = patients_of(practice, month).values_list("pk", flat=True).iterator(chunk_size=2000)
    return _gather(practice, month, ids, among=None)


def gather(
    practice, month: date, patient_ids: Sequence[UUID], *, instead: Instead = None
) -> dict[UUID, Gathered]:
    """The patients named. The number of queries does not depend on how many they are."""
    ids = sorted(set(patient_ids))
    found = _gather(practice, month, ids, among=ids, instead=instead)
    return {gathered.patient_id: gathered for gathered in found}


def _gather(
    practice, month: date, patient_ids, *, among: Sequence[UUID] | None, instead: Instead = None
) -> Iterator[Gathered]:
    book = PolicyBook(practice, on=last_day(month))
    rows_of = _reader(practice, month, among, instead)
    noted = notes.reader(practice, month, among)
    for patient_id in patient_ids:
        rows = rows_of(patient_id)
        # Who covered the last day of service: death ends a coverage, too.
        coverage = coverage_on(rows.coverages, served_until(rows) or last_day(month))
        payer = coverage.payer if coverage else NO_PAYER
        values = book.values(payer)
        rows.windows = WINDOWS[values["device_window"]](rows.enrollments, rows.days, month, rows.served)
        facts = facts_of(rows, values["covered_diagnoses"])
        facts |= {"payer": payer, "policy": book.rule_values(payer)}
        yield Gathered(patient_id, facts, records_of(rows), noted(rows, patient_id), rows)


def _reader(
    practice, month: date, among: Sequence[UUID] | None, instead: Instead
) -> Callable[[UUID], PatientRows]:
    """One query for each kind of row, however many patients; then patient by patient in ascending order."""
    kinds = _by_kind(practice, month, among)
    total_of = month_totals_in_order(practice, month, among, instead=instead)
    days_of = reading_days(practice, month - WINDOW, last_day(month), among)
    first_of = first_windows(_waiting_for_setup(practice, month), practice, last_day(month), among)

    def of(patient_id: UUID) -> PatientRows:
        rows = PatientRows(month, **{name: kind.take(patient_id) for name, kind in kinds.items()})
        rows.total, rows.days = total_of(patient_id), within(days_of(patient_id), rows.served)
        for enrollment in first_of.take(patient_id):
            rows.first_windows[enrollment.pk] = within(days_of_devices(enrollment.first_window), rows.served)
        return rows

    return of


def _by_kind(practice, month: date, among):
    """The fields of `PatientRows` that are rows as they stand, by patient."""
    end = last_day(month)

    def own(model):
        return model.objects.for_practice(practice)

    enrollments = anchored(own(Enrollment), practice).select_related("supervising", "ordering")
    lines = own(ClaimLine).filter(standing=True).exclude(claim__period__month=month)
    standing = Q(withdrawn=False)
    return {
        "enrollments": grouped(enrollments, among, "started_on"),
        "consents": grouped(own(Consent), among, "given_on"),
        "orders": grouped(
            own(Order).releasing(policy(practice, "transcripts", on=end)).select_related("enrollment"),
            among,
            "signed_on",
            by="enrollment__patient_id",
        ),
        "plans": grouped(_plans(own(CarePlan), end), among, "number", by="enrollment__patient_id"),
        "diagnoses": grouped(
            own(Diagnosis).filter(standing).select_related("enrollment"),
            among,
            "position",
            by="enrollment__patient_id",
        ),
        "coverages": grouped(own(Coverage).filter(starts_on__lte=end), among, "starts_on"),
        "assignments": grouped(own(DeviceAssignment).select_related("device"), among, "starts_on"),
        "services": grouped(own(OtherService).filter(standing, service_on__lte=end), among, "service_on"),
        "globals": grouped(
            own(SurgicalGlobal).filter(standing, starts_on__lte=end, ends_on__gte=month), among
        ),
        "stays": grouped(own(InstitutionStay).filter(standing, admitted_on__lte=end), among, "admitted_on"),
        "lines": grouped(lines.select_related("claim__period"), among, "service_on", by="claim__patient_id"),
        "merged_lines": grouped(sent_lines(practice), among, "service_on", by=REMAINING),
        "merges": grouped(closed_records(practice, month), among, by="duplicate_id"),
    }


def _plans(rows, end: date):
    """Without their texts: only which version it was is asked for."""
    return rows.filter(effective_on__lte=end).select_related("enrollment").only(*_PLAN)


def _waiting_for_setup(practice, month: date):
    """Enrollments whose set-up is done and not billed yet: only theirs first window is looked at."""
    done = DeviceAssignment.objects.for_practice(practice).filter(
        enrollment=OuterRef("pk"), setup_on__lte=last_day(month)
    )
    billed = ClaimLine.objects.for_practice(practice).filter(
        claim__patient=OuterRef("patient"),
        code=SETUP_CODE,
        released=True,
        standing=True,
        service_on__gte=OuterRef("started_on"),
    )
    elsewhere = billed.exclude(claim__period__month=month)
    return Enrollment.objects.for_practice(practice).filter(
        Exists(done), ~Exists(elsewhere), started_on__lt=next_month(month)
    )
