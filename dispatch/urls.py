from django.urls import path

from dispatch import queue_views, views

app_name = "dispatch"
urlpatterns = [
    path("inbox/", views.inbox_page, name="inbox"),
    path("inbox/bell/", views.bell, name="bell"),
    path("inbox/read/", views.notices_read, name="notices_read"),
    path("inbox/settings/", views.alert_settings, name="alert_settings"),
    path("inbox/<int:notice_id>/read/", views.notice_read, name="notice_read"),
    path("inbox/<int:notice_id>/done/", views.notice_done, name="notice_done"),
    path("inbox/<int:notice_id>/snooze/", views.notice_snooze, name="notice_snooze"),
    path("queues/", queue_views.queues_page, name="queues"),
    path("queues/messages/<int:message_id>/retry/", queue_views.message_retry, name="message_retry"),
    path("queues/mails/<int:mail_id>/retry/", queue_views.mail_retry, name="mail_retry"),
]
