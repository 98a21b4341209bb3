"""Text as a person can read it: no sign that turns the words around it, and none that cannot be seen."""

import re

from foundation.refusals import Refused

# Direction marks and overrides, and control characters other than tab and line ends.
_HIDDEN = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


# Signs without any width. Words may hold them; a name or a number with one is another that looks the same.
_UNSEEN = re.compile(r"[\u00ad\u200b\u2060\ufeff]")


def has_unseen_characters(text: str) -> bool:
    return bool(_UNSEEN.search(text))


def has_hidden_characters(text: str) -> bool:
    return bool(_HIDDEN.search(text))


def why_not_readable(text: str, *, called: str, words: bool) -> str | None:
    """The sentence that refuses it, or None. `words`: of a person, not a name or a number."""
    if not has_hidden_characters(text) and (words or not has_unseen_characters(text)):
        return None
    return (
        f"{called} holds an invisible sign that changes how text reads. Type it again instead of pasting it."
    )


def refuse_hidden(row) -> None:
    """Raise `Refused` if a text of this row cannot be read as it is stored. For whatever came past the forms."""
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)
        if isinstance(value, str) and (
            why := why_not_readable(
                value, called=field.verbose_name.capitalize(), words=field.get_internal_type() == "TextField"
            )
        ):
            raise Refused(why, field=field.name)
