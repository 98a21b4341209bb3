"""Views of the caseload that somebody keeps under a name, for herself."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Membership, User
from boards.models import SavedView
from foundation.refusals import refuse_if

MOST = 20


def views_of(member: Membership) -> QuerySet[SavedView]:
    """Hers in this practice, by name."""
    return SavedView.objects.filter(practice=member.practice_id, user=member.user_id).order_by("name", "pk")


@transaction.atomic
def save_view(name: str, query: str, *, by: Membership, at: datetime) -> SavedView:
    """Under a name that she has already it is changed. She is held: of two tabs one saves after the other."""
    User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    name = " ".join(name.split())
    refuse_if(_why_not(name, query, by), field="name")
    row, _ = SavedView.objects.update_or_create(
        practice=by.practice, user=by.user, name=name, defaults={"query": query, "saved_at": at}
    )
    return row


def _why_not(name: str, query: str, by: Membership) -> str | None:
    if not name:
        return "Enter a name for the view"
    if not query:
        return "Choose a counter or a filter first: without one it is the whole caseload"
    others = views_of(by).exclude(name=name)
    if others.count() >= MOST:
        return f"You have {MOST} views. Delete one first"
    return None
