"""How the history of retries is shown."""

from accounts.permissions import Permission
from audit.registry import present
from dispatch.models import Retry

present(
    Retry,
    label="Failed work done again",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.last_error or "retry",
)
