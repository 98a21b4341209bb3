"""The forms of what the clock asks, and of discarding a draft."""

from django import forms

from foundation.forms import ActForm, FreeText, PlainTextForm
from timelogs.forms.fields import DurationField, as_typed


class GapForm(PlainTextForm):
    """Adding time that silence left out: how much of it was work, and what. It is part of the draft's page."""

    length = DurationField(
        label="Time to add",
        error_messages={"required": "Enter how much of that time was work."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "form-control"}
        ),
    )
    reason = FreeText(
        label="What you did in that time",
        max_length=500,
        widget=forms.TextInput(attrs={"class": "form-control"}),
        error_messages={"required": "Say what you did in that time. It stays in the record."},
    )

    # What the field showed when it was drawn: left as it was, everything up to now is meant.
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, gap, **kwargs):
        """`gap` is what is offered, with `id` and `offered` seconds (None: she says how much)."""
        self.gap = gap
        offered = as_typed(gap.offered)
        super().__init__(
            *args, prefix=f"gap-{gap.id}", initial={"length": offered, "shown": offered}, **kwargs
        )

    @property
    def seconds(self) -> int | None:
        """What she claims; None for all of it, where she left the length as it was shown."""
        untouched = self.data[self.add_prefix("length")].strip() == self.cleaned_data["shown"]
        return None if untouched else self.cleaned_data["length"]


class IdleForm(ActForm):
    answer = forms.ChoiceField(choices=[("keep", "Keep"), ("leave_out", "Leave out"), ("stop", "Stop")])


class DiscardForm(ActForm):
    discard_reason = FreeText(
        label="Why it is discarded",
        max_length=500,
        error_messages={"required": "Give the reason. It stays in the record."},
    )
