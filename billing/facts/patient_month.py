"""What the rules want to know of one patient's month, from the rows read for it. No queries."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from accounts.models import Membership, StaffKind
from billing.models import ClaimLine
from foundation.months import last_day, next_month
from monitoring.windows import DeviceDays, Stretch, Window, clipped
from patients.models import (
    BilledBy,
    CarePlan,
    Consent,
    Coverage,
    Device,
    DeviceAssignment,
    Diagnosis,
    Enrollment,
    InstitutionStay,
    Merge,
    Order,
    OtherService,
    StayKind,
    SurgicalGlobal,
)
from patients.other_codes import RTM_DEVICE
from timelogs.counting.totals import MonthTotal

DEVICE_CODES = ("99445", "99454")
SETUP_CODE = "99453"
INTERPRETATION_CODE = "99091"
WINDOW = timedelta(days=30)
MANAGEMENT_CODES = ("99470", "99457", "99458")
# Codes of a 30-day period: billed elsewhere inside our window, though in the month before, they concern it.
PERIOD_CODES = {*DEVICE_CODES, SETUP_CODE, *RTM_DEVICE}

PRACTITIONERS = {
    "MD": "physician",
    "DO": "physician",
    "NP": "np",
    "APRN": "np",
    "FNP": "np",
    "CRNP": "np",
    "DNP": "np",
    "CNP": "np",
    "PA": "pa",
    "PAC": "pa",
    "CNS": "cns",
    "CNM": "cnm",
    "PT": "pt",
    "DPT": "pt",
    "MPT": "pt",
    "OT": "ot",
    "OTR": "ot",
    "OTD": "ot",
    "SLP": "slp",
}
THERAPISTS = ("pt", "ot", "slp")


@dataclass(slots=True)
class PatientRows:
    """Everything read for one patient. `enrollments` and what hangs on them are oldest first."""

    month: date
    enrollments: list[Enrollment] = field(default_factory=list)
    consents: list[Consent] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    plans: list[CarePlan] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    coverages: list[Coverage] = field(default_factory=list)
    assignments: list[DeviceAssignment] = field(default_factory=list)
    services: list[OtherService] = field(default_factory=list)
    globals: list[SurgicalGlobal] = field(default_factory=list)
    stays: list[InstitutionStay] = field(default_factory=list)
    lines: list[ClaimLine] = field(default_factory=list)
    # Lines that were billed on records that were merged into this one; and by which merge this one bills no more.
    merged_lines: list[ClaimLine] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    total: MonthTotal = MonthTotal()
    windows: list[Window] = field(default_factory=list)
    days: DeviceDays = field(default_factory=dict)
    first_windows: dict[UUID, DeviceDays] = field(default_factory=dict)

    @property
    def concerned(self) -> list[Enrollment]:
        """The enrollments that the month's services belong to; if it has none, the one it is about."""
        busy = {window.enrollment_id for window in self.windows if window.devices}
        busy |= {share.entry.enrollment_id for share in self.total.by_entry if share.microseconds}
        busy |= {a.enrollment_id for a in self.assignments if a.setup_on and self._inside(a.setup_on)}
        touching = episodes_in(self.enrollments, self.month)
        return [episode for episode in touching if episode.pk in busy] or touching[-1:]

    @property
    def episode(self) -> Enrollment | None:
        """The latest of them."""
        return self.concerned[-1] if self.concerned else None

    def _inside(self, day: date) -> bool:
        return self.month <= day <= last_day(self.month)

    @property
    def served(self) -> list[Stretch]:
        """The stretches of days on which the patient was enrolled and agreed. With no consent on file: enrolled."""
        agreed = [(c.given_on, c.revoked_on or date.max) for c in self.consents] or [(date.min, date.max)]
        both = [
            (max(e.started_on, given_on), min(e.ended_on or date.max, revoked_on))
            for e in self.enrollments
            for given_on, revoked_on in agreed
        ]
        return sorted((start, end) for start, end in both if start < end)

    @property
    def first_window(self) -> DeviceDays:
        """Reading days of the episode's first window, where its set-up is still to be billed."""
        return self.first_windows.get(self.episode.pk, {}) if self.episode else {}

    @property
    def month_days(self) -> DeviceDays:
        return clipped(self.days, self.month, last_day(self.month))


def episodes_in(episodes: Sequence[Enrollment], month: date) -> list[Enrollment]:
    """The enrollments that touch the month."""
    return [
        e for e in episodes if e.started_on < next_month(month) and (e.ended_on is None or e.ended_on > month)
    ]


def episode_in(episodes: Sequence[Enrollment], month: date) -> Enrollment | None:
    """The enrollment that touches the month; where two do, the later."""
    touching = episodes_in(episodes, month)
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
        "last_device_service_on": _iso(
            _last_service(rows, DEVICE_CODES, [window.ends_on for window in rows.windows])
        ),
        "last_99091_service_on": _iso(
            _last_service(rows, (INTERPRETATION_CODE,), [served_until(rows) or last_day(month)])
        ),
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
    """Where services of two enrollments meet in a month, the papers of both are asked for."""
    papers = [_papers(each, rows, covered) for each in rows.concerned]
    types = [each.pop("practitioner_type") for each in papers]
    order = first_order(rows)
    return {name: all(each[name] for each in papers) for name in papers[0]} | {
        "order_signed_on": _iso(order.signed_on if order else None),
        # One who may not bill decides for both.
        "practitioner_type": next((kind for kind in types if kind in THERAPISTS), types[-1]),
        "setup": _setup(episode, rows),
    }


def _papers(episode: Enrollment, rows: PatientRows, covered: Sequence[str]) -> dict[str, Any]:
    biller = _practitioner(episode.supervising, rows.month)
    codes = [row.code for row in rows.diagnoses if row.enrollment_id == episode.pk]
    seen = episode.last_visit_on
    return {
        "established_patient": seen is not None and seen <= last_day(rows.month),
        # A sentence without a diagnosis says why nobody in particular needs monitoring.
        "necessity_documented": bool(episode.necessity.strip() and codes),
        "diagnosis_allowed": covers(covered, codes),
        "supervising_practitioner": biller is not None,
        "practitioner_type": _type(biller or episode.ordering),
    }


def covers(covered: Sequence[str], codes: Iterable[str]) -> bool:
    """Whether a payer that names these beginnings of diagnoses covers one of the codes. Naming none, it covers any."""
    return not covered or any(code.startswith(tuple(covered)) for code in codes)


def first_order(rows: PatientRows) -> Order | None:
    """The first signed order of the enrollment; of two enrollments the later, and none if one of them has none."""
    first = [_first_order(rows.orders, episode) for episode in rows.concerned]
    return None if None in first else max(first, key=lambda order: order.signed_on, default=None)


def _first_order(orders: Iterable[Order], episode: Enrollment) -> Order | None:
    mine = [order for order in orders if order.enrollment_id == episode.pk]
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
    left = membership.ends_on is not None and membership.ends_on <= month
    return None if left or membership.starts_on >= next_month(month) else membership


def _type(membership: Membership) -> str:
    """Who bills, by credentials: `MD, PhD`, `FNP-BC`, `OTR/L`. A therapist is one only without a billing credential.

    Somebody entered as a qualified professional without a known one is a physician.
    """
    words = re.split(r"[^A-Z]+", membership.credential.upper().replace(".", ""))
    known = [PRACTITIONERS[word] for word in words if word in PRACTITIONERS]
    return next((kind for kind in known if kind not in THERAPISTS), known[0] if known else "physician")


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


def _last_service(rows: PatientRows, codes: Sequence[str], on: Sequence[date]) -> date | None:
    """The last date of service before those `on` which it would be served again.

    Released or held: a held line may yet be billed.

    What the practice billed outside this system, or on a record merged into this one, counts with what it billed here.
    """
    lines = [line for line in rows.lines if line.code in codes]
    before = [line.service_on for line in lines if line.claim.period.month < rows.month]
    others = [*_billed_outside(rows, codes), *_billed_on_merged(rows, codes, on)]
    return max([*before, *_soon_after(lines, rows.month, on), *others], default=None)


def _soon_after(lines: Iterable[ClaimLine], month: date, on: Sequence[date]) -> list[date]:
    """A later month's released service less than 30 days on stands in the way of this one as an earlier one would."""
    after = [line.service_on for line in lines if line.released and line.claim.period.month > month]
    return [later for later in after if any(later - day < WINDOW for day in on)]


def _billed_outside(rows: PatientRows, codes: Sequence[str]) -> list[date]:
    """Days on which this practice billed one of the codes in another system."""
    return [s.service_on for s in rows.services if s.billed_by == BilledBy.US and s.code in codes]


def _billed_on_merged(rows: PatientRows, codes: Sequence[str], on: Sequence[date]) -> list[date]:
    """Of this month too: the other record had windows of its own."""
    days = [line.service_on for line in rows.merged_lines if line.code in codes]
    return [day for day in days if any(day - each < WINDOW for each in on)]


def management_on_merged(rows: PatientRows) -> list[str]:
    """Management codes that were billed for the month on records merged into this one."""
    lines = [line for line in rows.merged_lines if line.claim.period.month == rows.month]
    return sorted({line.code for line in lines if line.code in MANAGEMENT_CODES})


def coverage_on(coverages: Sequence[Coverage], day: date) -> Coverage | None:
    """The coverage in effect on a day."""
    return next((c for c in coverages if c.starts_on <= day and (c.ends_on is None or c.ends_on > day)), None)


# Set-up -----------------------------------------------------------------------------------------------------


def setup_row(rows: PatientRows) -> DeviceAssignment | None:
    """The first set-up of the episode, done by the end of the month. A device swapped later is no new one."""
    episode = rows.episode
    if episode is None:
        return None
    until = min(last_day(rows.month), (episode.ended_on or date.max) - timedelta(days=1))
    mine = [a for a in rows.assignments if a.enrollment_id == episode.pk]
    done = [a for a in mine if a.setup_on and a.setup_on <= until]
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
        "episode_restarted": rows.enrollments[0].pk != episode.pk or bool(_setups_on_merged(rows)),
    }


def _setup_billed(episode: Enrollment, rows: PatientRows) -> bool:
    here = [line.service_on for line in rows.lines if line.code == SETUP_CODE and line.released]
    days = [*here, *_billed_outside(rows, (SETUP_CODE,))]
    return any(day >= episode.started_on for day in days) or any(
        # An enrollment that went on until this one began, or beside it, is the same episode of care.
        max(line.service_on, line.episode_ended_on or date.max) >= episode.started_on
        for line in _setups_on_merged(rows)
    )


def _setups_on_merged(rows: PatientRows) -> list[ClaimLine]:
    return [line for line in rows.merged_lines if line.code == SETUP_CODE]


# What else goes on ------------------------------------------------------------------------------------------


def _other_codes(rows: PatientRows) -> tuple[list[str], list[str]]:
    """Codes billed for the month, or inside its device windows, by this practice and by others."""
    since = min([rows.month, *(window.starts_on for window in rows.windows)])
    concern = [s for s in rows.services if s.service_on >= (since if s.code in PERIOD_CODES else rows.month)]
    ours = {s.code for s in concern if s.billed_by == BilledBy.US}
    # Management that this practice billed in another system is as gone as if somebody else had billed it.
    elsewhere = {s.code for s in concern if s.billed_by == BilledBy.ELSEWHERE}
    gone = ours.intersection(MANAGEMENT_CODES).union(management_on_merged(rows))
    return sorted(ours), sorted(elsewhere | gone)


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
    ends = [
        min(end - timedelta(days=1), until)
        for start, end in rows.served
        if start <= until and end > rows.month
    ]
    return max(ends) if ends and max(ends) < until else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
