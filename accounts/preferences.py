"""What a person chose for herself, and changing it."""

from django.db import transaction

from accounts.models import Preferences, User


def preferences_of(user: User) -> Preferences:
    """Her row, or an unsaved one that says: everything as usual."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


@transaction.atomic
def choose(user: User, **chosen) -> Preferences:
    """Keep what she chose, by the field's name. Nothing is written where nothing changes."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = preferences_of(user)
    if {name: getattr(row, name) for name in chosen} != chosen:
        for name, value in chosen.items():
            setattr(row, name, value)
        row.save()
    return row
