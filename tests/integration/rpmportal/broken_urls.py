"""The site's addresses and one that fails with a patient's name in its error."""

from django.urls import path

from accounts.permissions import public
from rpmportal.urls import *  # noqa: F403
from rpmportal.urls import urlpatterns as real


@public
def breaks(request):
    patient = "DOE, Jane, born 1948"
    raise ValueError(f"cannot bill {patient}")


urlpatterns = [*real, path("breaks/", breaks)]
