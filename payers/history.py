"""How the history of payers is shown."""

from accounts.permissions import Permission
from audit.registry import present
from payers.models import Payer

present(Payer, label="Payer", needs=Permission.HISTORY_ALL, name=lambda row, names: row.name)
