"""Every address × every role × both practices × nobody. A route that is not in the table fails the test.

Wrong role 403 · another practice's row 404 · not signed in: to the sign-in page · right role: it answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Role
from authentication import acts as authentication
from authentication import totp
from authentication.models import BrowserSession
from billing.models import Force
from boards.saved_views import save_view
from dispatch import notices, outbox
from dispatch.models import EmailDelivery, Notice, OutboxMessage
from escalations import acts as escalations
from intake import acts as intake_acts
from interchange.hubs import acts as hub_acts
from monitoring.models import ParkedReading, Reading, WaitingUpload
from patients.attachments import attach
from patients.models import Attachment, CarePlan, Consent, DeviceAssignment, Merge, OfficeVisit, Order, Site
from patients.papers import record_order, write_care_plan
from patients.services import OrderGiven, PlanGiven
from payers.models import Payer
from staff import acts as staff_acts
from staff import links
from staff.models import Invitation
from tests import factories
from tests.architecture.walk import every_route, methods_of, table_of
from tests.cast import PASSWORD
from tests.factories import saved
from tests.integration.billing.months import MARCH, close_march, guides_example
from tests.rows import signed_entry
from tests.tokens import token
from tests.writes import writes
from timelogs.clock import acts as clock

N, L, Q, B, A, D = Role.NURSE, Role.LEAD_NURSE, Role.QHP, Role.BILLER, Role.AUDITOR, Role.ADMINISTRATOR
CARE = {N, L, Q}
CHART = {N, L, Q, B, A}
MONTH = {B, A}
ALL = set(Role)


@dataclass(frozen=True, slots=True)
class Expected:
    """Who gets an answer. `own`: of those, only the row's author; a colleague of the same role gets 403.
    `hidden`: a colleague gets 404, because the row is nobody else's business."""

    roles: set[Role]
    own: bool = False
    hidden: bool = False


TABLE: dict[str, Expected] = {
    # site
    "home": Expected(ALL),
    "caseload": Expected(CHART),
    "boards:updates": Expected(CHART),
    "boards:view_save": Expected(CHART),
    "boards:view_delete": Expected(CHART, own=True, hidden=True),
    "chart": Expected(CHART),
    "styleguide": Expected(ALL),
    "palette": Expected(ALL),
    "help": Expected(ALL),
    "help_page": Expected(ALL),
    "session_left": Expected(ALL),
    "session_stay": Expected(ALL),
    "status": Expected({D}),
    # accounts
    "authentication:sign_out": Expected(ALL),
    "accounts:practice_switch": Expected(ALL),
    # authentication
    "authentication:security": Expected(ALL),
    "authentication:password_change": Expected(ALL),
    "authentication:factor_add": Expected(ALL),
    "authentication:factor_remove": Expected(ALL, own=True, hidden=True),
    "authentication:recovery_codes": Expected(ALL),
    "authentication:session_end": Expected(ALL, own=True, hidden=True),
    "authentication:sessions_end": Expected(ALL),
    # dispatch
    "dispatch:inbox": Expected(ALL - {A}),
    "dispatch:bell": Expected(ALL - {A}),
    "dispatch:notice_read": Expected(ALL - {A}, own=True, hidden=True),
    "dispatch:notice_done": Expected(ALL - {A}, own=True, hidden=True),
    "dispatch:notice_snooze": Expected(ALL - {A}, own=True, hidden=True),
    "dispatch:notices_read": Expected(ALL - {A}),
    "dispatch:alert_settings": Expected(ALL - {A}),
    "dispatch:queues": Expected({D}),
    "dispatch:message_retry": Expected({D}),
    "dispatch:mail_retry": Expected({D}),
    # staff
    "staff:people": Expected({D}),
    "staff:invite": Expected({D}),
    "staff:role_change": Expected({D}),
    "staff:role_end": Expected({D}),
    "staff:factor_reset": Expected({D}),
    "staff:emergency": Expected({D}),
    "staff:emergency_end": Expected({D}),
    "staff:roles": Expected(ALL),
    "staff:invitation_again": Expected({D}),
    "staff:invitation_withdraw": Expected({D}),
    # payers
    "payers:payers": Expected({B, A, D}),
    "payers:payer_new": Expected({D}),
    "payers:payers_usual": Expected({D}),
    "payers:payer_change": Expected({D}),
    "payers:payer_retire": Expected({D}),
    "payers:payer_restore": Expected({D}),
    # patients
    "patients:patient_new": Expected(CARE),
    "patients:duplicates": Expected({L, D}),
    "patients:merge_find": Expected({L, D}),
    "patients:merge": Expected({L, D}),
    "patients:merge_undo": Expected({L, D}),
    "patients:two_people": Expected({L, D}),
    "patients:patient_edit": Expected(CARE),
    "patients:enrollment": Expected(CHART),
    "patients:enrollment_new": Expected(CARE),
    "patients:enrollment_edit": Expected(CARE),
    "patients:enrollment_end": Expected(CARE),
    "patients:coverage_new": Expected(CARE | {B}),
    "patients:site_change": Expected(CARE),
    "patients:consent_new": Expected(CARE),
    "patients:consent_revoke": Expected(CARE),
    "patients:order_new": Expected(CARE),
    "patients:care_plan_new": Expected(CARE),
    "patients:order_scan": Expected(CARE),
    "patients:plan_scan": Expected(CARE),
    "patients:order_withdraw": Expected(CARE),
    "patients:plan_withdraw": Expected(CARE),
    "patients:order_print": Expected(CHART),
    "patients:plan_print": Expected(CHART),
    "patients:consents_print": Expected(CHART),
    "patients:attachment_new": Expected(CARE),
    "patients:attachment": Expected(CHART),
    "patients:attachment_withdraw": Expected(CARE),
    "patients:signatures": Expected({Q}),
    "patients:signatures_sign": Expected({Q}),
    "patients:signature": Expected({Q}),
    "patients:signature_return": Expected({Q}),
    "patients:signature_withdraw": Expected(CARE),
    "patients:range_new": Expected(CARE),
    "patients:range_reviewed": Expected(CARE),
    "patients:range_by_template": Expected(CARE),
    "patients:ranges_to_review": Expected(CARE),
    "patients:range_templates": Expected({Q, D}),
    "patients:range_template_new": Expected({Q, D}),
    "patients:range_template_change": Expected({Q, D}),
    "patients:range_template_retire": Expected({Q, D}),
    "patients:office_visit_new": Expected(CARE),
    "patients:office_visit_withdraw": Expected(CARE),
    "patients:device_new": Expected(CARE),
    "patients:device_return": Expected(CARE),
    "patients:device_setup": Expected(CARE),
    "patients:other_service_new": Expected(CARE | {B}),
    "patients:other_service_withdraw": Expected(CARE | {B}),
    "patients:surgery_new": Expected(CARE | {B}),
    "patients:surgery_attest": Expected({Q}),
    "patients:surgery_withdraw": Expected(CARE | {B}),
    "patients:stay_new": Expected(CARE),
    "patients:stay_discharge": Expected(CARE),
    "patients:stay_withdraw": Expected(CARE),
    # monitoring
    "monitoring:readings": Expected(CHART),
    "monitoring:panel": Expected(CHART),
    "monitoring:reading_exclude": Expected(CARE),
    "monitoring:reading_correct": Expected(CARE),
    "monitoring:parked": Expected(CARE),
    "monitoring:parked_group": Expected(CARE),
    "monitoring:parked_retry": Expected(CARE),
    "monitoring:parked_discard": Expected(CARE),
    "monitoring:readings_import": Expected(CARE),
    "monitoring:readings_import_check": Expected(CARE, own=True, hidden=True),
    "monitoring:readings_import_columns": Expected(CARE, own=True, hidden=True),
    # escalations
    "escalations:silent": Expected(CHART),
    "escalations:inbox": Expected(CHART),
    "escalations:escalation": Expected(CHART),
    "escalations:patient_panel": Expected(CHART),
    "escalations:escalate": Expected(CARE),
    "escalations:acknowledge": Expected(CARE),
    "escalations:refer": Expected(CARE),
    "escalations:answer": Expected({Q}),
    "escalations:hand_over": Expected(CARE),
    "escalations:note": Expected(CARE),
    "escalations:attempt": Expected(CARE),
    "escalations:resolve": Expected(CARE),
    "escalations:report": Expected({L, Q, A, D}),
    "escalations:report_csv": Expected({L, Q, A, D}),
    "escalations:ladder": Expected({B, A, D}),
    "escalations:ladder_change": Expected({D}),
    # intake
    "intake:bring_in": Expected(CARE),
    "intake:arrivals": Expected(CARE),
    "intake:check": Expected(CARE),
    "intake:columns": Expected(CARE),
    "intake:take_in": Expected(CARE),
    "intake:end": Expected(CARE),
    "intake:decide_rest": Expected(CARE),
    "intake:row": Expected(CARE),
    # interchange
    "interchange:integrations": Expected({A, D}),
    "interchange:token_new": Expected({D}),
    "interchange:token_shown": Expected({D}),
    "interchange:token_end": Expected({D}),
    "interchange:hub_new": Expected({D}),
    "interchange:hub_shown": Expected({D}),
    "interchange:hub_secret": Expected({D}),
    "interchange:hub_end": Expected({D}),
    # timelogs
    "timelogs:session_start": Expected(CARE),
    "timelogs:session_past": Expected(CARE),
    "timelogs:session_contact": Expected(CARE),
    "timelogs:session_opened": Expected(CARE),
    "timelogs:session_not_opened": Expected(CARE),
    "timelogs:month_panel": Expected(CHART),
    "timelogs:session": Expected(CHART),
    "timelogs:session_autosave": Expected(CARE, own=True),
    "timelogs:session_sign": Expected(CARE, own=True),
    "timelogs:session_discard": Expected(CARE, own=True),
    "timelogs:session_opening": Expected(CARE, own=True),
    "timelogs:session_live": Expected(CARE, own=True),
    "timelogs:session_heartbeat": Expected(CARE, own=True),
    "timelogs:session_pause": Expected(CARE, own=True),
    "timelogs:session_resume": Expected(CARE, own=True),
    "timelogs:session_on_call": Expected(CARE, own=True),
    "timelogs:session_idle_answer": Expected(CARE, own=True),
    "timelogs:session_claim_gap": Expected(CARE, own=True),
    "timelogs:session_fix": Expected(CARE, own=True),
    "timelogs:session_care_plan": Expected(CARE, own=True),
    "timelogs:session_amend": Expected(CARE, own=True),
    "timelogs:session_void": Expected(CARE, own=True),
    "timelogs:session_approve": Expected({L, Q}),
    "timelogs:session_count_both": Expected({L, Q}),
    "timelogs:session_count_once": Expected({L, Q}),
    "timelogs:session_addendum": Expected(CARE),
    "timelogs:session_attest": Expected(CARE, own=True),
    "timelogs:session_hand_over": Expected({L, Q}),
    "timelogs:session_close_left": Expected(CARE),
    "timelogs:left_drafts": Expected({L, Q}),
    "timelogs:escalation_session": Expected(CARE),
    "timelogs:escalation_sessions": Expected(CHART),
    "timelogs:my_sessions": Expected(CARE),
    "timelogs:my_settings": Expected(CARE),
    "timelogs:clock_pill": Expected(CARE),
    # billing
    "month_board": Expected(MONTH),
    "boards:month_patients": Expected(MONTH),
    "billing:queue": Expected(MONTH),
    "billing:close": Expected({B}),
    "billing:reopen": Expected({D}),
    "billing:closed_months": Expected({D}),
    "billing:run": Expected(MONTH),
    "billing:export_csv": Expected({B}),
    "billing:duties": Expected({B, A, D}),
    "billing:claim": Expected(MONTH),
    "billing:claim_row": Expected(MONTH),
    "billing:claim_approve": Expected({B}),
    "billing:claim_hold": Expected({B}),
    "billing:claim_lift": Expected({B}),
    "billing:line_block": Expected({B}),
    "billing:line_unblock": Expected({B}),
    "billing:line_force": Expected({B}),
    "billing:force_confirm": Expected({B}),
    "billing:force_end": Expected({B}),
    "billing:month_panel": Expected(MONTH),
    "billing:what_if": Expected(MONTH),
    "billing:practice": Expected({B, A, D}),
    "billing:identity": Expected({D}),
    "billing:name_and_zone": Expected({D}),
    "billing:site_new": Expected({D}),
    "billing:site": Expected({D}),
    "billing:site_end": Expected({D}),
    "billing:policies": Expected({B, A, D}),
    "billing:policy_change": Expected({D}),
    # reports
    "reports:index": Expected({L, B, A, D}),
    "reports:forecast": Expected({L, B, A, D}),
    "reports:program": Expected({B, A, D}),
    "reports:time": Expected({L, B, A, D}),
    "reports:not_counted": Expected({L, B, A, D}),
    "reports:unusual": Expected({L, B, A, D}),
    "reports:further": Expected({B, A, D}),
    "reports:reaching": Expected({L, B, A, D}),
    "reports:sessions": Expected({L, B, A, D}),
    "reports:noted": Expected({L, B, A, D}),
    "reports:calls": Expected({L, B, A, D}),
    "reports:patients": Expected(MONTH),
    "reports:members": Expected(MONTH),
    "reports:unreached": Expected({L, B, A}),
    # audit
    "audit:history": Expected({A}),
    "audit:access": Expected({A}),
    "audit:record": Expected(CHART),
}
SIGN_IN = "/sign-in/"
PUBLIC = {
    "authentication:sign_in",
    "authentication:second_factor",
    "authentication:set_up",
    "authentication:passkey",
    "authentication:passkey_options",
    "authentication:passkey_new_options",
    "authentication:forgotten",
    "authentication:reset",
    "authentication:choose_password",
    "staff:first_practice",
    "staff:invitation",
    "healthz",
    "readyz",
    "metrics",
    "interchange:fhir_metadata",
    "interchange:fhir_metadata_slash",
    "interchange:fhir_nothing",
    "interchange:fhir_smart",
    "interchange:fhir_smart_slash",
    "interchange:smart",
}
FINAL = {
    "timelogs:session_amend",
    "timelogs:session_void",
    "timelogs:session_approve",
    "timelogs:session_count_both",
    "timelogs:session_count_once",
    "timelogs:session_addendum",
    "timelogs:session_attest",
}
# An opened chart is written down, and when a person was last there.
BY_LOOKING = {"audit_accessevent", "django_session"}
# Derived rows, brought up to date before a page counts by them, where something changed.
FIGURED = {"boards_patientsummary", "boards_patientmark", "boards_outdatedclaim"}
# Ends the session of who asks: not asked again and again with the same sign-in.
ENDS_SESSION = {"authentication:sign_out"}


def members(cast) -> list[Membership]:
    """One person a role, Rosa the author among them, and a second nurse."""
    return [cast.rosa, cast.luis, cast.lena, cast.ana, cast.cora, cast.omar, cast.ade]


def strangers(cast) -> list[Membership]:
    """One person a role in the other practice."""
    there = [cast.dan, cast.dora]
    others = [(L, "RN"), (Q, "NP"), (A, ""), (D, "")]
    more = [
        factories.membership(cast.elsewhere, f"Far {role}", role, c, email=f"far-{role}@example.test")
        for role, c in others
    ]
    return [*there, *more]


@pytest.fixture
def world(cast) -> dict:
    return world_of(cast)


def world_of(cast) -> dict:
    """The ids that addresses take, all of Jane's, written by Rosa; the same of Nora in the other practice."""
    guides_example(cast)
    run = close_march(cast)
    now = timezone.now()
    upload = saved_upload(cast.rosa, now)
    past, _ = signed_entry(cast.jane_enrolled, now - timedelta(days=2), 5, by=cast.rosa, needs_approval=True)
    return {
        "patient_id": cast.jane.pk,
        "other_id": cast.max.pk,
        "merged_id": merged_into(cast.jane, cast.ade, now).pk,
        "consent_id": Consent.objects.get(patient=cast.jane).pk,
        "visit_id": saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=MARCH)).pk,
        **{f"{name}_id": row.pk for name, row in factories.going_on(cast.jane, MARCH).items()},
        "assignment_id": DeviceAssignment.objects.get(patient=cast.jane).pk,
        "reading_id": Reading.objects.filter(patient=cast.jane).first().pk,
        "range_id": cast.jane.target_ranges.get().pk,
        "template_id": factories.range_template(cast.practice).pk,
        "escalation_id": escalated(cast.jane, cast.rosa, now).pk,
        **{f"{name}_id": row.pk for name, row in papers_of(cast.jane, cast.rosa, now).items()},
        "upload_id": upload.pk,
        "parked_id": parked_reading(cast.practice, now).pk,
        "entry_id": clock.start_session(cast.jane, by=cast.rosa, at=now).pk,
        "signed_id": past.pk,
        "month": MARCH,
        "run_id": run.pk,
        "claim_id": cast.jane.claims.get().pk,
        "code": "99454",
        "force_id": asked_to_force(cast.jane, cast.cora, now).pk,
        "model": "patient",
        "name": "nurse",
        "key": "idle_minutes",
        "row_id": cast.jane.pk,
        "notice_id": noticed(cast.rosa).pk,
        "message_id": failed_message(cast.practice, now).pk,
        "mail_id": failed_mail(cast.cora).pk,
        "view_id": save_view("Silent", "show=silent", by=cast.rosa, at=now).pk,
        "member_id": cast.luis.pk,
        "token_id": token(cast.ade)[0].pk,
        "hub_id": hub_acts.make(cast.practice, name="Hub", vendor="generic", by=cast.ade, at=now)[0].pk,
        "site_id": site_of(cast.practice).pk,
        "factor_id": authenticator(cast.rosa.user, now)[0].pk,
        "session_id": signed_in_elsewhere(cast.rosa.user).pk,
        "invitation_id": invited(cast.ade, now).pk,
        "payer_id": Payer.objects.get(practice=cast.practice, slug="medicaid").pk,
        "import_id": opened_import(cast.rosa, now).pk,
        "number": 2,
    }


def escalated(patient, by: Membership, now):
    """By a nurse, to herself."""
    given = {"ask": "Call her?", "severity": "warning", "to": by, "by": by, "at": now}
    return escalations.escalate(patient, **given)


def merged_into(patient, by: Membership, now):
    """A second record of the patient, merged into hers."""
    second = factories.patient(by.practice, "Dow", "Jane", mrn="T-0009", born_on=patient.born_on)
    row = Merge(practice=by.practice, duplicate=second, remaining=patient, reason="r")
    row.merged_by, row.merged_at = by, now
    saved(row)
    return second


def site_of(practice) -> Site:
    return saved(
        Site(
            practice=practice, name="Office", place_of_service="11", main=True, starts_on=MARCH, why="Opened."
        )
    )


def asked_to_force(patient, by: Membership, now) -> Force:
    """Asked by the biller for a line of the patient's claim; around the act, for its claim has nothing held."""
    claim = patient.claims.get()
    asked = {"holds": ["episode-review"], "digest": "d", "reason": "r", "asked_by": by, "asked_at": now}
    return saved(
        Force(practice=by.practice, claim=claim, selection=claim.selection, code="99453", units=1, **asked)
    )


def authenticator(user, now):
    """An app of hers that holds the key: (the factor, the key)."""
    key = totp.new_key()
    return authentication.add_app(user, key=key, code=totp.code_at(key, now), at=now), key


def signed_in_elsewhere(user) -> BrowserSession:
    Client().force_login(user)
    return BrowserSession.objects.get(user=user)


def papers_of(patient, by: Membership, now) -> dict:
    """A file, a transcribed order and plan without their scans, and an order that waits for a signature."""
    episode, clinician = (
        patient.enrollments.get(),
        Membership.objects.get(practice=by.practice, user__name="Ana Rivera"),
    )
    today = by.practice.today(now)
    signed = {"signed_by": clinician, "signed_on": today}
    plan = PlanGiven(goals="g", actions="a", effective_on=today, **signed)
    return {
        "attachment": attach(patient, b"%PDF-1.7", kind="letter", title="Letter", by=by, at=now),
        "order": record_order(episode, OrderGiven(text="t", **signed), by=by, at=now),
        "plan": write_care_plan(episode, plan, by=by, at=now),
        "request": record_order(episode, OrderGiven(text="t", signed_by=clinician), by=by, at=now),
    }


def invited(by: Membership, now):
    offered = {
        "name": "Nina New",
        "role": "biller",
        "credential": "",
        "npi": "",
        "starts_on": by.practice.today(),
    }
    return staff_acts.invite(by.practice, email="nina@example.test", by=by, at=now, **offered)


def opened_import(by: Membership, now):
    """Row 2 is Jane with another phone number."""
    content = b"MRN,Last name,First name,DOB,Phone\nT-0001,Doe,Jane,1948-05-12,555 0100\n"
    found = intake_acts.open_csv(content, file_name="a.csv", by=by, at=now)
    chosen = ["mrn", "family_name", "given_name", "born_on", "phone"]
    return intake_acts.choose_columns(found, chosen, by=by, at=now)


def saved_upload(member: Membership, now) -> WaitingUpload:
    return WaitingUpload.objects.create(
        practice=member.practice,
        uploaded_by=member,
        uploaded_at=now,
        file_name="a.csv",
        content=b"serial,measure,taken_at,value\nS,weight,2026-01-05T08:12:00Z,85\n",
    )


def parked_reading(practice, now) -> ParkedReading:
    weight = {"measure": "weight", "value": "86", "taken_at": now.isoformat(), "serial": "NONE", "mrn": ""}
    return ParkedReading.objects.create(
        practice=practice, digest="d", entrance="fhir", sender="hub", serial="NONE", reason="no_device",
        problem="Nobody has it", first_at=now, last_at=now, incoming={**weight, "status": "final"},
    )  # fmt: skip


def noticed(member: Membership) -> Notice:
    notices.notify(
        member.practice, [member.user], kind="threshold", cause=f"test:{member.pk}", text="t", url="/"
    )
    return Notice.objects.get(cause=f"test:{member.pk}")


def failed_message(practice, now) -> OutboxMessage:
    message = outbox.send(practice, "staff.invited", invitation=str(uuid4()))
    message.failed_at, message.attempts, message.last_error = now, outbox.MAX_ATTEMPTS, "ValueError"
    message.save()
    return message


def failed_mail(member: Membership) -> EmailDelivery:
    mail = EmailDelivery.objects.get(notice=noticed(member))
    mail.last_error = "OSError"
    mail.save()
    return mail


class Visitor:
    """A signed-in client; every visit is taken back afterwards, so that one leaves nothing for the next."""

    def __init__(self, member: Membership | None):
        self.member, self.client = member, Client(raise_request_exception=False)
        # Tables that were written to by looking.
        self.by_looking: set[str] = set()
        if member is not None:
            self.client.force_login(member.user)

    def visit(self, method: str, address: str) -> int:
        mark = transaction.savepoint()
        send = self.client.post if method == "POST" else self.client.get
        with writes() as written:
            answer = send(address, self.form() if method == "POST" else {})
        if method != "POST":
            self.by_looking |= written.tables()
        transaction.savepoint_rollback(mark)
        if answer.status_code == 302 and answer.url.startswith("/sign-in/"):
            return 401
        if answer.status_code == 403 and "signed_out_form.html" in [t.name for t in answer.templates]:
            # Nothing of the page: only what was sent, to be sent again after signing in.
            return 401
        return answer.status_code

    def form(self) -> dict:
        """As good as empty: what every form carries, and one's own practice where that is asked for."""
        return {"operation_id": str(uuid4()), "practice": str(self.member.practice_id) if self.member else ""}

    def __str__(self):
        return f"{self.member.role} {self.member.user.name}" if self.member else "nobody"


def routes() -> list:
    return [r for r in every_route() if r.name in TABLE and r.name not in ENDS_SESSION]


def address_of(route, world: dict) -> str:
    ids = {place: world[place] for place in route.places}
    if route.name in FINAL:
        ids["entry_id"] = world["signed_id"]
    if route.name == "patients:merge_undo":
        ids["patient_id"] = world["merged_id"]
    return reverse(route.name, kwargs=ids)


def methods(route) -> Iterator[str]:
    return (m for m in ("GET", "POST") if m in (methods_of(route) or {"GET", "POST"}))


def answers(status: int) -> bool:
    """The page, a way on, or the form with what is missing."""
    return status < 400 or status in {409, 422}


def expected_of(route, member: Membership, cast) -> str:
    said = TABLE[route.name]
    if member.role not in said.roles:
        return "403"
    if said.own and member.user_id != cast.rosa.user_id:
        return "404" if said.hidden else "403"
    return "answer"


def test_every_route_stands_in_the_table():
    # What programs ask with a token has its own table: test_token_matrix.py.
    programs = ("scope", "by_signature")
    names = {r.name for r in every_route() if not any(hasattr(r.view, mark) for mark in programs)}
    assert names - PUBLIC == set(TABLE), (
        f"Not in the table, or no longer a route:{table_of(sorted((names - PUBLIC) ^ set(TABLE)))}"
    )


def test_each_role_gets_what_the_table_says(cast, world):
    """And by looking nobody writes anything but that she looked."""
    wrong = []
    visitors = [Visitor(m) for m in members(cast)]
    for route in routes():
        for visitor in visitors:
            for method in methods(route):
                want, got = (
                    expected_of(route, visitor.member, cast),
                    visitor.visit(method, address_of(route, world)),
                )
                if not (answers(got) if want == "answer" else str(got) == want):
                    wrong.append(f"{route.name} {method} by {visitor}: {got} instead of {want}")
    assert not wrong, table_of(wrong)
    assert set().union(*(visitor.by_looking for visitor in visitors)) - FIGURED == BY_LOOKING


def test_another_practices_rows_are_not_there(cast, world):
    """404 for every role that may use the page at home, 403 for the others. Never a redirect, never a form."""
    wrong = []
    visitors = [Visitor(m) for m in strangers(cast)]
    for route in (r for r in routes() if set(r.places) - {"month", "model", "key", "name", "number", "code"}):
        for visitor in visitors:
            want = 404 if visitor.member.role in TABLE[route.name].roles else 403
            for method in methods(route):
                if (got := visitor.visit(method, address_of(route, world))) != want:
                    wrong.append(f"{route.name} {method} by {visitor}: {got} instead of {want}")
    assert not wrong, table_of(wrong)


def test_nobody_is_sent_to_sign_in(world):
    nobody = Visitor(None)
    open_ = [
        f"{route.name} {method}: {got}"
        for route in routes()
        for method in methods(route)
        if (got := nobody.visit(method, address_of(route, world))) != 401
    ]
    assert not open_, table_of(open_)


def half_signed_in(cast) -> Client:
    """The password was right; the code of her app is still to come."""
    authenticator(cast.luis.user, timezone.now())
    client = Client(raise_request_exception=False)
    answer = client.post(SIGN_IN, {"username": "luis@example.test", "password": PASSWORD})
    assert answer.url == reverse("authentication:second_factor")
    return client


def to_set_up_first(cast) -> Client:
    """The password was right, her practice asks for a second factor, and she has none."""
    client = Client(raise_request_exception=False)
    with override_settings(SECOND_FACTOR_BY_POLICY=True):
        answer = client.post(SIGN_IN, {"username": "ana@example.test", "password": PASSWORD})
    assert answer.url == reverse("authentication:set_up")
    return client


def deactivated(cast) -> Client:
    """Signed in, and switched off since."""
    client = Client(raise_request_exception=False)
    client.force_login(cast.omar.user)
    cast.omar.user.is_active = False
    cast.omar.user.save()
    return client


def invited_and_looking(cast) -> Client:
    client = Client(raise_request_exception=False)
    assert client.get(links.address_of(Invitation.objects.get())).status_code == 200
    return client


@pytest.mark.parametrize("who", [half_signed_in, to_set_up_first, deactivated, invited_and_looking])
def test_who_is_not_wholly_signed_in_is_nobody(cast, world, who):
    nobody = Visitor(None)
    nobody.client = who(cast)
    open_ = [
        f"{route.name} {method}: {got}"
        for route in routes()
        for method in methods(route)
        if (got := nobody.visit(method, address_of(route, world))) != 401
    ]
    assert not open_, table_of(open_)


def test_who_works_nowhere_any_more_has_her_own_pages_alone(cast, world):
    """Her role ended yesterday; her account is not switched off."""
    cast.ana.ends_on = cast.practice.today()
    cast.ana.save()
    gone = Visitor(cast.ana)
    answered = {
        r.name for r in routes() for m in methods(r) if gone.visit(m, address_of(r, world)) not in {403, 404}
    }
    assert answered == set()


def rows_of(patient) -> dict:
    """What of this patient an address below a chart may name."""
    return {
        "consent_id": Consent.objects.get(patient=patient).pk,
        "visit_id": saved(OfficeVisit(practice=patient.practice, patient=patient, visited_on=MARCH)).pk,
        **{f"{name}_id": row.pk for name, row in factories.going_on(patient, MARCH).items()},
        "assignment_id": DeviceAssignment.objects.get(patient=patient).pk,
        "reading_id": factories.readings(patient, MARCH, 1)[0].pk,
        "range_id": patient.target_ranges.get().pk,
        "order_id": Order.objects.filter(enrollment__patient=patient).first().pk,
        "plan_id": CarePlan.objects.filter(enrollment__patient=patient).first().pk,
        "attachment_id": saved(_paper(patient)).pk,
    }


def _paper(patient) -> Attachment:
    return Attachment(
        practice=patient.practice,
        patient=patient,
        kind="letter",
        title="Letter",
        content_type="application/pdf",
        size=8,
        sha256="0" * 64,
        key=str(patient.pk),
        added_by=patient.enrollments.get().ordering,
        added_at=timezone.now(),
    )


@pytest.mark.parametrize("whose", ["nora", "max"])
def test_one_foreign_id_in_an_address_is_enough_for_404(cast, world, whose):
    """Jane's chart with a consent, device, visit, stay … of another patient, of another practice or of one's own."""
    ana, found, asked = Visitor(cast.ana), [], set()
    foreigners = rows_of(getattr(cast, whose))
    if whose == "nora":  # Templates are the practice's, not a patient's.
        foreigners["template_id"] = factories.range_template(cast.nora.practice).pk
    for place, foreign in foreigners.items():
        for route in (r for r in routes() if place in r.places):
            asked.add(place)
            address = address_of(route, world | {place: foreign})
            found += [
                f"{route.name} {m}: {got}" for m in methods(route) if (got := ana.visit(m, address)) != 404
            ]
    assert asked == set(foreigners)
    assert not found, table_of(found)


def test_a_membership_that_ended_opens_nothing(cast, world):
    cast.rosa.ends_on = cast.practice.today(timezone.now())
    cast.rosa.save()
    gone = Visitor(cast.rosa)
    assert gone.visit("GET", reverse("chart", args=[cast.jane.pk])) == 403
    assert gone.visit("GET", reverse("caseload")) == 403


def test_signing_out_ends_it(cast):
    client = Client()
    client.force_login(cast.rosa.user)
    assert client.post(reverse("authentication:sign_out")).status_code == 303
    assert client.get(reverse("caseload")).status_code == 302
