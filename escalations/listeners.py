"""Hears that somebody leaves: what was hers to answer goes to the next at once."""

from django.dispatch import receiver

from accounts.signals import role_ended, role_ending
from escalations import climbing, owners
from escalations.models import Escalation
from escalations.states import State


@receiver(role_ending)
def tell_open(sender, user, practice, **kwargs) -> str | None:
    """For who is about to end the role. Names no patient: an administrator sees no chart."""
    rows = Escalation.objects.for_practice(practice).filter(owner__user=user)
    if not (count := rows.exclude(state=State.RESOLVED).count()):
        return None
    many, goes = ("1 escalation is", "It goes") if count == 1 else (f"{count} escalations are", "They go")
    return f"{many} hers to answer. {goes} to the next person of the care team."


@receiver(role_ended)
def pass_on(sender, user, practice, at, **kwargs) -> None:
    for pk in owners.orphaned(practice, at).filter(owner__user=user).values_list("pk", flat=True):
        climbing.pass_on(pk, at=at)
