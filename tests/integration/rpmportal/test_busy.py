"""Busy: which failures of the database mean it, what the page shows again, and what it never shows."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, InterfaceError, InternalError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory
from psycopg.errors import InFailedSqlTransaction, ReadOnlySqlTransaction

from rpmportal.busy import BusyMiddleware, is_busy
from rpmportal.environment import FIRM, LIMITS, Limits, database, limits, process_kind


def answer_to(request, error: Exception) -> HttpResponse | None:
    return BusyMiddleware(lambda request: HttpResponse()).process_exception(request, error)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("lock timeout"),
        InterfaceError("closed"),
        caused(InternalError("read-only"), ReadOnlySqlTransaction()),
    ],
)
def test_a_database_that_gives_no_answer_is_busy(error):
    answer = answer_to(RequestFactory().get("/patients/"), error)
    assert answer.status_code == 503
    assert answer["Retry-After"] == "5"
    assert "Busy. Nothing is lost. Try again" in answer.content.decode()


def test_a_wrong_statement_is_not(db):
    assert not is_busy(DataError("value too long"))
    assert not is_busy(caused(InternalError("aborted"), InFailedSqlTransaction()))
    assert not is_busy(None)
    assert answer_to(RequestFactory().get("/patients/"), ValueError()) is None


def test_what_was_sent_can_be_sent_again_but_a_password_is_not_shown():
    sent = {
        "said": 'She "is" <well>\nand walks',
        "topics": ["a", "b"],
        "password": "geheim",
        "operation_id": "7",
    }
    page = answer_to(
        RequestFactory().post("/sessions/x/sign/?a=1", sent), OperationalError()
    ).content.decode()
    assert 'name="said" value="She &quot;is&quot; &lt;well&gt;\nand walks"' in page
    assert page.count('name="topics"') == 2
    assert 'name="operation_id" value="7"' in page
    assert 'action="/sessions/x/sign/?a=1"' in page
    assert "geheim" not in page
    assert "The password is not kept here" in page


def test_a_file_is_asked_for_again():
    request = RequestFactory().post("/imports/", {"file": SimpleUploadedFile("r.csv", b"a"), "kind": "x"})
    page = answer_to(request, OperationalError()).content.decode()
    assert "The file is not kept here" in page
    assert 'name="kind" value="x"' in page


def test_a_script_that_asks_for_json_gets_json():
    request = RequestFactory().post("/sessions/x/heartbeat/", headers={"Accept": "application/json"})
    answer = answer_to(request, OperationalError())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert json.loads(answer.content) == {"busy": True, "retry_after": 5}


@pytest.mark.parametrize("header", [{"HX-Request": "true"}, {"X-Background": "1"}])
def test_a_part_of_a_page_gets_a_sentence_and_no_page(header):
    answer = answer_to(
        RequestFactory().post("/sessions/x/save/", {"said": "a"}, headers=header), OperationalError()
    )
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Busy. Nothing is lost. Try again" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_each_kind_of_process_has_its_limits(monkeypatch):
    assert LIMITS["web"].lock < LIMITS["worker"].lock
    assert LIMITS["migrate"].lock < LIMITS["web"].lock
    assert set(LIMITS) == {"web", "worker", "relay", "beat", "mllp", "command", "migrate"}
    found = database("postgresql:///rpm?options=-c%20role%3Drpm_app", Limits(lock=4, statement=15, idle=30))
    assert found["OPTIONS"]["options"] == (
        f"{FIRM} -c lock_timeout=4s -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s -c role=rpm_app"
    )
    monkeypatch.setenv("LOCK_SECONDS", "9")
    assert limits("web") == Limits(lock=9, statement=15, idle=30)


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        (["manage.py", "migrate"], "migrate"),
        (["/app/manage.py", "relay"], "relay"),
        (["manage.py", "shell"], "command"),
        (["/venv/bin/celery", "-A", "rpmportal", "worker"], "worker"),
        (["/venv/lib/celery/__main__.py", "beat"], "beat"),
        (["/venv/bin/celery", "-A", "rpmportal", "inspect", "ping"], "command"),
        (["pytest"], "command"),
    ],
)
def test_the_kind_of_a_process_is_known_by_its_program(argv, kind, monkeypatch):
    monkeypatch.delenv("PROCESS", raising=False)
    monkeypatch.setattr("sys.argv", argv)
    assert process_kind() == kind
