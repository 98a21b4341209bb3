"""A session that changes the care plan: the plan's next version names it, and both pages say so."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from patients.models import CarePlan
from patients.services import end_enrollment
from tests import factories
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import started, text_of
from tests.rows import signs_all
from timelogs.clock import acts as clock
from timelogs.signing.amend import amend
from timelogs.signing.void import void

pytestmark = pytest.mark.django_db

PLAN = {"goals": "Below 130/80 by spring.", "actions": "Evening dose with supper; measure twice a day."}


def form(cast, **changed) -> dict:
    today = f"{cast.practice.today():%Y-%m-%d}"
    signer = {"signed_by": str(cast.ana.pk)}
    return {"operation_id": str(uuid4()), "effective_on": today, **PLAN, **signer, **changed}


def address(entry) -> str:
    return f"/sessions/{entry.pk}/care-plan/"


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14)
    return client


@pytest.fixture
def session(cast, rosa):
    began = timezone.now() - timedelta(minutes=40)
    note = {**CALL, "action": "plan_updated"}
    return signed_session(cast.jane, by=cast.rosa, starts_at=began, seconds=600, **note)


def test_a_draft_leads_to_the_plan_and_back_and_the_plan_names_it_once(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    assert f'href="{address(entry)}">Next version of the plan…' in text_of(rosa.get(f"/sessions/{entry.pk}/"))
    assert "Below 130/80." in text_of(rosa.get(address(entry)))
    body = form(cast)
    for _ in range(2):
        answer = rosa.post(address(entry), body)
        assert (answer.status_code, answer.url) == (303, f"/sessions/{entry.pk}/")
    assert CarePlan.objects.filter(enrollment=cast.jane_enrolled).count() == 1
    waits = "A new version of the care plan waits for the signature of Ana Rivera, MD."
    assert waits in text_of(rosa.get(f"/sessions/{entry.pk}/"))
    signs_all(cast.ana)
    plan = CarePlan.objects.get(number=2)
    assert (plan.session_id, plan.author, plan.goals) == (entry.pk, cast.rosa, PLAN["goals"])
    assert "Care plan version 2 comes from this session." in text_of(rosa.get(f"/sessions/{entry.pk}/"))
    page = text_of(rosa.get(f"/patients/{cast.jane.pk}/enrollment/"))
    assert f'href="/sessions/{entry.pk}/">from a session' in page


def test_a_signed_session_may_still_bring_its_plan_and_its_amendment_keeps_it(rosa, cast, session):
    assert "Next version of the plan…" in text_of(rosa.get(f"/sessions/{session.pk}/"))
    assert rosa.post(address(session), form(cast)).status_code == 303
    assert "waits for the signature of Ana Rivera, MD" in text_of(rosa.get(f"/sessions/{session.pk}/"))
    signs_all(cast.ana)
    words = "Care plan version 2</a> comes from this session."
    assert words in text_of(rosa.get(f"/sessions/{session.pk}/"))
    newer = amend(session, note=CALL, seconds=None, reason="Wrong word.", by=cast.rosa, at=timezone.now())
    assert words in text_of(rosa.get(f"/sessions/{newer.pk}/"))


def test_what_is_missing_is_named_and_what_was_typed_stays(rosa, cast):
    entry = started(cast.jane, cast.rosa)
    answer = rosa.post(address(entry), form(cast, actions=""))
    page = text_of(answer)
    assert answer.status_code == 422
    assert "Enter the actions of the care plan" in page
    assert PLAN["goals"] in page
    assert f'href="/sessions/{entry.pk}/">Cancel' in page


def test_a_session_that_ended_changes_no_plan(rosa, cast, session):
    void(session, reason="Wrong patient.", by=cast.rosa, at=timezone.now())
    draft = started(cast.jane, cast.rosa)
    clock.discard(draft, reason="By mistake.", by=cast.rosa, at=timezone.now())
    for entry in (session, draft):
        assert "changes no care plan" in text_of(rosa.get(address(entry)))
        assert "changes no care plan" in text_of(rosa.post(address(entry), form(cast)))
    assert CarePlan.objects.filter(enrollment=cast.jane_enrolled).count() == 1


@pytest.mark.parametrize(
    ("who", "status"),
    [("luis", 403), ("lena", 403), ("cora", 403), ("omar", 403), ("ade", 403), ("dan", 404)],
)
def test_nobody_else_writes_a_plan_for_it(client, cast, session, who, status):
    client.force_login(cast.user(who))
    assert client.get(address(session)).status_code == status
    assert client.post(address(session), form(cast)).status_code == status


def test_a_discarded_draft_names_the_plan_of_its_day(rosa, cast):
    draft = started(cast.jane, cast.rosa)
    clock.discard(draft, reason="By mistake.", by=cast.rosa, at=timezone.now())
    page = text_of(rosa.get(f"/sessions/{draft.pk}/"))
    assert "Care plan, version 1" in page
    assert "No care plan was in effect" not in page


def test_after_the_enrollment_ended_no_way_leads_to_the_next_version(rosa, cast, session):
    draft = started(cast.jane, cast.rosa)
    pages = [f"/sessions/{entry.pk}/" for entry in (draft, session)]
    assert all("Next version of the plan…" in text_of(rosa.get(page)) for page in pages)
    now = timezone.now()
    end_enrollment(
        cast.jane_enrolled, ended_on=cast.practice.today(now), reason="Moved.", by=cast.rosa, at=now
    )
    for page in pages:
        answer = rosa.get(page)
        assert answer.status_code == 200
        assert "Next version of the plan…" not in text_of(answer)
