from django.urls import path

from interchange.hl7 import views as hl7

app_name = "interchange"
urlpatterns = [
    path("hl7/v2", hl7.message, name="hl7_v2"),
]
