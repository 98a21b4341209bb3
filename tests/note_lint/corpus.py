"""The labelled notes of both origins, as one corpus: what a note is and what is wrong with it; not what finds it."""

import json
from functools import cache
from pathlib import Path

from tests.note_lint.generate import HELD_OUT, SEEN, notes, part_of

KINDS = ("number-not-in-readings", "minutes-not-the-clock", "vague", "near-copy", "who-or-how-missing")
_HERE = Path(__file__).parent
_USUAL = {
    "data_note": "",
    "said": "",
    "action_detail": "",
    "party": "patient",
    "method": "phone",
    "party_name": "",
    "call_seconds": 250,
    "session_seconds": 725,
    "earlier": "",
}


def by_hand() -> list[dict]:
    """The hand-written notes, each with the facts of the chart that it names."""
    charts = json.loads((_HERE / "charts.json").read_text())
    lines = (_HERE / "by_hand.jsonl").read_text().splitlines()
    return [_whole(json.loads(line), charts) for line in lines]


def _whole(row: dict, charts: dict) -> dict:
    labels = [dict(zip(("kind", "field", "quote"), label, strict=True)) for label in row["labels"]]
    return {"part": part_of(row["id"]), **_USUAL, **row, "facts": charts[row["chart"]], "labels": labels}


@cache
def corpus() -> tuple[dict, ...]:
    return (*notes(), *by_hand())


def part(name: str) -> list[dict]:
    """The notes of `SEEN` or of `HELD_OUT`."""
    if name not in {SEEN, HELD_OUT}:
        raise KeyError(name)
    return [note for note in corpus() if note["part"] == name]
