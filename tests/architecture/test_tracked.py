"""No write passes history by: refused when it runs, and not written in the first place."""

import ast

import pytest
from django.db import models

from foundation.refusals import Undeletable
from foundation.tracked import TrackedQuerySet, TrackedRow
from tests.architecture.walk import APPS, modules, our_models, parsed, short, table_of, tracked_models

HOME = "foundation/tracked.py"
BULK = {"update", "bulk_create", "bulk_update", "delete", "abulk_create", "aupdate", "adelete", "_raw_delete"}

# Rows without a history, by the reason that they need none.
UNTRACKED = {
    "audit.AccessEvent": "append-only itself",
    "audit.SignInEvent": "append-only itself",
    "audit.InvariantRun": "append-only itself",
    "authentication.FactorUse": "when a factor was used last; each sign-in is a row of the access log",
    "authentication.RecoveryCode": "a digest; its use is a row of the access log, a new set an e-mail to the person",
    "authentication.BrowserSession": "where somebody is signed in now; each sign-in is a row of the access log",
    "boards.PatientSummary": "derived, and made again by one command; its sources have their histories",
    "boards.OutdatedClaim": "derived, and made again by one command; the export decides anew",
    "boards.SavedView": "how somebody looks at her caseload; nothing of a patient",
    "boards.PatientMark": "that a summary is to be made again; deleted when it is",
    "dispatch.Pulse": "the last sign of life of a process, nothing of anybody's",
    "dispatch.OutboxMessage": "work to be done, not a record of care",
    "dispatch.Operation": "the memory of a request, written once",
    "dispatch.Notice": "a line in an inbox; what it tells of has its own history",
    "dispatch.EmailDelivery": "the state of a mail being sent",
    "authentication.ApiTokenUse": "a count of the running minute, and a moment",
    "authentication.ApiTokenRefusal": "a count of a day; which patient data was written stands in the histories",
    "dispatch.Slot": "a run of a scheduled job, written once",
    "interchange.HubUse": "a count of the running minute, and a moment",
    "interchange.HubRefusal": "a count of a day; which readings came in stands in their histories",
    "interchange.Received": "the answer to a message, never changed; what came of it has its own history",
    "intake.Arrival": "append-only itself: the answer to a message; what came of it has its own history",
    "intake.AskedMerge": "append-only itself; the merge, or that they are two people, has its own history",
    "intake.ImportFile": "the file of an open import, deleted when it ends; what is taken in has its own history",
    "intake.Candidate": "a row of an open import, deleted when it ends; what was decided is in the patient's history",
    "monitoring.WaitingUpload": "a file that waits for its confirmation; what is taken in has its own history",
    "monitoring.ParkedReading": "a value that is nobody's yet, emptied in the end; the reading has its own history",
    "timelogs.Clock": "heartbeats; what the clock credited is in the segments",
    "timelogs.CountedInterval": "derived from segments, switched off and never changed otherwise",
}


def trees():
    return [(path, parsed(path)) for path in modules() if short(path) != HOME]


def test_every_model_is_tracked_or_has_a_reason():
    bare = {m._meta.label for m in our_models()} - {m._meta.label for m in tracked_models()}
    assert bare == set(UNTRACKED), f"Tracked, or named here with a reason: {bare ^ set(UNTRACKED)}"


def test_tracked_models_refuse_bulk_writes():
    soft = []
    for model in tracked_models():
        rows = model._default_manager.all()
        for name in ("update", "bulk_create", "bulk_update", "delete"):
            with pytest.raises(Undeletable):
                getattr(rows, name)()
        if not issubclass(model, TrackedRow) or not isinstance(rows, TrackedQuerySet):
            soft.append(model.__name__)
    assert not soft, f"Their rows must be TrackedRow and their manager's TrackedQuerySet:{table_of(soft)}"


def test_tracked_rows_refuse_deletion():
    for model in tracked_models():
        with pytest.raises(Undeletable):
            model().delete()


def test_nobody_writes_tracked_rows_in_bulk():
    """`Model.objects….update(…)` and its like, followed back to the model that the chain begins with."""
    tracked = {m.__name__ for m in tracked_models()}
    found = [
        f"{short(path)}:{node.lineno} {model}.{node.func.attr}()"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in BULK
        if (model := _root(node.func.value)) in tracked
    ]
    assert not found, (
        f"Tracked rows change with save(), one by one, or by foundation.tracked:{table_of(found)}"
    )


def _root(node) -> str | None:
    """`Claim` of `Claim.objects.filter(…).order_by(…)`."""
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}:
            return getattr(node.value, "id", getattr(node.value, "attr", None))
        node = node.func if isinstance(node, ast.Call) else node.value
    return None


def test_nobody_takes_a_untracked_write():
    """What Django and simple-history still offer beside the tracked queryset and save()."""
    found = [
        f"{short(path)}:{node.lineno} {name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if (name := _untracked_write(node))
    ]
    assert not found, f"These pass the tracked queryset by:{table_of(found)}"


def _untracked_write(node) -> str | None:
    if isinstance(node, ast.Attribute) and node.attr == "_base_manager":
        return node.attr
    if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "QuerySet":
        return "QuerySet(…)"
    if isinstance(node, ast.Attribute) and node.attr in {
        "save_base",
        "skip_history_when_saving",
        "save_without_historical_record",
    }:
        return node.attr
    return None


def test_f_expressions_stand_in_models_only():
    """`row.count = F("count") + 1` writes what history never sees; in constraints and queries it is fine."""
    found = [
        f"{short(path)}:{node.lineno}"
        for path, tree in trees()
        if "models" not in {path.stem, path.parent.name}
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign) and _holds_f(node.value)
    ]
    assert not found, f"F() is given to a field:{table_of(found)}"


def _holds_f(node) -> bool:
    return any(
        isinstance(n, ast.Call) and getattr(n.func, "id", getattr(n.func, "attr", "")) == "F"
        for n in ast.walk(node)
    )


def test_nobody_writes_sql_that_changes_rows():
    verbs = ("update ", "insert ", "delete ", "truncate ", "merge ", "alter ", "drop ", "grant ")
    found = [
        f"{short(path)}:{node.lineno} {node.value.strip()[:50]!r}"
        for path, tree in trees()
        if path.name not in {"dbguards.py"}
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.strip().lower().startswith(verbs)
        if any(f"{app}_" in node.value for app in APPS)
    ]
    assert not found, f"SQL that writes belongs in a migration:{table_of(found)}"


def test_no_plain_many_to_many():
    """A link between two rows is a row of its own, with its own history."""
    plain = [f"{m.__name__}.{f.name}" for m in our_models() for f in m._meta.local_many_to_many]
    assert not plain, f"Make each a model with a history:{table_of(plain)}"


def test_histories_have_wide_ids_text_reasons_and_no_key_to_users():
    for model in tracked_models():
        history = model.history.model
        assert isinstance(history._meta.get_field("history_id"), models.BigAutoField), model
        assert isinstance(history._meta.get_field("history_change_reason"), models.TextField), model
        assert not history._meta.get_field("history_user_id").is_relation, model
