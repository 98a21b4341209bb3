"""Hears that somebody leaves: a running clock does not outlive its person's session."""

from django.dispatch import receiver

from accounts.signals import role_ended, signing_out
from timelogs.clock.acts import pause_all


@receiver(signing_out)
def pause_clock(sender, user, at, **kwargs):
    pause_all(user, at=at)


@receiver(role_ended)
def pause_clock_here(sender, user, practice, at, **kwargs):
    pause_all(user, at=at, reason="no longer logs time here", practice=practice)
