from django.urls import path, register_converter

from staff.links import TokenConverter
from staff.views import emergencies, people, practice

register_converter(TokenConverter, "invitation")

app_name = "staff"
urlpatterns = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/<uuid:member_id>/role/", people.role_change, name="role_change"),
    path("people/<uuid:member_id>/end/", people.role_end, name="role_end"),
    path("people/<uuid:member_id>/second-factor/", people.factor_reset, name="factor_reset"),
    path("people/invitations/<uuid:invitation_id>/again/", people.invitation_again, name="invitation_again"),
    path(
        "people/invitations/<uuid:invitation_id>/withdraw/",
        people.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("emergency/", emergencies.emergency, name="emergency"),
    path("emergency/end/", emergencies.emergency_end, name="emergency_end"),
    path("roles/", people.roles, name="roles"),
    path("first-day/", practice.first_practice, name="first_practice"),
    path("invitation/<invitation:token>/", people.invitation, name="invitation"),
]
