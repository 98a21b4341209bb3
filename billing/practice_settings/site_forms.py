"""The forms that describe a site and that end one."""

from crispy_forms.layout import Div, Layout
from django import forms

from billing.practice_settings import fields as f
from billing.practice_settings.sites import EndGiven, SiteGiven
from foundation.forms import ActForm
from patients.models import Site
from patients.sites import not_over
from payers.codes import PLACES_OF_SERVICE
from staff.practice_forms import text

DESCRIBED = ("name", "place_of_service", "address", "city", "state", "zip_code")


class SiteForm(ActForm):
    name = text("Name of the site", "Enter the name of the site", max_length=80)
    place_of_service = forms.ChoiceField(
        label="Place of service",
        choices=[(code, f"{code}: {words}") for code, words in PLACES_OF_SERVICE.items()],
        help_text="As claims say it. A payer’s own place of service goes before it.",
        error_messages={
            "required": "Select the place of service.",
            "invalid_choice": "Select one of the places of service.",
        },
    )
    address = text("Street", max_length=120)
    city = text("City", max_length=60)
    state = f.state()
    zip_code = f.zip_code()
    starts_on = f.day("First day", "Enter the first day of the site")
    why = f.why()

    def __init__(self, data=None, **kwargs):
        super().__init__(f.tidied(data, "state"), **kwargs)
        self.helper.layout = Layout(
            Div("name", "place_of_service", css_class="fields-wide"),
            "address",
            Div("city", "state", "zip_code", css_class="fields-wide"),
            "starts_on",
            "why",
        )

    def clean_zip_code(self) -> str:
        return f.dashed(self.cleaned_data["zip_code"], 5)

    def site(self) -> SiteGiven:
        v = self.cleaned_data
        return SiteGiven(v["starts_on"], {name: v[name] for name in DESCRIBED}, v["why"])


class EndSiteForm(ActForm):
    ends_on = f.day("First day on which it is closed", "Enter the first day on which the site is closed")
    goes_on_at = forms.ModelChoiceField(
        label="Its patients go on at",
        queryset=Site.objects.none(),
        required=False,
        empty_label="Nobody is left there",
        error_messages={"invalid_choice": "Select one of the practice’s open sites."},
    )
    why = f.why()

    def __init__(self, *args, site: Site, today, **kwargs):
        super().__init__(*args, initial={"ends_on": today, "version": site.version}, **kwargs)
        self.fields["goes_on_at"].queryset = not_over(site.practice, today).exclude(pk=site.pk)
        self.helper.layout = Layout("ends_on", "goes_on_at", "why")

    def end(self) -> EndGiven:
        v = self.cleaned_data
        return EndGiven(v["ends_on"], v["goes_on_at"], v["why"])
