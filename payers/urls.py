from django.urls import path

from payers import views

app_name = "payers"
urlpatterns = [
    path("payers/", views.payers, name="payers"),
    path("payers/new/", views.payer_new, name="payer_new"),
    path("payers/usual/", views.payers_usual, name="payers_usual"),
    path("payers/<uuid:payer_id>/change/", views.payer_change, name="payer_change"),
    path("payers/<uuid:payer_id>/retire/", views.payer_retire, name="payer_retire"),
    path("payers/<uuid:payer_id>/restore/", views.payer_restore, name="payer_restore"),
]
