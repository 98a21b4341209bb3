"""What a form sent that was not taken, so that a page can offer to send it again."""

from django.http import HttpRequest

# Typed again, never shown: a page with a password in it may stay open on a desk.
SECRET = ("password", "csrfmiddlewaretoken")


def fields_to_resend(request: HttpRequest) -> list[tuple[str, str]]:
    """(name, value) of every field of the posted form, without passwords, the old token and files."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if not any(word in name for word in SECRET)
    ]
