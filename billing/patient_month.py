"""What the rules want to know of one patient's month, from the rows read for it. No queries."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.models import Membership, StaffKind
from billing.models import ClaimLine
from foundation.months import last_day, next_month
from monitoring.windows import DeviceDays, Window, clipped
from patients.models import (
    BilledBy,
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    Order,
    OtherService,
    StayKind,
    SurgicalGlobal,
)
from timelogs.selectors import MonthTotal

DEVICE_CODES = ("99445", "99454")
SETUP_CODE = "99453"
WINDOW = timedelta(days=30)
# The payer of somebody without coverage on the month's last day; such a claim is held as a whole.
NO_PAYER = "none"
# Codes of a 30-day period: billed elsewhere inside our window, though in the month before, they concern it.
PERIOD_CODES = {*DEVICE_CODES, SETUP_CODE}

PRACTITIONERS = {
    "MD": "physician",
    "DO": "physician",
    "NP": "np",
    "APRN": "np",
    "FNP": "np",
    "CRNP": "np",
    "DNP": "np",
    "PA": "pa",
    "PA-C": "pa",
    "CNS": "cns",
    "CNM": "cnm",
    "PT": "pt",
    "OT": "ot",
    "SLP": "slp",
}


@dataclass(slots=True)
class PatientRows:
    """Everything read for one patient. `enrollments` and what hangs on them are oldest first."""

    month: date
    enrollments: list[Enrollment] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    assignments: list[DeviceAssignment] = field(default_factory=list)
    services: list[OtherService] = field(default_factory=list)
    globals: list[SurgicalGlobal] = field(default_factory=list)
    stays: list[InstitutionStay] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    total: MonthTotal = MonthTotal()
    windows: list[Window] = field(default_factory=list)
    days: DeviceDays = field(default_factory=dict)
    first_window: DeviceDays = field(default_factory=dict)

    @property
    def episode(self) -> Enrollment | None:
        """The enrollment that the month is about."""
        return episode_in(self.enrollments, self.month)

    @property
    def month_days(self) -> DeviceDays:
        return clipped(self.days, self.month, last_day(self.month))


def episode_in(episodes: Sequence[Enrollment], month: date) -> Enrollment | None:
    """The enrollment that touches the month; where two do, the later."""
    touching = [
        e for e in episodes if e.started_on < next_month(month) and (e.ended_on is None or e.ended_on > month)
    ]
    return touching[-1] if touching else None


def facts_of(rows: PatientRows, covered: Sequence[str]) -> dict[str, Any]:
    """Plain JSON values. `covered`: beginnings of the diagnoses that the payer covers; none: it covers any."""
    month, episode = rows.month, rows.episode
    ours, elsewhere = _other_codes(rows)
    facts = {
        "month": f"{month:%Y-%m}",
        **_time(rows.total),
        "device_windows": [_window(window) for window in rows.windows],
        "auto_reading_days_in_month": len(set().union(*rows.month_days.values())),
        "consent_on": _iso(consent.given_on if (consent := standing_consent(rows)) else None),
        "device_basis_on_file": _device_basis(rows.assignments, month),
        "last_device_service_on": _iso(_last_service(rows, DEVICE_CODES)),
        "last_99091_service_on": _iso(_last_service(rows, ("99091",))),
        "billed_by_us": ours,
        "billed_elsewhere": elsewhere,
        "global_period": _global_period(rows.globals, month),
        "institutional_all_month": _all_month_in(rows.stays, month),
    }
    return facts if episode is None else facts | _episode_facts(episode, rows, covered)


def _time(total: MonthTotal) -> dict[str, int]:
    return {
        "clinical_staff_seconds": total.staff_seconds,
        "qhp_seconds": total.qhp_seconds,
        "qhp_seconds_30_days": total.qhp_seconds_30_days,
        "live_contacts": total.live_contacts,
        "live_chat_contacts": total.live_chat_contacts,
        "unsigned_seconds": total.unsigned_seconds,
    }


def _window(window: Window) -> dict[str, Any]:
    return {
        "starts_on": window.starts_on.isoformat(),
        "ends_on": window.ends_on.isoformat(),
        "reading_days": window.best_days,
        "reading_days_any_device": window.any_days,
        "devices": len(window.devices),
    }


# The episode ------------------------------------------------------------------------------------------------


def _episode_facts(episode: Enrollment, rows: PatientRows, covered: Sequence[str]) -> dict[str, Any]:
    biller = _practitioner(episode.supervising, rows.month)
    order = first_order(rows)
    codes = [row.code for row in rows.diagnoses if row.enrollment_id == episode.pk]
    return {
        "order_signed_on": _iso(order.signed_on if order else None),
        "established_patient": episode.last_visit_on is not None
        and episode.last_visit_on <= last_day(rows.month),
        # A sentence without a diagnosis says why nobody in particular needs monitoring.
        "necessity_documented": bool(episode.necessity.strip() and codes),
        "diagnosis_allowed": covers(covered, codes),
        "supervising_practitioner": biller is not None,
        "practitioner_type": _type(biller or episode.ordering),
        "setup": _setup(episode, rows),
    }


def covers(covered: Sequence[str], codes: Iterable[str]) -> bool:
    """Whether a payer that names these beginnings of diagnoses covers one of the codes. Naming none, it covers any."""
    return not covered or any(code.startswith(tuple(covered)) for code in codes)


def first_order(rows: PatientRows) -> Order | None:
    """The first signed order of the episode."""
    mine = [order for order in rows.orders if rows.episode and order.enrollment_id == rows.episode.pk]
    return min(mine, key=lambda order: order.signed_on, default=None)


def standing_consent(rows: PatientRows) -> Consent | None:
    """The first consent that stood on some day of the month."""
    standing = [
        c for c in rows.consents if c.revoked_on is None or c.revoked_on > max(rows.month, c.given_on)
    ]
    return min(standing, key=lambda consent: consent.given_on, default=None)


def _practitioner(membership: Membership | None, month: date) -> Membership | None:
    """The supervising practitioner, if qualified and still here in the month."""
    if membership is None or membership.staff_kind != StaffKind.QHP:
        return None
    return membership if membership.ends_on is None or membership.ends_on > month else None


def _type(membership: Membership) -> str:
    """Who bills, by credential. Somebody entered as a qualified professional without a known one is a physician."""
    return PRACTITIONERS.get(membership.credential.upper().replace(".", ""), "physician")


def _device_basis(assignments: Sequence[DeviceAssignment], month: date) -> bool:
    """Whether every self-sending device held in the month or the window before has its basis on file; none: no."""
    since = month - WINDOW
    held = [
        a.device
        for a in assignments
        if a.starts_on <= last_day(month) and (a.ends_on is None or a.ends_on > since)
    ]
    automatic: list[Device] = [device for device in held if device.automatic]
    return bool(automatic) and all(device.basis.strip() for device in automatic)


def _last_service(rows: PatientRows, codes: Sequence[str]) -> date | None:
    """The last date of service before this decision, released or held: a held line may yet be billed.

    What the practice billed outside this system counts with what it billed here.
    """
    before = [
        line.service_on for line in rows.lines if line.code in codes and line.claim.period.month < rows.month
    ]
    return max([*before, *_billed_outside(rows, codes)], default=None)


def _billed_outside(rows: PatientRows, codes: Sequence[str]) -> list[date]:
    """Days on which this practice billed one of the codes in another system."""
    return [s.service_on for s in rows.services if s.billed_by == BilledBy.US and s.code in codes]


def coverage_on(coverages: Sequence[Coverage], day: date) -> Coverage | None:
    """The coverage in force on a day."""
    return next((c for c in coverages if c.starts_on <= day and (c.ends_on is None or c.ends_on > day)), None)


# Set-up -----------------------------------------------------------------------------------------------------


def setup_row(rows: PatientRows) -> DeviceAssignment | None:
    """The first set-up of the episode, done by the end of the month. A device swapped later is no new one."""
    done = [
        a
        for a in rows.assignments
        if rows.episode
        and a.enrollment_id == rows.episode.pk
        and a.setup_on
        and a.setup_on <= last_day(rows.month)
    ]
    return min(done, key=lambda a: a.setup_on, default=None)


def _setup(episode: Enrollment, rows: PatientRows) -> dict[str, Any] | None:
    row = setup_row(rows)
    if row is None:
        return None
    return {
        "completed_on": row.setup_on.isoformat(),
        "documented": bool(row.setup_note.strip()),
        "billed_in_episode": _setup_billed(episode, rows),
        "first_window_reading_days": max(map(len, rows.first_window.values()), default=0),
        "episode_restarted": rows.enrollments[0].pk != episode.pk,
    }


def _setup_billed(episode: Enrollment, rows: PatientRows) -> bool:
    here = [line.service_on for line in rows.lines if line.code == SETUP_CODE and line.released]
    return any(day >= episode.started_on for day in [*here, *_billed_outside(rows, (SETUP_CODE,))])


# What else goes on ------------------------------------------------------------------------------------------


def _other_codes(rows: PatientRows) -> tuple[list[str], list[str]]:
    """Codes billed for the month, or inside its device windows, by this practice and by others."""
    since = min([rows.month, *(window.starts_on for window in rows.windows)])
    concern = [s for s in rows.services if s.service_on >= (since if s.code in PERIOD_CODES else rows.month)]
    return tuple(sorted({s.code for s in concern if s.billed_by == whose}) for whose in BilledBy.values)


def _global_period(rows: Iterable[SurgicalGlobal], month: date) -> str:
    """Only a period for which the practitioner who bills monitoring is paid concerns it."""
    touching = [g for g in rows if g.ours and g.starts_on <= last_day(month) and g.ends_on >= month]
    if not touching:
        return "none"
    return "unrelated_attested" if all(g.attested_on for g in touching) else "related"


def _all_month_in(stays: Iterable[InstitutionStay], month: date) -> bool:
    """Whether the stays leave no day of the month out. Home health is care at home, not in an institution."""
    day = month
    for stay in sorted(stays, key=lambda s: s.admitted_on):
        if stay.admitted_on <= day and stay.kind != StayKind.HOME_HEALTH:
            day = max(day, stay.discharged_on or date.max)
    return day >= next_month(month)


def served_until(rows: PatientRows) -> date | None:
    """The last day on which the patient was enrolled and agreed, where that is not the month's last."""
    until = last_day(rows.month)
    ends = [min(end, until) for end in _ends(rows) if end >= rows.month]
    return max(ends) if ends and max(ends) < until else None


def _ends(rows: PatientRows) -> Iterator[date]:
    """The last day of each stretch that was both inside an enrollment and inside a consent."""
    agreed = [(c.given_on, c.revoked_on or date.max) for c in rows.consents] or [(date.min, date.max)]
    for enrollment in rows.enrollments:
        for given_on, revoked_on in agreed:
            start = max(enrollment.started_on, given_on)
            end = min(enrollment.ended_on or date.max, revoked_on)
            if start < end and start < next_month(rows.month):
                yield end - timedelta(days=1)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
