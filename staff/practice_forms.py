"""The form that opens a server's first practice, and the zones that a practice may live in."""

from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import User
from foundation.forms import PlainTextForm
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
        help_text="Its months begin and end by this clock. It stays as soon as time is signed.",
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
