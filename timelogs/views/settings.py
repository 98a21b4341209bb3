"""What a person chooses for her own work."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.preferences import choose, preferences_of
from dispatch.operations import once
from foundation.htmx import see_other
from timelogs.forms.settings import SettingsForm


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.TIME_LOG)
@once
def my_settings(request):
    """Whether opening a chart starts the clock, and where her video calls take place."""
    form = SettingsForm(request.POST or None, initial=vars(preferences_of(request.user)))
    if request.method == "POST" and form.is_valid():
        choose(request.user, **form.given())
        messages.success(request, "Your settings are saved.")
        return see_other(reverse("timelogs:my_settings"))
    return render(request, "timelogs/my_settings.html", {"form": form}, status=422 if form.errors else 200)
