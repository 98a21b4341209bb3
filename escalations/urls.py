from django.urls import path

from escalations.views import acts, inbox, ladder, reports, silent

app_name = "escalations"
urlpatterns = [
    path("escalations/", inbox.inbox, name="inbox"),
    path("escalations/silent/", silent.silent, name="silent"),
    path("escalations/<uuid:escalation_id>/", inbox.escalation, name="escalation"),
    path("escalations/<uuid:escalation_id>/acknowledge/", acts.acknowledge, name="acknowledge"),
    path("escalations/<uuid:escalation_id>/refer/", acts.refer, name="refer"),
    path("escalations/<uuid:escalation_id>/answer/", acts.answer, name="answer"),
    path("escalations/<uuid:escalation_id>/hand-over/", acts.hand_over, name="hand_over"),
    path("escalations/<uuid:escalation_id>/note/", acts.note, name="note"),
    path("escalations/<uuid:escalation_id>/attempt/", acts.attempt, name="attempt"),
    path("escalations/<uuid:escalation_id>/resolve/", acts.resolve, name="resolve"),
    path("escalations/<month:month>/", reports.month, name="report"),
    path("escalations/<month:month>/csv/", reports.month_csv, name="report_csv"),
    path("patients/<uuid:patient_id>/escalate/", acts.escalate, name="escalate"),
    path("patients/<uuid:patient_id>/escalations/", inbox.patient_panel, name="patient_panel"),
    path("settings/escalations/", ladder.ladder, name="ladder"),
    path("settings/escalations/change/", ladder.ladder_change, name="ladder_change"),
]
