"""A record that was merged into another takes no more rows of care: the database sees to it, table by table."""

import pytest
from django.db import connection

from audit.registry import presentation_of
from tests.architecture.walk import table_of, tracked_models

# Rows of a patient that may still be written once her record is merged, by the reason.
STILL_WRITTEN = {
    "patients_merge": "what merges and undoes",
    "patients_twopeople": "what a merge ends",
    "timelogs_patientmonth": "the lock of a month; says nothing of the patient",
    "billing_thresholdalert": "derived from minutes, which stay as they are",
    "billing_codeselection": "a month that is opened again decides anew what was done until the merge",
    "billing_claim": "follows its decision; what a person does by its page is refused as in every form",
    "billing_claimline": "follows its decision",
    "billing_hold": "follows its decision",
    "billing_force": "ends with its decision",
    "billing_release": "who took an approved claim away",
}


def closed_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'closes_when_merged'")
        return {table for (table,) in cursor.fetchall()}


@pytest.mark.django_db
def test_every_table_of_a_patient_closes_when_her_record_is_merged():
    of_patients = {m._meta.db_table for m in tracked_models() if presentation_of(m).patient_path()}
    bare = of_patients - closed_tables() - set(STILL_WRITTEN)
    assert not bare, f"Add ClosesWhenMerged to their migration, or a reason here:{table_of(bare)}"


@pytest.mark.django_db
def test_reasons_are_not_kept_for_tables_that_need_none():
    assert not set(STILL_WRITTEN) & closed_tables()
