"""Whether who made a token still runs the practice: she saw its secret."""

from datetime import datetime

from accounts.models import Membership, Practice
from accounts.permissions import Permission, roles_that_may


def runs_practice(user_id, practice: Practice, *, at: datetime) -> bool:
    rows = Membership.objects.for_practice(practice).filter(
        user=user_id, user__is_active=True, role__in=roles_that_may(Permission.SETTINGS_EDIT)
    )
    return rows.at(at).exists()
