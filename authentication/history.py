"""How the histories of second factors and tokens are shown."""

from accounts.permissions import Permission
from audit.registry import present
from authentication.models import ApiToken, SecondFactor

present(
    SecondFactor,
    label="Second factor",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.name,
    scope="h.user_id IN (SELECT user_id FROM accounts_membership WHERE practice_id = %s)",
)
present(
    ApiToken,
    label="Token of a program",
    needs=Permission.INTEGRATIONS_VIEW,
    name=lambda row, names: row.name,
    labels={"made_by": "made by", "ended_by": "ended by"},
)
