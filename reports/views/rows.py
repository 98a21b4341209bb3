"""The rows behind a number of a report, a page of them at a time."""

from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Membership
from accounts.permissions import Permission, Role, may, requires
from billing.models import Claim
from boards.refresh import Freshness
from foundation.months import in_words
from patients.chart_access import show_list
from patients.models import Patient
from reports import at_risk, further, habits, program, reaching, timing, unusual
from reports.views.frame import Counted, since_of, steps
from timelogs.counting.totals import REASONS
from timelogs.labels import contact_in_words
from timelogs.models import Activity, Evidence, TimeEntry

OUTCOMES = {
    timing.COUNTED: "counted",
    timing.LEFT_OUT: "signed and not counted",
    **{slug: f"not counted: {words}" for slug, words in REASONS.items()},
}


@require_safe
@requires(Permission.TIME_REPORTS)
def sessions(request, month):
    """Sessions with time of a kind."""
    chosen = _chosen(request.GET)
    since = since_of(request, month)
    find = partial(timing.sessions, request.practice, month, chosen, since=since)
    page = Counted(find, request.GET.get("page", "")).here()
    entries = _entries(request, [row.entry_id for row in page.object_list])
    rows = [
        {
            "entry": entry,
            "began": row.began,
            "seconds": row.seconds,
            "whole": row.whole,
            "contact": contact_in_words(entry),
        }
        for row in page.object_list
        if (entry := entries.get(row.entry_id))
    ]
    return _show(
        request,
        month,
        _in_words(request.practice, chosen),
        page=page,
        rows=rows,
        time="Time of this kind",
        since=since,
    )


@require_safe
@requires(Permission.TIME_REPORTS)
def noted(request, month):
    """One person's sessions that have something in common."""
    staff, what, length = (
        _uuid(request.GET.get("staff")),
        request.GET.get("what"),
        _number(request.GET.get("length")),
    )
    if staff is None or what not in habits.WHAT or (what == "length" and length is None):
        return redirect("reports:unusual", month)
    find = partial(habits.noted, request.practice, month, staff, what, length=length)
    words = f"{_name(request.practice, staff)}, {unusual.behind_words(what, length)}"
    return _show_signed(request, month, find, words)


@require_safe
@requires(Permission.TIME_REPORTS)
def calls(request, month):
    """Sessions with a call of an hour, or that took so many tries."""
    hour, tries = _number(request.GET.get("hour")), _number(request.GET.get("tries"))
    answered = request.GET.get("answered")
    if answered not in {"0", "1"}:
        return redirect("reports:reaching", month)
    which = {"hour": hour, "tries": tries, "answered": answered == "1"}
    since = since_of(request, month)
    find = partial(reaching.sessions, request.practice, month, since=since, **which)
    words = "calls answered" if answered == "1" else "calls not answered"
    if hour is not None:
        words += f", {hour:02d}:00 to {hour:02d}:59"
    if tries is not None:
        words += f", tries before it: {tries}"
    return _show_signed(request, month, find, words, since=since)


@require_safe
@requires(Permission.MONTH_VIEW)
def patients(request, month):
    """Patients by the counted time of their month."""
    if (found := _range(request.GET)) is None:
        return redirect("reports:further", month)
    chosen, words = found
    find = partial(further.behind, request.practice, month, chosen)
    page = Counted(find, request.GET.get("page", "")).here()
    people = _people(request, [pk for pk, _ in page.object_list])
    claims = _claims(request.practice, month, people)
    rows = [
        {"patient": people[pk], "figure": in_words(seconds), "claim": claims.get(pk)}
        for pk, seconds in page.object_list
        if pk in people
    ]
    return _show_people(request, month, words, page, rows, "Counted")


@require_safe
@requires(Permission.MONTH_VIEW)
def members(request, month):
    """Patients of the program in a month: enrolled, active, billable, with a code."""
    what, code = request.GET.get("what", ""), request.GET.get("code", "")[:5].replace("\0", "")
    if what == "at_risk":
        return _at_risk(request, month)
    if what not in program.WHO:
        return redirect("reports:program", month)
    find = partial(program.behind, request.practice, month, what, code=code)
    page = Counted(find, request.GET.get("page", "")).here()
    people = _people(request, [pk for pk, _ in page.object_list])
    rows = [{"patient": people[pk], "claim": claim} for pk, claim in page.object_list if pk in people]
    words = {
        "enrolled": "enrolled",
        "active": "active",
        "billable": "with a released line",
        "attention": "that need attention",
        "on_hold": "on hold",
        "code": f"with {code} released",
    }
    return _show_people(request, month, words[what], page, rows, "")


def _at_risk(request, month):
    find = partial(at_risk.behind, request.practice, month, at=timezone.now())
    page = Counted(find, request.GET.get("page", "")).here()
    people = _people(request, [row.patient_id for row in page.object_list])
    rows = [
        {"patient": people[row.patient_id], "why": row.why}
        for row in page.object_list
        if row.patient_id in people
    ]
    freshness = at_risk.known_of(request.practice, month, at=timezone.now())
    return _show_people(request, month, "at risk", page, rows, "", freshness)


@require_safe
@requires(Permission.TIME_REPORTS)
def unreached(request, month):
    """Patients whose last call of the month was not answered; their names are for who may open charts."""
    if not may(request.membership, Permission.CHART_VIEW):
        raise PermissionDenied("Your role cannot see charts.")
    page = Counted(partial(reaching.unreached, request.practice, month), request.GET.get("page", "")).here()
    people = _people(request, [row.patient_id for row in page.object_list])
    rows = [
        {"row": row, "patient": people[row.patient_id]}
        for row in page.object_list
        if row.patient_id in people
    ]
    return render(request, "reports/unreached.html", {"page": page, "rows": rows, **steps(request, month)})


def _show_signed(request, month: date, find, words: str, **more):
    """Signed sessions that `find` names."""
    page = Counted(find, request.GET.get("page", "")).here()
    entries = _entries(request, page.object_list)
    rows = [
        {
            "entry": entry,
            "began": entry.started_at,
            "seconds": entry.seconds_signed,
            "contact": contact_in_words(entry),
        }
        for pk in page.object_list
        if (entry := entries.get(pk))
    ]
    return _show(request, month, words, page=page, rows=rows, time="Signed", **more)


def _show(request, month: date, words: str, **more):
    context = {
        "words": words,
        "may_open": may(request.membership, Permission.CHART_VIEW),
        **steps(request, month),
        **more,
    }
    return render(request, "reports/sessions.html", context)


def _show_people(
    request, month: date, words: str, page, rows: list[dict], figure: str, freshness: Freshness | None = None
):
    context = {"words": words, "page": page, "rows": rows, "figure": figure, "freshness": freshness}
    return render(request, "reports/patients.html", {**context, **steps(request, month)})


def _chosen(given) -> dict[str, Any]:
    """What an address asks for: names that are conditions, with values of their kind. Anything else is no page."""
    read = {
        "staff": _uuid,
        "role": _one_of(Role.values),
        "activity": _one_of(Activity.values),
        "evidence": _one_of(Evidence.values),
        "why": _one_of(OUTCOMES),
        "week": _day,
        "day": _day,
        "night": _number,
    }
    chosen = {name: read[name](value) for name, value in given.items() if name in read}
    if None in chosen.values():
        raise Http404
    return chosen


def _in_words(practice, chosen: dict[str, Any]) -> str:
    said = {
        "staff": partial(_name, practice),
        "role": lambda value: Role(value).label,
        "activity": lambda value: Activity(value).label,
        "evidence": lambda value: Evidence(value).label.lower(),
        "week": lambda value: f"week of {value:%-d %b}",
        "day": lambda value: f"{value:%a %-d %b}",
        "night": lambda value: "some of it between 22:00 and 06:00",
        "why": lambda value: OUTCOMES[value],
    }
    return ", ".join(say(chosen[name]) for name, say in said.items() if name in chosen) or "all signed"


def _range(given) -> tuple[dict[str, Any], str] | None:
    """The range of counted minutes that an address asks for, and its words."""
    if given.get("without") == further.FURTHER_UNIT:
        return {"without": True}, f"with {further.FURTHER} min and more, no {further.FURTHER_UNIT} released"
    if given.get("between") == "20-40":
        return {"between": True}, "with 20 min to under 40 min"
    if (least := _number(given.get("least"))) is not None and least < 1000:
        return {"least": least}, f"with {least} min and more" if least else "with counted time"
    for name in ("band", "line"):
        if (value := _number(given.get(name))) is not None and value < 1000:
            return {
                name: value
            }, f"from {value} min on, below the next line" if value else "below the first line"
    return None


def _entries(request, ids: list[UUID]) -> dict[UUID, TimeEntry]:
    """With their patients and authors, in one query; whose names are listed is written down."""
    rows = TimeEntry.objects.for_practice(request.practice).filter(pk__in=ids)
    found = {row.pk: row for row in rows.select_related("patient", "author__user")}
    for entry in found.values():
        entry.practice = request.practice
    if may(request.membership, Permission.CHART_VIEW):
        show_list(request, {entry.patient_id: entry.patient for entry in found.values()}.values())
    return found


def _people(request, ids: list[UUID]) -> dict[UUID, Patient]:
    found = {row.pk: row for row in Patient.objects.for_practice(request.practice).filter(pk__in=ids)}
    show_list(request, found.values())
    return found


def _claims(practice, month: date, people) -> dict[UUID, UUID]:
    rows = Claim.objects.for_practice(practice).filter(period__month=month, patient__in=list(people))
    return dict(rows.values_list("patient_id", "pk"))


def _name(practice, staff: UUID) -> str:
    """Of somebody who works or worked here."""
    names = Membership.objects.for_practice(practice).filter(user=staff).values_list("user__name", flat=True)
    return names.first() or "Somebody"


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else None


def _one_of(values):
    return lambda text: text if text in values else None
