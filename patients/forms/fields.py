"""Fields that several forms about a patient share, with the words of their errors."""

from zoneinfo import ZoneInfo

from crispy_forms.layout import Div
from django import forms

from accounts.models import Membership
from accounts.permissions import ROLES, Permission, Role
from foundation.forms import ActForm, DateInput, FreeText
from foundation.lengths import WORDS
from patients.identifiers import icd_codes, tidy_mbi
from patients.models import ConsentMethod, DeviceKind, Site
from patients.policies import why_not_icd

ZONES = {
    "America/New_York": "Eastern",
    "America/Chicago": "Central",
    "America/Denver": "Mountain",
    "America/Phoenix": "Arizona",
    "America/Los_Angeles": "Pacific",
    "America/Anchorage": "Alaska",
    "Pacific/Honolulu": "Hawaii",
    "America/Puerto_Rico": "Puerto Rico",
}


class PracticeForm(ActForm):
    """An act form that knows the practice and its date, so that its choices are the practice's own people."""

    def __init__(self, *args, practice, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.practice, self.today = practice, today
        for field in self.fields.values():
            if isinstance(field, StaffField):
                field.queryset = field.staff_of(practice, today)


class StaffField(forms.ModelChoiceField):
    """A person of the practice who works there today and holds a permission."""

    def __init__(self, permission: Permission, **kwargs):
        self.permission = permission
        kwargs.setdefault("empty_label", "Not known yet")
        super().__init__(queryset=Membership.objects.none(), **kwargs)

    def staff_of(self, practice, today):
        roles = [role for role in Role if self.permission in ROLES[role].may]
        staff = Membership.objects.for_practice(practice).on(today).filter(role__in=roles)
        return staff.select_related("user").order_by("user__name")


class SiteField(forms.ModelChoiceField):
    """One of the practice's sites; which, its form says."""

    def __init__(self, **kwargs):
        errors = dict.fromkeys(("required", "invalid_choice"), "Select the site")
        super().__init__(
            queryset=Site.objects.none(), label="Site", empty_label="Choose", error_messages=errors, **kwargs
        )

    def offer(self, sites: list[Site]) -> None:
        where = sites[0].practice_id if sites else None
        self.queryset = Site.objects.filter(practice=where, pk__in=[site.pk for site in sites]).order_by(
            "-main", "name"
        )


def day(label: str, *, required: bool = False, missing: str = "", **kwargs) -> forms.DateField:
    """A date; `missing` is what to say when it is needed and empty."""
    wrong = f"{label[0].upper()}{label[1:]} must be a real date, like 20 Jan 2026"
    errors = {"invalid": wrong, "required": missing or f"Enter {label[0].lower()}{label[1:]}"}
    return forms.DateField(
        label=label, required=required, widget=DateInput(), error_messages=errors, **kwargs
    )


def text(
    label: str, *, required: bool = False, missing: str = "", max_length: int = 80, **kwargs
) -> forms.CharField:
    errors = {"required": missing or f"Enter {label[0].lower()}{label[1:]}"}
    errors["max_length"] = f"{label} must be {max_length} characters or fewer"
    return forms.CharField(
        label=label, required=required, max_length=max_length, error_messages=errors, **kwargs
    )


def lines(
    label: str, *, required: bool = False, missing: str = "", rows: int = 2, most: int = WORDS, **kwargs
) -> FreeText:
    errors = {"required": missing or f"Enter {label[0].lower()}{label[1:]}"}
    return FreeText(
        label=label, required=required, max_length=most, rows=rows, error_messages=errors, **kwargs
    )


def reason() -> FreeText:
    return lines("Reason", required=True, most=500, missing="Give the reason. It stays in the record")


def limit(label: str) -> forms.DecimalField:
    """A bound of a range."""
    wrong = f"{label} must be a number, like 130"
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=7,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_digits", "max_decimal_places"), wrong),
    )


def zone_choices(practice) -> list[tuple[str, str]]:
    """Empty means the practice's zone, which is named."""
    own = ZONES.get(practice.time_zone, practice.time_zone)
    return [
        ("", f"As the practice ({own})"),
        *((zone, label) for zone, label in ZONES.items() if ZoneInfo(zone)),
    ]


def consent_methods() -> list[tuple[str, str]]:
    return [("", "Not known yet"), *ConsentMethod.choices]


def device_kinds() -> list[tuple[str, str]]:
    return [("", "Choose"), *DeviceKind.choices]


class DiagnosesField(forms.CharField):
    """ICD-10-CM codes divided by commas, as a list; each one checked, headings refused."""

    def __init__(self, **kwargs):
        hint = "ICD-10-CM, like I10, E11.65. Most important first."
        super().__init__(label="Diagnoses", max_length=200, help_text=hint, **kwargs)

    def clean(self, value):
        codes = icd_codes(super().clean(value))
        wrong = [message for code in codes if (message := why_not_icd(code))]
        if len(codes) > 12:
            wrong.append("A claim holds 12 diagnoses. Leave out the least important")
        if wrong:
            raise forms.ValidationError(wrong)
        return codes


class MemberIdField(forms.CharField):
    """A payer's number of the patient, without dashes and spaces."""

    def __init__(self, **kwargs):
        super().__init__(label="Member number", max_length=30, required=False, **kwargs)

    def clean(self, value):
        return tidy_mbi(super().clean(value))


def side_by_side(*names: str) -> Div:
    """Fields in a row where there is room, one under another on a phone."""
    return Div(*names, css_class="fields")
