"""Celery is only the doorbell: named queues, late acknowledgement, nothing eager, nothing timed."""

import ast

from django.conf import settings

from rpmportal.celery import app
from tests.architecture.walk import ROOT, modules, parsed, short, table_of

QUEUES = {"interactive", "close"}


def calls():
    for path in modules():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call):
                yield path, node, getattr(node.func, "id", getattr(node.func, "attr", ""))


def queue_of(task: str) -> str:
    return app.amqp.router.route({}, task)["queue"].name


def our_tasks() -> list[str]:
    app.loader.import_default_modules()
    return [name for name in app.tasks if not name.startswith("celery.")]


def test_every_route_leads_a_task_that_exists_to_a_queue_that_exists():
    routed = settings.CELERY_TASK_ROUTES
    assert {queue_of(task) for task in our_tasks()} == QUEUES
    assert set(routed) <= set(our_tasks())
    assert {task: queue_of(task) for task in routed} == routed


def test_the_schedule_calls_tasks_that_exist():
    app.loader.import_default_modules()
    lost = [entry["task"] for entry in app.conf.beat_schedule.values() if entry["task"] not in app.tasks]
    assert not lost, f"Scheduled, but there is no such task:{table_of(lost)}"


def test_the_worker_consumes_every_queue_that_tasks_use():
    procfile = (ROOT / "Procfile").read_text()
    unread = [queue for queue in {queue_of(task) for task in our_tasks()} if queue not in procfile]
    assert not unread, f"No process of the Procfile reads these queues:{table_of(unread)}"


def test_nothing_is_eager_or_timed():
    timed = [
        f"{short(path)}:{node.lineno} {k.arg}="
        for path, node, name in calls()
        if name in {"apply_async", "signature", "s", "retry"}
        for k in node.keywords
        if k.arg in {"eta", "countdown", "expires"}
    ]
    assert not timed, f"What is due is a row with a moment, not a timed message:{table_of(timed)}"
    assert not app.conf.task_always_eager
    assert not any(name.startswith("CELERY_TASK_ALWAYS_EAGER") for name in dir(settings))


def test_tasks_are_rung_in_one_place():
    """Publishing in a request can hang with the broker and lose the work: the outbox does it, after the commit."""
    rung = [
        f"{short(p)}:{n.lineno} {name}()"
        for p, n, name in calls()
        if name in {"delay", "apply_async", "send_task"}
    ]
    elsewhere = [place for place in rung if not place.startswith("dispatch/tasks.py")]
    assert not elsewhere, f"Use dispatch.outbox.send:{table_of(elsewhere)}"


def test_there_is_one_app():
    """Making another makes it the current one: what this process sends from then on goes to the other's broker."""
    made = [
        f"{short(path)}:{node.lineno}"
        for path in [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Celery"
    ]
    allowed = {"rpmportal/celery.py", "tests/launcher/fake/rpmportal/celery.py"}
    others = [place for place in made if place.rpartition(":")[0] not in allowed]
    assert made
    assert not others, f"Send by the app of rpmportal.celery:{table_of(others)}"


def test_nothing_waits_for_a_commit_by_hook():
    hooks = [f"{short(p)}:{n.lineno}" for p, n, name in calls() if name == "on_commit"]
    assert not hooks, (
        f"A process that dies loses what on_commit promised; write an outbox row:{table_of(hooks)}"
    )


def test_late_acknowledgement_and_no_results():
    assert app.conf.task_acks_late
    assert app.conf.task_reject_on_worker_lost
    assert app.conf.task_ignore_result
    assert app.conf.broker_transport_options["socket_timeout"] <= 5
