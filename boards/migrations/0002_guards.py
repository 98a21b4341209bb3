"""Marks: what changes a figure leaves one in its own transaction, whoever writes it; and who may see and delete here."""

from django.db import migrations

from foundation.dbguards import APP_ROLE, GuardModels, SeparatePractices

BY_ENROLLMENT = "JOIN patients_enrollment e ON e.id = r.enrollment_id"
BY_ENTRY = "JOIN timelogs_timeentry e ON e.id = r.entry_id"
BY_CLAIM = "JOIN billing_claim e ON e.id = r.claim_id"

# (table, whose figures a row `r` changes, by which join). In the order of the floors.
OF_PATIENTS = (
    ("patients_patient", "r.id", ""),
    ("patients_coverage", "r.patient_id", ""),
    ("patients_enrollment", "r.patient_id", ""),
    ("patients_patientsite", "r.patient_id", ""),
    ("patients_diagnosis", "e.patient_id", BY_ENROLLMENT),
    ("patients_consent", "r.patient_id", ""),
    ("patients_order", "e.patient_id", BY_ENROLLMENT),
    ("patients_careplan", "e.patient_id", BY_ENROLLMENT),
    ("patients_device", "e.patient_id", "JOIN patients_deviceassignment e ON e.device_id = r.id"),
    ("patients_deviceassignment", "r.patient_id", ""),
    ("patients_targetrange", "r.patient_id", ""),
    ("patients_officevisit", "r.patient_id", ""),
    ("patients_otherservice", "r.patient_id", ""),
    ("patients_surgicalglobal", "r.patient_id", ""),
    ("patients_institutionstay", "r.patient_id", ""),
    (
        "patients_merge",
        "e.patient_id",
        "CROSS JOIN LATERAL (VALUES (r.duplicate_id), (r.remaining_id)) e (patient_id)",
    ),
    ("monitoring_reading", "r.patient_id", ""),
    ("escalations_escalation", "r.patient_id", ""),
    # The words of a draft count for nothing, nor does a clock that still runs.
    ("timelogs_timeentry", "r.patient_id", "WHERE r.status <> 'draft'"),
    ("timelogs_timesegment", "e.patient_id", f"{BY_ENTRY} WHERE NOT upper_inf(r.during)"),
    ("timelogs_countedinterval", "r.patient_id", ""),
    ("timelogs_concurrence", "e.patient_id", BY_ENTRY),
    ("billing_claim", "r.patient_id", ""),
    ("billing_claimline", "e.patient_id", BY_CLAIM),
    ("billing_release", "e.patient_id", BY_CLAIM),
    # An approved claim is outdated or not by what people blocked and forced on it.
    ("billing_hold", "e.patient_id", BY_CLAIM),
    ("billing_force", "e.patient_id", BY_CLAIM),
    (
        "accounts_membership",
        "e.patient_id",
        "JOIN patients_enrollment e ON r.id IN (e.ordering_id, e.supervising_id)",
    ),
)
# The months before it are open now, too.
FIRST = "SELECT 1 FROM timelogs_period o WHERE o.practice_id = r.practice_id AND o.month < r.month"
# A row of these may change everybody's. A month that begins, or begins to close, has no other figures than before.
OF_EVERYBODY = (
    ("accounts_practice", "r.id", ""),
    ("accounts_policysetting", "r.practice_id", ""),
    ("patients_site", "r.practice_id", ""),
    ("timelogs_period", "r.practice_id", f"WHERE r.state IN ('closed', 'reopened') OR NOT EXISTS ({FIRST})"),
)
EVENTS = (("INSERT", "NEW TABLE AS new_rows"), ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
          ("DELETE", "OLD TABLE AS old_rows"))  # fmt: skip


def _asked(rows: str, practice: str, patient: str, by: str) -> str:
    return f"SELECT {practice}, {patient} FROM {rows} r {by}"


def trigger_sql(table: str, practice: str, patient: str, by: str) -> str:
    """One trigger a statement, however many rows it writes; each patient is marked once."""
    old, new = (_asked(rows, practice, patient, by) for rows in ("old_rows", "new_rows"))
    insert = "INSERT INTO boards_patientmark (practice_id, patient_id)"
    triggers = "\n".join(
        f"CREATE TRIGGER marks_{event.lower()} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION boards_mark_{table}();"
        for event, rows in EVENTS
    )
    return f"""
        CREATE FUNCTION boards_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                {insert} SELECT DISTINCT * FROM ({new}) AS whose;
            ELSIF TG_OP = 'UPDATE' THEN
                {insert} {old} UNION {new};
            ELSE
                {insert} SELECT DISTINCT * FROM ({old}) AS whose;
            END IF;
            RETURN NULL;
        END $$;
        {triggers}
    """


def _drop_sql(table: str) -> str:
    drops = " ".join(f"DROP TRIGGER marks_{event.lower()} ON {table};" for event, _ in EVENTS)
    return f"{drops} DROP FUNCTION boards_mark_{table}();"


MARKING = [(table, trigger_sql(table, "r.practice_id", patient, by)) for table, patient, by in OF_PATIENTS]
MARKING += [(table, trigger_sql(table, practice, "NULL::uuid", by)) for table, practice, by in OF_EVERYBODY]


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guards"),
        ("patients", "0002_guards"),
        ("monitoring", "0002_guards"),
        ("escalations", "0002_guards"),
        ("timelogs", "0002_guards"),
        ("billing", "0002_guards"),
        ("boards", "0001_initial"),
    ]

    operations = [
        GuardModels("patientsummary", "outdatedclaim"),
        migrations.RunSQL(
            f"GRANT DELETE ON boards_patientsummary, boards_patientmark, boards_savedview, boards_outdatedclaim TO {APP_ROLE};",
            f"REVOKE DELETE ON boards_patientsummary, boards_patientmark, boards_savedview, boards_outdatedclaim FROM {APP_ROLE};",
        ),
        SeparatePractices(),
        *(migrations.RunSQL(sql, _drop_sql(table)) for table, sql in MARKING),
    ]
