"""Text as a person can read it: no sign that turns the words around it, and none that cannot be seen."""

import re

from foundation.refusals import Refused

# Direction marks and overrides, and control characters other than tab and line ends.
_HIDDEN = re.compile(r"[\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def has_hidden_characters(text: str) -> bool:
    return bool(_HIDDEN.search(text))


def why_not_readable(text: str, *, called: str) -> str | None:
    """The sentence that refuses it, or None."""
    if not has_hidden_characters(text):
        return None
    return (
        f"{called} holds an invisible sign that changes how text reads. Type it again instead of pasting it."
    )


def refuse_hidden(row) -> None:
    """Raise `Refused` if a text of this row cannot be read as it is stored. For whatever came past the forms."""
    for field in row._meta.concrete_fields:
        value = row.__dict__.get(field.attname)
        if isinstance(value, str) and (
            why := why_not_readable(value, called=field.verbose_name.capitalize())
        ):
            raise Refused(why, field=field.name)
