"""The form of the what-if: the facts as they stand, each open to be laid over. It stores nothing."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from accounts.policy_kinds import RPM_CODES, Choice, Codes
from accounts.policy_specs import AS_THE_RULES_SAY, POLICIES, RULE_KEYS
from billing.whatif.base import Base
from billing.whatif.overlay import Changes, PayerProfile, payer_words, window_words
from foundation.months import parse_duration
from foundation.refusals import Refused

TIMES = {
    "clinical_staff_seconds": "Staff minutes",
    "qhp_seconds": "Practitioner minutes",
    "unsigned_seconds": "Unsigned minutes",
}
CONTACTS = {"live_contacts": "Live contacts", "live_chat_contacts": "Live chats"}
ON_FILE = {"consent_on": "Consent", "order_signed_on": "Order"}
MONTH_DAYS = "auto_reading_days_in_month"
MOST_CONTACTS, MOST_WINDOW_DAYS, MOST_MONTH_DAYS = 999, 30, 31
STALE = (
    "The record changed while this page was open, so nothing was calculated. "
    "What you typed is kept; compare it with the facts as they stand now, then calculate again."
)


class MinutesField(forms.CharField):
    """`12` or `12:30`, as seconds."""

    def __init__(self, label: str, **kwargs):
        missing = {"required": f"Enter {label.lower()}; 0 if there are none."}
        super().__init__(label=label, max_length=20, error_messages=missing, **kwargs)
        self.error_messages["max_length"] = self._wrong

    @property
    def _wrong(self) -> str:
        return f"{self.label} must be minutes, like 12, or minutes and seconds, like 12:30."

    def clean(self, value):
        text = super().clean(value)
        try:
            return parse_duration(text)
        except Refused:
            raise forms.ValidationError(self._wrong) from None


def minutes_text(seconds: int) -> str:
    """Seconds as the field takes them: `22`, `22:30`."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


def count_field(label: str, most: int) -> forms.IntegerField:
    wrong = f"{label} must be a whole number from 0 to {most}."
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=most,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong),
    )


class KeptChoice(forms.TypedChoiceField):
    """A choice whose first option, empty, leaves the fact as it is; `KEPT` says so."""

    KEPT = object()

    def __init__(self, label: str, kept: str, options: dict[str, tuple[Any, str]], **kwargs):
        super().__init__(
            label=label,
            required=False,
            empty_value=self.KEPT,
            coerce=lambda text: options[text][0],
            choices=[("", kept), *((text, words) for text, (_, words) in options.items())],
            error_messages={"invalid_choice": f"Select one of the values of: {label.rstrip('?')}."},
            **kwargs,
        )


def policy_field(key: str, now: Any) -> KeptChoice:
    """A policy of the rules: as the payer's stands, or any other value of its kind."""
    spec = POLICIES[key]
    options = {text: (value, _capital(spec.words(value))) for text, value in _values(spec.kind)}
    if spec.default is None:
        options = {"rules": (None, _capital(AS_THE_RULES_SAY)), **options}
    return KeptChoice(spec.question, f"Stands: {spec.words(now)}", options)


def _values(kind) -> list[tuple[str, Any]]:
    """(as the form sends it, the value); of lists of codes those with one code or none."""
    if isinstance(kind, Codes):
        return [("none", []), *((code, [code]) for code in RPM_CODES)]
    values = kind.options if isinstance(kind, Choice) else range(kind.low, kind.high + 1)
    return [(str(value), value) for value in values]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


class WhatIfForm(forms.Form):
    """Made for one base of facts; `digest` tells whether it still is the base when the form comes back."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args, base: Base, payers: Mapping[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.facts, self.payers = base.facts, payers
        self.fields["digest"].initial, self.fields["digest"].label = base.digest, ""
        groups = [self._payer_group(), self._time_group(), self._readings_group(), self._papers_group()]
        if self.is_bound:
            self._say_what_stands()
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout("digest", *groups)

    # Fields ---------------------------------------------------------------------------------------------------

    def _payer_group(self) -> Fieldset:
        here = self.facts["payer"]
        known = {here: _capital(payer_words(here, self.payers)), **self.payers}
        payers = self.payers if here in self.payers else known
        self.fields["payer"] = forms.ChoiceField(
            label="Payer",
            choices=list(payers.items()),
            initial=here,
            help_text="Another payer brings its policies of the month’s last day, wherever “Stands” is left.",
            error_messages=dict.fromkeys(("required", "invalid_choice"), "Select one of the payers."),
        )
        allowed = "yes" if self.facts["diagnosis_allowed"] else "no"
        self.fields["diagnosis_allowed"] = KeptChoice(
            "Does the payer cover the diagnoses?",
            f"Stands: {allowed}",
            {"yes": (True, "Yes"), "no": (False, "No")},
        )
        for key in RULE_KEYS:
            self.fields[key] = policy_field(key, self.facts["policy"].get(key))
        names = ["payer", "diagnosis_allowed", *RULE_KEYS]
        return Fieldset("Payer and policies", Div(*names, css_class="fields fields-wide"), css_class="panel")

    def _time_group(self) -> Fieldset:
        for name, label in TIMES.items():
            self.fields[name] = MinutesField(label, initial=minutes_text(self.facts[name]))
        self.fields["unsigned_seconds"].help_text = "Never counted; they may hold codes."
        for name, label in CONTACTS.items():
            self.fields[name] = count_field(label, MOST_CONTACTS)
            self.fields[name].initial = self.facts[name]
        return Fieldset("Time and contacts", Div(*TIMES, *CONTACTS, css_class="fields"), css_class="panel")

    def _readings_group(self) -> Fieldset:
        names = [name for window in self.facts["device_windows"] for name in self._window_fields(window)]
        self.fields[MONTH_DAYS] = count_field("Days with readings in the month", MOST_MONTH_DAYS)
        self.fields[MONTH_DAYS].initial = self._month_days
        self.fields[MONTH_DAYS].help_text = "None at all holds the management codes."
        return Fieldset("Reading days", Div(*names, MONTH_DAYS, css_class="fields"), css_class="panel")

    def _window_fields(self, window: dict[str, Any]) -> list[str]:
        """The best device's days; beside them those of all devices together, where there are several."""
        best, together = _names(window)
        words = window_words(window)
        self.fields[best] = count_field(f"Reading days, {words}", MOST_WINDOW_DAYS)
        self.fields[best].initial = window["reading_days"]
        if window["devices"] < 2:
            return [best]
        self.fields[together] = count_field(f"Of all devices together, {words}", MOST_WINDOW_DAYS)
        self.fields[together].initial = window["reading_days_any_device"]
        return [best, together]

    def _papers_group(self) -> Fieldset:
        for name, label in ON_FILE.items():
            here = "yes" if self._on_file(name) else "no"
            self.fields[name] = forms.ChoiceField(
                label=f"{label} on file by the end of the month?",
                choices=[("yes", "Yes"), ("no", "No")],
                initial=here,
                error_messages=dict.fromkeys(
                    ("required", "invalid_choice"), f"Select whether the {label.lower()} is on file."
                ),
            )
        return Fieldset("Consent and order", Div(*ON_FILE, css_class="fields"), css_class="panel")

    @property
    def _month_days(self) -> int:
        known = self.facts[MONTH_DAYS]
        windows = self.facts["device_windows"]
        return sum(w["reading_days"] for w in windows) if known is None else known

    def _on_file(self, name: str) -> bool:
        """A date after the month counts as not on file."""
        known = self.facts[name]
        return known is not None and known[:7] <= self.facts["month"]

    def _say_what_stands(self) -> None:
        """Beside what was typed; the fields of an unsent form show it themselves."""
        for field in self.fields.values():
            if not isinstance(field, KeptChoice) and field.initial is not None and field.label:
                words = dict(getattr(field, "choices", ())).get(field.initial, field.initial)
                field.help_text = f"Stands: {words}. {field.help_text}".strip()

    def completed(self, typed) -> dict[str, Any]:
        """What was typed, and what stands for the fields that were not there when it was."""
        stands = {name: field.initial for name, field in self.fields.items() if field.initial is not None}
        return {**stands, **typed.dict(), "digest": stands["digest"]}

    # What was typed -------------------------------------------------------------------------------------------

    def clean(self):
        values = super().clean()
        for window in self.facts["device_windows"]:
            best, together = (values.get(name) for name in _names(window))
            if best is not None and together is not None and best > together:
                self.add_error(
                    _names(window)[1],
                    f"Days of all devices together must be {best} or more, as one has {best}.",
                )
        return values

    def changes(self, profile_of: Callable[[str], PayerProfile]) -> Changes:
        """Only what is another than the facts as they stand."""
        typed = self.cleaned_data
        other = typed["payer"] != self.facts["payer"]
        return Changes(
            profile=profile_of(typed["payer"]) if other else None,
            policy={key: typed[key] for key in RULE_KEYS if typed[key] is not KeptChoice.KEPT},
            facts=dict(self._changed_facts(typed)),
            days=dict(self._changed_days(typed)),
        )

    def _changed_facts(self, typed):
        for name in (*TIMES, *CONTACTS):
            if typed[name] != self.facts[name]:
                yield name, typed[name]
        if typed[MONTH_DAYS] != self._month_days:
            yield MONTH_DAYS, typed[MONTH_DAYS]
        if typed["diagnosis_allowed"] is not KeptChoice.KEPT:
            yield "diagnosis_allowed", typed["diagnosis_allowed"]
        for name in ON_FILE:
            if (typed[name] == "yes") != self._on_file(name):
                yield name, self._first_day if typed[name] == "yes" else None

    @property
    def _first_day(self) -> str:
        return date.fromisoformat(f"{self.facts['month']}-01").isoformat()

    def _changed_days(self, typed):
        for window in self.facts["device_windows"]:
            best, together = (typed.get(name) for name in _names(window))
            if together is None:
                kept = window["reading_days_any_device"]
                together = best if window["reading_days"] == kept else max(best, kept)
            if (best, together) != (window["reading_days"], window["reading_days_any_device"]):
                yield window["ends_on"], (best, together)


def _names(window: dict[str, Any]) -> tuple[str, str]:
    """The names of a window's fields, by its end: another window is another field."""
    return f"days_{window['ends_on']}", f"days_any_{window['ends_on']}"
