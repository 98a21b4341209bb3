from django.urls import path

from patients.views import acts, circumstances, devices, edit, enroll, merging, papers, printing, signing

app_name = "patients"
chart = "patients/<uuid:patient_id>/"
urlpatterns = [
    path("patients/new/", enroll.patient_new, name="patient_new"),
    path("patients/duplicates/", merging.possible_duplicates, name="duplicates"),
    path(chart + "merge/", merging.merge_find, name="merge_find"),
    path(chart + "merge/<uuid:other_id>/", merging.merge, name="merge"),
    path(chart + "merge/undo/", merging.merge_undo, name="merge_undo"),
    path(chart + "two-people/<uuid:other_id>/", merging.two_people, name="two_people"),
    path(chart + "edit/", edit.patient_edit, name="patient_edit"),
    path(chart + "enrollment/", enroll.enrollment, name="enrollment"),
    path(chart + "enrollment/new/", enroll.enrollment_new, name="enrollment_new"),
    path(chart + "enrollment/edit/", edit.enrollment_edit, name="enrollment_edit"),
    path(chart + "enrollment/end/", edit.enrollment_end, name="enrollment_end"),
    path(chart + "site/", acts.site_change, name="site_change"),
    path(chart + "coverage/new/", acts.coverage_new, name="coverage_new"),
    path(chart + "consent/new/", acts.consent_new, name="consent_new"),
    path(chart + "consent/<uuid:consent_id>/revoke/", acts.consent_revoke, name="consent_revoke"),
    path(chart + "orders/new/", acts.order_new, name="order_new"),
    path(chart + "care-plan/new/", acts.care_plan_new, name="care_plan_new"),
    path(chart + "orders/<uuid:order_id>/scan/", papers.order_scan, name="order_scan"),
    path(chart + "care-plan/<uuid:plan_id>/scan/", papers.plan_scan, name="plan_scan"),
    path(chart + "orders/<uuid:order_id>/withdraw/", papers.order_withdraw, name="order_withdraw"),
    path(chart + "care-plan/<uuid:plan_id>/withdraw/", papers.plan_withdraw, name="plan_withdraw"),
    path(chart + "orders/<uuid:order_id>/print/", printing.order_print, name="order_print"),
    path(chart + "care-plan/<uuid:plan_id>/print/", printing.plan_print, name="plan_print"),
    path(chart + "consents/print/", printing.consents_print, name="consents_print"),
    path(chart + "papers/new/", papers.attachment_new, name="attachment_new"),
    path(chart + "papers/<uuid:attachment_id>/", papers.attachment, name="attachment"),
    path(
        chart + "papers/<uuid:attachment_id>/withdraw/",
        papers.attachment_withdraw,
        name="attachment_withdraw",
    ),
    path(
        chart + "signatures/<uuid:request_id>/withdraw/",
        signing.signature_withdraw,
        name="signature_withdraw",
    ),
    path("signatures/", signing.signatures, name="signatures"),
    path("signatures/sign/", signing.signatures_sign, name="signatures_sign"),
    path("signatures/<uuid:request_id>/", signing.signature, name="signature"),
    path("signatures/<uuid:request_id>/return/", signing.signature_return, name="signature_return"),
    path(chart + "ranges/new/", acts.range_new, name="range_new"),
    path(chart + "visits/new/", acts.office_visit_new, name="office_visit_new"),
    path(
        chart + "visits/<uuid:visit_id>/withdraw/", acts.office_visit_withdraw, name="office_visit_withdraw"
    ),
    path(chart + "devices/new/", devices.device_new, name="device_new"),
    path(chart + "devices/<uuid:assignment_id>/return/", devices.device_return, name="device_return"),
    path(chart + "devices/<uuid:assignment_id>/setup/", devices.device_setup, name="device_setup"),
    path(chart + "other-services/new/", circumstances.other_service_new, name="other_service_new"),
    path(
        chart + "other-services/<uuid:service_id>/withdraw/",
        circumstances.other_service_withdraw,
        name="other_service_withdraw",
    ),
    path(chart + "surgery/new/", circumstances.surgery_new, name="surgery_new"),
    path(chart + "surgery/<uuid:surgery_id>/attest/", circumstances.surgery_attest, name="surgery_attest"),
    path(
        chart + "surgery/<uuid:surgery_id>/withdraw/", circumstances.surgery_withdraw, name="surgery_withdraw"
    ),
    path(chart + "stays/new/", circumstances.stay_new, name="stay_new"),
    path(chart + "stays/<uuid:stay_id>/discharge/", circumstances.stay_discharge, name="stay_discharge"),
    path(chart + "stays/<uuid:stay_id>/withdraw/", circumstances.stay_withdraw, name="stay_withdraw"),
]
