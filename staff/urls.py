from django.urls import path, register_converter

from staff import views
from staff.links import TokenConverter

register_converter(TokenConverter, "invitation")

app_name = "staff"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/invite/", views.invite, name="invite"),
    path("people/<uuid:member_id>/role/", views.role_change, name="role_change"),
    path("people/<uuid:member_id>/end/", views.role_end, name="role_end"),
    path("people/<uuid:member_id>/second-factor/", views.factor_reset, name="factor_reset"),
    path("people/invitations/<uuid:invitation_id>/again/", views.invitation_again, name="invitation_again"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        views.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("invitation/<invitation:token>/", views.invitation, name="invitation"),
]
