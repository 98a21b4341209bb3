"""Forms of the close and of the claim."""

from crispy_forms.layout import Layout
from django import forms

from foundation.forms import ActForm, FreeText, ReasonForm


class TypedMonthForm(ActForm):
    """Typing the month's name is the confirmation: `March 2026`, in whatever case."""

    month_name = forms.CharField(
        label="Type the month to confirm",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        strip=True,
    )

    def __init__(self, *args, month, **kwargs):
        super().__init__(*args, **kwargs)
        self.name = f"{month:%B %Y}"
        self.fields["month_name"].help_text = f"Type {self.name}."
        wrong = dict.fromkeys(("required", "max_length"), f"Type {self.name} to confirm.")
        self.fields["month_name"].error_messages |= wrong
        self.helper.layout = Layout("operation_id", "month_name")

    def clean_month_name(self):
        typed = " ".join(self.cleaned_data["month_name"].split())
        if typed.casefold() != self.name.casefold():
            raise forms.ValidationError(f"Type {self.name} to confirm. You typed “{typed[:40]}”.")
        return self.name


class ReopenForm(TypedMonthForm):
    """Re-opening is for ever part of the month's record, with its reason."""

    reason = FreeText(
        label="Why it must be re-opened",
        max_length=500,
        rows=2,
        help_text="It stays on the month's pages for good. Name no patient.",
        error_messages={"required": "Give the reason. It stays in the record."},
    )

    def __init__(self, *args, month, **kwargs):
        super().__init__(*args, month=month, **kwargs)
        self.helper.layout = Layout("operation_id", "reason", "month_name")


class ApproveForm(ActForm):
    """Nothing to fill in; `back` is where the queue goes on."""


class HoldForm(ReasonForm):
    reason = FreeText(
        label="Why this claim waits",
        max_length=500,
        rows=2,
        error_messages={"required": "Give the reason for the hold. It stays in the record."},
    )


class LiftForm(ReasonForm):
    reason = FreeText(
        label="Why it need not wait any more",
        max_length=500,
        rows=2,
        error_messages={"required": "Give the reason for lifting the hold. It stays in the record."},
    )


class LineForm(ReasonForm):
    """Blocking, forcing and taking back: what it says stays beside the line for ever."""

    reason = FreeText(
        label="Why",
        max_length=500,
        rows=3,
        help_text="It stays on the claim for good, with your name.",
        error_messages={"required": "Give the reason. It stays on the claim."},
    )
