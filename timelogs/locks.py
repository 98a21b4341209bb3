"""The one lock order: periods by month → the person → patient-months by month and patient → the entry.

Signing alone takes its draft before the months: who holds a month waits for no draft, and a draft's other acts hold
no month. So what concerns the note alone is done before others who sign for the same patient have to wait.

Rows are made before they are locked. Without the person's lock parallel starts end in deadlocks; without the
patient-month's, writers who do not see each other's uncommitted rows each miss the alert they reach together.
"""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from foundation.refusals import Refused
from patients.models import Patient
from timelogs.models import PatientMonth, Period, TimeEntry


class MonthShut(Refused):
    """The month is closing or closed. What was signed in it can still be added to, without time."""

    def __init__(self, period: Period, *, signed: bool):
        what = (
            "You can add an addendum without time, or ask an administrator to re-open it."
            if signed
            else "Ask an administrator to re-open it, then sign."
        )
        state = period.get_state_display().lower().rstrip("…")
        super().__init__(f"{period.month:%B %Y} is {state}. {what}", field="started")


def _ensure(model, lookup: dict, fields: dict):
    """The row, made if it is not there yet; a twin being made at the same moment is waited for."""
    if row := model.objects.filter(**lookup).first():
        return row
    try:
        with transaction.atomic():
            row = model(**fields)
            row.save()
            return row
    except IntegrityError:
        return model.objects.get(**lookup)


def period_of(practice, month: date) -> Period:
    """The period's row, made open if nobody needed it before."""
    lookup = {"practice": practice, "month": month}
    return _ensure(Period, lookup, lookup)


def pass_gate(
    practice, months: Iterable[date], *, signed: bool = False, perhaps: Iterable[date] = ()
) -> None:
    """Share the periods' rows until the end of the transaction: they stay open. Raises `MonthShut` if one is not.

    `signed`: what is to be changed was signed before, so that the refusal names the addendum as the other way.
    `perhaps`: months that may have to be passed later, shared in their order now, open or not.
    """
    wanted = set(months)
    for month in sorted(wanted.union(perhaps)):
        if month not in wanted:
            _shared(practice, month)
            continue
        if (period := _shared(practice, month)) is None:
            period_of(practice, month)
            period = _shared(practice, month)
        if period is not None and not period.is_open:
            raise MonthShut(period, signed=signed)


def _shared(practice, month: date) -> Period | None:
    with connection.cursor() as cursor:
        sql = "SELECT state FROM timelogs_period WHERE practice_id = %s AND month = %s FOR SHARE"
        cursor.execute(sql, [practice.pk, month])
        row = cursor.fetchone()
    return Period(practice=practice, month=month, state=row[0]) if row else None


def shut_month(practice, months: Iterable[date]) -> Period | None:
    """The first of these months whose gate is shut now. Locks nothing: for pages, before anything is typed."""
    rows = Period.objects.for_practice(practice).filter(month__in=set(months)).order_by("month")
    return next((period for period in rows if not period.is_open), None)


def take_gate(practice, month: date) -> Period:
    """The period's row, alone: waits until nobody is signing in it."""
    period_of(practice, month)
    return Period.objects.select_for_update().get(practice=practice, month=month)


def hold_person(user_id: UUID) -> None:
    """One change of a person's time at a time, whatever tab, practice or device it comes from."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 57))", [f"person:{user_id}"])


def hold_patient_months(patient: Patient, months: Iterable[date]) -> list[PatientMonth]:
    """The patient's months, locked in order of month."""
    rows = []
    for month in sorted(set(months)):
        held = PatientMonth.objects.select_for_update(of=("self",)).select_related("patient", "practice")
        lookup = {"patient": patient, "month": month}
        if (row := held.filter(**lookup).first()) is None:
            _ensure(PatientMonth, lookup, PatientMonth.fields_for(patient, month))
            row = held.get(**lookup)
        rows.append(row)
    return rows


def hold_entry(entry: TimeEntry) -> TimeEntry:
    """The entry as it is now, locked."""
    rows = TimeEntry.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("practice", "patient__practice", "enrollment", "author__user").get(pk=entry.pk)
