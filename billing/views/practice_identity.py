"""Who the practice is on its claims: every version, and setting one from a day on."""

from datetime import date

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods

from accounts.identities import IdentityBook
from accounts.permissions import Permission, requires
from authentication.recent import recently_signed_in
from billing.practice_settings.effects import in_words
from billing.practice_settings.identity import edition, set_identity, touched, values_of
from billing.practice_settings.identity_form import IdentityForm
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused, StaleRow

TONES = {"Now": "ready", "To come": "info", "Before": "none"}


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_EDIT)
@recently_signed_in
@once
def identity(request):
    """`?starts_on=` corrects the version of that day. The other button shows what would change and saves nothing."""
    at, practice = timezone.now(), request.practice
    book = IdentityBook(practice)
    form = IdentityForm(request.POST or None, initial=_proposed(request, book, practice.today(at)))
    context: dict = {"form": form}
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            found = touched(practice, form.identity(), at=at)
            if "look" not in request.POST:
                return _saved(request, form, found, at=at)
            context |= {"looked": True, "effects": found}
            status = 200
        except Refused as refusal:
            status = refusal.status
            if isinstance(refusal, StaleRow):
                _opened_again(form, IdentityBook(practice))
            form.refuse(refusal)
    context["versions"] = versions(IdentityBook(practice), practice.today(at))
    return render(request, "billing/practice_identity.html", context, status=status)


def _proposed(request, book: IdentityBook, today: date) -> dict:
    asked = _asked_for(request.GET.get("starts_on", ""))
    corrected = book.starting(asked) if asked else None
    row = corrected or book.on(today)
    return {**values_of(row), "starts_on": asked if corrected else today, "version": edition(book)}


def _asked_for(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _saved(request, form: IdentityForm, found, *, at):
    row = set_identity(request.practice, form.identity(), opened_at=form.cleaned_data["version"], at=at)
    said = f"From {row.starts_on:%d-%b-%Y} claims say this identity. {in_words(found)}"
    messages.success(request, said.strip())
    return see_other(reverse("billing:practice"))


def _opened_again(form: IdentityForm, book: IdentityBook) -> None:
    """What was typed can be saved once the refusal, and the versions beside it, were read."""
    form.data = form.data.copy()
    form.data["version"] = edition(book)


def versions(book: IdentityBook, today: date) -> list[tuple]:
    """(row, until or None, its word, its tone), the newest first."""
    now = book.on(today)
    found = []
    for row in reversed(book.rows):
        word = "Now" if row is now else "To come" if row.starts_on > today else "Before"
        found.append((row, book.window(row.starts_on)[1], word, TONES[word]))
    return found
