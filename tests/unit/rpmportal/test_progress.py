"""The month's progress in words: whole minutes, seconds only where they matter."""

import pytest

from rpmportal.templatetags.portal import progress_in_words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "No time yet"),
        (1, "1 s · 9 min 59 s to 10 min"),
        (59, "59 s · 9 min 01 s to 10 min"),
        (60, "1 min · 9 min to 10 min"),
        (539, "8 min · 2 min to 10 min"),
        (540, "9 min · 1 min to 10 min"),
        (541, "9 min 01 s · 59 s to 10 min"),
        (599, "9 min 59 s · 1 s to 10 min"),
        (600, "10 min · 10 min to 20 min"),
        (659, "10 min · 10 min to 20 min"),
        (2399, "39 min 59 s · 1 s to 40 min"),
    ],
)
def test_seconds_are_told_in_the_first_minute_and_the_last_before_a_line(seconds, words):
    assert progress_in_words(seconds) == words
