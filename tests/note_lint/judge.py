"""What the lint says of a labelled note, against its labels."""

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from tests.note_lint.corpus import KINDS
from timelogs.note.lint import Fact, LintNote, lint

_WHOLE_NOTE = {"who-or-how-missing", "near-copy"}


def as_lint_note(note: dict) -> LintNote:
    names = (
        "data_note",
        "said",
        "action_detail",
        "party",
        "method",
        "party_name",
        "call_seconds",
        "session_seconds",
    )
    return LintNote(facts=tuple(map(_fact, note["facts"])), **{name: note[name] for name in names})


def _fact(row: dict) -> Fact:
    values = {n: row[n] and Decimal(row[n]) for n in ("low", "high", "second_low", "second_high")}
    days = {n: date.fromisoformat(row[n]) for n in ("since", "until")}
    rest = {n: row[n] for n in ("measure", "unit", "count", "days", "days_above", "days_out_of_range")}
    return Fact(**values, **days, **rest)


@dataclass
class Score:
    """Right, false and missed remarks of each kind, and the notes behind them."""

    right: Counter = field(default_factory=Counter)
    false: Counter = field(default_factory=Counter)
    missed: Counter = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)

    def precision(self, kind: str) -> float:
        return self.right[kind] / max(1, self.right[kind] + self.false[kind])

    def recall(self, kind: str) -> float:
        return self.right[kind] / max(1, self.right[kind] + self.missed[kind])

    def table(self) -> str:
        rows = [
            f"{kind:24} precision {self.precision(kind):.3f}  recall {self.recall(kind):.3f}  "
            f"({self.right[kind]} right, {self.false[kind]} false, {self.missed[kind]} missed)"
            for kind in KINDS
            if self.right[kind] + self.false[kind] + self.missed[kind]
        ]
        return "\n".join(rows)


def judge(notes: list[dict], remarks=lambda note: lint(as_lint_note(note)), kinds=KINDS) -> Score:
    """Each label found at its field and words is right; what is left over on either side is missed or false."""
    score = Score()
    for note in notes:
        labels = [label for label in note["labels"] if label["kind"] in kinds]
        for defect in remarks(note):
            match = next((label for label in labels if _same(label, defect)), None)
            if match:
                labels.remove(match)
            (score.right if match else score.false)[str(defect.kind)] += 1
            if not match:
                score.told.append(f"{note['id']}: false {defect.kind} in {defect.field}: {defect.quote!r}")
        for label in labels:
            score.missed[label["kind"]] += 1
            score.told.append(f"{note['id']}: missed {label['kind']} in {label['field']}: {label['quote']!r}")
    return score


def _same(label: dict, defect) -> bool:
    if label["kind"] != defect.kind:
        return False
    if label["kind"] in _WHOLE_NOTE:
        return True
    numbers, found = (set(re.findall(r"\d+", text)) for text in (label["quote"], defect.quote))
    if not numbers:
        numbers, found = set(label["quote"].lower().split()), set(defect.quote.lower().split())
    return label["field"] == defect.field and (numbers <= found or bool(found) and found <= numbers)
