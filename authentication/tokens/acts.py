"""What is done with tokens: made, ended, and ended with the role of who made them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import Membership, Practice, User
from authentication.models import ApiToken, ApiTokenUse
from authentication.tokens import expiring, text
from authentication.tokens.makers import runs_practice
from authentication.tokens.policies import why_not_end, why_not_make, why_not_until
from foundation.refusals import refuse_if
from foundation.tracked import lock


@transaction.atomic
def make(
    practice: Practice,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime,
    by: Membership,
    at: datetime,
    networks: Sequence[str] = (),
    per_minute: int = 120,
) -> tuple[ApiToken, str]:
    """The token's row, and the token itself, which nobody can be shown again."""
    practice = lock(practice)
    refuse_if(why_not_make(practice, name), field="name")
    refuse_if(why_not_until(expires_at, at=at), field="expires_on")
    written = text.new()
    row = ApiToken(
        practice=practice,
        name=name,
        key=written.key,
        digest=written.digest,
        scopes=sorted(scopes),
        networks=list(networks),
        per_minute=per_minute,
        made_by=by,
        made_at=at,
        expires_at=expires_at,
    )
    row.save()
    ApiTokenUse.objects.create(practice=practice, token=row)
    return row, str(written)


@transaction.atomic
def end(token: ApiToken, *, why: str, by: Membership, at: datetime) -> ApiToken:
    """From the next request on it lets nobody in."""
    token = lock(token)
    refuse_if(why_not_end(token))
    return _ended(token, why=why, by=by, at=at)


@transaction.atomic
def end_with_role(user: User, practice: Practice, *, at: datetime) -> int:
    """Those that she made, if she does not run the practice any more: how many. Twice is as good as once."""
    if runs_practice(user.pk, practice, at=at):
        return 0
    rows = ApiToken.objects.for_practice(practice).filter(made_by__user=user, ended_at=None)
    for row in (found := list(rows.select_for_update(no_key=True))):
        _ended(row, why=f"{user.name}, who made it, no longer runs the practice.", by=None, at=at)
    return len(found)


def _ended(token: ApiToken, *, why: str, by: Membership | None, at: datetime) -> ApiToken:
    token.ended_at, token.ended_by, token.ended_why = at, by, why
    token.save()
    expiring.withdraw(token, at=at)
    return token
