from audit.invariants import Invariant
from patients.models import PLAN_CONTENT


def _of(row: str) -> str:
    """What a care plan says, as columns of a row."""
    return ", ".join(f"{row}.{name}" for name in PLAN_CONTENT)


def newer_than_merge(*tables: tuple[str, str]) -> str:
    """SQL: rows of a record that were written while it stood merged into another.

    Each table is the one of a history, with the way from its row `h` to its patient.
    """
    return " UNION ALL ".join(
        f"""SELECT h.id FROM patients_merge m
               JOIN patients_historicalmerge first ON first.id = m.id AND first.history_type = '+'
               JOIN {table} h ON {whose} = m.duplicate_id AND h.recorded_at > first.recorded_at
           WHERE m.undone_at IS NULL"""
        for table, whose in tables
    )


def _history(name: str) -> str:
    return f"patients_historical{name}"


OF_A_PATIENT = (
    "coverage",
    "enrollment",
    "consent",
    "deviceassignment",
    "targetrange",
    "officevisit",
    "otherservice",
    "surgicalglobal",
    "institutionstay",
    "attachment",
    "patientsite",
)
OF_AN_ENROLLMENT = ("diagnosis", "order", "careplan", "signaturerequest")
BY_ENROLLMENT = "(SELECT e.patient_id FROM patients_enrollment e WHERE e.id = h.enrollment_id)"

INVARIANTS = (
    Invariant(
        "merged-record-is-written-no-more",
        newer_than_merge(
            (_history("patient"), "h.id"),
            *((_history(name), "h.patient_id") for name in OF_A_PATIENT),
            *((_history(name), BY_ENROLLMENT) for name in OF_AN_ENROLLMENT),
        ),
    ),
    Invariant(
        "merges-do-not-follow-one-another",
        """SELECT a.id FROM patients_merge a JOIN patients_merge b ON b.duplicate_id = a.remaining_id
           WHERE a.undone_at IS NULL AND b.undone_at IS NULL""",
    ),
    Invariant(
        "merged-record-is-settled",
        """SELECT m.id FROM patients_merge m WHERE m.undone_at IS NULL AND (
               EXISTS (SELECT 1 FROM patients_enrollment e WHERE e.patient_id = m.duplicate_id AND e.ended_on IS NULL)
            OR EXISTS (SELECT 1 FROM patients_deviceassignment a
                       WHERE a.patient_id = m.duplicate_id AND a.ends_on IS NULL)
            OR EXISTS (SELECT 1 FROM patients_signaturerequest r JOIN patients_enrollment e ON e.id = r.enrollment_id
                       WHERE e.patient_id = m.duplicate_id AND r.state = 'waiting'))""",
    ),
    Invariant(
        "device-given-to-the-enrolled-patient",
        """SELECT a.id FROM patients_deviceassignment a JOIN patients_enrollment e ON e.id = a.enrollment_id
           WHERE e.patient_id <> a.patient_id""",
    ),
    Invariant(
        "one-enrollment-at-a-time",
        """SELECT a.id FROM patients_enrollment a JOIN patients_enrollment b
               ON b.patient_id = a.patient_id AND b.id > a.id
              AND daterange(a.started_on, a.ended_on) && daterange(b.started_on, b.ended_on)""",
    ),
    Invariant(
        "a-scan-is-of-the-same-patient",
        """SELECT o.id FROM patients_order o JOIN patients_enrollment e ON e.id = o.enrollment_id
               JOIN patients_attachment a ON a.id = o.scan_id WHERE a.patient_id <> e.patient_id
           UNION ALL
           SELECT p.id FROM patients_careplan p JOIN patients_enrollment e ON e.id = p.enrollment_id
               JOIN patients_attachment a ON a.id = p.scan_id WHERE a.patient_id <> e.patient_id""",
    ),
    Invariant(
        "a-scan-stands-as-long-as-its-paper",
        """SELECT o.id FROM patients_order o JOIN patients_attachment a ON a.id = o.scan_id
           WHERE o.withdrawn_at IS NULL AND a.withdrawn_at IS NOT NULL
           UNION ALL
           SELECT p.id FROM patients_careplan p JOIN patients_attachment a ON a.id = p.scan_id
           WHERE p.withdrawn_at IS NULL AND a.withdrawn_at IS NOT NULL""",
    ),
    Invariant(
        "signed-as-it-was-asked",
        f"""SELECT r.id FROM patients_signaturerequest r
               LEFT JOIN patients_order o ON o.id = r.order_id LEFT JOIN patients_careplan p ON p.id = r.care_plan_id
           WHERE r.state = 'signed'
             AND ((r.kind = 'order' AND r.text IS DISTINCT FROM o.text)
               OR (r.kind = 'care_plan' AND ({_of("r")}) IS DISTINCT FROM ({_of("p")})))""",
    ),
    Invariant(
        "nobody-is-enrolled-at-a-site-that-ended",
        """SELECT e.id FROM patients_enrollment e JOIN patients_site s
               ON s.practice_id = e.practice_id AND s.ends_on IS NOT NULL
           WHERE (e.ended_on IS NULL OR e.ended_on > s.ends_on)
             AND s.id = patients_site_on(e.practice_id, e.patient_id, greatest(s.ends_on, e.started_on))""",
    ),
    Invariant(
        "moved-to-an-open-site",
        """SELECT m.id FROM patients_patientsite m JOIN patients_site s ON s.id = m.site_id
           WHERE m.starts_on < s.starts_on OR m.starts_on >= s.ends_on""",
    ),
    Invariant(
        "one-holder-per-device",
        """SELECT a.id FROM patients_deviceassignment a JOIN patients_deviceassignment b
               ON b.device_id = a.device_id AND b.id > a.id
              AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)""",
    ),
    Invariant(
        "consent-revoked-with-reason",
        "SELECT id FROM patients_consent WHERE (revoked_on IS NULL) <> (btrim(revoke_reason) = '')",
    ),
    Invariant(
        "one-row-per-other-service",
        """SELECT a.id FROM patients_otherservice a JOIN patients_otherservice b
               ON (b.patient_id, b.code, b.service_on, b.billed_by) = (a.patient_id, a.code, a.service_on, a.billed_by)
              AND b.id > a.id AND NOT a.withdrawn AND NOT b.withdrawn""",
    ),
    Invariant(
        "attested-by-whom-when-and-why",
        """SELECT id FROM patients_surgicalglobal
           WHERE (attested_by_id IS NULL) <> (btrim(attestation) = '')
              OR (attested_on IS NULL) <> (btrim(attestation) = '')""",
    ),
    Invariant(
        "one-stay-at-a-time",
        """SELECT a.id FROM patients_institutionstay a JOIN patients_institutionstay b
               ON b.patient_id = a.patient_id AND b.id > a.id AND NOT a.withdrawn AND NOT b.withdrawn
              AND daterange(a.admitted_on, a.discharged_on) && daterange(b.admitted_on, b.discharged_on)""",
    ),
)
