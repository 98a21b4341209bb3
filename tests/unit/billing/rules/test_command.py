"""`manage.py select_codes`: a line of facts in, a line of the decision out."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command

from billing.rules import decision_json, parse_line, ruleset_for, select_codes

ROOT = Path(__file__).parents[4]
GOOD = '{"month":"2026-03","clinical_staff_seconds":1200,"live_contacts":1}'
OLD = '{"month":"2018-12"}'


def decided(line):
    facts = parse_line(line)
    return decision_json(select_codes(facts, ruleset_for(facts.month)))


@pytest.fixture
def run(monkeypatch):
    """Run the command on bytes from standard input: lines out, and the exit status."""

    def run(given: bytes, *options):
        out = io.StringIO()
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(given)))
        try:
            call_command("select_codes", "-", *options, stdout=out)
        except CommandError as error:
            return out.getvalue().splitlines(), error.returncode
        return out.getvalue().splitlines(), 0

    return run


def test_the_decisions_come_in_the_order_of_the_facts(run):
    second = GOOD.replace("1200", "600")
    assert run(f"{GOOD}\n{second}".encode()) == ([decided(GOOD), decided(second)], 0)


def test_a_bad_line_is_named_and_the_others_are_decided(run):
    bad = GOOD.replace("1200", "-1")
    lines, status = run(f"{bad}\n\n   \n{GOOD}\r\n{OLD}\nnot json\n".encode() + b"\xff\n[]")
    assert status == 2
    assert lines[1] == decided(GOOD)
    errors = [json.loads(line) for line in (lines[0], *lines[2:])]
    assert [error["line"] for error in errors] == [1, 5, 6, 7, 8]
    assert errors[0]["error"].startswith("clinical_staff_seconds: expected")
    assert "medicare-rpm-2019-01" in errors[1]["error"]
    assert errors[3]["error"] == "line: expected UTF-8 text"
    assert all(set(error) == {"error", "line"} for error in errors)


def test_nothing_in_is_nothing_out(run):
    assert run(b"") == ([], 0)
    assert run(b"\n\n") == ([], 0)


def test_explain_adds_the_sentences_and_changes_nothing_else(run):
    (line,), status = run(GOOD.encode(), "--explain")
    told = json.loads(line)
    explanations = told.pop("explanations")
    told.pop("warnings_in_words")
    assert status == 0
    assert told == json.loads(decided(GOOD))
    assert [each["code"] for each in explanations] == [each["code"] for each in told["outcomes"]]
    assert any(
        sentence["text"] == "20 min signed; 20 needed."
        for each in explanations
        for sentence in each["sentences"]
    )


def test_warnings_are_put_in_words_too(run):
    (line,), _ = run(b'{"month":"2026-03","clinical_staff_seconds":60}', "--explain")
    assert list(json.loads(line)["warnings_in_words"]) == ["below-minimum"]


def test_a_file_is_read_like_standard_input(tmp_path):
    (tmp_path / "facts.jsonl").write_text(f"{GOOD}\n", encoding="utf-8")
    out = io.StringIO()
    call_command("select_codes", str(tmp_path / "facts.jsonl"), stdout=out)
    assert out.getvalue() == decided(GOOD) + "\n"


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match="missing.jsonl: No such file"):
        call_command("select_codes", str(tmp_path / "missing.jsonl"))


def test_the_bytes_of_a_real_process_in_a_plain_locale():
    """UTF-8 and bare newlines whatever the machine's language."""
    answer = subprocess.run(
        [sys.executable, "manage.py", "select_codes", "-"],
        cwd=ROOT,
        input=f"{GOOD}\n{OLD}\n".encode(),
        capture_output=True,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        check=False,
    )
    assert answer.returncode == 2, answer.stderr
    first, second, rest = answer.stdout.split(b"\n")
    assert first == decided(GOOD).encode()
    assert json.loads(second)["line"] == 2
    assert rest == b""


CORNERS = [  # line, and the beginning of its error or None
    ("\ufeff" + GOOD, "line: expected one JSON object of facts, but this is not JSON: Unexpected UTF-8 BOM"),
    ("", None),
    (" \t\r", None),
    (GOOD + "\r", GOOD),
    ('{"month":"2026-03","live_contacts":-0}', '{"month":"2026-03"}'),
    ('{"month":"2026-03","live_contacts":NaN}', "live_contacts: expected a whole number"),
    ('{"month":"2026-03","live_contacts":true}', "live_contacts: expected a whole number"),
    ('{"month":"2026-03","month":"2026-03"}', "month: expected once"),
    ('{"month":"2026-03","policy":{"cap":1}}', "policy.cap: unknown"),
    ('{"month":"2026-03","a":' + "[" * 9000 + "]" * 9000 + "}", "line: expected one JSON object"),
    ('{"month":"2026-03","a":' + "9" * 5000 + "}", "line: expected one JSON object"),
    ('{"month":"2026-03","payer":"\\ud800"}', '{"month":"2026-03"}'),
    ('{"month":"2026-03","payer":"Ünïon 😀"}', '{"month":"2026-03"}'),
    ('{"Ünïon":1}', "\\u00dcn\\u00efon: unknown"),
    ("\x00", "line: expected one JSON object"),
    ("\u00a0", "line: expected one JSON object"),
    ('{"month":"2099-01"}', "month: no rule set covers 2099-01; there are medicare-rpm-2019-01"),
    (GOOD, GOOD),
]


@pytest.mark.parametrize("options", [(), ("--explain",)])
def test_every_line_is_answered_by_itself(run, options):
    """The last line has no newline."""
    lines, status = run("\n".join(line for line, _ in CORNERS).encode(), *options)
    expected = [(number, answer) for number, (_, answer) in enumerate(CORNERS, start=1) if answer]
    assert (len(lines), status) == (len(expected), 2)
    for line, (number, answer) in zip(map(json.loads, lines), expected, strict=True):
        if answer.startswith("{"):
            assert line | json.loads(decided(answer)) == line
        else:
            assert set(line) == {"error", "line"}
            assert line["line"] == number
            assert line["error"].startswith(answer)
