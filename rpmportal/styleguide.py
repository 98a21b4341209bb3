"""What the style guide shows: one of each component, with made-up people."""

from datetime import date
from types import SimpleNamespace
from uuid import UUID

from django import forms
from django.core.paginator import Paginator

from foundation.forms import ActForm, DateInput, FreeText
from foundation.lengths import WORDS
from foundation.refusals import Refused

TONES = (
    ("critical", "Critical"),
    ("attention", "Needs attention"),
    ("info", "Exported"),
    ("ready", "Ready"),
    ("hold", "On hold"),
    ("none", "No readings"),
    ("live", "Done 6 Jan"),
    ("above", "Above range"),
    ("below", "Below range"),
)


class SampleForm(ActForm):
    """Each kind of control once."""

    day = forms.DateField(label="Session date", widget=DateInput, help_text="Today or in the past.")
    minutes = forms.CharField(
        max_length=20,
        label="Minutes",
        error_messages={"required": "Enter how long the session took."},
        help_text="Like 12, or 12:30.",
    )
    who = forms.ChoiceField(
        label="Who",
        choices=[("patient", "Patient"), ("caregiver", "Caregiver"), ("none", "No contact")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select who you spoke with."},
    )
    device = forms.ChoiceField(label="Device", choices=[("a", "Cuff A-77"), ("b", "Scale S-12")])
    said = FreeText(label="What was said", max_length=WORDS, rows=2, required=False)
    reviewed = forms.BooleanField(label="I reviewed these readings", required=False)


def samples() -> dict:
    jane = SimpleNamespace(
        pk=UUID(int=1),
        born_on=date(1948, 5, 12),
        sex="F",
        mrn="0001",
        age=lambda on: on.year - 1948 - ((on.month, on.day) < (5, 12)),
    )
    bad = SampleForm({"minutes": "", "operation_id": UUID(int=2)}, auto_id="bad_%s")
    bad.refuse(Refused("This overlaps your session with ROE, Max, 14:55–15:06. Change one of the times."))
    return {
        "patient": _Named("DOE, Jane", jane),
        "tones": TONES,
        "totals": (0, 305, 845, 1180, 1553, 2460, 5000),
        "form": SampleForm(),
        "bad_form": bad,
        "refusal": Refused("December 2025 is closed. Ask an administrator to re-open it, then save again."),
        "facts": (("Consent", "2-Nov-2025, spoken"), ("Device", "Cuff A-77"), ("Language", "")),
        "page": Paginator(range(118), 25).page(3),
        "rows": (
            ("ROE, Max", "SpO₂ 84 %", "critical", "Critical", 1330, "Done 9 Jan"),
            ("DOE, Jane", "BP 158/96", "above", "Above range", 845, "Done 6 Jan"),
            ("KIM, Bo", "No readings for 4 days", "none", "No readings", 0, ""),
        ),
    }


class _Named:
    """Prints as a patient does."""

    def __init__(self, name: str, what):
        self._name, self._what = name, what

    def __str__(self):
        return self._name

    def __getattr__(self, attribute):
        return getattr(self._what, attribute)
