"""Who has sent nothing for how long. The caseload, the worklist and the findings read it from here."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from accounts.practice_policies import policy
from monitoring.selectors import last_automatic_days_by_kind
from patients.models import DeviceAssignment, DeviceKind, Enrollment, InstitutionStay, Patient, StayKind
from patients.selectors import enrolled

# Where the device stays at home without her. A home health episode is care at home, beside the device.
AWAY = (StayKind.HOSPITAL, StayKind.SNF, StayKind.HOSPICE)


@dataclass(frozen=True, slots=True)
class Quiet:
    """How long a patient's devices sent nothing: `days` since `since`, the last day on which something came, or on
    which her days began: given a device, enrolled, or home from an institution.

    `heard_on` is None where nothing ever came. `silent` is the practice's policy. `kinds` names the devices that are
    silent while another one of hers is heard; then the rest is about them.
    """

    since: date
    heard_on: date | None
    days: int
    silent: bool
    kinds: tuple[str, ...] = ()
    # Since when the device that is silent first sent nothing: before `since` where another one of hers was heard later.
    soonest: date | None = None

    @property
    def says(self) -> str:
        days = f"{self.days} day{'' if self.days == 1 else 's'}"
        none = f"No readings {self.of_which}".rstrip()
        if self.heard_on is None:
            return f"{none} since {self.since:%d-%b-%Y}, {days}: none came from the device yet"
        last = f"the last came on {self.heard_on:%d-%b-%Y}"
        if self.heard_on < self.since:
            return f"{none} since {self.since:%d-%b-%Y}, {days}: {last}, before a stay or another device"
        return f"{none} for {days}: {last}"

    @property
    def of_which(self) -> str:
        """`of the scale`, where her other devices are heard."""
        return (
            f"of the {' and the '.join(DeviceKind(kind).label.lower() for kind in self.kinds)}"
            if self.kinds
            else ""
        )


def quiet_patients(practice, at: datetime, patient_ids: Iterable[UUID] | None = None) -> dict[UUID, Quiet]:
    """As `quiet_among`, of these patients, or of all."""
    return quiet_among(practice, at, enrolled(practice, practice.today(at), patient_ids))


def quiet_among(
    practice, at: datetime, episodes: dict[UUID, Enrollment], people: Iterable[Patient] | None = None
) -> dict[UUID, Quiet]:
    """{patient: how long nothing came}, of everybody who is enrolled, at home, and has a device that sends by itself.

    Who is in an institution cannot measure at home, so she is not silent, and her days begin anew when she leaves.
    Of several kinds of devices each is heard by itself: a scale that says nothing is not hidden by a cuff that does.
    Typed readings do not end a silence: it is about devices. Each is looked at on the day where she lives. `episodes`:
    the enrollments of today; `people`, if they are at hand already, are not read again.
    """
    people = _patients(practice, list(episodes)) if people is None else people
    days = {patient.pk: at.astimezone(patient.tz).date() for patient in people if patient.pk in episodes}
    held = _held_since(practice, days)
    away, home_on = _stays(practice, {patient_id: days[patient_id] for patient_id in held})
    after = policy(practice, "silent_days", on=practice.today(at))
    ids = [patient_id for patient_id in days if patient_id in held and patient_id not in away]
    heard = last_automatic_days_by_kind(practice, ids)
    return {
        patient_id: _quiet(
            held[patient_id],
            heard.get(patient_id, {}),
            [episodes[patient_id].started_on, home_on.get(patient_id)],
            days[patient_id],
            after,
        )
        for patient_id in ids
    }


def _quiet(
    held: dict[str, date], heard: dict[str, date], began: list[date | None], today: date, after: int
) -> Quiet:
    """Of the devices that are silent, where others are not; else of all together."""
    each = {
        kind: _of_kinds([held_since, *began], heard.get(kind), today, after)
        for kind, held_since in held.items()
    }
    soonest = min(quiet.since for quiet in each.values())
    silent = tuple(sorted(kind for kind, quiet in each.items() if quiet.silent))
    if silent and len(silent) < len(each):
        named = max((each[kind] for kind in silent), key=lambda quiet: quiet.days)
        return replace(named, kinds=silent, soonest=soonest)
    last = max((heard[kind] for kind in held if kind in heard), default=None)
    return replace(_of_kinds([min(held.values()), *began], last, today, after), soonest=soonest)


def _of_kinds(began: list[date | None], heard_on: date | None, today: date, after: int) -> Quiet:
    since = max(day for day in [heard_on, *began] if day is not None)
    days = max((today - since).days, 0)
    return Quiet(since, heard_on, days, bool(after) and days >= after)


def _patients(practice, ids: list[UUID]) -> list[Patient]:
    rows = list(Patient.objects.for_practice(practice).filter(pk__in=ids).order_by("pk"))
    for row in rows:
        row.practice = practice
    return rows


def _held_since(practice, days: Mapping[UUID, date]) -> dict[UUID, dict[str, date]]:
    """{patient: {kind of device: since when she has the first of those that she has on her day}}"""
    rows = DeviceAssignment.objects.for_practice(practice).filter(
        device__automatic=True, patient__in=list(days)
    )
    if days:
        rows = rows.filter(_in_force_on_any(days.values()))
    found: dict[UUID, dict[str, date]] = defaultdict(dict)
    wanted = ("patient_id", "device__kind", "starts_on", "ends_on")
    for patient_id, kind, starts_on, ends_on in rows.order_by("starts_on").values_list(*wanted):
        if starts_on <= days[patient_id] and (ends_on is None or ends_on > days[patient_id]):
            found[patient_id].setdefault(kind, starts_on)
    return found


def _in_force_on_any(days: Collection[date]) -> Q:
    """Zones are a day apart at most: what the database leaves out already."""
    first, last = min(days), max(days)
    return Q(starts_on__lte=last) & (Q(ends_on=None) | Q(ends_on__gt=first))


def _stays(practice, days: Mapping[UUID, date]) -> tuple[set[UUID], dict[UUID, date]]:
    """(Who is away on her day, {patient: when she last came home})."""
    rows = InstitutionStay.objects.for_practice(practice).filter(
        patient__in=list(days), kind__in=AWAY, withdrawn=False
    )
    away: set[UUID] = set()
    home_on: dict[UUID, date] = {}
    stays = rows.order_by("discharged_on").values_list("patient_id", "admitted_on", "discharged_on")
    for patient_id, admitted_on, discharged_on in stays:
        if admitted_on > days[patient_id]:
            continue
        if discharged_on is None or discharged_on > days[patient_id]:
            away.add(patient_id)
        else:
            home_on[patient_id] = discharged_on
    return away, home_on
