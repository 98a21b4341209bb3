from django.urls import path

from intake.views import arrivals, checking, deciding, upload

app_name = "intake"
one = "patients/bring-in/<uuid:import_id>/"
urlpatterns = [
    path("patients/bring-in/", upload.bring_in, name="bring_in"),
    path("patients/bring-in/waiting/", arrivals.waiting, name="arrivals"),
    path(one, checking.check, name="check"),
    path(one + "columns/", upload.columns, name="columns"),
    path(one + "take-in/", checking.take_in, name="take_in"),
    path(one + "end/", checking.end, name="end"),
    path(one + "decide/", deciding.decide_rest, name="decide_rest"),
    path(one + "rows/<int:number>/", deciding.row, name="row"),
]
