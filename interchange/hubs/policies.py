"""When a hub may be made, given another secret, and ended: each the sentence that says why not, or None."""

from accounts.models import Practice
from interchange.models import Hub

# So many a practice may have open at once.
MOST_OPEN = 50
# A number has five digits in the database; nobody changes a secret so often.
MOST_SECRETS = 1000


def why_not_make(practice: Practice, name: str) -> str | None:
    open_ones = Hub.objects.for_practice(practice).filter(ended_at=None)
    if open_ones.filter(name=name).exists():
        return f"A hub named “{name}” is there already. Choose another name, or end that one first."
    if open_ones.count() >= MOST_OPEN:
        return (
            f"There are {MOST_OPEN} hubs already. End those that send nothing any more, then make this one."
        )
    return None


def why_not_change(hub: Hub, last_number: int) -> str | None:
    if hub.ended_at:
        return "This hub was ended. Make another one."
    if last_number >= MOST_SECRETS:
        return f"This hub had {MOST_SECRETS} secrets. End it, and make another one."
    return None


def why_not_end(hub: Hub) -> str | None:
    return "This hub was ended already." if hub.ended_at else None
