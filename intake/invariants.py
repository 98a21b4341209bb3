"""What always holds of imports of patients."""

from audit.invariants import Invariant

INVARIANTS = (
    Invariant(
        "import-of-patients-adds-up",
        """SELECT id FROM intake_patientimport
           WHERE created + changed + kept + same + left_out > rows
              OR (ended_at IS NOT NULL AND created + changed + kept + same + left_out <> rows)""",
    ),
    Invariant(
        "import-of-patients-brought-whom-it-counts",
        """SELECT i.id FROM intake_patientimport i LEFT JOIN intake_importedpatient p ON p.patient_import_id = i.id
           GROUP BY i.id
           HAVING count(p.id) FILTER (WHERE p.what = 'created') <> i.created
               OR count(p.id) FILTER (WHERE p.what = 'changed') <> i.changed
               OR count(p.id) FILTER (WHERE p.what = 'kept') <> i.kept""",
    ),
    Invariant(
        "ended-import-keeps-no-rows",
        """SELECT c.id FROM intake_candidate c JOIN intake_patientimport i ON i.id = c.patient_import_id
           WHERE i.ended_at IS NOT NULL
           UNION ALL
           SELECT f.id FROM intake_importfile f JOIN intake_patientimport i ON i.id = f.patient_import_id
           WHERE i.ended_at IS NOT NULL""",
    ),
)
