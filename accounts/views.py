"""Choosing the practice to work in."""

from django.http import Http404
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.models import Membership
from accounts.permissions import Permission, requires
from foundation.htmx import see_other


@require_POST
@requires(Permission.OWN_ACCOUNT)
def practice_switch(request):
    """Work in another of one's practices from now on."""
    wanted = request.POST.get("practice", "")
    mine = Membership.objects.filter(user=request.user).at(timezone.now())
    if wanted not in {str(pk) for pk in mine.values_list("practice_id", flat=True)}:
        raise Http404
    request.session["practice"] = wanted
    return see_other("/")
