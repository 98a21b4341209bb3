"""The small forms: what the clock asks, what ends a session or is added to it, and a person's own settings."""

from uuid import UUID

from django import forms

from foundation.forms import ActForm, ReasonForm
from timelogs.forms.note import DurationField, as_typed


class GapForm(forms.Form):
    """Adding time that silence left out: how much of it was work, and what. It is part of the draft's page."""

    length = DurationField(
        label="Time to add",
        error_messages={"required": "Enter how much of that time was work."},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "form-control"}
        ),
    )
    reason = forms.CharField(
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
    discard_reason = forms.CharField(
        label="Why it is discarded",
        max_length=500,
        error_messages={"required": "Give the reason. It stays in the record."},
    )


class SettingsForm(ActForm):
    """What a person chooses for her own work."""

    clock_on_chart = forms.BooleanField(
        label="Opening a chart starts my clock",
        required=False,
        help_text="After 5 seconds in which you can say no. It never starts beside another running clock, or beside a "
        "session with this patient that you have not signed. Silence is asked about as always.",
    )
    video_room = forms.URLField(
        label="My video room",
        required=False,
        assume_scheme="https",
        max_length=200,
        help_text="The address of your room, like https://video.example/rosa. “Video” on a chart opens it.",
        error_messages={
            "invalid": "The video room must be an address, like https://video.example/rosa.",
            "max_length": "The address of the video room must be 200 characters or less.",
        },
    )

    def clean_video_room(self) -> str:
        room = self.cleaned_data["video_room"]
        if room and not room.startswith("https://"):
            raise forms.ValidationError("The video room must be an address that begins with https://.")
        return room


class VoidForm(ReasonForm):
    """Voiding takes the whole session out of the month."""


class ConcurrenceForm(ReasonForm):
    """A decision about the sessions that were shown: `others`, by id."""

    others = forms.CharField(widget=forms.HiddenInput)

    def clean_others(self) -> set[UUID]:
        try:
            return {UUID(each) for each in self.cleaned_data["others"].split()}
        except ValueError:
            raise forms.ValidationError(
                "Open this page again: it does not say whose minutes are meant."
            ) from None


class BothCountForm(ConcurrenceForm):
    """Two people's time in the same minutes: why each of them counts."""

    title = "Let both count"
    reason = forms.CharField(
        label="Why both count",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What each of them did apart from the other. Where they worked together, one person’s time counts.",
        error_messages={
            "required": "Say what each of them did apart from the other. It stays in the record."
        },
    )


class CountOnceForm(ConcurrenceForm):
    """The decision is taken back."""

    title = "Count it once again"
    reason = forms.CharField(
        label="Why it counts once again",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why it counts once again. It stays in the record."},
    )


class AddendumForm(ActForm):
    """Words under a signed session. How much is enough, and too much, is the policy's to say."""

    text = forms.CharField(
        label="Addendum",
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="What you add, and why it is added now. It adds no time and changes nothing above it.",
        error_messages={"required": "Write what you add, and why it is added now."},
    )


class AttestForm(ActForm):
    """Nothing to fill in: what was shown is what is signed."""

    seen = forms.CharField(widget=forms.HiddenInput)
