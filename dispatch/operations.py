"""A write happens once: `@once` around a POST view. Double click, retry after a time-out and replay get one answer."""

import hashlib
from functools import wraps
from random import uniform
from time import sleep
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpResponse

from audit.access import kept_through_rollback, write_again
from dispatch.models import Operation
from foundation.htmx import leave_for, see_other
from foundation.refusals import OperationReused, Refused

# Parts of the form that say nothing about what is to be done.
_NOISE = {"csrfmiddlewaretoken", "operation_id", "sent_by", "confirm_password"}
_DONE = {204, 301, 302, 303}
_RETRIED = {"40P01", "40001"}


class _NotDone(Exception):
    """Rolls back an operation whose view answered with an error page; carries that page."""

    def __init__(self, response):
        self.response = response


def once(view):
    """Run a POST at most once per `operation_id`, in one transaction, retried once on deadlock. Others pass through."""

    @transaction.non_atomic_requests
    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.method != "POST":
            with transaction.atomic():
                return view(request, *args, **kwargs)
        with kept_through_rollback() as seen:
            try:
                return retried(lambda: _run(request, view, args, kwargs))
            except _NotDone as not_done:
                write_again(seen)
                return not_done.response

    guarded.once = True
    return guarded


def retried(act):
    """Once more after a deadlock: the act stands alone in its transaction."""
    try:
        return act()
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) not in _RETRIED:
            raise
    sleep(uniform(0.02, 0.1))
    return act()


def _run(request, view, args, kwargs) -> HttpResponse:
    with transaction.atomic(durable=True):
        operation, first = _claim(request)
        if not first:
            return _again(request, operation)
        response = view(request, *args, **kwargs)
        if response.status_code not in _DONE:
            raise _NotDone(response)
        operation.status = response.status_code
        operation.location = response.get("Location", "") or response.get("HX-Redirect", "")
        operation.save(update_fields=["status", "location"])
        return response


def _claim(request) -> tuple[Operation, bool]:
    """The row of this operation, and whether this request is the first. A twin waits here until the first commits."""
    fields = {
        "practice": request.practice,
        "operation_id": _operation_id(request),
        "user_id": request.user.pk,
        "route": request.path,
        "digest": _digest(request),
    }
    try:
        with transaction.atomic():
            return Operation.objects.create(**fields), True
    except IntegrityError:
        found = Operation.objects.get(practice=fields["practice"], operation_id=fields["operation_id"])
        if (found.user_id, found.route, bytes(found.digest)) != (
            fields["user_id"],
            fields["route"],
            fields["digest"],
        ):
            raise OperationReused() from None
        return found, False


def _operation_id(request) -> UUID:
    try:
        return UUID(request.POST.get("operation_id", ""))
    except ValueError:
        raise Refused("This form was not sent whole. Reload the page, then send it again.") from None


def _digest(request) -> bytes:
    pairs = sorted((k, v) for k, values in request.POST.lists() if k not in _NOISE for v in values)
    digest = hashlib.sha256(repr(pairs).encode())
    for name, upload in sorted(request.FILES.items()):
        digest.update(name.encode())
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
    return digest.digest()


def _again(request, operation: Operation) -> HttpResponse:
    if not operation.location:
        return HttpResponse(status=operation.status)
    return (
        leave_for(request, operation.location) if operation.status == 204 else see_other(operation.location)
    )
