"""How the histories of escalations are shown."""

from django.utils import timezone

from accounts.permissions import Permission
from audit.registry import Names, present
from escalations.models import Escalation, EscalationReading, EscalationStep, LadderPlace

CHART = Permission.CHART_VIEW


def _opened(row, names: Names) -> str:
    return f"{row.get_cause_display()}, {timezone.localtime(row.opened_at):%d-%b-%Y %H:%M}"


def _step(row, names: Names) -> str:
    return f"{row.get_kind_display()}, {timezone.localtime(row.at):%d-%b-%Y %H:%M}"


present(Escalation, label="Escalation", needs=CHART, name=_opened, labels={"rule": "trend"})
present(EscalationReading, label="Reading of an escalation", needs=CHART, name=lambda row, names: "attached")
present(EscalationStep, label="Step of an escalation", needs=CHART, name=_step)
present(
    LadderPlace,
    label="Place of the list of who answers escalations",
    needs=Permission.SETTINGS_VIEW,
    name=lambda row, names: f"place {row.position}",
)
