from audit.invariants import Invariant
from patients.invariants import newer_than_merge

INVARIANTS = (
    Invariant("no-reading-after-a-merge", newer_than_merge(("monitoring_historicalreading", "h.patient_id"))),
    # A calendar day anywhere on earth is at most one off the day in UTC.
    Invariant(
        "reading-day-is-near-its-moment",
        "SELECT id FROM monitoring_reading WHERE abs(day - (taken_at AT TIME ZONE 'UTC')::date) > 1",
    ),
    Invariant(
        "automatic-reading-has-device",
        "SELECT id FROM monitoring_reading WHERE source = 'automatic' AND device_id IS NULL",
    ),
    Invariant(
        "import-adds-up",
        "SELECT id FROM monitoring_importbatch WHERE added + repeated > rows",
    ),
)
