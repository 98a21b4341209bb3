"""The forms of what may follow a signature: amend, void, add words, attest, let both count."""

from uuid import UUID

from crispy_forms.layout import HTML, Div, Fieldset
from django import forms
from django.urls import reverse

from foundation.forms import ActForm, FreeText, ReasonForm
from timelogs.forms.note import NoteForm
from timelogs.models import ADDITION_LENGTH


class AmendForm(NoteForm):
    """A new version of a signed note: everything again, with the reason.

    `effect_seen` is the time, in seconds, whose effect on the month was shown.
    """

    reason = FreeText(
        label="Reason for the amendment",
        max_length=500,
        rows=2,
        help_text="Like “wrong end time” or “detail added”. It stays in the record.",
        error_messages={"required": "Give the reason for the amendment. It stays in the record."},
    )
    # Drawn by _effect.html, which is renewed while the minutes are typed; so not by the layout.
    effect_seen = forms.IntegerField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["minutes"].required = True
        self.fields["minutes"].error_messages["required"] = "Enter how long the session took."
        del self.fields["raise_reason"]
        # The effect on the month is asked for while the minutes are typed.
        self.fields["minutes"].widget.attrs |= {
            "hx-get": reverse("timelogs:session_amend", args=[self.entry.pk]),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#effect",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
        }

    def time_section(self):
        yield Fieldset(
            "Time",
            Div("minutes", "minutes_shown", css_class="side-by-side"),
            *(["late_reason"] if "late_reason" in self.fields else []),
        )
        yield HTML('{% include "timelogs/_effect.html" %}')
        yield Fieldset("Why it is amended", "reason")

    @property
    def seconds(self) -> int:
        """The new version's time in seconds; untouched, the signed seconds to the second."""
        return self.seconds_typed or self.entry.seconds_signed or 0


class VoidForm(ReasonForm):
    """Voiding takes the whole session out of the month."""


class AddendumForm(ActForm):
    """Words under a signed session. How much is enough, and too much, is the policy's to say."""

    text = FreeText(
        label="Addendum",
        max_length=ADDITION_LENGTH,
        rows=6,
        help_text="What you add, and why it is added now. It adds no time and changes nothing above it.",
        error_messages={"required": "Write what you add, and why it is added now."},
    )


class AttestForm(ActForm):
    """Nothing to fill in: what was shown is what is signed."""

    seen = forms.CharField(widget=forms.HiddenInput)


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
    reason = FreeText(
        label="Why both count",
        max_length=500,
        rows=3,
        help_text="What each of them did apart from the other. Where they worked together, one person’s time counts.",
        error_messages={
            "required": "Say what each of them did apart from the other. It stays in the record."
        },
    )


class CountOnceForm(ConcurrenceForm):
    """The decision is taken back."""

    title = "Count it once again"
    reason = FreeText(
        label="Why it counts once again",
        max_length=500,
        rows=3,
        error_messages={"required": "Say why it counts once again. It stays in the record."},
    )
