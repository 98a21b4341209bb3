from django.urls import path

from billing.views import (
    by_hand,
    claims,
    closing,
    duties,
    practice,
    practice_identity,
    practice_policies,
    queue,
    sites,
    whatif,
)

app_name = "billing"
of_a_month = [
    path("billing/<month:month>/close/", closing.close_month, name="close"),
    path("billing/<month:month>/reopen/", closing.reopen_month, name="reopen"),
    path("billing/<month:month>/queue/", queue.queue, name="queue"),
    path("billing/<month:month>/duties/", duties.duties, name="duties"),
    path("billing/<month:month>/claim-lines.csv", queue.export_csv, name="export_csv"),
]
of_a_claim = [
    path("claims/<uuid:claim_id>/", claims.claim, name="claim"),
    path("claims/<uuid:claim_id>/row/", queue.claim_row, name="claim_row"),
    path("claims/<uuid:claim_id>/approve/", claims.claim_approve, name="claim_approve"),
    path("claims/<uuid:claim_id>/hold/", claims.claim_hold, name="claim_hold"),
    path("claims/<uuid:claim_id>/lift/", claims.claim_lift, name="claim_lift"),
]
of_a_line = [
    path("claims/<uuid:claim_id>/lines/<slug:code>/block/", by_hand.line_block, name="line_block"),
    path("claims/<uuid:claim_id>/lines/<slug:code>/unblock/", by_hand.line_unblock, name="line_unblock"),
    path("claims/<uuid:claim_id>/lines/<slug:code>/force/", by_hand.line_force, name="line_force"),
    path("forces/<uuid:force_id>/confirm/", by_hand.force_confirm, name="force_confirm"),
    path("forces/<uuid:force_id>/end/", by_hand.force_end, name="force_end"),
]
of_the_practice = [
    path("practice/", practice.practice, name="practice"),
    path("practice/identity/", practice_identity.identity, name="identity"),
    path("practice/sites/new/", sites.site_new, name="site_new"),
    path("practice/sites/<uuid:site_id>/", sites.site, name="site"),
    path("practice/sites/<uuid:site_id>/end/", sites.site_end, name="site_end"),
    path("practice/name/", practice.name_and_zone, name="name_and_zone"),
]
urlpatterns = [
    *of_the_practice,
    *of_a_month,
    *of_a_claim,
    *of_a_line,
    path("billing/closed/", closing.closed_months, name="closed_months"),
    path("policies/", practice_policies.policies, name="policies"),
    path("policies/<slug:key>/change/", practice_policies.policy_change, name="policy_change"),
    path("billing/runs/<uuid:run_id>/", closing.run, name="run"),
    path("patients/<uuid:patient_id>/billing/<month:month>/what-if/", whatif.what_if, name="what_if"),
    path("patients/<uuid:patient_id>/billing/panel/", claims.month_panel, name="month_panel"),
]
