"""When a token may be made and ended: each the sentence that says why not, or None."""

from datetime import datetime

from accounts.models import Practice
from authentication.models import TOKEN_LASTS, ApiToken

# So many a practice may have open at once.
MOST_OPEN = 50
# With which the names of hubs begin where readings say who sent them: identifiers are known by that.
HUB = "hub: "


def why_not_make(practice: Practice, name: str) -> str | None:
    if name.startswith(HUB):
        return f"A name that begins with “{HUB}” is that of a hub. Choose another name."
    open_ones = ApiToken.objects.for_practice(practice).filter(ended_at=None)
    if open_ones.filter(name=name).exists():
        return f"A token named “{name}” is there already. Choose another name, or end that one first."
    if open_ones.count() >= MOST_OPEN:
        return (
            f"There are {MOST_OPEN} tokens already. End those that nothing uses any more, then make this one."
        )
    return None


def why_not_until(expires_at: datetime, *, at: datetime) -> str | None:
    if expires_at <= at:
        return "The last day must be today or later."
    if expires_at > at + TOKEN_LASTS:
        return "A token lasts a year at most. Choose an earlier day."
    return None


def why_not_end(token: ApiToken) -> str | None:
    return "This token was ended already." if token.ended_at else None
