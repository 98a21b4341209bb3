from django.urls import path

from boards.views import caseload, month, saved_views

app_name = "boards"
urlpatterns = [
    path("billing/<month:month>/patients/", month.month_patients, name="month_patients"),
    path("caseload/updates/", caseload.updates, name="updates"),
    path("caseload/views/", saved_views.view_save, name="view_save"),
    path("caseload/views/<int:view_id>/delete/", saved_views.view_delete, name="view_delete"),
]
