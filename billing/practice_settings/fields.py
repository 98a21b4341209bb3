"""Fields that the forms about a practice share."""

from django import forms

from foundation.forms import DateInput, FreeText
from foundation.lengths import REASON


def day(label: str, missing: str, **kwargs) -> forms.DateField:
    errors = {"required": f"{missing}.", "invalid": f"{label} must be a real date, like 20 Jan 2026."}
    return forms.DateField(label=label, widget=DateInput(), error_messages=errors, **kwargs)


def state() -> forms.RegexField:
    return forms.RegexField(
        r"^[A-Z]{2}$",
        label="State",
        max_length=20,
        required=False,
        error_messages={"invalid": "The state must be two capital letters, like NY."},
    )


def zip_code() -> forms.RegexField:
    return forms.RegexField(
        r"^[0-9]{5}-?[0-9]{4}$",
        label="ZIP+4",
        max_length=20,
        required=False,
        help_text="Nine digits: claims need the four behind the ZIP.",
        error_messages={
            "invalid": "The ZIP must be nine digits, like 10001-2345: claims need the last four."
        },
    )


def why() -> FreeText:
    return FreeText(
        label="Reason",
        max_length=REASON,
        rows=2,
        help_text="It stays in the record. Name no patient.",
        error_messages={"required": "Give the reason of the change. It stays in the record."},
    )


def tidied(data, *names: str):
    """Codes are typed in either case, with spaces around."""
    if data is None:
        return None
    data = data.copy()
    for name in names:
        data[name] = data.get(name, "").strip().upper()
    return data


def dashed(number: str, at: int) -> str:
    digits = number.replace("-", "")
    return f"{digits[:at]}-{digits[at:]}" if digits else ""
