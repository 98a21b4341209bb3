"""A closed month, made once for each module of tests about its claims."""

import pytest

from tests.cast import Cast, make_cast
from tests.integration.billing.months import close_march, guides_example
from tests.saved_rows import saved_or_made


@pytest.fixture(scope="module")
def saved_close(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        return saved_or_made()


@pytest.fixture
def closed(db, saved_close) -> Cast:
    """March closed with the guide's example: Jane ready, Max with a held set-up."""
    return saved_close.made_by(_close)


def _close() -> Cast:
    cast = make_cast()
    guides_example(cast)
    close_march(cast)
    return cast
