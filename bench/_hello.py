"""The routes of the product and one more: what any page costs before it does something, for who is signed in."""

from django.http import HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST

from accounts.permissions import signed_in
from rpmportal.urls import *  # noqa: F403
from rpmportal.urls import urlpatterns as product


@require_POST
@signed_in
def hello(request):
    return HttpResponse("hello")


urlpatterns = [path("hello/", hello), *product]
