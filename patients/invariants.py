from audit.invariants import Invariant

INVARIANTS = (
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
        "one-holder-per-device",
        """SELECT a.id FROM patients_deviceassignment a JOIN patients_deviceassignment b
               ON b.device_id = a.device_id AND b.id > a.id
              AND daterange(a.starts_on, a.ends_on) && daterange(b.starts_on, b.ends_on)""",
    ),
    Invariant(
        "consent-revoked-with-reason",
        "SELECT id FROM patients_consent WHERE (revoked_on IS NULL) <> (btrim(revoke_reason) = '')",
    ),
)
