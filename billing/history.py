"""How the histories of alerts, closes, decisions and claims are shown. Not to nurses: they see minutes, no claims."""

from accounts.permissions import Permission
from audit.registry import present
from billing.models import Claim, ClaimLine, CloseRun, CodeSelection, Force, Hold, Release, ThresholdAlert

BILLING = Permission.MONTH_VIEW

present(
    ThresholdAlert,
    label="Alert at a line",
    needs=BILLING,
    name=lambda row, names: f"{row.minutes} min {row.get_kind_display().lower()}",
)
present(
    CloseRun,
    label="Close of a month",
    needs=BILLING,
    name=lambda row, names: f"run {row.number}",
    hide={"last_patient_id"},
    labels={"done": "patients decided", "total": "patients", "sent_back": "approved claims sent back"},
)
present(
    CodeSelection,
    label="Code decision",
    needs=BILLING,
    name=lambda row, names: row.payer,
    hide={"digest"},
    labels={"ruleset": "rules", "supersedes": "replaces the decision"},
)
present(Claim, label="Claim", needs=BILLING, name=lambda row, names: row.number)
present(ClaimLine, label="Claim line", needs=BILLING, name=lambda row, names: f"{row.code} × {row.units}")
present(Hold, label="Hold", needs=BILLING, name=lambda row, names: row.slug.replace("-", " "))
present(
    Force,
    label="Forced line",
    needs=BILLING,
    name=lambda row, names: f"{row.code} × {row.units}",
    hide={"digest"},
    labels={"selection": "decision", "holds": "held because"},
)
present(Release, label="Export of a claim", needs=BILLING, name=lambda row, names: "export")
