"""The note check on the real database: what it remarks, and that it stores nothing and keeps nobody from signing."""

from datetime import UTC, datetime, timedelta

import pytest

from tests import factories
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, started, text_of
from timelogs.models import Status, TimeEntry
from timelogs.note import drafts
from timelogs.note.advice import as_lint_note, near_copy, remarks

pytestmark = pytest.mark.django_db

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
WRONG = "Highest 190/120 on Tuesday."


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.user("rosa"))
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14, systolic=132, diastolic=82)
    return client


def test_a_number_that_is_not_stored_is_remarked_with_the_autosave_and_gone_when_corrected(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    said = text_of(rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, data_note=WRONG), **HTMX))
    assert "Check 190/120: it is not among the readings of" in said
    assert 'data-remarks="1"' in said
    entry.refresh_from_db()
    said = text_of(
        rosa.post(f"/sessions/{entry.pk}/autosave/", form_of(entry, data_note="At 132/82."), **HTMX)
    )
    assert 'data-remarks="0"' in said
    assert "Worth another look" not in said


def test_remarks_keep_nobody_from_signing(rosa, cast):
    entry = started(cast.jane, cast.rosa, datetime.now(UTC) - timedelta(minutes=2))
    note = {**GOOD_NOTE, "data_note": WRONG, "said": "Spoke for 59 minutes about salt in her soup."}
    answer = rosa.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **note))
    assert answer.status_code == 303, text_of(answer)
    assert TimeEntry.objects.get(pk=entry.pk).status == Status.SIGNED


def test_what_the_text_quotes_is_shown_as_text(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    form = form_of(entry, said="Daughter <b>Eve</b> says hello there", party="", method="")
    said = text_of(rosa.post(f"/sessions/{entry.pk}/autosave/", form, **HTMX))
    assert "<b>Eve" not in said


def test_the_facts_are_those_stored_with_the_note(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    (fact,) = as_lint_note(entry, seconds=60).facts
    stored = entry.data_facts[0]
    assert (fact.measure, fact.count, fact.days, fact.unit) == ("blood_pressure", 14, 14, "mmHg")
    assert (str(fact.low), fact.since.isoformat()) == (stored["low"], stored["since"])


def test_a_silent_device_has_no_values(cast):
    entry = started(cast.jane, cast.rosa)
    assert [fact.low for fact in as_lint_note(entry, seconds=60).facts if not fact.count] == [
        None for fact in entry.data_facts
    ]


def test_a_near_copy_is_a_remark_like_the_others_but_the_page_says_it_once(rosa, cast):
    signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=300, **CALL)
    late = NINE + timedelta(hours=2)
    draft = drafts.log_past(
        cast.jane, starts_at=late, seconds=300, reason="Late.", by=cast.rosa, at=late + timedelta(hours=1)
    )
    draft.said, draft.action_detail = CALL["said"], CALL["action_detail"]
    (copy,) = [r for r in remarks(draft, seconds=300, twin=near_copy(draft)) if r.kind == "near-copy"]
    assert (copy.field, copy.quote) == ("said", CALL["said"][:60])
    assert copy.advice == "This is nearly the same as 3 Mar. What was different today?"
    form = form_of(draft, said=CALL["said"], action_detail=CALL["action_detail"])
    page = text_of(rosa.post(f"/sessions/{draft.pk}/autosave/", form, **HTMX))
    assert page.count("This is nearly the same as 3 Mar") == 1


HTMX = {"HTTP_HX_REQUEST": "true"}
