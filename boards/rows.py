"""What a page of the caseload says of the patients it shows: read from where it stands, in a set number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID, uuid4

from accounts.models import Membership
from boards.caseload import Board, Place, Rank
from escalations.models import Escalation
from escalations.selectors import open_of
from foundation.months import month_of
from monitoring import selectors as readings
from monitoring.days import strips
from monitoring.models import Reading
from monitoring.panel import tone_of
from monitoring.ranges import Judged, Ranges, Standing
from monitoring.watching.silence import Quiet, quiet_among
from patients import selectors as people
from patients.completeness import missing_parts
from patients.labels import range_in_words
from patients.models import Enrollment, Patient, Site
from patients.reviews import reviews_of
from patients.sites import SiteBook
from timelogs.counting.totals import MonthTotal, month_totals
from timelogs.models import Status, TimeEntry


@dataclass(slots=True)
class Row:
    """One patient as the caseload shows her. `operation_id` makes her Start button start once."""

    patient: Patient
    enrollment: Enrollment | None
    latest: Reading | None
    judged: Judged
    goal: str
    # None for who has no device at home that could be silent.
    quiet: Quiet | None
    days: int
    total: MonthTotal
    draft: TimeEntry | None
    # By when the care plan is to be reviewed, where that is near or over.
    review_by: date | None = None
    missing: list[str] = field(default_factory=list)
    # Said where the days of the running window can no longer become sixteen.
    out_of_reach: str = ""
    # Where she is cared for today; shown where the practice has several sites.
    site: Site | None = None
    # Open ones, the most urgent first.
    escalations: list[Escalation] = field(default_factory=list)
    # Why she stands where she does; empty where a list is by name.
    why: str = ""
    operation_id: UUID = field(default_factory=uuid4)

    @property
    def tone(self) -> str:
        return tone_of(self.judged)

    @property
    def silent(self) -> bool:
        """Nothing from a device for as many days as the practice's policy says."""
        return self.quiet is not None and self.quiet.silent


def rows_of(practice, board: Board, sites: SiteBook, *, by: Membership, at: datetime) -> list[Row]:
    """In the order of its places, each with why she stands there. `sites` knows these patients."""
    places = board.places
    found = Patient.objects.for_practice(practice).in_bulk([place.patient_id for place in places])
    patients = [found[place.patient_id] for place in places if place.patient_id in found]
    rows = rows_of_patients(practice, patients, sites, by=by, at=at)
    of_patient = {place.patient_id: place for place in places}
    for row in rows:
        row.why = _why(row, of_patient[row.patient.pk], board.lead)
    return rows


def rows_of_patients(
    practice, patients: Sequence[Patient], sites: SiteBook, *, by: Membership, at: datetime
) -> list[Row]:
    for patient in patients:
        patient.practice = practice
    ids = [patient.pk for patient in patients]
    today, month = practice.today(at), month_of(at, tz=practice.tz)
    enrolled = people.enrolled(practice, today, ids)
    latest = readings.latest_readings(practice, ids)
    ranges = Ranges.of(practice, ids).by_patient()
    quiet = quiet_among(practice, at, enrolled, patients)
    days = readings.auto_days_in_month(practice, month, ids)
    totals = month_totals(practice, month, patient_ids=ids)
    drafts, reviews = _drafts(practice, ids, by), reviews_of(practice, ids, today)
    missing, windows = missing_parts(practice, ids, today), strips(practice, ids, today)
    open_ones = open_of(practice, ids)
    rows = []
    for patient in patients:
        reading, own = latest.get(patient.pk), ranges.get(patient.pk, Ranges(()))
        goal = own.on(patient.pk, reading.measure, reading.day) if reading else None
        strip = windows.get(patient.pk)
        rows.append(
            Row(
                patient=patient,
                enrollment=enrolled.get(patient.pk),
                latest=reading,
                judged=own.judged(reading) if reading else Judged(Standing.NO_RANGE),
                goal=range_in_words(goal),
                quiet=quiet.get(patient.pk),
                days=days.get(patient.pk, 0),
                total=totals[patient.pk],
                draft=drafts.get(patient.pk),
                review_by=reviews.get(patient.pk),
                missing=missing.get(patient.pk, []),
                out_of_reach=strip.words if strip and strip.out_of_reach else "",
                site=sites.on(patient.pk, today) if sites.several else None,
                escalations=open_ones.get(patient.pk, []),
            )
        )
    return rows


def _drafts(practice, ids, by: Membership) -> Mapping[UUID, TimeEntry]:
    """One's own unsigned sessions, the newest of each patient."""
    rows = TimeEntry.objects.for_practice(practice).filter(status=Status.DRAFT, author__user=by.user_id)
    return {row.patient_id: row for row in rows.filter(patient__in=ids).order_by("started_at")}


def _why(row: Row, place: Place, lead: int) -> str:
    if place.rank == Rank.ATTENTION:
        return "Out of range" if row.tone else "An escalation is open"
    if place.rank == Rank.REST:
        last = place.last_contact_on
        return f"Last talked to on {last:%-d %b}" if last else "No live contact so far"
    return {
        Rank.UNSEEN: "Critical, and nobody has acknowledged it",
        Rank.ANSWERED: "Your question was answered",
        Rank.SILENT: "Silent",
        Rank.DRAFT: "Your draft is unsigned",
        Rank.NO_CONTACT: "No live contact, and the month ends soon",
        Rank.NEAR: f"Within {lead} min of a line",
    }[place.rank]
