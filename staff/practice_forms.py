"""Forms about the practice itself: opening the first one, and who it is on claims."""

from zoneinfo import available_timezones

from crispy_forms.layout import Div, Layout
from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import User
from foundation.forms import ActForm, FreeText, PlainTextForm
from foundation.npi import why_not_npi
from staff.first_day import FirstPractice, is_code

# Where Medicare pays: the states and territories, in the zones' usual names.
ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Mountain, Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Puerto Rico and the Virgin Islands"),
    ("Pacific/Guam", "Guam and the Northern Marianas"),
    ("Pacific/Pago_Pago", "American Samoa"),
)
assert {zone for zone, _ in ZONES} <= available_timezones()


def text(label: str, missing: str = "", *, max_length: int, **kwargs) -> forms.CharField:
    """A line of text; required where `missing` says what to enter."""
    errors = {
        "required": f"{missing}.",
        "max_length": f"{label} must be {max_length} characters or fewer. It has %(show_value)s: shorten it.",
    }
    return forms.CharField(
        label=label, max_length=max_length, required=bool(missing), error_messages=errors, **kwargs
    )


def checked_npi(number: str) -> str:
    number = number.strip()
    if why := why_not_npi(number):
        raise forms.ValidationError(f"{why}.")
    return number


class FirstPracticeForm(PlainTextForm):
    """The practice, its first administrator, and the code that proves that it is she who has the server."""

    code = text(
        "Set-up code",
        "Enter the set-up code",
        max_length=40,
        help_text="Run “manage.py practice” on the server: it prints the code.",
    )
    practice_name = text("Name of the practice", "Enter the name of the practice", max_length=120)
    npi = text("NPI of the practice", "Enter the NPI of the practice", max_length=10)
    time_zone = forms.ChoiceField(
        label="Time zone",
        choices=ZONES,
        help_text="Its months begin and end by this clock. It cannot be changed later.",
    )
    name = text("Your name", "Enter your name", max_length=120)
    email = forms.EmailField(
        label="Your e-mail",
        max_length=254,
        error_messages={
            "required": "Enter your e-mail address.",
            "invalid": "Enter an e-mail address, like name@practice.example.",
        },
    )
    password = forms.CharField(
        label="Your password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 signs; several words are best.",
        error_messages={"required": "Enter a password."},
    )

    def clean_code(self) -> str:
        if not is_code(self.cleaned_data["code"]):
            raise forms.ValidationError(
                "This is not the set-up code of this server. Run “manage.py practice” there and copy it."
            )
        return self.cleaned_data["code"]

    def clean_npi(self) -> str:
        return checked_npi(self.cleaned_data["npi"])

    def clean(self):
        given = super().clean()
        if given.get("password"):
            try:
                validate_password(
                    given["password"], User(email=given.get("email", ""), name=given.get("name", ""))
                )
            except forms.ValidationError as error:
                self.add_error("password", error)
        return given

    def first(self) -> FirstPractice:
        return FirstPractice(**{name: self.cleaned_data[name] for name in FirstPractice.__dataclass_fields__})


IDENTITY = ("name", "npi", "tax_id", "taxonomy", "address", "city", "state", "zip_code", "phone")


class IdentityForm(ActForm):
    """Who the practice is on its claims, and why that changes."""

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
    state = forms.RegexField(
        r"^[A-Z]{2}$",
        label="State",
        max_length=20,
        required=False,
        error_messages={"invalid": "The state must be two capital letters, like NY."},
    )
    zip_code = forms.RegexField(
        r"^[0-9]{5}-?[0-9]{4}$",
        label="ZIP+4",
        max_length=20,
        required=False,
        help_text="Nine digits: claims need the four behind the ZIP.",
        error_messages={
            "invalid": "The ZIP must be nine digits, like 10001-2345: claims need the last four."
        },
    )
    phone = text("Phone", max_length=20)
    reason = FreeText(
        label="Reason",
        max_length=500,
        rows=2,
        error_messages={"required": "Give the reason of the change. It stays in the record."},
    )

    def __init__(self, data=None, *, practice, **kwargs):
        initial = {name: getattr(practice, name) for name in IDENTITY}
        super().__init__(_tidy(data), initial={**initial, "version": practice.version}, **kwargs)
        self.helper.layout = Layout(
            Div("name", "phone", css_class="fields-wide"),
            Div("npi", "tax_id", "taxonomy", css_class="fields-wide"),
            "address",
            Div("city", "state", "zip_code", css_class="fields-wide"),
            "reason",
        )

    def clean_npi(self) -> str:
        return checked_npi(self.cleaned_data["npi"])

    def clean_tax_id(self) -> str:
        return _dashed(self.cleaned_data["tax_id"], 2)

    def clean_zip_code(self) -> str:
        return _dashed(self.cleaned_data["zip_code"], 5)


def _tidy(data):
    """Codes are typed in either case, with spaces around."""
    if data is None:
        return None
    data = data.copy()
    for name in ("taxonomy", "state"):
        data[name] = data.get(name, "").strip().upper()
    return data


def _dashed(number: str, at: int) -> str:
    digits = number.replace("-", "")
    return f"{digits[:at]}-{digits[at:]}" if digits else ""
