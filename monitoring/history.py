"""How the histories of readings are shown."""

from django.utils import timezone

from accounts.permissions import Permission
from audit.registry import Names, present
from monitoring.models import FileShape, ImportBatch, Reading


def _reading(row, names: Names) -> str:
    return f"{row.get_measure_display()}, {timezone.localtime(row.taken_at):%d-%b-%Y %H:%M}"


present(
    ImportBatch,
    label="Import of readings",
    needs=Permission.CHART_VIEW,
    name=lambda row, names: row.file_name,
    hide={"digest"},
)
present(Reading, label="Reading", needs=Permission.CHART_VIEW, name=_reading)
present(
    FileShape,
    label="Columns of files of readings",
    needs=Permission.HISTORY_ALL,
    name=lambda row, names: ", ".join(row.headings)[:80],
    hide={"shape"},
)
