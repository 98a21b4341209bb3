"""How the histories of invitations and emergencies are shown."""

from accounts.permissions import Permission
from audit.registry import present
from staff.models import Emergency, Invitation

present(
    Invitation,
    label="Invitation",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.name,
)
present(
    Emergency,
    label="Charts opened in an emergency",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: "emergency",
)
