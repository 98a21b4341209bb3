"""The caseload: every patient's latest reading, days, time and contact this month, in a constant number of queries."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from accounts.models import Membership
from escalations.models import Escalation
from escalations.selectors import open_of
from foundation.months import last_day, month_of
from monitoring import selectors as readings
from monitoring.days import strips
from monitoring.findings import Severity
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

LAST_DAYS = 7


class Show(StrEnum):
    """The counters, which are filters too: word of the address, and what the page calls it."""

    ATTENTION = "attention"
    DRAFTS = "drafts"
    NO_CONTACT = "no-contact"
    SILENT = "silent"
    REVIEW = "review"

    @property
    def label(self) -> str:
        return {
            Show.ATTENTION: "Needs attention",
            Show.DRAFTS: "Drafts to sign",
            Show.NO_CONTACT: "No live contact yet",
            Show.SILENT: "Silent patients",
            Show.REVIEW: "Plans to review",
        }[self]


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
    operation_id: UUID = field(default_factory=uuid4)

    @property
    def tone(self) -> str:
        return tone_of(self.judged)

    @property
    def silent(self) -> bool:
        """Nothing from a device for as many days as the practice's policy says."""
        return self.quiet is not None and self.quiet.silent

    def belongs(self, show: Show) -> bool:
        return {
            Show.ATTENTION: self.judged.severity is not None,
            Show.DRAFTS: self.draft is not None,
            Show.NO_CONTACT: self.enrollment is not None and self.total.live_contact_on is None,
            Show.SILENT: self.silent,
            Show.REVIEW: self.review_by is not None,
        }[show]


@dataclass(frozen=True, slots=True)
class Caseload:
    """Rows in order of urgency (found by name: in order of name), and how many each counter counts."""

    rows: list[Row]
    counters: list[tuple[Show, int]]
    today: date
    days_left: int
    # To choose from: none where there is one, or none.
    sites: list[Site]
    site: Site | None


def caseload(
    practice, *, by: Membership, at: datetime, find: str = "", show: str = "", site: str = ""
) -> Caseload:
    """Enrolled patients, or whoever is found by name, MRN or date of birth; `show` is one of the counters or empty,
    `site` the key of one of several sites or anything else."""
    today = practice.today(at)
    enrolled = people.enrolled(practice, today)
    found = list(people.find(practice, find)) if find else _patients(practice, enrolled)
    for patient in found:
        patient.practice = practice
    book = SiteBook(practice, [patient.pk for patient in found])
    here = book.named(site)
    if here:
        found = [patient for patient in found if book.on(patient.pk, today) == here]
    rows = _rows(practice, found, enrolled, by=by, at=at)
    _name_sites(rows, book, today)
    counters = [(counter, sum(row.belongs(counter) for row in rows)) for counter in Show]
    if show in set(Show):
        rows = [row for row in rows if row.belongs(Show(show))]
    days_left = (last_day(today.replace(day=1)) - today).days
    if not find:
        rows.sort(key=lambda row: _urgency(row, days_left))
    return Caseload(rows, counters, today, days_left, book.sites if book.several else [], here)


def _name_sites(rows: list[Row], book: SiteBook, today: date) -> None:
    for row in rows if book.several else ():
        row.site = book.on(row.patient.pk, today)


def _patients(practice, enrolled) -> list[Patient]:
    rows = Patient.objects.for_practice(practice).filter(pk__in=list(enrolled))
    return list(rows.order_by("family_name", "given_name", "pk"))


def _rows(practice, found: list[Patient], enrolled, *, by: Membership, at: datetime) -> list[Row]:
    ids = [patient.pk for patient in found]
    today, month = practice.today(at), month_of(at, tz=practice.tz)
    latest = readings.latest_readings(practice, ids)
    ranges = Ranges.of(practice, ids).by_patient()
    own_episodes = {pk: enrolled[pk] for pk in ids if pk in enrolled}
    quiet = quiet_among(practice, at, own_episodes, found)
    days = readings.auto_days_in_month(practice, month, ids)
    totals = month_totals(practice, month, patient_ids=ids)
    drafts, reviews = _drafts(practice, ids, by), reviews_of(practice, ids, today)
    rows = []
    for patient in found:
        reading, own = latest.get(patient.pk), ranges.get(patient.pk, Ranges(()))
        goal = own.on(patient.pk, reading.measure, reading.day) if reading else None
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
            )
        )
    return rows


def _drafts(practice, ids, by: Membership) -> dict[UUID, TimeEntry]:
    """One's own unsigned sessions, the newest of each patient."""
    rows = TimeEntry.objects.for_practice(practice).filter(status=Status.DRAFT, author__user=by.user_id)
    return {row.patient_id: row for row in rows.filter(patient__in=ids).order_by("started_at")}


def _urgency(row: Row, days_left: int) -> tuple:
    """Critical, out of range, silent, my draft, no live contact near the month's end; then longest without contact."""
    groups = (
        row.judged.severity is Severity.CRITICAL,
        row.belongs(Show.ATTENTION),
        row.silent,
        row.draft is not None,
        row.total.live_contact_on is None and days_left <= LAST_DAYS,
    )
    first = groups.index(True) if True in groups else len(groups)
    return first, row.total.live_contact_on or date.min, row.patient.family_name, row.patient.given_name


def name_what_is_missing(practice, rows: list[Row], today: date) -> None:
    """Fill in, for the rows that a page shows, what their enrollments lack."""
    found = missing_parts(practice, [row.patient.pk for row in rows], today)
    for row in rows:
        row.missing = found.get(row.patient.pk, [])


def name_lost_windows(practice, rows: list[Row], today: date) -> None:
    """Fill in, for the rows that a page shows, whose window can no longer have sixteen days."""
    found = strips(practice, [row.patient.pk for row in rows], today)
    for row in rows:
        strip = found.get(row.patient.pk)
        row.out_of_reach = strip.words if strip and strip.out_of_reach else ""


def name_escalations(practice, rows: list[Row]) -> None:
    """Fill in, for the rows that a page shows, what is open about them."""
    found = open_of(practice, [row.patient.pk for row in rows])
    for row in rows:
        row.escalations = found.get(row.patient.pk, [])
