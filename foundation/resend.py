"""What a form sent that was not taken, so that a page can offer to send it again."""

from django.http import HttpRequest

# Typed again, never shown: a page with a password in it may stay open on a desk.
PASSWORD = "password"
SECRET = (PASSWORD, "csrfmiddlewaretoken")


def fields_to_resend(request: HttpRequest) -> list[tuple[str, str]]:
    """(name, value) of every field of the posted form, without passwords, the old token and files."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name for word in SECRET)
    ]


def must_be_given_again(request: HttpRequest) -> str:
    """What no page can send again for a person, in words: `password`, `file`, or nothing."""
    if request.FILES:
        return "file"
    return PASSWORD if any(PASSWORD in name for name in request.POST) else ""


# What a form carries for itself: sent again, not shown.
_TECHNICAL = {"operation_id", "version", "sent_by", "minutes_shown", "effect_seen", "shown", "seen", "others"}


def shown_fields(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """(what it is, what was typed), for a person to recognize her own words."""
    return [
        (name.replace("_", " ").capitalize(), value)
        for name, value in fields
        if value.strip() and name.rpartition("-")[2] not in _TECHNICAL
    ]
