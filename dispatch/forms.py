"""The forms of the inbox."""

from django import forms

from accounts.models import AlertEmails
from foundation.forms import ActForm


class AlertSettingsForm(ActForm):
    """What a person chooses about her alerts, in whatever practice."""

    alert_emails = forms.ChoiceField(
        label="E-mails of alerts about patients’ months",
        choices=AlertEmails.choices,
        widget=forms.RadioSelect,
        help_text="Together they come at 17:00, as numbers without names. Everything else, like a question to you or "
        "an escalation, comes at once.",
        error_messages={
            "required": "Choose how your alerts come.",
            "invalid_choice": "Choose one of the two.",
        },
    )
