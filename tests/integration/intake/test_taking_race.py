"""A row is taken over while somebody changes the same patient on another connection."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from foundation.context import acting
from foundation.tracked import lock
from patients import services
from patients.models import Coverage
from patients.services import PayerGiven
from tests.cast import make_cast


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_a_payer_is_not_changed_while_the_patient_is_held():
    """What a row of a file is compared with under the patient's lock stays so until it is written."""
    cast = make_cast()
    given = PayerGiven(payer="commercial", plan_name="Blue", member_id="B-1", starts_on=cast.practice.today())

    def change():
        try:
            with acting("system: race"), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '200ms'")
                services.change_coverage(cast.jane, given, by=cast.luis, at=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lock(cast.jane)
            with pytest.raises(OperationalError, match="lock timeout"):
                pool.submit(change).result()
        assert not Coverage.objects.filter(patient=cast.jane, payer="commercial").exists()
        pool.submit(change).result()
    assert Coverage.objects.filter(patient=cast.jane, payer="commercial").exists()
