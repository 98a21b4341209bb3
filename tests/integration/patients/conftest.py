"""What several of these tests begin with."""

import pytest
from django.db import connection


@pytest.fixture
def without_order(cast):
    """Jane as if her order had never been signed: its row is taken away with the owner's rights."""
    mine = [str(cast.jane_enrolled.pk)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL ROLE rpm_owner")
        for table in ("patients_order", "patients_historicalorder"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(f"DELETE FROM {table} WHERE enrollment_id = %s", mine)
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET LOCAL ROLE rpm_app")
    return cast
