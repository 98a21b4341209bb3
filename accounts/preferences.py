"""What a person chose for herself, and changing it."""

from django.db import transaction

from accounts.models import Preferences, User


def preferences_of(user: User) -> Preferences:
    """Her row, or an unsaved one that says: everything as usual."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


@transaction.atomic
def choose(user: User, *, clock_on_chart: bool, video_room: str) -> Preferences:
    """Keep what she chose. Nothing is written where nothing changes."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = preferences_of(user)
    if (row.clock_on_chart, row.video_room) != (clock_on_chart, video_room):
        row.clock_on_chart, row.video_room = clock_on_chart, video_room
        row.save()
    return row
