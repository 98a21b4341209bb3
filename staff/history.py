"""How the history of invitations is shown."""

from accounts.permissions import Permission
from audit.registry import present
from staff.models import Invitation

present(
    Invitation,
    label="Invitation",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.name,
)
