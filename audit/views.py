"""The auditor's pages. They read; nothing here writes but the row that says who read."""

from secrets import token_urlsafe
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import Permission, Role, may, requires
from audit.access import record_access
from audit.access_log import page_of_visits
from audit.changes import page_of_acts
from audit.filters import AccessForm, ChangesForm
from audit.keyset import Position
from audit.models import Action
from audit.registry import Presentation, by_slug
from audit.timeline import Timeline, compare, newer_than, points, timeline
from foundation.htmx import see_other

# In the address, the key of words that stay in the session; in the session, the last few.
WORDS, KEPT_WORDS = "words", 20


def _address(request, **changed) -> str:
    """This page's query string with some of it changed; None takes a part out."""
    query = request.GET.copy()
    for name, value in changed.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"


def _number(request, name: str) -> int | None:
    """A row's number from the address; anything else counts as not given."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _ends(request, page) -> dict:
    return {
        "older_url": _address(request, older=page.older, newer=None) if page.older else None,
        "newer_url": _address(request, newer=page.newer, older=None) if page.newer else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.HISTORY_ALL)
def history(request):
    """Every change of the practice, newest first. Filters are posted, so that no name gets into an address."""
    if request.method == "POST":
        return _to_question(request, ChangesForm)
    form = ChangesForm(_with_words(request), membership=request.membership)
    filters = form.filters()
    older, newer = (Position.parse(request.GET.get(name, "")) for name in ("older", "newer"))
    page = page_of_acts(request.practice, filters, older=older, newer=newer)
    record_access(request, page.patient_ids, action=Action.LIST)
    context = {"form": form, "filters": filters, "page": page, "wider_url": _wider(request, filters)}
    return render(request, "audit/history.html", context | _ends(request, page))


def _to_question(request, form_class):
    """The same question as an address, which can be kept and sent on: with ids where a name was typed."""
    form = form_class(request.POST, membership=request.membership)
    address = form.address()
    typed = {name: text for name in form.typed if (text := form.value(name))}
    if typed:
        address += ("&" if address else "") + urlencode({WORDS: _keep_words(request, typed)})
    return see_other(f"{request.path}?{address}")


def _keep_words(request, typed: dict[str, str]) -> str:
    """The key under which the words stay with this person until she signs out; the oldest make room."""
    kept = request.session.get(WORDS, {})
    key = next((key for key, words in kept.items() if words == typed), None) or token_urlsafe(6)
    request.session[WORDS] = dict([*kept.items(), (key, typed)][-KEPT_WORDS:])
    return key


def _with_words(request) -> QueryDict:
    """The address's question with the words that its key stands for; none that stand in it openly."""
    data = request.GET.copy()
    words = request.session.get(WORDS, {}).get(data.get(WORDS, ""), {})
    for name in ChangesForm.typed:
        data[name] = words.get(name, "")
    if WORDS in data and not words:
        messages.warning(
            request,
            "Words that were looked for are kept until you sign out. Enter them again under “Reason contains”.",
        )
    return data


def _wider(request, filters) -> str:
    """The same question over a year."""
    start = filters.until.replace(day=1)
    year_before = start.replace(year=start.year - 1)
    return _address(request, since=min(year_before, filters.since), older=None, newer=None)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.HISTORY_ALL)
def access(request):
    """Who opened which chart, and who signed in and out."""
    if request.method == "POST":
        return _to_question(request, AccessForm)
    form = AccessForm(request.GET, membership=request.membership)
    form.is_valid()
    page = page_of_visits(
        request.practice, form, older=_number(request, "older"), newer=_number(request, "newer")
    )
    seen = {visit.patient_id for visit in page.visits if visit.patient_id}
    record_access(request, seen, action=Action.LIST)
    since, until = form.dates()
    context = {"form": form, "page": page, "since": since, "until": until}
    return render(request, "audit/access.html", context | _ends(request, page))


@require_safe
@requires(Permission.HISTORY_RECORD)
def record(request, model: str, row_id: UUID):
    """The life of one record, and two of its versions side by side."""
    presentation = _presentation(request, model)
    story = timeline(request.practice, presentation, row_id, older_than=_number(request, "older"))
    if story is None:
        raise Http404
    patient_id = story.latest.patient_id
    if patient_id:
        record_access(request, [patient_id])
    above = newer_than(request.practice, presentation, row_id, story.latest.history_id) - 1
    context = {
        "story": story,
        "numbered": story.numbered(above=above),
        "points": points(story, above=above),
        "older_url": _address(request, older=story.older, first=None, second=None) if story.older else None,
        "newest_url": request.path if request.GET.get("older") else None,
    }
    return render(request, "audit/record.html", context | _comparison(request, presentation, row_id, story))


def _presentation(request, model: str) -> Presentation:
    presentation = by_slug(model)
    if presentation is None:
        raise Http404
    if not may(request.membership, presentation.needs):
        role = Role(request.membership.role).label.lower()
        raise PermissionDenied(f"Your role ({role}) cannot {presentation.needs}.")
    return presentation


def _comparison(request, presentation: Presentation, row_id: UUID, story: Timeline) -> dict:
    """The two points asked for, else the newest against the one before it."""
    second = _number(request, "second") or story.latest.history_id
    first = _number(request, "first")
    if first is None and "first" not in request.GET:
        first = next((c.previous_id for c in story.changes if c.history_id == second), None)
    whole = request.GET.get("all") == "1"
    compared = compare(request.practice, presentation, row_id, first=first, second=second, whole=whole)
    if compared is None:
        raise Http404
    return {"compared": compared, "first": first, "second": second, "whole": whole} | _steps(
        request, story, second
    )


def _steps(request, story: Timeline, second: int) -> dict:
    """Addresses of the change before and after the one shown, and of all or only the changed fields."""
    ids = [change.history_id for change in story.changes]
    at = ids.index(second) if second in ids else None

    def step(place: int) -> str | None:
        inside = at is not None and 0 <= place < len(ids)
        return _address(request, second=ids[place], first=None) if inside else None

    return {
        "previous_url": step(at + 1) if at is not None else None,
        "next_url": step(at - 1) if at is not None else None,
        "toggle_url": _address(request, all=None if request.GET.get("all") == "1" else "1"),
    }
