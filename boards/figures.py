"""What a summary's row says, from the same functions by which the pages show it. Reads only.

The number of queries does not depend on how many patients are asked for.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from accounts.practice_policies import policy
from billing.decisions.decide import decide, state_of, wanted_holds
from billing.facts.gather import Gathered, gather, patients_of
from billing.models import ClaimState
from billing.rules import NoRuleSet
from boards.models import Level, Outlook, PatientSummary
from escalations.models import Escalation
from escalations.selectors import clinical
from escalations.states import State
from foundation.months import last_day, midnight
from monitoring.days import Strip, strips
from monitoring.findings import Severity
from monitoring.models import Reading
from monitoring.ranges import Ranges
from monitoring.selectors import auto_days_in_month, latest_readings
from monitoring.watching.silence import Quiet, quiet_among
from patients.models import Enrollment, Patient
from patients.plans import NEAR
from patients.reviews import in_effect
from patients.selectors import enrolled
from patients.sites import SiteBook
from timelogs.counting.contacts import contact_moment, is_live_contact
from timelogs.models import LIVE_METHODS, Status, TimeEntry

LEVELS = {None: Level.NONE, Severity.WARNING: Level.WARNING, Severity.CRITICAL: Level.CRITICAL}
OUTLOOKS = {ClaimState.READY: Outlook.READY, ClaimState.ATTENTION: Outlook.ATTENTION}
NO_RANGES = Ranges(())


@dataclass(frozen=True, slots=True)
class Now:
    """What holds of some patients at a moment, whatever the month. In some fifteen queries."""

    today: date
    episodes: dict[UUID, Enrollment]
    latest: dict[UUID, Reading]
    ranges: dict[UUID, Ranges]
    quiet: dict[UUID, Quiet]
    silent_days: int
    strips: dict[UUID, Strip]
    reviews: dict[UUID, date]
    escalations: dict[UUID, dict[str, Any]]
    contacts: dict[UUID, date]
    sites: SiteBook

    @classmethod
    def of(cls, practice, patients: Sequence[Patient], *, at: datetime) -> "Now":
        today, ids = practice.today(at), [patient.pk for patient in patients]
        episodes = enrolled(practice, today, ids)
        plans = in_effect(practice, today, ids).order_by()
        return cls(
            today=today,
            episodes=episodes,
            latest=latest_readings(practice, ids),
            ranges=Ranges.of(practice, ids).by_patient(),
            quiet=quiet_among(practice, at, episodes, patients),
            silent_days=policy(practice, "silent_days", on=today),
            strips=strips(practice, ids, today),
            reviews=dict(plans.values_list("enrollment__patient_id", "review_by")),
            escalations=_escalations(practice, ids),
            contacts=_contacts(practice, ids),
            sites=SiteBook(practice, ids),
        )

    def of_patient(self, patient: Patient) -> dict[str, Any]:
        """The columns that are the same in each of her months."""
        patient_id = patient.pk
        reading, strip = self.latest.get(patient_id), self.strips.get(patient_id)
        judged = self.ranges.get(patient_id, NO_RANGES).judged(reading) if reading else None
        review_by = self.reviews.get(patient_id)
        return {
            "severity": LEVELS[judged.severity if judged else None],
            "latest_reading_at": reading.taken_at if reading else None,
            "silent_from": self._silent_from(patient),
            "unreachable_from": strip.lost_from if strip else None,
            "window_until": strip.until if strip else None,
            "last_contact_on": self.contacts.get(patient_id),
            "review_from": review_by - NEAR if review_by else None,
            "review_by": review_by,
            **self.escalations.get(patient_id, {}),
        }

    def _silent_from(self, patient: Patient) -> datetime | None:
        """By her own clock, as her days without a reading are counted."""
        quiet = self.quiet.get(patient.pk)
        if quiet is None or not self.silent_days:
            return None
        day = (quiet.soonest or quiet.since) + timedelta(days=self.silent_days)
        return midnight(day, tz=patient.tz)


def _escalations(practice, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    rows: dict[UUID, list[Escalation]] = {}
    for row in clinical(practice).exclude(state=State.RESOLVED).filter(patient__in=ids).select_related(None):
        rows.setdefault(row.patient_id, []).append(row)
    return {
        patient_id: {
            "escalation": max(LEVELS[Severity(row.severity)] for row in own),
            "escalation_answered": any(row.state == State.ANSWERED for row in own),
            "escalation_due_at": min(row.due_at for row in own),
        }
        for patient_id, own in rows.items()
    }


def _contacts(practice, ids: Sequence[UUID]) -> dict[UUID, date]:
    """The day of the last talk that was signed, of whatever month: whom nobody has talked to for long comes first."""
    rows = TimeEntry.objects.for_practice(practice).filter(
        patient__in=ids, status=Status.SIGNED, method__in=LIVE_METHODS
    )
    wanted = ("patient_id", "method", "party", "party_name", "topics", "contact_started_at", "started_at")
    found: dict[UUID, datetime] = {}
    for entry in rows.only(*wanted):
        if is_live_contact(entry):
            moment = contact_moment(entry)
            found[entry.patient_id] = max(moment, found.get(entry.patient_id, moment))
    return {patient_id: practice.today(moment) for patient_id, moment in found.items()}


def summaries(
    practice, months: Collection[date], patient_ids: Collection[UUID], *, at: datetime
) -> Iterator[PatientSummary]:
    """Unsaved rows of these patients in these months; of who has nothing to do with a month there is none."""
    of_month = {month: list(patients_of(practice, month).filter(pk__in=patient_ids)) for month in months}
    people = {patient.pk: patient for patients in of_month.values() for patient in patients}
    for patient in people.values():
        patient.practice = practice
    if not people:
        return
    now = Now.of(practice, sorted(people.values(), key=lambda patient: patient.pk), at=at)
    for month, patients in of_month.items():
        if patients:
            yield from _of_month(practice, month, [people[patient.pk] for patient in patients], now)


def _of_month(practice, month: date, patients: list[Patient], now: Now) -> Iterator[PatientSummary]:
    ids = [patient.pk for patient in patients]
    gathered, days = gather(practice, month, ids), auto_days_in_month(practice, month, ids)
    on = min(max(now.today, month), last_day(month))
    for patient in patients:
        found, site = gathered[patient.pk], now.sites.on(patient.pk, on)
        total = found.rows.total
        yield PatientSummary(
            practice=practice,
            patient=patient,
            month=month,
            name=f"{patient.family_name}, {patient.given_name}",
            site=site,
            payer=found.facts["payer"],
            seconds=total.seconds,
            unsigned_seconds=total.unsigned_seconds,
            live_contact_on=total.live_contact_on,
            nurse_id=_nurse(found),
            device_days=days.get(patient.pk, 0),
            **_episode(found, on),
            **now.of_patient(patient),
            **_outlook(found, over=last_day(month) < now.today),
        )


def _nurse(found: Gathered) -> UUID | None:
    worked: Counter[UUID] = Counter()
    for share in found.rows.total.by_entry:
        worked[share.entry.author.user_id] += share.microseconds
    return max(sorted(worked), key=worked.__getitem__) if worked.total() else None


def _episode(found: Gathered, on: date) -> dict[str, Any]:
    """The enrollment in effect on the day, else the next to come, else the last."""
    rows = found.rows.enrollments
    alive = [row for row in rows if row.ended_on is None or row.ended_on > on]
    episode = (alive or rows[-1:] or [None])[0]
    if episode is None:
        return {}
    clinician = episode.supervising or episode.ordering
    return {
        "started_on": episode.started_on,
        "ended_on": episode.ended_on,
        "clinician_id": clinician.user_id if clinician else None,
    }


def _outlook(found: Gathered, *, over: bool) -> dict[str, Any]:
    """Of a month that is not over nobody knows yet that there is nothing to bill."""
    nothing = Outlook.NOTHING if over else Outlook.GATHERING
    try:
        decided = decide(found)
    except NoRuleSet:
        return {"outlook": nothing, "reasons": []}
    outlook = OUTLOOKS.get(state_of(decided), nothing)
    return {"outlook": outlook, "reasons": sorted({slug for _, slug in wanted_holds(decided)})}
