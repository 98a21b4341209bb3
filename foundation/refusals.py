"""Named refusals: why an act is not done, in a sentence the person can act on."""

from django.shortcuts import render


class Refused(Exception):
    """The act is not allowed now. `field` names the form field at fault; `fixes` are offered as buttons."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None, fixes: tuple = ()):
        super().__init__(message)
        self.message, self.field, self.fixes = message, field, fixes


class StaleRow(Refused):
    """Somebody else saved the row since it was read; nothing was overwritten."""

    status = 409

    def __init__(
        self, message="This was changed on another screen while you had it open. Compare, then save again."
    ):
        super().__init__(message)


class OperationReused(Refused):
    """The same operation id came with another body."""

    status = 409

    def __init__(self):
        super().__init__(
            "This form was already sent with other contents. Open it again, then repeat your change."
        )


class UnsignedChange(Exception):
    """A tracked row was to be written, but nobody said who acts. A fault of ours, never of the person."""

    def __init__(self):
        super().__init__("No AuditContext: wrap the write in foundation.context.acting(…).")


class Undeletable(Exception):
    """Tracked rows are superseded or switched off, never deleted, and never changed in bulk past their history."""


def refuse_if(reason: str | None, *, field: str | None = None) -> None:
    """Raise `Refused` with the sentence that a policy gave."""
    if reason:
        raise Refused(reason, field=field)


class RefusalMiddleware:
    """A refusal that no view turned into a form error becomes a page that says so."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Refused):
            return None
        template = "components/_refusal.html" if getattr(request, "htmx", False) else "refused.html"
        return render(request, template, {"refusal": exception}, status=exception.status)
