"""The forms about a draft whose author signs it no more."""

from django import forms

from accounts.models import Membership
from foundation.forms import ActForm, FreeText


class Colleague(forms.ModelChoiceField):
    """A person by name and credential."""

    def label_from_instance(self, member: Membership) -> str:
        return member.label


class HandOverForm(ActForm):
    """To whom, and what is to be done."""

    to = Colleague(
        queryset=Membership.objects.none(),
        label="To whom",
        empty_label="Choose a person",
        error_messages={
            "required": "Choose who looks after it.",
            "invalid_choice": "Choose somebody of the list: who logs time here today.",
        },
    )
    why = FreeText(
        label="What is to be done",
        max_length=500,
        rows=2,
        help_text="Like “call him again and log it as your own session”.",
        error_messages={"required": "Say what is to be done. It stays in the record."},
    )

    def __init__(self, *args, colleagues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = colleagues.select_related("user").order_by("user__name", "pk")


class CloseLeftForm(ActForm):
    """What became of it."""

    reason = FreeText(
        label="What became of it",
        max_length=500,
        rows=2,
        help_text="Like “patient called again on 3 March, own session”. It stays in the record.",
        error_messages={"required": "Say what became of it. It stays in the record."},
    )
