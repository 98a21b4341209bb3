"""How the histories of imports of patients are shown."""

from accounts.permissions import Permission
from audit.registry import present
from intake.models import ImportedPatient, KnownColumns, PatientImport

present(
    PatientImport,
    label="Import of patients",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: f"{row.opened_at:%d-%b-%Y}",
    hide={"digest"},
)
present(
    ImportedPatient,
    label="Patient from a file",
    needs=Permission.CHART_VIEW,
    name=lambda row, names: f"row {row.row}",
)
present(
    KnownColumns,
    label="Columns of patient files",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: row.get_source_display(),
)
