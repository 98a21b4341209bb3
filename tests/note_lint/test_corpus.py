"""The lint on the labelled corpus: what it says is right, and little that is wrong goes unsaid."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from tests.integration.timelogs.notes import REVIEW, signed_session
from tests.note_lint import phrases
from tests.note_lint.corpus import KINDS, by_hand, corpus, part
from tests.note_lint.generate import HELD_OUT, SEEN, notes, sentences_of
from tests.note_lint.judge import judge
from timelogs.note import drafts
from timelogs.note.advice import near_copy, remarks

NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
PRECISION, RECALL = 0.95, 0.90
IN_THE_TEXT = tuple(kind for kind in KINDS if kind != "near-copy")


@pytest.mark.parametrize("name", [SEEN, HELD_OUT])
def test_each_kind_of_defect_is_found_and_little_else(name):
    good_enough(judge(part(name), kinds=IN_THE_TEXT), IN_THE_TEXT)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [SEEN, HELD_OUT])
def test_near_copies_are_found_and_little_else(cast, name):
    noon, later = NINE + timedelta(hours=3), NINE + timedelta(hours=4)
    draft = drafts.log_past(cast.jane, starts_at=noon, seconds=300, reason="Late.", by=cast.rosa, at=later)

    def copies(note):
        """What the portal says of the draft with this note, the earlier one being signed."""
        with transaction.atomic():
            if note["earlier"]:
                earlier = {**REVIEW, "action_detail": note["earlier"]}
                signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, **earlier)
            draft.said, draft.action_detail = note["said"], note["action_detail"]
            found = remarks(draft, seconds=300, twin=near_copy(draft))
            transaction.set_rollback(True)
        return [remark for remark in found if remark.kind == "near-copy"]

    score = judge(part(name), copies, kinds=("near-copy",))
    good_enough(score, ("near-copy",))


def good_enough(score, kinds) -> None:
    weak = [k for k in kinds if score.precision(k) < PRECISION or score.recall(k) < RECALL]
    assert not weak, "\n".join(["", score.table(), *score.told])


def test_the_corpus_is_large_mixed_and_a_third_of_it_held_out():
    whole, held = corpus(), part(HELD_OUT)
    assert len(whole) >= 360
    assert len(by_hand()) >= 60
    assert 0.3 <= len(held) / len(whole) <= 0.4
    assert len({note["id"] for note in whole}) == len(whole)
    assert sum(not note["labels"] for note in whole) >= 60
    for kind in KINDS:
        assert sum(label["kind"] == kind for note in held for label in note["labels"]) >= 30


def test_the_corpus_is_the_same_each_time():
    assert notes() == notes()


def test_no_sentence_of_the_held_out_notes_is_in_a_seen_one():
    for name in [name for name in vars(phrases) if name.isupper()]:
        sentences = getattr(phrases, name)
        seen, held = (set(sentences_of(part, sentences)) for part in (SEEN, HELD_OUT))
        assert seen | held == set(sentences)
        assert not seen & held


@pytest.mark.parametrize("name", ["generate", "phrases", "corpus"])
def test_what_makes_the_notes_knows_nothing_of_the_lint(name):
    tree = ast.parse((Path(__file__).parent / f"{name}.py").read_text())
    modules = {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
    modules |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert not [module for module in modules if module.startswith("timelogs")]
