"""What is done about the practice itself: who it is on its claims."""

from django.db import transaction

from accounts.models import Practice
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import lock


def why_not_identity(practice: Practice, given: dict) -> str | None:
    if all(getattr(practice, name) == value for name, value in given.items()):
        return "Nothing was changed. Change a field, or go back."
    return None


@transaction.atomic
def change_identity(practice: Practice, *, version: int | None, **given: str) -> Practice:
    """Name, NPI, tax id, taxonomy, address, phone. Claims exported from now on carry them; files made before do not."""
    practice = lock(practice)
    if version is not None and practice.version != version:
        raise StaleRow
    refuse_if(why_not_identity(practice, given))
    for name, value in given.items():
        setattr(practice, name, value)
    practice.save()
    return practice
