"""The same file from several connections at once: every reading once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from foundation.context import acting
from monitoring.intake import take_in
from monitoring.models import ImportBatch, Reading
from tests.cast import make_cast
from tests.integration.monitoring.test_intake import GOOD, NOW, csv

AT_ONCE = 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.race
def test_parallel_imports_of_one_file_add_its_readings_once():
    cast, start = make_cast(), Barrier(AT_ONCE)

    def take(_):
        try:
            with acting("system: race"):
                start.wait()
                return take_in(csv(*GOOD), practice=cast.practice, file_name="jan.csv", by=None, at=NOW).added
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        added = sorted(pool.map(take, range(AT_ONCE)))
    assert added == [0] * (AT_ONCE - 1) + [len(GOOD)]
    assert Reading.objects.count() == len(GOOD)
    assert ImportBatch.objects.count() == AT_ONCE
