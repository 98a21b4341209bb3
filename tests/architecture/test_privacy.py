"""Nothing about a patient in addresses, logs or tasks: ids only. A light net; the heavy one is reading the code."""

import ast
import re

from tests.architecture.walk import modules, parsed, short, table_of

TELLING = {
    "family_name",
    "given_name",
    "born_on",
    "mrn",
    "member_id",
    "phone",
    "said",
    "patient",
    "person",
    "note",
}
WRITES_ACCESS = {
    "AccessEvent",
    "AccessEvent.objects.create",
    "AccessEvent.objects.bulk_create",
    "AccessEvent.objects.get_or_create",
}
LOGS = {"debug", "info", "warning", "error", "exception", "critical"}


def loggers_said():
    """(place, argument) of every call of a logger."""
    for path in modules():
        for node in ast.walk(parsed(path)):
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") not in LOGS:
                continue
            if getattr(node.func.value, "id", "") in {"log", "logger", "logging"}:
                for argument in node.args:
                    yield f"{short(path)}:{node.lineno}", argument


def test_logs_are_given_ids_not_people():
    told = [place for place, argument in loggers_said() for n in ast.walk(argument) if _tells(n)]
    assert not told, f"Log the id, never the person:{table_of(told)}"


def _tells(node) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr in TELLING) or (
        isinstance(node, ast.Name) and node.id in TELLING
    )


def test_log_lines_are_not_put_together_before_the_logger_sees_them():
    """An f-string in a log call hides from the formatter what it holds."""
    built = [place for place, argument in loggers_said() if isinstance(argument, ast.JoinedStr)]
    assert not built, f"Give the values as arguments:{table_of(built)}"


def test_outbox_bodies_hold_ids():
    """`outbox.send(practice, topic, **body)`: every value is an id, as text, or several with blanks between."""
    odd = []
    for path in modules():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.send":
                odd += [f"{short(path)}:{node.lineno} {k.arg}" for k in node.keywords if not _is_id(k.value)]
    assert not odd, f"Send str(row.pk), and let the handler look:{table_of(odd)}"


def _is_id(value) -> bool:
    text = ast.unparse(value)
    several = re.fullmatch(r"' '\.join\(\((str\(\w+\.pk\)) for \w+ in [\w\[\]:+. ]+\)\)", text)
    return bool(several) or (text.startswith("str(") and text.endswith(("pk)", "id)")))


def test_one_function_writes_down_who_looked():
    """It asks whether an emergency lasts, which whoever wrote a row of her own would forget."""
    writers = {
        short(path)
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITES_ACCESS
    }
    assert writers == {"audit/access.py"}, (
        f"Call audit.access.record_access(request, …):{table_of(sorted(writers))}"
    )


def test_nothing_prints():
    prints = [
        f"{short(path)}:{node.lineno}"
        for path in modules()
        if "management" not in path.parts
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"print", "breakpoint"}
    ]
    assert not prints, f"Log it, or leave it out:{table_of(prints)}"
