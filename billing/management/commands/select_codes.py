"""Decide patient-months from a file of facts, one JSON object a line. Needs no database."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from billing.decisions.explain import explain, explanation_dict, warning_in_words
from billing.rules import (
    FactError,
    NoRuleSet,
    canonical,
    parse_line,
    ruleset_for,
    select_codes,
    to_dict,
)


class Command(BaseCommand):
    help = "Reads one JSON object of facts a line and prints one JSON object of the decision a line."
    requires_system_checks: list = []

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="a file of facts, or - for standard input")
        parser.add_argument("--explain", action="store_true", help="add the sentences behind each code")

    def handle(self, *, file, explain, **options):
        refused = 0
        with _opened(file) as lines:
            for answer in decide_lines(lines, explained=explain):
                refused += "error" in answer
                self._print(canonical(answer))
        self.stdout.flush()
        if refused:
            raise CommandError(f"{refused} of the lines could not be decided.", returncode=2)

    def _print(self, text: str) -> None:
        """UTF-8 and a bare newline on every machine: the bytes are part of the agreement."""
        raw = getattr(self.stdout, "buffer", None)
        if raw is None:
            self.stdout.write(text)
        else:
            raw.write(text.encode() + b"\n")


def decide_lines(lines: Iterable[bytes], *, explained: bool = False) -> Iterator[dict[str, Any]]:
    """The answers to lines of facts, in their order: a decision, or an error with the line's number."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _decide(line, explained=explained)
        except (FactError, NoRuleSet) as error:
            yield {"error": str(error), "line": number}


def _decide(line: bytes, *, explained: bool) -> dict[str, Any]:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise FactError("line: expected UTF-8 text") from None
    facts = parse_line(text)
    decision = select_codes(facts, ruleset_for(facts.month))
    if not explained:
        return to_dict(decision)
    explanations = [explanation_dict(each) for each in explain(decision, facts)]
    warnings = {slug: warning_in_words(slug) for slug in decision.warnings}
    return to_dict(decision) | {"explanations": explanations, "warnings_in_words": warnings}


def _opened(file: str):
    if file == "-":
        return nullcontext(_standard_input())
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}") from None


def _standard_input() -> BinaryIO:
    return sys.stdin.buffer
