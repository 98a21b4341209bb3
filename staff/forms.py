"""Forms about people: inviting, changing a role, ending it, accepting."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.contrib.auth.password_validation import validate_password

from accounts.models import LOGS_TIME, SUPERVISED, Membership, User
from accounts.permissions import Role
from foundation.forms import ActForm, DateInput
from foundation.npi import why_not_npi

WHO_NEEDS_NPI = (Role.QHP,)


def too_long(label: str, most: int) -> str:
    return f"{label} must be {most} characters or fewer. It has %(show_value)s: shorten it."


class Clinician(forms.ModelChoiceField):
    """A physician, NP or PA, by name and credential."""

    def label_from_instance(self, member: Membership) -> str:
        return member.label


class RoleForm(ActForm):
    """A role with what goes with it, from a day on."""

    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose…"), *Role.choices],
        error_messages={"required": "Choose the role."},
    )
    credential = forms.CharField(
        label="Credential",
        max_length=20,
        required=False,
        help_text="RN, LPN, MA, MD, NP, PA. Stands in each signature.",
        error_messages={"max_length": too_long("The credential", 20)},
    )
    npi = forms.CharField(
        label="NPI",
        max_length=10,
        required=False,
        help_text="Of physicians, NPs and PAs.",
        error_messages={"max_length": too_long("The NPI", 10)},
    )
    employer = forms.CharField(
        label="Employer",
        max_length=120,
        required=False,
        help_text="Only where it is another company. Empty: the practice itself.",
        error_messages={"max_length": too_long("The employer", 120)},
    )
    supervised_by = Clinician(
        queryset=Membership.objects.none(),
        label="Supervised by",
        required=False,
        empty_label="Nobody: the practice’s own",
        error_messages={"invalid_choice": "Choose a physician, NP or PA who works here."},
    )
    starts_on = forms.DateField(
        label="From",
        widget=DateInput(),
        error_messages={
            "required": "Enter the first day of the role.",
            "invalid": "The first day must be a real date, like 20 Jan 2026.",
        },
    )

    def __init__(self, *args, today, clinicians, **kwargs):
        self.today = today
        kwargs["initial"] = {"starts_on": today, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["supervised_by"].queryset = clinicians
        self.helper.layout = Layout(*self.rows())

    def rows(self):
        yield Div("role", "credential", "npi", css_class="fields-wide")
        yield Div("employer", "supervised_by", css_class="fields-wide")
        yield "starts_on"

    def clean_credential(self) -> str:
        return self.cleaned_data["credential"].strip().upper()

    def clean_npi(self) -> str:
        npi = self.cleaned_data["npi"].strip()
        if npi and (why := why_not_npi(npi)):
            raise forms.ValidationError(f"{why}.")
        return npi

    def clean_starts_on(self):
        if (day := self.cleaned_data["starts_on"]) < self.today:
            raise forms.ValidationError("The first day must be today or later.")
        return day

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("role") in LOGS_TIME and "credential" in cleaned and not cleaned["credential"]:
            self.add_error(
                "credential", "Enter the credential: who logs time signs with it, such as RN or MD."
            )
        if cleaned.get("role") in WHO_NEEDS_NPI and "npi" in cleaned and not cleaned["npi"]:
            self.add_error("npi", "Enter the NPI: orders and claims name it.")
        self._supervision(cleaned)
        return cleaned

    def _supervision(self, cleaned) -> None:
        employer, supervisor = cleaned.get("employer"), cleaned.get("supervised_by")
        if not employer and supervisor and "employer" in cleaned:
            self.add_error(
                "employer", "Enter the employer, or choose nobody as supervisor: of the practice’s own people the "
                "enrollment says who supervises."
            )  # fmt: skip
        if employer and cleaned.get("role") in SUPERVISED and "supervised_by" in cleaned and not supervisor:
            self.add_error(
                "supervised_by", "Choose who supervises: clinical staff of another employer works under a physician, "
                "NP or PA of the practice."
            )  # fmt: skip


class InviteForm(RoleForm):
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        error_messages={
            "required": "Enter the e-mail address.",
            "invalid": "Enter an e-mail address, like name@practice.example.",
        },
    )
    name = forms.CharField(
        label="Name",
        max_length=120,
        error_messages={
            "required": "Enter the name as it shall stand in signatures.",
            "max_length": too_long("The name", 120),
        },
    )

    def rows(self):
        yield Div("name", "email", css_class="fields-wide")
        yield from super().rows()

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class EndForm(ActForm):
    """The first day without the role."""

    ends_on = forms.DateField(
        label="First day without this role",
        widget=DateInput(),
        help_text="Today ends it at once.",
        error_messages={
            "required": "Enter the first day without the role.",
            "invalid": "The day must be a real date, like 20 Jan 2026.",
        },
    )
    reason = forms.CharField(
        label="Reason",
        max_length=500,
        error_messages={"required": "Give the reason. It stays in the record."},
    )

    def __init__(self, *args, today, **kwargs):
        kwargs["initial"] = {"ends_on": today, **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("ends_on", "reason")


class PasswordForm(forms.Form):
    """A new account's password, typed twice."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Several words are easier to remember.",
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type the password again."},
    )

    def __init__(self, *args, user: User, **kwargs):
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        password = self.cleaned_data["password"]
        validate_password(password, self.user)
        return password

    def clean(self):
        cleaned = super().clean()
        if {"password", "again"} <= cleaned.keys() and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "The two differ. Type the same password twice.")
        return cleaned
