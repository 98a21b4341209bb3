"""The site's addresses, and three that programs ask with a token."""

from django.db import connection
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.models import Preferences, User
from audit.access import record_access
from authentication.models import Scope
from authentication.tokens.access import by_token
from foundation.programs import body_of
from foundation.refusals import Refused
from patients.models import Patient
from rpmportal.urls import *  # noqa: F403
from rpmportal.urls import urlpatterns as real


@require_http_methods(["GET", "POST"])
@by_token(Scope.PATIENTS_READ)
def asked(request):
    """Everybody that the database shows, and whether a cookie came through."""
    rows = list(Patient.objects.all())
    record_access(request, [row.pk for row in rows])
    return JsonResponse({"mrns": sorted(row.mrn for row in rows), "cookies": list(request.COOKIES)})


@require_http_methods(["POST"])
@by_token(Scope.PATIENTS_WRITE, body_limit=100)
def sent(request):
    body = body_of(request).decode()
    Preferences(user=User.objects.get(email="rosa@example.test")).save()
    record_access(request, [Patient.objects.get(mrn="T-0002").pk])
    if body == "refuse":
        raise Refused("Not like this", field="words")
    if body == "break":
        raise ValueError("DOE, Jane")
    if body == "busy":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)")
    return HttpResponse(body)


urlpatterns = [*real, path("asked/", asked, name="asked"), path("sent/", sent, name="sent")]
