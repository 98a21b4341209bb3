"""Every invariant, broken on purpose around the page, is seen and named. The owner's rights take the database's own
refusals out of the way first: what is proved here is that the check would see what got past them."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from audit.invariants import broken, every_invariant
from billing.models import AlertKind, Claim, ClaimLine, CloseRun, CodeSelection, ThresholdAlert
from boards.models import PatientMark
from boards.refresh import refresh
from foundation.context import because
from monitoring.models import ImportBatch
from tests import factories
from tests.factories import saved
from tests.integration.escalations.found import opened
from tests.integration.intake.files import NEW, matched
from tests.rows import counted, signed_entry
from timelogs.models import Concurrence, Gap, PatientMonth, Period
from timelogs.signing import addenda

pytestmark = pytest.mark.breaks_invariants

START = datetime(2026, 3, 3, 15, tzinfo=UTC)
CUT_OFF = datetime(2026, 4, 5, 12, tzinfo=UTC)
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def world(cast) -> dict:
    """A closed March with two signed sessions, an amended one, an alert, a decision and a claim: ids by name."""
    month = saved(PatientMonth(**PatientMonth.fields_for(cast.jane, date(2026, 3, 1))))
    entry, worked = signed_entry(cast.jane_enrolled, START, 12, by=cast.rosa)
    other, also = signed_entry(cast.jane_enrolled, START + timedelta(days=1), 12, by=cast.luis)
    first, second = counted(month, entry, worked), counted(month, other, also)
    old, was = signed_entry(cast.jane_enrolled, START + timedelta(days=2), 5, by=cast.rosa)
    with because("wrong end"):
        old.status, old.ended_reason = "amended", "wrong end"
        old.save()
        was.standing = False
        was.save()
        newer, _ = signed_entry(
            cast.jane_enrolled, START + timedelta(days=2), 4, by=cast.rosa, supersedes=old
        )
    own = {"practice": cast.practice}
    pair = sorted((entry, other), key=lambda each: each.pk)
    decision = {"decided_by": cast.lena, "decided_at": START, "reason": "Apart."}
    saved(Concurrence(entry=pair[0], other=pair[1], **decision, **own))
    alert = saved(
        ThresholdAlert(patient_month=month, minutes=20, kind=AlertKind.REACHED, raised_at=START, **own)
    )
    period = saved(Period(month=date(2026, 3, 1), state="closed", cut_off_at=CUT_OFF, **own))
    run = saved(
        CloseRun(
            period=period,
            number=1,
            state="done",
            total=1,
            done=1,
            started_at=CUT_OFF,
            finished_at=CUT_OFF,
            **own,
        )
    )
    photo = {
        "payer": "medicare",
        "facts": {},
        "evidence": {},
        "ruleset": "r",
        "decision": {"released": {"99457": 1}},
        "digest": "d",
        "decided_at": CUT_OFF,
    }
    selection = saved(CodeSelection(patient=cast.jane, period=period, run=run, **photo, **own))
    claim = saved(
        Claim(
            patient=cast.jane,
            period=period,
            selection=selection,
            payer="medicare",
            number="RPM-202603-000001",
            state="approved",
            approved_by=cast.cora,
            approved_at=CUT_OFF,
            **own,
        )
    )
    line = saved(
        ClaimLine(
            claim=claim,
            selection=selection,
            code="99457",
            units=1,
            service_on=date(2026, 3, 31),
            released=True,
            **own,
        )
    )
    (reading,) = factories.readings(cast.jane, date(2026, 3, 3), 1)
    batch = saved(
        ImportBatch(file_name="a.csv", digest="d", rows=1, added=1, repeated=0, imported_at=START, **own)
    )
    others = factories.going_on(cast.jane, date(2026, 3, 2))
    addendum = addenda.add_addendum(entry, text="She called back about it.", by=cast.luis, at=CUT_OFF)
    attested = addenda.attest(entry, seen=addenda.statement(entry, by=cast.rosa), by=cast.rosa, at=CUT_OFF)
    hour = timedelta(hours=1)
    gap = saved(Gap(entry=entry, during=(START - 2 * hour, START - hour), why="connection lost", **own))
    coming = matched(cast.rosa, NEW)
    found = opened(cast.jane, START)
    refresh(cast.practice, [cast.jane.pk, cast.max.pk], [date(2026, 3, 1)], at=START)
    PatientMark.objects.all().delete()
    assert broken() == {}
    rows = {
        "month": month, "entry": entry, "worked": worked, "other": other, "first": first, "second": second, "old": old,
        "newer": newer, "alert": alert, "period": period, "run": run, "selection": selection, "claim": claim, "line": line,
        "reading": reading, "batch": batch, "jane": cast.jane, "max": cast.max, "nora": cast.nora, "rosa": cast.rosa,
        "ana": cast.ana, "practice": cast.practice, "elsewhere": cast.elsewhere, "max_enrolled": cast.max_enrolled,
        "jane_enrolled": cast.jane_enrolled, "was": was, "addendum": addendum, "attested": attested, "gap": gap,
        "import": coming, "escalation": found, "attached": found.attached.get(),
        **others,
    }  # fmt: skip
    return {name: row.pk for name, row in rows.items()} | {"new": uuid4(), "user": cast.rosa.user_id}


@contextmanager
def past_every_refusal(*tables: str):
    """The owner takes triggers and constraints of these tables away, inside the test's own transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL ROLE rpm_owner")
        for table in tables:
            cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype NOT IN ('p', 'n', 't')",
                [table],
            )
            for (name,) in sorted(cursor.fetchall()):
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
            cursor.execute(
                "SELECT indexrelid::regclass FROM pg_index WHERE indrelid = %s::regclass AND indisunique AND NOT indisprimary",
                [table],
            )
            for (name,) in cursor.fetchall():
                cursor.execute(f"DROP INDEX {name}")
        yield cursor
        cursor.execute("SET LOCAL ROLE rpm_app")


def again(table: str, **changed: str) -> str:
    """SQL that copies the row %(row)s under another id, with some columns changed. Values are SQL."""
    changed = {"id": "gen_random_uuid()", **changed}
    pairs = ", ".join(f"'{column}', {value}" for column, value in changed.items())
    return f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object({pairs}))).* FROM {table} t WHERE id = "


def merge_of(duplicate: str, remaining: str = "nora") -> str:
    """SQL that merges one into the other, as if it had been done long ago."""
    said = "'r', now(), '[]', '', '[]'"
    columns = "version, practice_id, duplicate_id, remaining_id, merged_by_id, reason, merged_at, taken, undo_reason, kept"
    return (
        f"WITH m AS (INSERT INTO patients_merge (id, {columns})"
        f" SELECT gen_random_uuid(), 1, %(practice)s, %({duplicate})s, %({remaining})s, %(rosa)s, {said} RETURNING id)"
        f" INSERT INTO patients_historicalmerge (id, {columns}, history_type, history_date, actor_label, actor_kind,"
        f" request_id, recorded_at) SELECT m.id, 1, %(practice)s, %({duplicate})s, %({remaining})s, %(rosa)s, {said}, '+',"
        " now(), 'x', 'system', gen_random_uuid(), '2020-01-01' FROM m"
    )


SEGMENT, COUNTED, ENTRY = "timelogs_timesegment", "timelogs_countedinterval", "timelogs_timeentry"
ADDITION = "timelogs_addition"
BOARD = "boards_patientsummary"
# One broken row a line, however long: the table is read across.
# ruff: noqa: E501
CASES = {
    # accounts
    "one-role-at-a-time": ("accounts_membership", again("accounts_membership") + "%(rosa)s"),
    "policy-says-why": (
        "accounts_policysetting",
        "INSERT INTO accounts_policysetting (id, version, payer, key, value, as_practice, starts_on, why, practice_id)"
        " VALUES (%(new)s, 1, '', 'idle_minutes', '5', false, '2026-01-01', '', %(practice)s)",
    ),
    "a-practice-is-somebody-on-its-claims": (
        "accounts_practiceidentity",
        "DELETE FROM accounts_practiceidentity WHERE practice_id = %(practice)s",
    ),
    # audit
    "history-has-actor": ("patients_historicalpatient", "UPDATE patients_historicalpatient SET actor_label = '' WHERE id = %(jane)s"),
    "app-role-keeps-no-settings": ("patients_patient", "SET LOCAL ROLE rpm_app; ALTER ROLE rpm_app SET search_path = public"),
    "app-role-makes-nothing": ("patients_patient", "GRANT CREATE ON SCHEMA public TO rpm_app"),
    "append-only-is-guarded": ("patients_historicalpatient", "GRANT UPDATE ON patients_historicalpatient TO rpm_app"),
    "no-key-crosses-practices": ("patients_patient", "UPDATE patients_patient SET practice_id = %(elsewhere)s WHERE id = %(max)s"),
    "history-agrees:patients.patient": ("patients_patient", "UPDATE patients_patient SET phone = '555' WHERE id = %(max)s"),
    # dispatch
    "outbox-drained": (
        "dispatch_outboxmessage",
        "INSERT INTO dispatch_outboxmessage (practice_id, topic, body, request_id, actor_label, created_at, attempts, last_error)"
        " VALUES (%(practice)s, 't', '{}', %(new)s, 'x', now() - interval '16 minutes', 0, '')",
    ),
    "mails-go-out": (
        "dispatch_emaildelivery",
        "WITH n AS (INSERT INTO dispatch_notice (practice_id, recipient_id, kind, cause, text, fold, url, created_at)"
        " VALUES (%(practice)s, %(user)s, 'k', 'c', 't', '', '/', now() - interval '25 hours') RETURNING id)"
        " INSERT INTO dispatch_emaildelivery (notice_id, attempts, last_error) SELECT id, 0, '' FROM n",
    ),
    "one-notice-per-cause": (
        "dispatch_notice",
        "INSERT INTO dispatch_notice (practice_id, recipient_id, kind, cause, text, fold, url)"
        " SELECT %(practice)s, %(user)s, 'k', 'c', 't', '', '/' FROM generate_series(1, 2)",
    ),
    "one-operation-per-id": (
        "dispatch_operation",
        "INSERT INTO dispatch_operation (practice_id, operation_id, user_id, route, digest, status, location)"
        " SELECT %(practice)s, %(new)s, %(user)s, '/', '', 303, '/' FROM generate_series(1, 2)",
    ),
    "operation-has-its-answer": (
        "dispatch_operation",
        "INSERT INTO dispatch_operation (practice_id, operation_id, user_id, route, digest, location)"
        " VALUES (%(practice)s, %(new)s, %(user)s, '/', '', '')",
    ),
    # papers
    "a-scan-is-of-the-same-patient": (
        "patients_order",
        "WITH scan AS (INSERT INTO patients_attachment (id, version, practice_id, patient_id, kind, title, content_type,"
        " size, sha256, key, added_by_id, added_at, withdraw_reason)"
        " SELECT %(new)s, 1, p.practice_id, p.id, 'order', 't', 'application/pdf', 1, repeat('0', 64), 'k',"
        " m.id, now(), '' FROM patients_patient p, accounts_membership m"
        " WHERE p.practice_id = %(practice)s AND p.mrn = 'T-0002' AND m.practice_id = p.practice_id LIMIT 1 RETURNING id)"
        " UPDATE patients_order SET scan_id = (SELECT id FROM scan) WHERE enrollment_id IN"
        " (SELECT e.id FROM patients_enrollment e JOIN patients_patient p ON p.id = e.patient_id"
        "  WHERE p.mrn = 'T-0001' AND p.practice_id = %(practice)s)",
    ),
    "a-scan-stands-as-long-as-its-paper": (
        "patients_order",
        "WITH scan AS (INSERT INTO patients_attachment (id, version, practice_id, patient_id, kind, title, content_type,"
        " size, sha256, key, added_by_id, added_at, withdrawn_at, withdraw_reason)"
        " SELECT %(new)s, 1, o.practice_id, e.patient_id, 'order', 't', 'application/pdf', 1, repeat('0', 64), 'k',"
        " o.signed_by_id, now(), now(), 'r' FROM patients_order o JOIN patients_enrollment e ON e.id = o.enrollment_id"
        " WHERE o.practice_id = %(practice)s LIMIT 1 RETURNING id, patient_id)"
        " UPDATE patients_order SET scan_id = scan.id, signature = 'transcript', signed_at = NULL, seen_on = signed_on,"
        " seen_by_id = signed_by_id FROM scan WHERE enrollment_id IN"
        " (SELECT e.id FROM patients_enrollment e WHERE e.patient_id = scan.patient_id)",
    ),
    "signed-as-it-was-asked": (
        "patients_signaturerequest",
        "INSERT INTO patients_signaturerequest (id, version, practice_id, enrollment_id, kind, text, goals, actions,"
        " other_targets, medicines, education, asked_by_id, asked_at, state, ended_at, reason, order_id)"
        " SELECT %(new)s, 1, o.practice_id, o.enrollment_id, 'order', 'other words', '', '', '', '', '', o.signed_by_id, now(),"
        " 'signed', now(), '', o.id FROM patients_order o WHERE o.practice_id = %(practice)s LIMIT 1",
    ),
    # escalations
    "escalation-stands-as-its-last-step-says": (
        "escalations_escalation",
        "UPDATE escalations_escalation SET owner_id = %(ana)s WHERE id = %(escalation)s",
    ),
    "escalation-has-every-step": (
        "escalations_escalation",
        "UPDATE escalations_escalation SET version = 2 WHERE id = %(escalation)s",
    ),
    "escalation-is-open-once-for-a-cause": (
        "escalations_escalation",
        again("escalations_escalation") + "%(escalation)s",
    ),
    "a-reading-raises-its-cause-once": (
        "escalations_escalationreading",
        again("escalations_escalationreading") + "%(attached)s",
    ),
    "answered-by-a-clinician": (
        "escalations_escalationstep",
        "UPDATE escalations_escalationstep SET kind = 'answered', by_id = %(rosa)s WHERE escalation_id = %(escalation)s",
    ),
    "merged-record-has-no-open-escalation": ("patients_merge", merge_of("jane")),
    "no-escalation-after-a-merge": ("patients_merge", merge_of("jane")),
    # authentication
    "a-factors-use-is-kept": (
        "authentication_secondfactor",
        "INSERT INTO authentication_secondfactor (id, version, user_id, kind, name, secret, added_at)"
        " VALUES (%(new)s, 1, %(user)s, 'totp', 'n', 's', now())",
    ),
    "a-tokens-use-is-kept": (
        "authentication_apitoken",
        "INSERT INTO authentication_apitoken (id, version, practice_id, name, key, digest, scopes, networks, per_minute,"
        " made_by_id, made_at, expires_at, ended_why) SELECT %(new)s, 1, m.practice_id, 'n', 'abcdefgh', repeat('0', 64),"
        " ARRAY['patients.read'], ARRAY[]::text[], 1, m.id, now(), now() + interval '1 day', ''"
        " FROM accounts_membership m WHERE m.practice_id = %(practice)s LIMIT 1",
    ),
    # interchange
    "a-hubs-use-is-kept": (
        "interchange_hub",
        "INSERT INTO interchange_hub (id, version, practice_id, name, vendor, key, per_minute, made_by_id, made_at,"
        " ended_why) SELECT %(new)s, 1, m.practice_id, 'n', 'generic', 'abcdefgh', 1, m.id, now(), ''"
        " FROM accounts_membership m WHERE m.practice_id = %(practice)s LIMIT 1",
    ),
    "a-hub-has-a-current-secret-and-the-one-before": (
        "interchange_hub",
        "WITH hub AS (INSERT INTO interchange_hub (id, version, practice_id, name, vendor, key, per_minute, made_by_id,"
        " made_at, ended_why) SELECT %(new)s, 1, m.practice_id, 'n', 'generic', 'abcdefgh', 1, m.id, now(), ''"
        " FROM accounts_membership m WHERE m.practice_id = %(practice)s LIMIT 1 RETURNING id, practice_id)"
        " INSERT INTO interchange_hubuse (practice_id, hub_id, in_minute) SELECT practice_id, id, 0 FROM hub",
    ),
    "ten-recovery-codes-at-most": (
        "authentication_recoverycode",
        "INSERT INTO authentication_recoverycode (user_id, digest, made_at)"
        " SELECT %(user)s, n::text, now() FROM generate_series(1, 11) n",
    ),
    # staff
    "accepted-invitation-has-its-role": (
        "staff_invitation",
        "INSERT INTO staff_invitation (id, version, practice_id, email, name, role, credential, npi, employer, starts_on,"
        " invited_by_id, expires_at, accepted_by_id, accepted_at) SELECT %(new)s, 1, m.practice_id, u.email, 'n',"
        " 'biller', '', '', '', current_date, m.id, now(), u.id, now()"
        " FROM accounts_membership m JOIN accounts_user u ON u.email = 'dan@example.test'"
        " WHERE m.practice_id = %(practice)s LIMIT 1",
    ),
    "accepted-by-the-invited-address": (
        "staff_invitation",
        "INSERT INTO staff_invitation (id, version, practice_id, email, name, role, credential, npi, employer, starts_on,"
        " invited_by_id, expires_at, accepted_by_id, accepted_at) SELECT %(new)s, 1, m.practice_id, 'x@example.test',"
        " 'n', 'biller', '', '', '', current_date, m.id, now(), m.user_id, now()"
        " FROM accounts_membership m WHERE m.practice_id = %(practice)s LIMIT 1",
    ),
    # patients
    "device-given-to-the-enrolled-patient": (
        "patients_deviceassignment",
        "UPDATE patients_deviceassignment SET patient_id = %(max)s WHERE patient_id = %(jane)s",
    ),
    "one-enrollment-at-a-time": ("patients_enrollment", again("patients_enrollment") + "%(jane_enrolled)s"),
    "one-holder-per-device": (
        "patients_deviceassignment",
        again("patients_deviceassignment") + "(SELECT id FROM patients_deviceassignment WHERE patient_id = %(jane)s)",
    ),
    "nobody-is-enrolled-at-a-site-that-ended": (
        "patients_site",
        "INSERT INTO patients_site (id, version, practice_id, name, address, city, state, zip_code, place_of_service, main,"
        " starts_on, ends_on, why) VALUES (%(new)s, 1, %(practice)s, 'n', '', '', '', '', '11', true, '2025-01-01', '2026-03-01', 'w')",
    ),
    "moved-to-an-open-site": (
        "patients_patientsite",
        "WITH s AS (INSERT INTO patients_site (id, version, practice_id, name, address, city, state, zip_code, place_of_service,"
        " main, starts_on, why) VALUES (%(new)s, 1, %(practice)s, 'n', '', '', '', '', '11', false, '2026-03-02', 'w') RETURNING id)"
        " INSERT INTO patients_patientsite (id, version, practice_id, patient_id, site_id, starts_on)"
        " SELECT gen_random_uuid(), 1, %(practice)s, %(jane)s, id, '2026-03-01' FROM s",
    ),
    "consent-revoked-with-reason": ("patients_consent", "UPDATE patients_consent SET revoked_on = given_on WHERE patient_id = %(jane)s"),
    "one-row-per-other-service": ("patients_otherservice", again("patients_otherservice") + "%(service)s"),
    "attested-by-whom-when-and-why": ("patients_surgicalglobal", "UPDATE patients_surgicalglobal SET attested_on = starts_on WHERE id = %(surgery)s"),
    "one-stay-at-a-time": ("patients_institutionstay", again("patients_institutionstay", admitted_on="'2026-03-20'") + "%(stay)s"),
    "merged-record-is-written-no-more": ("patients_merge", merge_of("max")),
    "merged-record-is-settled": ("patients_merge", merge_of("max")),
    "merges-do-not-follow-one-another": ("patients_merge", f"{merge_of('max', 'jane')}; {merge_of('jane')}"),
    # intake
    "import-of-patients-adds-up": ("intake_patientimport", "UPDATE intake_patientimport SET kept = 2 WHERE id = %(import)s"),
    "import-of-patients-brought-whom-it-counts": (
        "intake_patientimport",
        "UPDATE intake_patientimport SET created = 1 WHERE id = %(import)s",
    ),
    "ended-import-keeps-no-rows": (
        "intake_patientimport",
        "UPDATE intake_patientimport SET state = 'done', left_out = 1, ended_at = now() WHERE id = %(import)s",
    ),
    # monitoring
    "reading-day-is-near-its-moment": ("monitoring_reading", "UPDATE monitoring_reading SET day = day + 2 WHERE id = %(reading)s"),
    "automatic-reading-has-device": ("monitoring_reading", "UPDATE monitoring_reading SET device_id = NULL WHERE id = %(reading)s"),
    "import-adds-up": ("monitoring_importbatch", "UPDATE monitoring_importbatch SET repeated = 9 WHERE id = %(batch)s"),
    "no-reading-after-a-merge": ("patients_merge", merge_of("jane")),
    # timelogs
    "no-time-after-a-merge": ("patients_merge", merge_of("jane")),
    "merged-record-has-no-draft": (
        "patients_merge",
        again(ENTRY, status="'draft'", signed_at="NULL", signature="''", seconds_signed="NULL", care_plan_id="NULL")
        + f"%(entry)s; {merge_of('jane')}",
    ),
    "nobody-works-twice-at-once": (SEGMENT, again(SEGMENT) + "%(worked)s"),
    "no-second-of-a-patient-twice": (COUNTED, again(COUNTED, id="-1") + "%(first)s"),
    "no-second-of-a-person-twice": (COUNTED, again(COUNTED, id="-1", patient_id="%(max)s::uuid") + "%(first)s"),
    "counted-lies-in-its-segment-and-month": (
        COUNTED,
        f"UPDATE {COUNTED} SET during = tstzrange(lower(during), upper(during) + interval '1 second') WHERE id = %(first)s",
    ),
    "counted-stands-on-signed-sessions": (
        COUNTED,
        f"UPDATE {COUNTED} SET entry_id = %(old)s, segment_id = %(was)s WHERE id = %(first)s",
    ),
    "total-within-the-wall-clock": (COUNTED, f"UPDATE {COUNTED} SET during = (SELECT during FROM {COUNTED} WHERE id = %(first)s) WHERE id = %(second)s"),
    "counted-twice-only-where-somebody-said-why": (
        COUNTED,
        f"UPDATE {COUNTED} SET concurrent = true WHERE id = %(first)s",
    ),
    "who-decides-worked-in-neither": (
        "timelogs_concurrence",
        f"UPDATE timelogs_concurrence SET decided_by_id = (SELECT author_id FROM {ENTRY} WHERE id = %(entry)s)",
    ),
    "reviewed-readings-are-those-of-the-note": (
        ENTRY,
        f"""UPDATE {ENTRY} SET data_reviewed = true, data_facts = '[{{"measure": "weight", "count": 1}}]'::jsonb WHERE id = %(entry)s""",
    ),
    "only-signed-sessions-stand-decided": (ENTRY, f"UPDATE {ENTRY} SET status = 'voided' WHERE id = %(other)s"),
    "care-plans-name-a-session-of-the-patient": (
        "patients_careplan",
        f"UPDATE patients_careplan SET session_id = '{NOBODY}' WHERE enrollment_id = %(jane_enrolled)s",
    ),
    "worked-under-a-plan-in-effect": (
        ENTRY,
        f"UPDATE {ENTRY} SET care_plan_id = (SELECT id FROM patients_careplan"
        " WHERE practice_id = %(practice)s AND enrollment_id <> %(jane_enrolled)s LIMIT 1) WHERE id = %(entry)s",
    ),
    "months-of-a-patient-do-not-overlap": (
        "timelogs_patientmonth",
        again("timelogs_patientmonth", month="'2026-04-01'", starts_at="t.ends_at - interval '1 second'", ends_at="t.ends_at + interval '1 day'") + "%(month)s",
    ),
    "signed-seconds-are-the-segments": (ENTRY, f"UPDATE {ENTRY} SET seconds_signed = 721 WHERE id = %(entry)s"),
    "ended-sessions-keep-what-they-signed": (ENTRY, f"UPDATE {ENTRY} SET seconds_signed = 301 WHERE id = %(old)s"),
    "ended-sessions-have-no-standing-time": (SEGMENT, f"UPDATE {SEGMENT} SET standing = true WHERE id = %(was)s"),
    "only-drafts-run": (SEGMENT, f"UPDATE {SEGMENT} SET during = tstzrange(lower(during), NULL) WHERE id = %(worked)s"),
    "time-is-its-authors-own": (ENTRY, f"UPDATE {ENTRY} SET author_id = %(ana)s WHERE id = %(entry)s"),
    "what-was-left-out-is-not-counted": (
        SEGMENT,
        f"UPDATE {SEGMENT} SET source = 'clock', during = (SELECT during FROM timelogs_gap WHERE id = %(gap)s) WHERE id = %(worked)s",
    ),
    "added-gaps-were-attested": ("timelogs_gap", "UPDATE timelogs_gap SET answer = 'added', reason = 'r' WHERE id = %(gap)s"),
    "session-is-of-the-enrolled-patient": (ENTRY, f"UPDATE {ENTRY} SET enrollment_id = %(max_enrolled)s WHERE id = %(entry)s"),
    "a-correction-ends-what-it-corrects": (ENTRY, f"UPDATE {ENTRY} SET supersedes_id = %(other)s WHERE id = %(newer)s"),
    "corrections-say-why": (
        "timelogs_historicaltimeentry",
        "UPDATE timelogs_historicaltimeentry SET history_change_reason = '' WHERE id = %(old)s",
    ),
    "additions-follow-a-signature": (ADDITION, f"UPDATE {ADDITION} SET signed_at = '2026-03-01' WHERE id = %(addendum)s"),
    "additions-never-change": (ADDITION, f"UPDATE {ADDITION} SET text = 'Other words.', version = 2 WHERE id = %(addendum)s"),
    "attested-by-the-author": (ADDITION, f"UPDATE {ADDITION} SET author_id = %(ana)s WHERE id = %(attested)s"),
    "attested-once": (ADDITION, again(ADDITION) + "%(attested)s"),
    "closed-month-has-a-cut-off": ("timelogs_period", "UPDATE timelogs_period SET cut_off_at = NULL WHERE id = %(period)s"),
    "nothing-counts-after-the-cut-off": (ENTRY, f"UPDATE {ENTRY} SET signed_at = '2026-04-06' WHERE id = %(entry)s"),
    # billing
    "one-alert-per-line": ("billing_thresholdalert", again("billing_thresholdalert") + "%(alert)s"),
    "reached-alert-has-its-minutes": ("billing_thresholdalert", "UPDATE billing_thresholdalert SET minutes = 25 WHERE id = %(alert)s"),
    "closed-month-is-near-nothing": (
        "billing_thresholdalert",
        "UPDATE billing_thresholdalert SET kind = 'near', minutes = 80 WHERE id = %(alert)s",
    ),
    "one-selection-per-run-and-patient": ("billing_codeselection", again("billing_codeselection") + "%(selection)s"),
    "one-claim-per-patient-and-month": ("billing_claim", again("billing_claim", number="'n'") + "%(claim)s"),
    "claim-rests-on-its-own-decision": ("billing_claim", "UPDATE billing_claim SET payer = 'other' WHERE id = %(claim)s"),
    "claim-rests-on-the-latest-decision": (
        "billing_codeselection",
        again("billing_codeselection", supersedes_id="t.id") + "%(selection)s",
    ),
    "approved-claim-is-not-held": (
        "billing_hold",
        "INSERT INTO billing_hold (id, version, code, slug, reason, placed_at, lifted_reason, claim_id, practice_id)"
        " VALUES (%(new)s, 1, '', 'by-hand', 'r', now(), '', %(claim)s, %(practice)s)",
    ),
    "approved-claim-has-a-released-line": ("billing_claimline", "UPDATE billing_claimline SET released = false WHERE id = %(line)s"),
    "no-service-claimed-twice": ("billing_claimline", again("billing_claimline") + "%(line)s"),
    # The same line on a claim of each, both exported; the merge was before.
    "no-month-exported-again-after-a-merge": (
        "patients_merge",
        f"{merge_of('max', 'jane')};"
        + again("billing_claim", id="%(new)s::uuid", patient_id="%(max)s::uuid", number="'RPM-202603-000002'")
        + "%(claim)s;"
        + again("billing_claimline", claim_id="%(new)s::uuid")
        + "%(line)s;"
        + "INSERT INTO billing_release (id, version, practice_id, claim_id, released_by_id, released_at)"
        " SELECT gen_random_uuid(), 1, c.practice_id, c.id, c.approved_by_id, now() + interval '1 day'"
        " FROM billing_claim c",
    ),
    "blocked-code-has-no-released-line": (
        "billing_hold",
        "INSERT INTO billing_hold (id, version, code, slug, reason, placed_at, lifted_reason, claim_id, practice_id)"
        " VALUES (%(new)s, 1, '99457', 'by-hand', 'r', now(), '', %(claim)s, %(practice)s)",
    ),
    "released-by-rule-or-forced-by-two": ("billing_claimline", "UPDATE billing_claimline SET code = '99454' WHERE id = %(line)s"),
    "forced-by-two-different-people": (
        "billing_force",
        "INSERT INTO billing_force (id, version, code, units, holds, digest, reason, asked_at, confirmed_at, confirmed_reason,"
        " ended_reason, asked_by_id, confirmed_by_id, claim_id, selection_id, practice_id)"
        " SELECT %(new)s, 1, '99457', 1, '[\"episode-review\"]', 'd', 'r', now(), now(), 'r', '', m.id, m.id, %(claim)s,"
        " %(selection)s, %(practice)s FROM accounts_membership m WHERE m.practice_id = %(practice)s LIMIT 1",
    ),
    "line-is-of-its-claims-patient": ("billing_codeselection", "UPDATE billing_codeselection SET patient_id = %(max)s WHERE id = %(selection)s"),
    "running-close-has-its-gate-shut": (
        "billing_closerun",
        "UPDATE billing_closerun SET state = 'running', finished_at = NULL WHERE id = %(run)s",
    ),
    "close-run-adds-up": ("billing_closerun", "UPDATE billing_closerun SET done = 0 WHERE id = %(run)s"),
    # boards
    "board-says-the-latest-reading": (BOARD, f"UPDATE {BOARD} SET severity = 2 WHERE patient_id = %(jane)s"),
    "board-says-the-gravest-escalation": (BOARD, f"UPDATE {BOARD} SET escalation = 0 WHERE patient_id = %(jane)s"),
    "board-says-the-time-that-counts": (BOARD, f"UPDATE {BOARD} SET seconds = seconds - 1 WHERE patient_id = %(jane)s"),
    "board-says-the-days-of-devices": (BOARD, f"UPDATE {BOARD} SET device_days = device_days + 1 WHERE patient_id = %(jane)s"),
    "board-says-who-it-is": ("patients_patient", "UPDATE patients_patient SET given_name = 'Janet' WHERE id = %(jane)s"),
    "board-says-an-enrollment": ("patients_enrollment", "UPDATE patients_enrollment SET ended_on = '2026-08-01' WHERE id = %(jane_enrolled)s"),
    "board-forgets-nobody": (BOARD, f"DELETE FROM {BOARD} WHERE patient_id = %(max)s"),
}  # fmt: skip


def seen_when_broken(name: str, world: dict) -> bool:
    """Breaks one invariant, asks, and takes it back."""
    table, sql = CASES[name]
    with transaction.atomic():
        with past_every_refusal(table) as cursor:
            cursor.execute(sql, world)
        seen = name in broken()
        transaction.set_rollback(True)
    return seen


def test_every_broken_invariant_is_seen(world):
    # One world for them all: building it takes longer than breaking it.
    unseen = [name for name in CASES if not seen_when_broken(name, world)]
    assert unseen == [], f"Broken on purpose and not seen: {unseen}"
    assert broken() == {}


def test_every_invariant_is_proved_to_see():
    """History agreement is one rule made for every model; one stands for them all."""
    names = {i.name for i in every_invariant() if not i.name.startswith("history-agrees:")}
    proved = set(CASES) - {"history-agrees:patients.patient"}
    assert names == proved, f"Not proved: {names - proved}. No longer there: {proved - names}."


def test_names_are_given_once():
    names = [i.name for i in every_invariant()]
    assert len(set(names)) == len(names)


def test_the_command_prints_ids_and_fails(world):
    with past_every_refusal("patients_patient") as cursor:
        cursor.execute("UPDATE patients_patient SET phone = '555' WHERE id = %(jane)s", world)
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_invariants", stdout=out)
    assert out.getvalue() == f"history-agrees:patients.patient: {world['jane']}\n"


def test_a_trigger_switched_off_is_seen(world):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL ROLE rpm_owner")
        cursor.execute("ALTER TABLE audit_accessevent DISABLE TRIGGER append_only")
        cursor.execute("SET LOCAL ROLE rpm_app")
    assert broken() == {"append-only-is-guarded": ["audit_accessevent"]}


def test_the_outbox_may_still_owe_a_withdrawal(world, cast):
    """An alert is not wrong while the work that withdraws it waits."""
    from dispatch import outbox

    outbox.send(cast.practice, "timelogs.time_changed", patient_month=str(world["month"]))
    with past_every_refusal("billing_thresholdalert") as cursor:
        cursor.execute("UPDATE billing_thresholdalert SET minutes = 40 WHERE id = %(alert)s", world)
    assert "reached-alert-has-its-minutes" not in broken()
