from django.urls import path

from reports.views import pages, rows

app_name = "reports"
urlpatterns = [
    path("reports/", pages.index, name="index"),
    path("reports/forecast/", pages.forecast, name="forecast"),
    path("reports/program/<month:month>/", pages.program, name="program"),
    path("reports/time/<month:month>/", pages.staff_time, name="time"),
    path("reports/not-counted/<month:month>/", pages.not_counted, name="not_counted"),
    path("reports/unusual/<month:month>/", pages.unusual, name="unusual"),
    path("reports/minutes/<month:month>/", pages.further, name="further"),
    path("reports/reaching/<month:month>/", pages.reaching, name="reaching"),
    path("reports/sessions/<month:month>/", rows.sessions, name="sessions"),
    path("reports/noted/<month:month>/", rows.noted, name="noted"),
    path("reports/calls/<month:month>/", rows.calls, name="calls"),
    path("reports/patients/<month:month>/", rows.patients, name="patients"),
    path("reports/members/<month:month>/", rows.members, name="members"),
    path("reports/unreached/<month:month>/", rows.unreached, name="unreached"),
]
