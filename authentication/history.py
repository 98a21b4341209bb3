"""How the history of second factors is shown."""

from accounts.permissions import Permission
from audit.registry import present
from authentication.models import SecondFactor

present(
    SecondFactor,
    label="Second factor",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.name,
    scope="h.user_id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)",
)
