from django.urls import path

from timelogs.views import (
    addenda,
    amend,
    auto_start,
    care_plan,
    clock,
    drafts,
    escalations,
    left_drafts,
    month_panel,
    my_sessions,
    past,
    sessions,
    settings,
    shared_minutes,
    signing,
)

app_name = "timelogs"
of_a_patient = [
    path("patients/<uuid:patient_id>/sessions/start/", sessions.session_start, name="session_start"),
    path("patients/<uuid:patient_id>/sessions/contact/", auto_start.session_contact, name="session_contact"),
    path("patients/<uuid:patient_id>/sessions/opened/", auto_start.session_opened, name="session_opened"),
    path(
        "patients/<uuid:patient_id>/sessions/not-opened/",
        auto_start.session_not_opened,
        name="session_not_opened",
    ),
    path("patients/<uuid:patient_id>/sessions/new/", past.session_past, name="session_past"),
    path("patients/<uuid:patient_id>/sessions/panel/", month_panel.month_panel, name="month_panel"),
]
of_an_escalation = [
    path(
        "escalations/<uuid:escalation_id>/session/", escalations.escalation_session, name="escalation_session"
    ),
    path(
        "escalations/<uuid:escalation_id>/sessions/",
        escalations.escalation_sessions,
        name="escalation_sessions",
    ),
]
of_a_session = [
    path("sessions/<uuid:entry_id>/", sessions.session, name="session"),
    path("sessions/<uuid:entry_id>/autosave/", drafts.session_autosave, name="session_autosave"),
    path("sessions/<uuid:entry_id>/sign/", signing.session_sign, name="session_sign"),
    path("sessions/<uuid:entry_id>/discard/", signing.session_discard, name="session_discard"),
    path("sessions/<uuid:entry_id>/hand-over/", left_drafts.session_hand_over, name="session_hand_over"),
    path("sessions/<uuid:entry_id>/close/", left_drafts.session_close_left, name="session_close_left"),
    path("sessions/<uuid:entry_id>/care-plan/", care_plan.session_care_plan, name="session_care_plan"),
]
of_its_clock = [
    path("sessions/<uuid:entry_id>/opening/", auto_start.session_opening, name="session_opening"),
    path("sessions/<uuid:entry_id>/live/", clock.session_live, name="session_live"),
    path("sessions/<uuid:entry_id>/heartbeat/", clock.session_heartbeat, name="session_heartbeat"),
    path("sessions/<uuid:entry_id>/pause/", clock.session_pause, name="session_pause"),
    path("sessions/<uuid:entry_id>/resume/", clock.session_resume, name="session_resume"),
    path("sessions/<uuid:entry_id>/on-call/", clock.session_on_call, name="session_on_call"),
    path("sessions/<uuid:entry_id>/idle/", clock.session_idle_answer, name="session_idle_answer"),
    path("sessions/<uuid:entry_id>/gap/", clock.session_claim_gap, name="session_claim_gap"),
    path("sessions/<uuid:entry_id>/fix/", clock.session_fix, name="session_fix"),
]
once_signed = [
    path("sessions/<uuid:entry_id>/amend/", amend.session_amend, name="session_amend"),
    path("sessions/<uuid:entry_id>/void/", amend.session_void, name="session_void"),
    path("sessions/<uuid:entry_id>/approve/", amend.session_approve, name="session_approve"),
    path(
        "sessions/<uuid:entry_id>/count-both/", shared_minutes.session_count_both, name="session_count_both"
    ),
    path(
        "sessions/<uuid:entry_id>/count-once/", shared_minutes.session_count_once, name="session_count_once"
    ),
    path("sessions/<uuid:entry_id>/addendum/", addenda.session_addendum, name="session_addendum"),
    path("sessions/<uuid:entry_id>/attest/", addenda.session_attest, name="session_attest"),
]
of_a_person = [
    path("my/sessions/", my_sessions.my_sessions, name="my_sessions"),
    path("sessions/left/", left_drafts.left_drafts, name="left_drafts"),
    path("my/settings/", settings.my_settings, name="my_settings"),
    path("clock/", my_sessions.clock_pill, name="clock_pill"),
]
urlpatterns = [*of_a_patient, *of_an_escalation, *of_a_session, *of_its_clock, *once_signed, *of_a_person]
