"""Keeping a view of the caseload under a name, and deleting it."""

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Membership
from accounts.permissions import Permission, requires
from boards.caseload import shown_to
from boards.filters import Filters
from boards.forms import SaveViewForm
from boards.saved_views import save_view, views_of
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused


@require_POST
@requires(Permission.CHART_VIEW)
@once
def view_save(request):
    """A page of its own only where something is wrong with the name."""
    form = SaveViewForm(request.POST)
    query = _known(request.POST.get("query", ""), request.membership)
    status = 422
    if form.is_valid():
        try:
            row = save_view(form.cleaned_data["name"], query, by=request.membership, at=timezone.now())
        except Refused as refusal:
            form.refuse(refusal)
            status = refusal.status
        else:
            messages.success(request, f"“{row.name}” is kept with your views.")
            return see_other(f"{reverse('caseload')}?{row.query}")
    back = f"{reverse('caseload')}?{query}"
    context = {"form": form, "title": "Save this view", "submit": "Save view", "back": back}
    return render(request, "staff/act.html", context, status=status)


def _known(query: str, by: Membership) -> str:
    """Of an address what the caseload understands and shows to her."""
    try:
        given = QueryDict(query[:1000])
    except ValueError:
        return ""
    show = shown_to(by, given.get("show"))
    return Filters.of(given).query(**({"show": show} if show else {}))


@require_POST
@requires(Permission.CHART_VIEW)
@once
def view_delete(request, view_id: int):
    row = get_object_or_404(views_of(request.membership), pk=view_id)
    row.delete()
    messages.success(request, f"“{row.name}” is deleted.")
    return see_other(reverse("caseload"))
