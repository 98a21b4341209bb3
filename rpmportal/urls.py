"""Every address, by the app that answers it. Nouns, UUIDs, nothing about a person."""

from django.urls import include, path, register_converter

from boards.views.caseload import caseload
from boards.views.month import month
from foundation.months import MonthConverter
from rpmportal import guide, health, metrics, pages, status, views

register_converter(MonthConverter, "month")

urlpatterns = [
    path("", pages.home, name="home"),
    path("patients/", caseload, name="caseload"),
    path("patients/<uuid:patient_id>/", pages.chart, name="chart"),
    path("billing/<month:month>/", month, name="month_board"),
    path("find/", views.palette, name="palette"),
    path("help/", guide.help_page, name="help"),
    path("help/<slug:name>/", guide.help_page, name="help_page"),
    path("styleguide/", views.styleguide, name="styleguide"),
    path("session/left/", views.session_left, name="session_left"),
    path("session/stay/", views.session_stay, name="session_stay"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("status/", status.status, name="status"),
    path("", include("accounts.urls")),
    path("", include("authentication.urls")),
    path("", include("dispatch.urls")),
    path("", include("staff.urls")),
    path("", include("payers.urls")),
    path("", include("patients.urls")),
    path("", include("intake.urls")),
    path("", include("monitoring.urls")),
    path("", include("escalations.urls")),
    path("", include("interchange.urls")),
    path("", include("timelogs.urls")),
    path("", include("billing.urls")),
    path("", include("reports.urls")),
    path("", include("boards.urls")),
    path("", include("audit.urls")),
]

handler400 = "rpmportal.error_pages.bad_request"
handler403 = "rpmportal.error_pages.denied"
handler404 = "rpmportal.error_pages.not_found"
handler500 = "rpmportal.error_pages.server_error"
