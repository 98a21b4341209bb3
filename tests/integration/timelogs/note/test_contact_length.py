"""A contact is part of its session: one that is longer is refused with both numbers, unless a reason is given."""

from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from timelogs.forms.note import NoteForm
from timelogs.models import TimeEntry
from timelogs.signing.sign import NotReady

NINE = datetime(2026, 3, 2, 14, tzinfo=UTC)


def signed(cast, **note) -> TimeEntry:
    return signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **CALL | note)


@pytest.mark.parametrize("over", [-1, 0, 59])
def test_a_contact_may_take_all_of_the_session_to_the_minute(cast, over):
    assert signed(cast, contact_seconds=600 + over).seconds_signed == 600


@pytest.mark.parametrize("over", [60, 61, 4800])
def test_a_longer_one_is_refused_with_both_numbers(cast, over):
    with pytest.raises(
        NotReady, match=r"The contact took .*, but 10 min are recorded for the session"
    ) as refusal:
        signed(cast, contact_seconds=600 + over)
    assert refusal.value.field == "contact_seconds"


def test_a_reason_lets_it_be_signed_and_stays_in_the_record(cast, client):
    entry = signed(
        cast, contact_seconds=5400, contact_longer_reason="The rest was about her bill, and is not counted."
    )
    client.force_login(cast.rosa.user)
    page = client.get(f"/sessions/{entry.pk}/").content.decode()
    assert "Contact longer than the session: The rest was about her bill" in page
    assert entry.history.first().contact_longer_reason.startswith("The rest")


@pytest.mark.parametrize(
    "note", [REVIEW | {"contact_seconds": 5400}, REVIEW | NO_ANSWER | {"contact_seconds": 5400}]
)
def test_where_nobody_was_spoken_with_there_is_no_length_to_compare(cast, note):
    note = note | {"follow_up_on": date(2026, 3, 4)}
    assert signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **note).seconds_signed == 600


def test_the_database_refuses_it_whoever_writes(cast):
    entry, longer = signed(cast), "UPDATE timelogs_timeentry SET contact_seconds = 660 WHERE id = %s"
    with transaction.atomic(), connection.cursor() as cursor:
        # Past the trigger that keeps signed entries as they are: the constraint by itself.
        cursor.execute("SET LOCAL ROLE rpm_owner; SET LOCAL session_replication_role = replica")
        with pytest.raises(IntegrityError, match="contact_lies_in_its_session"):
            cursor.execute(longer, [entry.pk])
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("began", "typed", "expected"),
    [
        # 00:50 EDT: both 01:30 lie after it; the first is meant.
        (datetime(2026, 11, 1, 4, 50, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        # 01:20 EST: only the second 01:30 lies in the session.
        (datetime(2026, 11, 1, 6, 20, tzinfo=UTC), time(1, 30), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        # Over midnight.
        (datetime(2026, 3, 3, 4, 50, tzinfo=UTC), time(0, 5), datetime(2026, 3, 3, 5, 5, tzinfo=UTC)),
    ],
)
def test_a_contact_takes_the_reading_that_lies_in_the_session(cast, began, typed, expected):
    entry = TimeEntry(practice=cast.practice, patient=cast.jane, started_at=began)
    form = NoteForm(
        {"operation_id": str(uuid4()), "contact_started_at": f"{typed:%H:%M}"}, entry=entry, at=began
    )
    assert form.is_valid(), form.errors
    assert form.note["contact_started_at"] == expected


def test_a_contact_at_a_time_that_the_clocks_skipped_is_said(cast):
    began = datetime(2026, 3, 8, 6, 50, tzinfo=UTC)
    entry = TimeEntry(practice=cast.practice, patient=cast.jane, started_at=began)
    form = NoteForm({"contact_started_at": "02:30"}, entry=entry, at=began)
    assert form.errors["contact_started_at"] == [
        "The clocks skipped 02:30 on 8 Mar 2026. Enter the time that they showed."
    ]
