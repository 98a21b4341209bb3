"""Somebody writes for a patient, on another connection, while her record is merged: seen and named, or refused."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from foundation.context import acting
from foundation.refusals import Refused
from patients import merges, merging, services
from patients.duplicates import say_two_people
from patients.merges import MergedRecord
from patients.models import Consent, Merge, TwoPeople
from patients.services import ConsentGiven
from tests.cast import make_cast
from tests.integration.patients.merged import merged, second_jane

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def both(transactional_db):
    cast = make_cast()
    return cast, second_jane(cast)


def elsewhere(do, *, waits: str = "5s"):
    """On a connection of its own, waiting no longer than that for a lock."""
    try:
        with acting("system: race"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{waits}'")
            return do()
    finally:
        connection.close()


def consent(cast, patient):
    given = ConsentGiven(given_on=cast.practice.today(), method="verbal", wording="w", taken_by=cast.rosa)
    return services.record_consent(patient, given, by=cast.rosa, at=timezone.now())


def test_who_merges_waits_for_who_writes(both):
    cast, twin = both
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            consent(cast, twin)
            merge = pool.submit(elsewhere, lambda: merged(twin, cast.jane, by=cast.ade), waits="200ms")
            with pytest.raises(OperationalError, match="lock timeout"):
                merge.result()
        pool.submit(elsewhere, lambda: merged(twin, cast.jane, by=cast.ade)).result()
    assert Merge.objects.get().duplicate == twin


def test_who_writes_waits_for_who_merges_and_is_refused(both):
    cast, twin = both
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merged(twin, cast.jane, by=cast.ade)
            late = pool.submit(elsewhere, lambda: consent(cast, twin), waits="200ms")
            with pytest.raises(OperationalError, match="lock timeout"):
                late.result()
        with pytest.raises(MergedRecord, match="MRN T-0001"):
            pool.submit(elsewhere, lambda: consent(cast, twin)).result()
    assert not Consent.objects.filter(patient=twin).exists()


def test_who_merges_waits_for_who_approves_a_claim_of_either(both):
    cast, twin = both
    with ThreadPoolExecutor(1) as pool:
        for record in (twin, cast.jane):
            with transaction.atomic():
                merges.hold_records([record.pk])
                merge = pool.submit(elsewhere, lambda: merged(twin, cast.jane, by=cast.ade), waits="200ms")
                with pytest.raises(OperationalError, match="lock timeout"):
                    merge.result()
    assert not Merge.objects.exists()


def test_who_says_that_they_are_two_waits_for_who_merges(both):
    cast, twin = both
    by = {"by": cast.lena, "at": timezone.now()}
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merged(twin, cast.jane, by=cast.ade)
            other = pool.submit(elsewhere, lambda: say_two_people(twin, cast.jane, reason="Sisters.", **by))
        with pytest.raises(Refused, match="was merged already"):
            other.result()
    assert not TwoPeople.objects.exists()


def test_two_who_merge_at_once_make_one_merge(both):
    cast, twin = both
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merged(twin, cast.jane, by=cast.ade)
            other = pool.submit(elsewhere, lambda: merged(twin, cast.jane, by=cast.lena))
        with pytest.raises(Refused, match="was merged into MRN T-0001"):
            other.result()
    assert Merge.objects.get().merged_by == cast.ade


def test_two_who_undo_at_once_undo_it_once(both):
    cast, twin = both
    row = merged(twin, cast.jane, by=cast.ade, take=("phone",))
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            merging.undo(row, reason="One.", by=cast.ade, at=timezone.now())
            other = pool.submit(
                elsewhere,
                lambda: merging.undo(
                    Merge.objects.get(pk=row.pk), reason="Two.", by=cast.lena, at=timezone.now()
                ),
            )
        with pytest.raises(Refused, match="undone on"):
            other.result()
    assert Merge.objects.get().undo_reason == "One."
