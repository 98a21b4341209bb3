"""Closed months, made once for each module of tests about their claims."""

import pytest

from accounts.models import Membership
from tests.cast import Cast
from tests.integration.billing.months import march_closed, march_held


@pytest.fixture
def closed(db, worlds) -> Cast:
    """March closed with the guide's example: 99454 and 99457 of Jane are released, Max has a held set-up."""
    return worlds.of(march_closed)


@pytest.fixture
def held(db, worlds) -> Cast:
    """The same where the payer covers other diagnoses: everything of Jane's is held for that alone."""
    return worlds.of(march_held)


@pytest.fixture
def bea(held) -> Membership:
    """A second biller."""
    return Membership.objects.get(user__name="Bea Biller")
