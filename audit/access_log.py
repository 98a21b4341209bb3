"""Who opened which chart, and who came and went: newest first, by key."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q

from audit.filters import SYSTEM, AccessForm
from audit.models import AccessEvent, SignInEvent
from audit.registry import people
from foundation.months import midnight

PAGE = 50
WORDS = {
    "audit:history": "History",
    "audit:record": "History of a record",
    **{
        f"interchange:fhir_{name}{end}": words
        for name, words in {
            "patients": "FHIR patients",
            "patients_search": "FHIR patients",
            "patient": "FHIR patient",
            "coverages": "FHIR coverages",
            "coverage": "FHIR coverage",
        }.items()
        for end in ("", "_slash")
    },
}


@dataclass(frozen=True, slots=True)
class Visit:
    at: datetime
    who: str
    what: str
    where: str
    patient_id: UUID | None
    patient: str


@dataclass(frozen=True, slots=True)
class VisitPage:
    """`older` and `newer`: ids to go on from, None at either end."""

    visits: tuple[Visit, ...]
    older: int | None
    newer: int | None


def page_of_visits(
    practice, form: AccessForm, *, older: int | None = None, newer: int | None = None
) -> VisitPage:
    model = SignInEvent if form.of_sign_ins else AccessEvent
    rows = model.objects.filter(_chosen(practice, form))
    if newer is not None:
        found = list(rows.filter(id__gt=newer).order_by("id")[: PAGE + 1])
        shown, more = found[:PAGE][::-1], len(found) > PAGE
    else:
        found = list((rows.filter(id__lt=older) if older is not None else rows).order_by("-id")[: PAGE + 1])
        shown, more = found[:PAGE], len(found) > PAGE
    return VisitPage(_told(practice, shown), *_ends(shown, more, older=older, newer=newer))


def _ends(shown, more: bool, *, older, newer) -> tuple[int | None, int | None]:
    if not shown:
        return None, None
    first, last = shown[0].id, shown[-1].id
    if newer is not None:
        return last, first if more else None
    return last if more else None, first if older is not None else None


def _chosen(practice, form: AccessForm) -> Q:
    since, until = form.dates()
    day_after = until + timedelta(days=1)
    chosen = Q(
        practice=practice, at__gte=midnight(since, tz=practice.tz), at__lt=midnight(day_after, tz=practice.tz)
    )
    if who := form.value("who"):
        chosen &= Q(actor_id=None) if who == SYSTEM else Q(actor_id=who)
    if form.of_sign_ins:
        return chosen
    if (ids := form.patient_ids()) is not None:
        chosen &= Q(patient_id__in=ids)
    if kind := form.value("kind"):
        chosen &= Q(action=kind)
    return chosen


def _where(route: str) -> str:
    """`timelogs:session_past` reads "Session past", unless there are better words."""
    return WORDS.get(route, route.rpartition(":")[2].replace("_", " ").capitalize())


def _told(practice, rows) -> tuple[Visit, ...]:
    ids = {row.patient_id for row in rows if getattr(row, "patient_id", None)}
    names = people().names(practice, ids) if ids else {}
    return tuple(
        Visit(
            at=row.at,
            who=row.actor_label,
            what=row.get_kind_display() if isinstance(row, SignInEvent) else row.get_action_display(),
            where="" if isinstance(row, SignInEvent) else _where(row.route),
            patient_id=getattr(row, "patient_id", None),
            patient=names.get(getattr(row, "patient_id", None), ""),
        )
        for row in rows
    )
