"""Two texts side by side: what went and what came, however long or alike."""

from time import process_time

import pytest

from audit.timeline import _compared


def words(pieces) -> list[tuple[str, str]]:
    return [(piece.what, piece.text) for piece in pieces]


def test_words_that_changed_are_marked():
    found = _compared("Goals", "Walk twice a day.", "Walk three times a day.")
    assert words(found.before) == [("kept", "Walk "), ("removed", "twice "), ("kept", "a day.")]
    assert words(found.after) == [("kept", "Walk "), ("added", "three times "), ("kept", "a day.")]


@pytest.mark.parametrize(
    ("before", "after"),
    [("a " * 1000, "a b " * 480), ("a\n" * 2000, "a\nb\n" * 1000)],
    ids=["words", "lines"],
)
def test_what_repeats_is_compared_at_once_as_a_whole(before, after):
    began = process_time()
    found = _compared("Goals", before, after)
    assert process_time() - began < 0.5
    assert words(found.before) == [("removed", before)]
    assert words(found.after) == [("added", after)]
