"""What no password may be, besides too short, common, or its person's own name."""

from django.core.exceptions import ValidationError

# Along which fingers and alphabets run.
RUNS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qazwsxedcrfvtgbyhnujmikolp",
)
# Refused if more than half of it are such runs of at least so many signs, or if it has fewer different signs.
RUN, DIFFERENT = 3, 5


class PatternValidator:
    """Refuses repetition (`aaaaaaaaaaaa`), sequences (`123456789012`) and rows of the keyboard (`qwertyuiopas`)."""

    def validate(self, password, user=None):
        text = password.lower()
        if len(set(text)) < DIFFERENT or 2 * _in_runs(text) > len(text):
            raise ValidationError(
                "This password is a pattern and easy to guess. Choose several words.", code="pattern"
            )

    def get_help_text(self):
        return "Your password can’t be a repetition, a sequence or a row of the keyboard."


def _in_runs(text: str) -> int:
    """How many of its signs stand in a run, forwards or backwards."""
    count, at = 0, 0
    while at < len(text):
        length = max(_run_at(text[at:], row) for way in RUNS for row in (way, way[::-1]))
        if length >= RUN:
            count += length
            at += length
        else:
            at += 1
    return count


def _run_at(text: str, row: str) -> int:
    """The longest beginning of the text that stands in the row."""
    length = 0
    while length < len(text) and text[: length + 1] in row:
        length += 1
    return length
