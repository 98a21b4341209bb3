"""The form of a payer: new, or changed with a reason."""

from crispy_forms.layout import Div, Layout
from django import forms

from foundation.forms import ActForm, FreeText
from payers import policies
from payers.acts import PayerFields
from payers.codes import FILING_CODES, PLACES_OF_SERVICE, DeviceDates, PlanKind, Usage
from payers.models import Payer

FIELDS = tuple(PayerFields.__dataclass_fields__)


class PayerForm(ActForm):
    """A payer as its claims need it."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="As people here call it. Plans that are filed or paid in another way are payers of their own.",
        error_messages={"required": "Enter the name of the payer."},
    )
    kind = forms.ChoiceField(
        label="Kind of plan",
        choices=[("", "Choose"), *PlanKind.choices],
        error_messages={"required": "Select the kind of plan."},
    )
    filing_code = forms.ChoiceField(
        label="Claim filing code",
        required=False,
        choices=[
            ("", "None, for self-pay"),
            *((code, f"{code}: {words}") for code, words in FILING_CODES.items()),
        ],
        error_messages={"invalid_choice": "Select one of the claim filing codes."},
    )
    payer_id = forms.RegexField(
        r"^[0-9A-Z]{2,20}$",
        label="Payer id",
        max_length=20,
        required=False,
        help_text="By which your clearinghouse knows it. Needed before claims are sent.",
        error_messages={"invalid": "The payer id must be 2 to 20 letters and digits, like 00882."},
    )
    accepts_replacement = forms.BooleanField(
        label="Accepts replacement and void claims",
        required=False,
        help_text="Otherwise a claim that was sent is corrected by telephone or on paper.",
    )
    device_dates = forms.ChoiceField(label="Date of device lines", choices=DeviceDates.choices)
    place_of_service = forms.ChoiceField(
        label="Place of service",
        required=False,
        choices=[
            ("", "As the practice’s site"),
            *((code, f"{code}: {words}") for code, words in PLACES_OF_SERVICE.items()),
        ],
    )
    usage = forms.ChoiceField(
        label="Claims are sent as",
        choices=Usage.choices,
        help_text="Test until the clearinghouse has accepted test claims for this payer.",
    )

    def __init__(self, data=None, **kwargs):
        super().__init__(_tidy(data), **kwargs)
        for name in ("kind", "device_dates", "place_of_service", "usage"):
            label = self.fields[name].label.lower()
            self.fields[name].error_messages["invalid_choice"] = f"Select one of the values of: {label}."
        self.helper.layout = Layout(
            "name",
            Div("kind", "filing_code", css_class="fields-wide"),
            Div("payer_id", "usage", css_class="fields-wide"),
            Div("place_of_service", "device_dates", css_class="fields-wide"),
            "accepts_replacement",
            *(["reason"] if "reason" in self.fields else []),
        )

    def clean(self):
        values = super().clean()
        if values.get("kind") and "filing_code" in values:
            self._say("filing_code", policies.why_not_filed(values["kind"], values["filing_code"]))
        if "usage" in values and "payer_id" in values:
            self._say("payer_id", policies.why_not_production(values["usage"], values["payer_id"]))
        return values

    def _say(self, name: str, why: str | None) -> None:
        if why:
            self.add_error(name, why)

    def payer(self) -> PayerFields:
        return PayerFields(**{name: self.cleaned_data[name] for name in FIELDS})


class PayerChangeForm(PayerForm):
    """The same with why it changes."""

    reason = FreeText(
        label="Reason",
        max_length=500,
        rows=2,
        error_messages={"required": "Give the reason of the change. It stays in the record."},
    )

    def __init__(self, data=None, *, payer: Payer, **kwargs):
        initial = {name: getattr(payer, name) for name in FIELDS}
        super().__init__(data, initial={**initial, "version": payer.version}, **kwargs)


def _tidy(data):
    """Payer ids are typed in either case, with spaces around."""
    if data is None:
        return None
    data = data.copy()
    data["payer_id"] = data.get("payer_id", "").strip().upper()
    return data
