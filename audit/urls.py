from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("history/", views.history, name="history"),
    path("history/access/", views.access, name="access"),
    path("history/<slug:model>/<uuid:row_id>/", views.record, name="record"),
]
