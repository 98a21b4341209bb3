"""A past session at the change of clocks, ahead of now, before enrollment, and what its page promises."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from tests.integration.timelogs.notes import REVIEW, signed_session
from tests.integration.timelogs.pages import text_of
from timelogs.models import TimeEntry

SPRING, FALL = datetime(2026, 3, 8, 20, tzinfo=UTC), datetime(2026, 11, 1, 20, tzinfo=UTC)


def logs(client, cast, **typed):
    given = {"operation_id": str(uuid4()), "minutes": "20", "reason": "Forgot the clock.", **typed}
    return client.post(f"/patients/{cast.jane.pk}/sessions/new/", given)


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    return client


def test_a_time_that_the_clocks_skipped_is_refused_by_name(cast, rosa):
    with time_machine.travel(SPRING):
        rosa.force_login(cast.rosa.user)
        answer = logs(rosa, cast, day="2026-03-08", starts="02:30")
    assert answer.status_code == 422
    assert "The clocks skipped 02:30 on 8 Mar 2026." in text_of(answer)
    assert 'value="02:30"' in text_of(answer)
    assert not TimeEntry.objects.exists()


def test_of_a_time_that_came_twice_the_page_asks_which_and_keeps_what_was_typed(cast, rosa):
    with time_machine.travel(FALL):
        rosa.force_login(cast.rosa.user)
        asked = logs(rosa, cast, day="2026-11-01", starts="01:50")
        assert asked.status_code == 422
        page = text_of(asked)
        assert "The clocks showed 01:50 twice on 1 Nov 2026. Choose which is meant." in page
        assert "01:50 EDT, the first" in page
        assert "01:50 EST, the second" in page
        assert "Forgot the clock." in page
        answer = logs(rosa, cast, day="2026-11-01", starts="01:50", starts_which="first", minutes="30")
        assert answer.status_code == 303
        assert TimeEntry.objects.get().started_at == datetime(2026, 11, 1, 5, 50, tzinfo=UTC)
        assert "01:50 EDT–01:20 EST" in text_of(rosa.get(answer.url))


def test_the_question_does_not_stand_where_there_is_nothing_to_ask(cast, rosa):
    with time_machine.travel(FALL):
        rosa.force_login(cast.rosa.user)
        assert "Which of the two" not in text_of(rosa.get(f"/patients/{cast.jane.pk}/sessions/new/"))
        assert logs(rosa, cast, day="2026-11-01", starts="03:00").status_code == 303


def test_a_session_that_would_end_later_than_now_is_refused_in_words(cast, rosa):
    with time_machine.travel(FALL):
        rosa.force_login(cast.rosa.user)
        answer = logs(rosa, cast, day="2026-11-01", starts="14:50")
    assert "The session would end later than now." in text_of(answer)


def test_the_page_promises_nothing_for_time_that_waits_for_approval(cast, rosa):
    with time_machine.travel(FALL):
        rosa.force_login(cast.rosa.user)
        signed_session(
            cast.jane, by=cast.luis, starts_at=FALL - timedelta(days=1), seconds=600, at=FALL, **REVIEW
        )
        late = logs(rosa, cast, day="2026-10-05", starts="10:00")
        page = text_of(rosa.get(late.url))
    assert "20 min of this session will not count: waits for another person’s approval." in page
    assert "+ this session 0 min =" in page


def test_the_page_promises_nothing_for_a_call_that_nobody_answered(cast, rosa):
    with time_machine.travel(FALL):
        rosa.force_login(cast.rosa.user)
        past = logs(rosa, cast, day="2026-11-01", starts="10:00")
        entry = TimeEntry.objects.get()
        entry.party, entry.method = "patient", "no_answer"
        entry.save()
        page = text_of(rosa.get(past.url))
    assert "20 min of this session will not count: nobody was reached" in page
