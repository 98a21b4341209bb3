from django.urls import path

from accounts import views

app_name = "accounts"
urlpatterns = [
    path("practice/switch/", views.practice_switch, name="practice_switch"),
]
