"""How the histories of second factors and tokens are shown."""

from accounts.permissions import Permission
from audit.registry import present, present_programs
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


def _by_token(practice) -> dict[str, str]:
    tokens = ApiToken.objects.for_practice(practice).order_by("name", "made_at")
    return {str(token.pk): f"token: {token.name}" for token in tokens}


present_programs(_by_token)
