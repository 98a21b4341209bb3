"""The form that sets one policy: its value's field is of the policy's own kind."""

import re
from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Layout
from django import forms

from accounts.policy_kinds import RPM_CODES, Choice, Codes, Diagnoses, Number
from accounts.policy_specs import POLICIES, PolicySpec, is_per_payer
from billing.practice_policies.changes import WHOLE_PRACTICE, PolicyGiven
from billing.rules import rulesets
from foundation.forms import ActForm, DateInput, FreeText

MOST_DIAGNOSES = 100
# What an empty list says of the policy's kind.
NONE_OF_THE_LIST = {
    Diagnoses: "Any diagnosis, as the rules say",
    Codes: "Every code is covered, as the rules say",
}


class DiagnosisStartsField(FreeText):
    """Codes or beginnings of codes, divided by commas, spaces or lines, as a sorted list."""

    def __init__(self, *, accepts, **kwargs):
        self.accepts = accepts
        super().__init__(max_length=2000, rows=3, **kwargs)

    def clean(self, value):
        codes = sorted({code.upper() for code in re.split(r"[\s,;]+", super().clean(value)) if code})
        wrong = [code for code in codes if not self.accepts([code])]
        if wrong:
            raise forms.ValidationError(
                f"Diagnoses must be codes or beginnings of codes, like I50 or O10.1. Check {wrong[0][:12]}."
            )
        if len(codes) > MOST_DIAGNOSES:
            raise forms.ValidationError(
                f"Diagnoses must be {MOST_DIAGNOSES} or fewer. Name the beginnings that they share, like I5."
            )
        return codes


class CodesField(forms.MultipleChoiceField):
    """Codes of remote monitoring, each a box, as a list in order."""

    def __init__(self, **kwargs):
        labels = {code.code: code.label for ruleset in rulesets() for code in ruleset.codes}
        super().__init__(
            choices=[(code, f"{code}: {labels[code]}") for code in RPM_CODES],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "Select codes of the list."},
            **kwargs,
        )

    def clean(self, value):
        return sorted(super().clean(value))


def _number_field(spec: PolicySpec) -> forms.Field:
    low, high = spec.kind.low, spec.kind.high
    wrong = f"The value must be a whole number from {low} to {high}."
    return forms.IntegerField(
        label="Value",
        required=False,
        min_value=low,
        max_value=high,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        help_text=_in_which_numbers(spec.kind),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), wrong),
    )


def _in_which_numbers(kind: Number) -> str:
    off = f" 0 is {kind.zero}." if kind.zero else ""
    return f"{'A number of ' + kind.one + 's' if kind.one else 'A day'}, {kind.low} to {kind.high}.{off}"


def _choice_field(kind: Choice) -> forms.Field:
    values = {str(value): value for value in kind.options}
    return forms.TypedChoiceField(
        label="Value",
        required=False,
        empty_value=None,
        coerce=values.__getitem__,
        widget=forms.RadioSelect,
        choices=[(str(value), words[0].upper() + words[1:]) for value, words in kind.options.items()],
        error_messages={"invalid_choice": "Select one of the values."},
    )


def value_field(spec: PolicySpec) -> forms.Field:
    """The field for a policy's value. Empty is told apart by the form, which knows whether the rules may decide."""
    if isinstance(spec.kind, Number):
        return _number_field(spec)
    if isinstance(spec.kind, Choice):
        return _choice_field(spec.kind)
    if isinstance(spec.kind, Codes):
        return CodesField(label="Codes", required=False)
    hint = "ICD-10-CM codes or beginnings of codes, divided by commas, like I50, O10.1."
    return DiagnosisStartsField(accepts=spec.accepts, label="Diagnoses", required=False, help_text=hint)


class DatedPolicyForm(ActForm):
    """From which day, why."""

    starts_on = forms.DateField(
        label="From which day",
        widget=DateInput(),
        error_messages={
            "required": "Enter the day from which it holds.",
            "invalid": "From which day must be a real date, like 20 Jan 2026.",
        },
    )
    why = FreeText(
        label="Why",
        max_length=1000,
        rows=3,
        help_text="It stays in the record and on the policies' page. Name no patient.",
        error_messages={
            "required": "Say why. It stays in the record.",
        },
    )

    def __init__(self, *args, key: str, payers: Sequence[tuple[str, str]], looking: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.key, self.spec = key, POLICIES[key]
        # Who only looks what it would change need not say why yet.
        self.fields["why"].required = not looking
        self.fields["payer"].choices = payers
        self.fields["starts_on"].help_text = f"Looked up {self.spec.read[0].lower()}{self.spec.read[1:]}."


class EndForm(DatedPolicyForm):
    """A payer's own value ends: which payer, from which day, why."""

    payer = forms.ChoiceField(
        label="Payer",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Select the payer whose own value ends."
        ),
    )
    field_order = ("payer", "starts_on", "why")

    def policy(self) -> PolicyGiven:
        v = self.cleaned_data
        return PolicyGiven(
            key=self.key,
            value=None,
            starts_on=v["starts_on"],
            why=v["why"],
            payer=v["payer"],
            as_practice=True,
        )


class PolicyForm(DatedPolicyForm):
    """For whom, which value, from which day, why."""

    payer = forms.ChoiceField(label="For", required=False)
    as_rules = forms.BooleanField(required=False)

    def __init__(self, *args, key: str, payers: Sequence[tuple[str, str]], **kwargs):
        super().__init__(*args, key=key, payers=payers, **kwargs)
        self.fields["value"] = value_field(self.spec)
        self._offer_the_rules()
        self._offer_payers(payers)
        self.helper.layout = Layout("payer", "value", *self._as_rules(), "starts_on", "why")

    def _as_rules(self) -> list[str]:
        return ["as_rules"] if "as_rules" in self.fields else []

    def _offer_the_rules(self) -> None:
        """Where no value of the kind says it: leave it to the rule set, or to no list at all."""
        if isinstance(self.spec.kind, Choice) or self.spec.default not in (None, []):
            del self.fields["as_rules"]
        elif self.spec.default is None:
            self.fields["as_rules"].label = "As the rules say"
        else:
            self.fields["as_rules"].label = NONE_OF_THE_LIST[type(self.spec.kind)]

    def _offer_payers(self, payers: Sequence[tuple[str, str]]) -> None:
        field = self.fields["payer"]
        field.choices = [("", WHOLE_PRACTICE)]
        if is_per_payer(self.key):
            field.choices = [("", WHOLE_PRACTICE), *payers]
            field.help_text = "A payer's own value goes before the practice's."
            field.error_messages["invalid_choice"] = "Select the whole practice or one of the payers."
        else:
            field.help_text = "This policy is looked up for the whole practice."
            field.error_messages["invalid_choice"] = (
                "This policy is looked up for the whole practice, so no payer can have a value of its own."
            )

    def clean(self):
        values = super().clean()
        if "value" in values:
            values["value"] = self._value(values["value"], as_rules=values.get("as_rules", False))
        return values

    def _value(self, value: Any, *, as_rules: bool) -> Any:
        given = value not in (None, [], "")
        if as_rules and given:
            self.add_error("value", "Give a value, or tick that it is as the rules say, not both.")
        elif not as_rules and not given:
            self.add_error("value", self._missing())
        return self.spec.default if as_rules else value

    def _missing(self) -> str:
        other = f", or tick “{self.fields['as_rules'].label}”" if "as_rules" in self.fields else ""
        if isinstance(self.spec.kind, Number):
            return f"Enter a whole number from {self.spec.kind.low} to {self.spec.kind.high}{other}."
        if isinstance(self.spec.kind, Codes):
            return f"Select the codes that are not covered{other}."
        return f"Enter the diagnoses{other}." if other else "Select one of the values."

    def policy(self) -> PolicyGiven:
        v = self.cleaned_data
        return PolicyGiven(
            key=self.key, value=v["value"], starts_on=v["starts_on"], why=v["why"], payer=v["payer"]
        )
