"""Patient-months in the making."""

from datetime import date

import pytest

from patients.models import OtherService
from tests import factories
from tests.integration.billing.months import WINDOW_STARTS, Month


@pytest.fixture
def month(cast) -> Month:
    own = {"practice": cast.practice, "patient": cast.jane}
    factories.saved(OtherService(code="99453", service_on=date(2025, 11, 2), billed_by="us", **own))
    factories.readings(cast.jane, WINDOW_STARTS, 40)
    return Month(cast)


@pytest.fixture
def silent(cast) -> Month:
    """Nobody has measured yet."""
    return Month(cast)
