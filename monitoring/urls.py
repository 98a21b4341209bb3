from django.urls import path

from monitoring.views import importing, parked, readings

app_name = "monitoring"
chart = "patients/<uuid:patient_id>/"
urlpatterns = [
    path(chart + "readings/", readings.readings, name="readings"),
    path(chart + "readings/panel/", readings.readings_panel, name="panel"),
    path(chart + "readings/<uuid:reading_id>/exclude/", readings.reading_exclude, name="reading_exclude"),
    path(chart + "readings/<uuid:reading_id>/correct/", readings.reading_correct, name="reading_correct"),
    path("readings/parked/", parked.parked_readings, name="parked"),
    path("readings/parked/<uuid:parked_id>/", parked.parked_group, name="parked_group"),
    path("readings/parked/<uuid:parked_id>/retry/", parked.parked_retry, name="parked_retry"),
    path("readings/parked/<uuid:parked_id>/discard/", parked.parked_discard, name="parked_discard"),
    path("readings/import/", importing.readings_import, name="readings_import"),
    path("readings/import/<uuid:upload_id>/", importing.readings_import_check, name="readings_import_check"),
    path(
        "readings/import/<uuid:upload_id>/columns/",
        importing.readings_import_columns,
        name="readings_import_columns",
    ),
]
