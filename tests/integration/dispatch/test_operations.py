"""A form is done once: double click, replay, another body, an error page, a deadlock."""

import threading
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, public, requires
from dispatch.models import Operation
from dispatch.operations import once
from foundation.htmx import see_other
from foundation.refusals import Refused
from patients.models import OfficeVisit
from rpmportal.urls import urlpatterns as ours
from tests.cast import make_cast

ACTS = []


@require_POST
@requires(Permission.TIME_LOG)
@once
def act(request):
    """Adds an office visit, as the form says; `fail` answers with an error page after having written."""
    if request.POST.get("refuse"):
        raise Refused("Not now.")
    ACTS.append(request.POST.get("say", ""))
    from patients.models import Patient

    patient = Patient.objects.for_practice(request.practice).order_by("mrn").first()
    OfficeVisit(
        practice=request.practice, patient=patient, visited_on=request.POST.get("day", "2026-01-01")
    ).save()
    if request.POST.get("fail"):
        return HttpResponse("Write it again", status=422)
    if request.POST.get("deny"):
        raise PermissionDenied
    return HttpResponse(status=204) if request.htmx else see_other(f"/done/{len(ACTS)}/")


urlpatterns = [
    *ours,
    path("act/", act, name="act"),
    path("open/", public(lambda request: HttpResponse("")), name="open"),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def no_acts():
    ACTS.clear()


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def sent(client, operation=None, **form):
    return client.post("/act/", {"operation_id": str(operation or uuid4()), **form})


def test_a_replay_gets_the_first_answer_and_changes_nothing(rosa):
    operation = uuid4()
    first, second = sent(rosa, operation, say="a"), sent(rosa, operation, say="a")
    assert (first.status_code, first.url) == (second.status_code, second.url) == (303, "/done/1/")
    assert (len(ACTS), OfficeVisit.objects.count(), Operation.objects.count()) == (1, 1, 1)


def test_another_token_is_still_the_same_form(rosa):
    operation = uuid4()
    sent(rosa, operation, say="a", csrfmiddlewaretoken="1")
    assert sent(rosa, operation, say="a", csrfmiddlewaretoken="2").status_code == 303
    assert len(ACTS) == 1


def test_another_body_under_the_same_id_is_refused(rosa):
    operation = uuid4()
    sent(rosa, operation, say="a")
    answer = sent(rosa, operation, say="b")
    assert answer.status_code == 409
    assert "already sent with other contents" in answer.content.decode()
    assert ACTS == ["a"]


def test_somebody_elses_operation_is_refused(rosa, cast):
    operation = uuid4()
    sent(rosa, operation, say="a")
    luis = Client()
    luis.force_login(cast.luis.user)
    assert sent(luis, operation, say="a").status_code == 409


def test_another_practice_has_its_own_operations(rosa, cast):
    operation = uuid4()
    sent(rosa, operation, say="a")
    dan = Client()
    dan.force_login(cast.dan.user)
    assert sent(dan, operation, say="a").status_code == 303
    assert Operation.objects.count() == 2


@pytest.mark.parametrize("given", ["", "not a uuid"])
def test_a_form_without_an_id_is_not_done(rosa, given):
    answer = rosa.post("/act/", {"operation_id": given})
    assert answer.status_code == 422
    assert "Reload the page" in answer.content.decode()
    assert ACTS == []


def test_an_error_page_takes_everything_back_and_can_be_sent_again(rosa):
    operation = uuid4()
    assert sent(rosa, operation, fail="1").status_code == 422
    assert (OfficeVisit.objects.count(), Operation.objects.count()) == (0, 0)
    assert sent(rosa, operation).status_code == 303


def test_a_refusal_takes_everything_back_too(rosa):
    operation = uuid4()
    assert sent(rosa, operation, refuse="1").status_code == 422
    assert sent(rosa, operation, deny="1").status_code == 403
    assert (OfficeVisit.objects.count(), Operation.objects.count()) == (0, 0)


def test_the_wrong_role_leaves_no_operation(client, cast):
    client.force_login(cast.cora.user)
    assert sent(client).status_code == 403
    assert not Operation.objects.exists()


def test_htmx_gets_its_first_answer_again(rosa):
    operation = uuid4()
    for _ in range(2):
        answer = rosa.post("/act/", {"operation_id": str(operation)}, headers={"HX-Request": "true"})
        assert answer.status_code == 204
    assert len(ACTS) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(3))
def test_a_double_click_on_two_connections_is_one_act(round_):
    """Eight presses of one button, each on a connection of its own: one act, eight equal answers."""
    cast = make_cast()
    operation, start, answers = str(uuid4()), threading.Barrier(8), []
    clients = [Client() for _ in range(8)]
    for one in clients:
        one.force_login(cast.rosa.user)

    def press(one):
        start.wait()
        answer = one.post(reverse("act"), {"operation_id": operation, "say": "pressed"})
        answers.append((answer.status_code, answer.get("Location")))
        connection.close()

    presses = [threading.Thread(target=press, args=[one]) for one in clients]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert set(answers) == {(303, "/done/1/")}
    assert len(answers) == 8
    assert (OfficeVisit.objects.count(), Operation.objects.count()) == (1, 1)


def test_a_deadlock_is_tried_once_more(rosa, monkeypatch):
    from django.db import OperationalError
    from psycopg.errors import DeadlockDetected

    from dispatch import operations

    plain, tries = operations._run, []

    def sometimes(*args):
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("deadlock") from DeadlockDetected()
        return plain(*args)

    monkeypatch.setattr(operations, "_run", sometimes)
    assert sent(rosa).status_code == 303
    assert (len(tries), len(ACTS)) == (2, 1)


def test_an_outage_is_not_tried_again(rosa, monkeypatch):
    from django.db import OperationalError

    from dispatch import operations

    tries = []

    def never(*args):
        tries.append(1)
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(operations, "_run", never)
    assert sent(rosa).status_code == 503
    assert len(tries) == 1
