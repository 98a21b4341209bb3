"""The practice's list of people to whom an escalation climbs: a whole list takes the place of the one before."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Membership, Practice
from accounts.permissions import Permission, may
from escalations.models import LadderPlace
from escalations.owners import places
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock


def mark(practice) -> str:
    """Of the list as it stands: another one once it changed."""
    return " ".join(str(place.pk) for place in places(practice))


def why_not_listed(members: Sequence[Membership]) -> str | None:
    if len({member.user_id for member in members}) < len(members):
        return "Name each person once. The first place is asked first."
    stranger = next((member for member in members if not may(member, Permission.ESCALATION_WORK)), None)
    return f"{stranger.label} works on no escalations: choose a nurse or a clinician." if stranger else None


@transaction.atomic
def change(practice: Practice, members: Sequence[Membership], *, why: str, seen: str, at: datetime) -> None:
    """From now on these, in this order. Places that stay as they are keep their row."""
    practice = lock(practice)
    if seen != mark(practice):
        raise StaleRow("Somebody else changed the list while you had it open. Look at it again.")
    refuse_if(why_not_listed(members))
    before = {place.position: place for place in places(practice)}
    wanted = dict(enumerate(members, start=1))
    kept = {n for n, place in before.items() if n in wanted and place.member_id == wanted[n].pk}
    refuse_if("The list is as it was: nothing to save." if kept == set(before) == set(wanted) else None)
    for position in before.keys() - kept:
        before[position].ended_at = at
        before[position].save()
    for position in sorted(wanted.keys() - kept):
        LadderPlace(practice=practice, position=position, member=wanted[position], why=why.strip()).save()
