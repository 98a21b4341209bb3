"""What an auditor narrows the list of changes by. All of it is in the address, so that a question can be sent on.

But for words that somebody typed: they may name a patient, so they stay in her session, and the address has their key.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from accounts.models import Membership
from audit.models import Action
from audit.registry import Presentation, people, programs, shown_to
from foundation.forms import DateInput

SYSTEM = "system"
THREE_MONTHS = timedelta(days=92)
# Stands in an address for the patients of a search that found none.
NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Filters:
    """`since` and `until` are whole days of the practice, both included; empty means no limit of that kind."""

    presentations: tuple[Presentation, ...]
    since: date
    until: date
    who: str = ""
    created: bool | None = None
    field: str = ""
    reason: str = ""
    patient_ids: tuple[UUID, ...] | None = None
    request: UUID | None = None
    words: tuple[str, ...] = ()


# Days that calendars and time zones can still be calculated from.
_DAY = {
    "required": False,
    "widget": DateInput(attrs={"class": "form-control"}),
    "validators": [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))],
}


class DatesForm(forms.Form):
    """The two dates that every list of the auditor has. An empty or wrong one falls back to the last three months."""

    since = forms.DateField(label="From", **_DAY)
    until = forms.DateField(label="To", **_DAY)
    who = forms.ChoiceField(label="Who", required=False, widget=forms.Select(attrs={"class": "form-select"}))
    # Whom the list is narrowed to, by id. Whom somebody looks for is posted as `look_for` and becomes ids.
    patient = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    look_for = forms.CharField(
        label="Patient",
        required=False,
        max_length=100,
        widget=forms.TextInput(
            attrs={
                "class": "form-control",
                "placeholder": "Name, MRN or date of birth",
                "autocomplete": "off",
            }
        ),
    )

    # Fields of free words, which are never part of an address.
    typed: tuple[str, ...] = ()

    def __init__(self, data, *, membership):
        super().__init__(data.copy())
        self.membership, self.practice = membership, membership.practice
        self.today = self.practice.today(timezone.now())
        staff = Membership.objects.for_practice(self.practice).select_related("user").order_by("user__name")
        people_here = {str(m.user_id): m.label for m in staff}
        others = programs(self.practice)
        self.fields["who"].choices = [
            ("", "Anyone"),
            (SYSTEM, "The system"),
            *people_here.items(),
            *others.items(),
        ]

    def value(self, name: str):
        """The cleaned value, or None where it was empty or not understood."""
        return self.cleaned_data.get(name) or None

    def wrong_way_round(self) -> bool:
        since, until = self.dates()
        return since > until

    def dates(self) -> tuple[date, date]:
        """The days in effect. The form shows them too, where it was given none."""
        until = self.value("until") or self.today
        since = self.value("since") or until - THREE_MONTHS
        self.data["since"], self.data["until"] = since.isoformat(), until.isoformat()
        return since, until

    def patient_ids(self) -> tuple[UUID, ...] | None:
        """The patients that the address names; none of them where it names nobody who is here."""
        if not (text := self.value("patient")):
            return None
        return tuple(id_ for part in text.split(",") if (id_ := _uuid(part)))

    def patients_in_words(self) -> str:
        """`DOE, Jane`, `DOE, Jane and 3 more`; who the list is narrowed to."""
        ids = self.patient_ids()
        if ids is None:
            return ""
        names = sorted(people().names(self.practice, ids).values())
        if not names:
            return "Nobody who fits"
        return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"

    def address(self) -> str:
        """The query of this question: everything that was chosen, and of the patients their ids."""
        self.is_valid()
        skipped = {"look_for", "patient", *self.typed}
        given = {name: self.data.get(name, "") for name in self.fields if name not in skipped}
        if text := self.value("look_for"):
            given["patient"] = ",".join(map(str, people().find(self.practice, text))) or NOBODY
        else:
            given["patient"] = self.value("patient") or ""
        return urlencode({name: value for name, value in given.items() if value})


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class ChangesForm(DatesForm):
    """The filters of the list of changes."""

    typed = ("reason",)

    record = forms.ChoiceField(
        label="Record", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    field = forms.ChoiceField(
        label="Field", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    action = forms.ChoiceField(
        label="Action",
        required=False,
        choices=[("", "Any"), ("created", "Created"), ("changed", "Changed")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    reason = forms.CharField(
        label="Reason contains",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )
    request = forms.UUIDField(required=False, widget=forms.HiddenInput)
    field_order = [
        "since",
        "until",
        "who",
        "record",
        "field",
        "action",
        "reason",
        "look_for",
        "patient",
        "request",
    ]

    def __init__(self, data, *, membership):
        super().__init__(data, membership=membership)
        self.shown = shown_to(membership)
        self.fields["record"].choices = [("", "Any record"), *((p.slug, p.label) for p in self.shown)]
        self.fields["field"].choices = [
            ("", "Any field"),
            *((p.label, self._fields_of(p)) for p in self.shown),
        ]

    @staticmethod
    def _fields_of(presentation: Presentation) -> list[tuple[str, str]]:
        return [(f"{presentation.slug}.{f.name}", presentation.label_of(f)) for f in presentation.fields()]

    def filters(self) -> Filters:
        self.is_valid()
        since, until = self.dates()
        field_of, _, name = (self.value("field") or "").partition(".")
        record = field_of or self.value("record")
        action = self.value("action")
        return Filters(
            presentations=tuple(p for p in self.shown if record in (None, p.slug)),
            since=since,
            until=until,
            who=self.value("who") or "",
            created={"created": True, "changed": False}.get(action),
            field=name,
            reason=self.value("reason") or "",
            patient_ids=self.patient_ids(),
            request=self.value("request"),
            words=tuple(self.in_words()),
        )

    def in_words(self) -> list[str]:
        """The filters in effect, for the empty page: `Record: Session`."""
        skipped = {"since", "until", "patient", "look_for"}
        given = [name for name in self.fields if name not in skipped and self.value(name)]
        words = [f"{self.fields[name].label or 'Request'}: {self._shown(name)}" for name in given]
        return words + ([f"Patient: {self.patients_in_words()}"] if self.value("patient") else [])

    def _shown(self, name: str) -> str:
        value = str(self.value(name))
        flat = {}
        for key, label in getattr(self.fields[name], "choices", ()):
            flat.update(dict(label) if isinstance(label, list | tuple) else {key: label})
        return str(flat.get(value, value))


class AccessForm(DatesForm):
    """The filters of the access log. `kind` chooses between charts that were seen and people who came and went."""

    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Charts seen"), *Action.choices, ("sign_ins", "Sign-ins")],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    @property
    def of_sign_ins(self) -> bool:
        return self.value("kind") == "sign_ins"
