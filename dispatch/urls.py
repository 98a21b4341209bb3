from django.urls import path

from dispatch import views

app_name = "dispatch"
urlpatterns = [
    path("inbox/", views.inbox_page, name="inbox"),
    path("inbox/bell/", views.bell, name="bell"),
    path("inbox/read/", views.notices_read, name="notices_read"),
    path("inbox/<int:notice_id>/read/", views.notice_read, name="notice_read"),
]
