"""The forms about an escalation: each one act, in a line."""

from datetime import timedelta
from typing import Any

from django import forms

from accounts.models import Membership
from escalations.models import LINE, OF_SILENCE, Answer, Attempt, Outcome
from foundation.forms import ActForm, FreeText
from monitoring.findings import Severity
from patients.models import DeviceKind

ONE_WEEK = timedelta(days=7)


class Person(forms.ModelChoiceField):
    """Somebody by name and credential. Whom it offers, its form says."""

    def __init__(self, **kwargs):
        errors = {
            "required": "Choose to whom.",
            "invalid_choice": "Choose somebody of the list: who works on escalations here today.",
        }
        kwargs = {"label": "To whom", "empty_label": "Choose a person", "error_messages": errors, **kwargs}
        super().__init__(queryset=Membership.objects.none(), **kwargs)

    def label_from_instance(self, member: Membership) -> str:
        return member.label

    def to_python(self, value):
        """Also what is no id at all is somebody who is not on the list."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice"
            ) from None


def line(label: str, *, missing: str = "", most: int = 500, **kwargs) -> FreeText:
    """A line or two. With `missing`, which is what to say where it is empty, it must be there."""
    errors = {"required": missing}
    return FreeText(
        label=label, max_length=most, rows=2, required=bool(missing), error_messages=errors, **kwargs
    )


def one_of(choices, label: str, missing: str) -> forms.ChoiceField:
    errors = {"required": missing, "invalid_choice": "Choose one of the list."}
    return forms.ChoiceField(choices=choices, label=label, widget=forms.RadioSelect, error_messages=errors)


class StepForm(ActForm):
    """Carries the version that the person saw."""

    def __init__(self, *args, people=None, **kwargs):
        super().__init__(*args, **kwargs)
        if "to" in self.fields:
            self.fields["to"].queryset = people


class ReferForm(StepForm):
    to = Person()
    ask = line(
        "What you ask", most=LINE, missing="Say in a line what you ask, like “Consider an evening dose?”"
    )


class AnswerForm(StepForm):
    answer = one_of(Answer.choices, "Your answer", "Choose your answer.")
    words = line("In a line", most=500)


class HandOverForm(StepForm):
    to = Person()
    words = line("What is still to be done")


class NoteForm(StepForm):
    words = line("Note", missing="Write the note.")


class AttemptForm(StepForm):
    attempt = one_of(Attempt.choices, "How you tried", "Choose how you tried.")
    words = line("More about it")


class ResolveForm(StepForm):
    outcome = one_of(
        [(value, label) for value, label in Outcome.choices if value not in OF_SILENCE],
        "What came of it",
        "Choose what came of it.",
    )
    words = line("In a line")


class EndOfSilenceForm(StepForm):
    """Readings that come again end it by themselves, so that is none to choose."""

    outcome = one_of(
        [(value, Outcome(value).label) for value in (Outcome.PAUSED, Outcome.RETURNED, Outcome.NO_CHANGE)],
        "What came of it",
        "Choose what came of it.",
    )
    words = line("In a line")

    def say_pause(self, pause: timedelta) -> None:
        """How long it is today."""
        words = f"Paused for {pause.days} day{'' if pause.days == 1 else 's'}"
        outcome: Any = self.fields["outcome"]
        outcome.choices = [
            (value, words if value == Outcome.PAUSED else label) for value, label in outcome.choices
        ]


class SilenceFilter(forms.Form):
    """Which silent patients are shown."""

    tried = forms.ChoiceField(
        label="Tried",
        required=False,
        choices=[("", "All"), ("no", "Nothing tried yet"), ("yes", "Something tried")],
    )
    kind = forms.ChoiceField(label="Device", required=False, choices=[("", "All"), *DeviceKind.choices])


URGENCY = {
    "now": ("Now", Severity.CRITICAL, None),
    "today": ("Today", Severity.WARNING, None),
    "week": ("This week", Severity.WARNING, ONE_WEEK),
}


class EscalateForm(StepForm):
    ask = line(
        "What you ask",
        most=LINE,
        missing="Say in a line what you ask, like “Call him now or send to urgent care?”",
    )
    urgency = one_of(
        [(key, words[0]) for key, words in URGENCY.items()], "How urgent", "Choose how urgent it is."
    )
    to = Person()

    def escalation(self) -> dict:
        """What `acts.escalate` takes."""
        _, severity, within = URGENCY[self.cleaned_data["urgency"]]
        return {
            "ask": self.cleaned_data["ask"],
            "to": self.cleaned_data["to"],
            "severity": severity,
            "within": within,
        }


PLACES = 8


class LadderForm(ActForm):
    """The whole list, the first to be asked first, and why it is this one."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        for n in range(1, PLACES + 1):
            self.fields[f"place_{n}"] = Person(label=f"Place {n}", required=False, empty_label="Nobody")
            self.fields[f"place_{n}"].queryset = people
        self.fields["why"] = line("Reason", missing="Give the reason. It stays in the record.")

    def members(self) -> list[Membership]:
        """In their order; places left empty close up."""
        return [member for n in range(1, PLACES + 1) if (member := self.cleaned_data[f"place_{n}"])]
