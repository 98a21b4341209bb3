from django.urls import path

from monitoring.views import importing, readings

app_name = "monitoring"
chart = "patients/<uuid:patient_id>/"
urlpatterns = [
    path(chart + "readings/", readings.readings, name="readings"),
    path(chart + "readings/panel/", readings.readings_panel, name="panel"),
    path(chart + "readings/<uuid:reading_id>/exclude/", readings.reading_exclude, name="reading_exclude"),
    path("readings/import/", importing.readings_import, name="readings_import"),
    path("readings/import/<uuid:upload_id>/", importing.readings_import_check, name="readings_import_check"),
]
