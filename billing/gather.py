"""Facts of a patient-month from the rows, for any number of patients in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q

from accounts.models import Membership, StaffKind
from accounts.practice_policies import PolicyBook
from billing.models import Claim, ClaimLine
from foundation.months import last_day, next_month
from monitoring.selectors import Window, reading_days, windows_ending_in
from patients.models import Consent, Coverage, Device, DeviceAssignment, Diagnosis, Enrollment, Order, Patient
from timelogs.selectors import MonthTotal, month_totals

DEVICE_CODES = ("99445", "99454")
SETUP_CODE = "99453"
WINDOW = timedelta(days=30)
# The payer of somebody without coverage on the month's last day; such a claim is held as a whole.
NO_PAYER = "none"

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


@dataclass(frozen=True, slots=True)
class Gathered:
    """One patient's facts as plain JSON values, as `billing.rules.parse_facts` reads them, and what they rest on."""

    facts: dict[str, Any]
    evidence: dict[str, Any]


@dataclass(frozen=True)
class _Rows:
    """Everything read for the patients asked for, by patient."""

    enrollments: dict[UUID, list[Enrollment]]
    consents: dict[UUID, list[Consent]]
    orders: dict[UUID, list[date]]
    diagnosed: set[UUID]
    coverages: dict[UUID, list[Coverage]]
    assignments: dict[UUID, list[DeviceAssignment]]
    lines: dict[UUID, list[ClaimLine]]
    totals: dict[UUID, MonthTotal]
    windows: dict[UUID, list[Window]]
    days: dict[UUID, dict[UUID, set[date]]]
    first_days: dict[UUID, dict[UUID, set[date]]]


def patients_of(practice, month: date):
    """Everybody the month is decided for: enrolled on some day of it, or with a claim from an earlier decision."""
    alive = Q(ended_on=None) | Q(ended_on__gt=month)
    enrolled = Enrollment.objects.for_practice(practice).filter(alive, started_on__lt=next_month(month))
    claimed = Claim.objects.for_practice(practice).filter(period__month=month)
    here = Q(pk__in=enrolled.values("patient")) | Q(pk__in=claimed.values("patient"))
    return Patient.objects.for_practice(practice).filter(here).order_by("pk")


def facts_for(practice, month: date, patient_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """{patient: facts}."""
    return {
        patient_id: gathered.facts for patient_id, gathered in gather(practice, month, patient_ids).items()
    }


def gather(practice, month: date, patient_ids: Sequence[UUID]) -> dict[UUID, Gathered]:
    """{patient: facts and evidence}, in a constant number of queries."""
    ids = list(patient_ids)
    rows = _read(practice, month, ids)
    book = PolicyBook(practice, on=last_day(month))
    gathered = {}
    for patient_id in ids:
        coverage = coverage_on(rows.coverages[patient_id], last_day(month))
        payer = coverage.payer if coverage else NO_PAYER
        facts = {**_facts(patient_id, rows, month), "payer": payer, "policy": book.rule_values(payer)}
        gathered[patient_id] = Gathered(facts, _evidence(rows.totals[patient_id]))
    return gathered


# Reading ----------------------------------------------------------------------------------------------------


def _read(practice, month: date, ids: list[UUID]) -> _Rows:
    enrollments = _by_patient(
        _mine(Enrollment, practice, ids).select_related("supervising", "ordering").order_by("started_on")
    )
    current = [episode.pk for rows in enrollments.values() if (episode := episode_in(rows, month))]
    lines = ClaimLine.objects.for_practice(practice).filter(standing=True, claim__patient__in=ids)
    lines = lines.exclude(claim__period__month=month).select_related("claim__period")
    assignments = _mine(DeviceAssignment, practice, ids).select_related("device").order_by("starts_on")
    rows = _Rows(
        enrollments=enrollments,
        consents=_by_patient(_mine(Consent, practice, ids).order_by("given_on")),
        orders=_orders(practice, current),
        diagnosed=set(
            Diagnosis.objects.for_practice(practice)
            .filter(enrollment__in=current, withdrawn=False)
            .values_list("enrollment_id", flat=True)
        ),
        coverages=_by_patient(
            _mine(Coverage, practice, ids).filter(starts_on__lte=last_day(month)).order_by("starts_on")
        ),
        assignments=_by_patient(assignments),
        lines=_by_patient(lines, key=lambda line: line.claim.patient_id),
        totals=month_totals(practice, month, patient_ids=ids),
        windows=windows_ending_in(practice, month, ids),
        days=reading_days(practice, ids, month, last_day(month)),
        first_days={},
    )
    rows.first_days.update(_first_days(practice, month, rows))
    return rows


def _mine(model, practice, ids):
    return model.objects.for_practice(practice).filter(patient__in=ids)


def _by_patient(rows: Iterable, key=lambda row: row.patient_id) -> dict[UUID, list]:
    found = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


def _orders(practice, enrollment_ids) -> dict[UUID, list[date]]:
    """{enrollment: dates of its signed orders, in order}."""
    rows = Order.objects.for_practice(practice).filter(enrollment__in=enrollment_ids).order_by("signed_on")
    found = defaultdict(list)
    for enrollment_id, signed_on in rows.values_list("enrollment_id", "signed_on"):
        found[enrollment_id].append(signed_on)
    return found


def _first_days(practice, month: date, rows: _Rows) -> dict[UUID, dict[UUID, set[date]]]:
    """Reading days since the start of the episode, for those whose set-up is still to be billed."""
    waiting = {}
    for patient_id, episodes in rows.enrollments.items():
        episode = episode_in(episodes, month)
        if (
            episode
            and _setup_row(episode, rows.assignments[patient_id], month)
            and not _setup_billed(episode, rows.lines[patient_id])
        ):
            waiting[patient_id] = episode.started_on
    if not waiting:
        return {}
    return reading_days(practice, list(waiting), min(waiting.values()), last_day(month))


# Facts of one patient ---------------------------------------------------------------------------------------


def _facts(patient_id: UUID, rows: _Rows, month: date) -> dict[str, Any]:
    episodes = rows.enrollments.get(patient_id, [])
    episode = episode_in(episodes, month)
    days = rows.days.get(patient_id, {})
    facts = {
        "month": f"{month:%Y-%m}",
        **_time(rows.totals[patient_id]),
        "device_windows": [_window(window) for window in rows.windows.get(patient_id, [])],
        "auto_reading_days_in_month": len(set().union(*days.values())),
        "consent_on": _iso(_consent_on(rows.consents[patient_id], month)),
        "device_basis_on_file": _device_basis(rows.assignments[patient_id], month),
        "last_device_service_on": _iso(_last_service(rows.lines[patient_id], DEVICE_CODES, month)),
        "last_99091_service_on": _iso(_last_service(rows.lines[patient_id], ("99091",), month)),
    }
    if episode is not None:
        facts |= _episode_facts(episode, rows, month) | {
            "setup": _setup(episode, episodes, patient_id, rows, month)
        }
    return facts


def _time(total: MonthTotal) -> dict[str, int]:
    return {
        "clinical_staff_seconds": total.staff_seconds,
        "qhp_seconds": total.qhp_seconds,
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


def episode_in(episodes: Sequence[Enrollment], month: date) -> Enrollment | None:
    """The enrollment that touches the month; where two do, the later."""
    touching = [
        e for e in episodes if e.started_on < next_month(month) and (e.ended_on is None or e.ended_on > month)
    ]
    return touching[-1] if touching else None


def _episode_facts(episode: Enrollment, rows: _Rows, month: date) -> dict[str, Any]:
    biller = _practitioner(episode.supervising, month)
    signed = rows.orders.get(episode.pk, [])
    return {
        "order_signed_on": _iso(signed[0] if signed else None),
        "established_patient": episode.last_visit_on is not None and episode.last_visit_on <= last_day(month),
        # A sentence without a diagnosis says why nobody in particular needs monitoring.
        "necessity_documented": bool(episode.necessity.strip()) and episode.pk in rows.diagnosed,
        "supervising_practitioner": biller is not None,
        "practitioner_type": _type(biller or episode.ordering),
    }


def _practitioner(membership: Membership | None, month: date) -> Membership | None:
    """The supervising practitioner, if qualified and still here in the month."""
    if membership is None or membership.staff_kind != StaffKind.QHP:
        return None
    return membership if membership.ends_on is None or membership.ends_on > month else None


def _type(membership: Membership) -> str:
    """Who bills, by credential. Somebody entered as a qualified professional without a known one is a physician."""
    return PRACTITIONERS.get(membership.credential.upper().replace(".", ""), "physician")


def _consent_on(consents: Sequence[Consent], month: date) -> date | None:
    """The first consent that stood on some day of the month."""
    standing = [c.given_on for c in consents if c.revoked_on is None or c.revoked_on > max(month, c.given_on)]
    return min(standing, default=None)


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


def _last_service(lines: Iterable[ClaimLine], codes: Sequence[str], month: date) -> date | None:
    """The last date of service before the month, released or held: a held line may yet be billed."""
    before = [line.service_on for line in lines if line.code in codes and line.claim.period.month < month]
    return max(before, default=None)


# Set-up -----------------------------------------------------------------------------------------------------


def _setup_row(
    episode: Enrollment, assignments: Sequence[DeviceAssignment], month: date
) -> DeviceAssignment | None:
    """The first set-up of the episode, done by the end of the month. A device swapped later is no new one."""
    done = [
        a
        for a in assignments
        if a.enrollment_id == episode.pk and a.setup_on and a.setup_on <= last_day(month)
    ]
    return min(done, key=lambda a: a.setup_on, default=None)


def _setup_billed(episode: Enrollment, lines: Iterable[ClaimLine]) -> bool:
    since = episode.started_on
    return any(line.code == SETUP_CODE and line.released and line.service_on >= since for line in lines)


def _setup(
    episode: Enrollment, episodes, patient_id: UUID, rows: _Rows, month: date
) -> dict[str, Any] | None:
    row = _setup_row(episode, rows.assignments[patient_id], month)
    if row is None:
        return None
    days = rows.first_days.get(patient_id, {})
    return {
        "completed_on": row.setup_on.isoformat(),
        "documented": bool(row.setup_note.strip()),
        "billed_in_episode": _setup_billed(episode, rows.lines[patient_id]),
        "first_window_reading_days": _first_window(days, episode),
        "episode_restarted": episodes[0].pk != episode.pk,
    }


def _first_window(days: dict[UUID, set[date]], episode: Enrollment) -> int:
    """Reading days of the best device in the 30 days from the episode's first reading."""
    since = [day for device in days.values() for day in device if day >= episode.started_on]
    if not since:
        return 0
    first = min(since)
    return max(sum(first <= day < first + WINDOW for day in device) for device in days.values())


# Coverage and evidence ----------------------------------------------------------------------------------------


def coverage_on(coverages: Sequence[Coverage], day: date) -> Coverage | None:
    """The coverage in force on a day."""
    return next((c for c in coverages if c.starts_on <= day and (c.ends_on is None or c.ends_on > day)), None)


def _evidence(total: MonthTotal) -> dict[str, Any]:
    """Which sessions hold the counted seconds, which held a live contact, and what was left out and why."""
    counted = [
        {"id": str(share.entry_id), "seconds": share.counted_seconds}
        for share in total.by_entry
        if share.counted_seconds
    ]
    left_out = [
        {"id": str(share.entry_id), "seconds": seconds, "why": slug}
        for share in total.by_entry
        for seconds, slug, _ in share.not_counted
    ]
    return {
        "sessions": counted,
        "contacts": [str(pk) for pk in total.live_contact_entries],
        "left_out": left_out,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
