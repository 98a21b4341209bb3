"""Passwords that are patterns."""

import pytest
from django.core.exceptions import ValidationError

from authentication.passwords import PatternValidator


@pytest.mark.parametrize(
    "password",
    [
        "123456789012", "aaaaaaaaaaaa", "qwertyuiopas", "abababababab", "Abcdefghijkl", "098765432109", "poiuytrewq12",
        "qazwsxedcrfv", "abc123abc123",
    ],
)  # fmt: skip
def test_a_pattern_is_refused(password):
    with pytest.raises(ValidationError, match="is a pattern and easy to guess"):
        PatternValidator().validate(password)


@pytest.mark.parametrize(
    "password",
    [
        "otter quilt lantern seven",
        "correct horse battery",
        "Maple-1234-tides",
        "xK4%mmp0Qz!r",
        "demo-only-for-you",
    ],
)
def test_words_and_chance_pass(password):
    PatternValidator().validate(password)
