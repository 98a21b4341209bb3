"""What the practice begins with for a condition: the same limits that its patients have."""

from accounts.models import Practice
from foundation.tracked import bulk_create_tracked
from patients.models import RangeTemplate
from rpmportal.demo.conditions import CONTROLLED, GLUCOSE, SPO2, Condition
from rpmportal.demo.people import Team, signed_by

NAMES = {"Hypertension": CONTROLLED, "Type 2 diabetes": GLUCOSE, "COPD": SPO2}


def write(practice: Practice, team: Team) -> None:
    with signed_by(team["physician"], reason="What we begin with."):
        bulk_create_tracked([_template(practice, name, condition) for name, condition in NAMES.items()])


def _template(practice: Practice, name: str, condition: Condition) -> RangeTemplate:
    diagnosis = condition.codes[0].partition(".")[0]
    own = {"practice": practice, "name": name, "diagnosis": diagnosis, "measure": condition.measure}
    return RangeTemplate(**own, review_days=90, **condition.goal)
