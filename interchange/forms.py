"""The forms of a token (for what, how long, how often, from where), and of a hub and its secrets."""

from datetime import date, datetime, timedelta
from ipaddress import ip_network

from crispy_forms.layout import Div, Layout
from django import forms

from authentication.models import MOST_PER_MINUTE, Scope
from foundation.forms import ActForm, DateInput, FreeText
from foundation.months import midnight
from interchange.hubs.adapters import choices

MOST_NETWORKS = 20
YEAR = timedelta(days=365)


class TokenForm(ActForm):
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="The system that will use it, as you call it. It stands in each record that comes from there.",
        error_messages={
            "required": "Enter the name of the system that will use it.",
            "max_length": "The name must be 60 characters or fewer. It has %(show_value)s: shorten it.",
        },
    )
    scopes = forms.MultipleChoiceField(
        label="May",
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it may do."},
    )
    expires_on = forms.DateField(
        label="Last day",
        widget=DateInput(),
        help_text="A year at most.",
        error_messages={
            "required": "Enter the last day on which it works.",
            "invalid": "The last day must be a real date, like 20 Jan 2027.",
        },
    )
    per_minute = forms.IntegerField(
        label="Requests per minute",
        initial=120,
        min_value=1,
        max_value=MOST_PER_MINUTE,
        error_messages={
            "required": "Enter how many requests it may send in a minute.",
            "invalid": "Enter the requests per minute as a whole number.",
            "min_value": "At least 1 request per minute.",
            "max_value": f"At most {MOST_PER_MINUTE} requests per minute.",
        },
    )
    networks = FreeText(
        label="From these addresses only",
        max_length=1000,
        rows=2,
        required=False,
        help_text="One address or network a line, like 192.0.2.10 or 192.0.2.0/24. Empty: from everywhere.",
    )

    def __init__(self, *args, today: date, tz, **kwargs):
        self.today, self.tz = today, tz
        kwargs["initial"] = {"expires_on": today + YEAR, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        limits = Div("expires_on", "per_minute", css_class="fields-wide")
        self.helper.layout = Layout("name", "scopes", limits, "networks")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_expires_on(self) -> date:
        day = self.cleaned_data["expires_on"]
        if day < self.today:
            raise forms.ValidationError("The last day must be today or later.")
        if day > self.today + YEAR:
            raise forms.ValidationError(
                f"A token lasts a year at most. Choose {self.today + YEAR:%d-%b-%Y} or earlier."
            )
        return day

    def clean_networks(self) -> list[str]:
        typed = self.cleaned_data["networks"].replace(",", "\n").split()
        if len(typed) > MOST_NETWORKS:
            raise forms.ValidationError(
                f"At most {MOST_NETWORKS} addresses or networks. Use a larger network."
            )
        return list(dict.fromkeys(_network(text) for text in typed))

    def expires_at(self) -> datetime:
        """The end of the last day, by the practice's clocks."""
        return midnight(self.cleaned_data["expires_on"] + timedelta(days=1), tz=self.tz)


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise forms.ValidationError(
            f"“{text[:60]}” is no address. Write one like 192.0.2.10, or a network like 192.0.2.0/24."
        ) from None


OVERLAPS = {
    "0": ("At once: it may be in wrong hands", timedelta(0)),
    "1": ("A day", timedelta(days=1)),
    "7": ("A week", timedelta(days=7)),
    "30": ("30 days", timedelta(days=30)),
}


class HubForm(ActForm):
    name = forms.CharField(
        label="Name",
        max_length=60,
        help_text="The vendor or gateway, as you call it. It stands beside each reading that comes from there.",
        error_messages={
            "required": "Enter the name of the vendor or gateway that will send.",
            "max_length": "The name must be 60 characters or fewer. It has %(show_value)s: shorten it.",
        },
    )
    vendor = forms.ChoiceField(
        label="What it sends",
        help_text="Which shape its messages have. The vendor's description says so.",
        error_messages={"required": "Choose what it sends."},
    )
    per_minute = forms.IntegerField(
        label="Messages per minute",
        initial=120,
        min_value=1,
        max_value=MOST_PER_MINUTE,
        error_messages={
            "required": "Enter how many messages it may send in a minute.",
            "invalid": "Enter the messages per minute as a whole number.",
            "min_value": "At least 1 message per minute.",
            "max_value": f"At most {MOST_PER_MINUTE} messages per minute.",
        },
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["vendor"].choices = [("", "Choose…"), *choices()]
        self.helper.layout = Layout("name", "vendor", "per_minute")

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())


class SecretForm(ActForm):
    overlap = forms.ChoiceField(
        label="The old secret works on for",
        choices=[(days, words) for days, (words, _) in OVERLAPS.items()],
        initial="7",
        help_text="Until the vendor uses the new one. Both are good meanwhile.",
        error_messages={"required": "Choose how long the old secret works on."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("overlap")

    def given(self) -> dict:
        return {"overlap": OVERLAPS[self.cleaned_data["overlap"]][1]}
