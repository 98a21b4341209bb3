"""The form of the practice's identity from a day on."""

from crispy_forms.layout import Div, Layout
from django import forms

from accounts.models import IDENTITY
from billing.practice_settings import fields as f
from billing.practice_settings.identity import IdentityGiven
from foundation.forms import ActForm
from staff.practice_forms import checked_npi, text


class IdentityForm(ActForm):
    """Who the practice is on its claims, from which day on, and why."""

    starts_on = f.day(
        "From which day",
        "Enter the day from which claims say it",
        help_text="By the date of service. The first day of a version corrects that version.",
    )
    name = text("Name", "Enter the name of the practice", max_length=120)
    npi = text("NPI", "Enter the NPI of the practice", max_length=10)
    tax_id = forms.RegexField(
        r"^[0-9]{2}-?[0-9]{7}$",
        label="Tax id",
        max_length=20,
        required=False,
        help_text="The EIN, like 12-3456789.",
        error_messages={"invalid": "The tax id must be nine digits, like 12-3456789."},
    )
    taxonomy = forms.RegexField(
        r"^[0-9]{3}[0-9A-Z]{6}X$",
        label="Taxonomy code",
        max_length=20,
        required=False,
        help_text="Ten signs, like 207R00000X for internal medicine.",
        error_messages={"invalid": "The taxonomy code must be ten signs that end in X, like 207R00000X."},
    )
    address = text("Street", max_length=120)
    city = text("City", max_length=60)
    state = f.state()
    zip_code = f.zip_code()
    phone = text("Phone", max_length=20)
    why = f.why()

    def __init__(self, data=None, **kwargs):
        super().__init__(f.tidied(data, "taxonomy", "state"), **kwargs)
        self.helper.layout = Layout(
            "starts_on",
            Div("name", "phone", css_class="fields-wide"),
            Div("npi", "tax_id", "taxonomy", css_class="fields-wide"),
            "address",
            Div("city", "state", "zip_code", css_class="fields-wide"),
            "why",
        )

    def clean_npi(self) -> str:
        return checked_npi(self.cleaned_data["npi"])

    def clean_tax_id(self) -> str:
        return f.dashed(self.cleaned_data["tax_id"], 2)

    def clean_zip_code(self) -> str:
        return f.dashed(self.cleaned_data["zip_code"], 5)

    def identity(self) -> IdentityGiven:
        v = self.cleaned_data
        return IdentityGiven(v["starts_on"], {name: v[name] for name in IDENTITY}, v["why"])
