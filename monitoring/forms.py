"""The upload of a file of readings, what its columns mean, its confirmation, and the filter of the readings table."""

from django import forms

from foundation.forms import ActForm, DateInput, ReasonForm
from monitoring.columns import MAX_BYTES
from monitoring.files import mapping as mappings
from monitoring.files import meanings, moments, questions, units
from monitoring.files.mapping import Column, Mapping
from monitoring.files.understood import Understood
from monitoring.models import MRN, SERIAL
from monitoring.readings.units import impossible
from patients.forms.fields import ZONES
from patients.merges import by_mrn
from patients.models import UNITS, Device, Measure

NO_DEVICE = "none"


class UploadForm(ActForm):
    file = forms.FileField(
        label="CSV file",
        help_text="Up to 5 MB and 10,000 lines.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        error_messages={"required": "Choose a CSV file", "empty": "The file is empty"},
    )

    def clean_file(self):
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError("The file is larger than 5 MB. Split it")
        return upload


_SELECT = forms.Select(attrs={"class": "form-select"})
_TEXT = forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"})
_ORDERS = [
    ("", "As the dates themselves say"),
    *((order, f"{name}") for order, name in moments.ORDERS.items()),
]


class ColumnsForm(ActForm):
    """What each column of a file gives: `column_0`, `unit_0` and so on; and what holds for the whole file."""

    order = forms.ChoiceField(label="Dates are written", required=False, choices=_ORDERS, widget=_SELECT)
    zone = forms.ChoiceField(
        label="Times without an offset are in",
        required=False,
        choices=[
            ("", "The patient’s own zone"),
            (mappings.BY_COLUMN, mappings.AS_COLUMN),
            (mappings.UTC_ZONE, "UTC"),
            *ZONES.items(),
        ],
        widget=_SELECT,
    )
    serial = forms.CharField(label="Device’s serial number", required=False, max_length=SERIAL, widget=_TEXT)
    mrn = forms.CharField(label="Patient’s MRN", required=False, max_length=MRN, widget=_TEXT)

    def __init__(self, *args, found: Understood, practice, **kwargs):
        super().__init__(*args, **kwargs)
        self.found, self.practice = found, practice
        mapping = found.mapping
        for name in ("order", "zone", "serial", "mrn"):
            self.fields[name].initial = getattr(mapping, name)
        for place, column in enumerate(mapping.columns):
            name = found.sheet.name(place)
            meaning = self._choice(f"column_{place}", name, column.meaning, _meanings())
            unit = self._choice(f"unit_{place}", f"Unit of {name}", column.unit, _units())
            self.pairs = [*getattr(self, "pairs", []), (meaning, unit)]

    def _choice(self, name: str, label: str, initial: str, choices) -> str:
        widget = forms.Select(attrs={"class": "form-select"})
        self.fields[name] = forms.ChoiceField(
            label=label, choices=choices, required=False, initial=initial, widget=widget
        )
        return name

    def columns(self):
        """(what it is, its unit, the first values) of each column, for the page."""
        for place, (meaning, unit) in enumerate(self.pairs):
            yield self[meaning], self[unit], self.found.sheet.samples(place)

    def clean_serial(self):
        serial = self.cleaned_data["serial"].strip()
        if serial and not Device.objects.for_practice(self.practice).filter(serial=serial).exists():
            raise forms.ValidationError(f"“{serial}” is no device here. Give the device to a patient first")
        return serial

    def clean_mrn(self):
        mrn = self.cleaned_data["mrn"].strip()
        if mrn and not by_mrn(self.practice, [mrn]):
            raise forms.ValidationError(f"“{mrn}” is no patient here. Check the MRN")
        return mrn

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        for place, column in enumerate(self._chosen()):
            possible = units.OF.get(meanings.MEASURES.get(column.meaning, ""))
            if possible and column.unit and column.unit not in possible:
                shown = ", ".join(map(units.shown, possible))
                label = meanings.LABELS[column.meaning]
                self.add_error(
                    f"unit_{place}", f"{label} is not in {units.shown(column.unit)}. Choose {shown}"
                )
        for question in () if self.errors else questions.of(self.found.sheet, self.mapping()):
            self.add_error(question.field or None, question.sentence)
        return values

    def _chosen(self) -> list[Column]:
        return [
            Column(self.cleaned_data.get(meaning, ""), self.cleaned_data.get(unit, ""))
            for meaning, unit in self.pairs
        ]

    def mapping(self) -> Mapping:
        """A unit beside what has none is not meant."""
        takes_unit = {*meanings.MEASURES, meanings.VALUE}
        chosen = (each if each.meaning in takes_unit else Column(each.meaning) for each in self._chosen())
        rest = {name: self.cleaned_data.get(name, "") for name in ("order", "zone", "serial", "mrn")}
        return Mapping(tuple(chosen), **rest)


def _meanings() -> list[tuple[str, str]]:
    return [("", "Leave out"), *meanings.LABELS.items()]


def _units() -> list[tuple[str, str]]:
    return [
        ("", "As the file says"),
        *((unit, units.shown(unit)) for unit in dict.fromkeys(sum(units.OF.values(), ()))),
    ]


class ConfirmForm(ActForm):
    """Nothing but the act itself."""


class ExcludeForm(ReasonForm):
    """Why a reading does not count, or counts again."""


class CorrectForm(ReasonForm):
    """What a typed reading is, in place of what was typed."""

    value = forms.DecimalField(
        max_digits=7, decimal_places=2, error_messages={"required": "Enter the value that was measured"}
    )
    second_value = forms.DecimalField(label="Diastolic", max_digits=7, decimal_places=2)
    field_order = ("value", "second_value", "reason")

    def __init__(self, *args, measure: str, **kwargs):
        super().__init__(*args, **kwargs)
        self.measure = measure
        self.fields["value"].label = (
            "Systolic" if measure == Measure.BLOOD_PRESSURE else Measure(measure).label
        )
        if measure != Measure.BLOOD_PRESSURE:
            del self.fields["second_value"]
        for name in ("value", "second_value"):
            if name in self.fields:
                self.fields[name].help_text = f"In {UNITS[measure]}."

    def clean(self):
        values = super().clean()
        if not self.errors and (
            problem := impossible(self.measure, values["value"], values.get("second_value"))
        ):
            self.add_error(*problem)
        return values


class DiscardParkedForm(ReasonForm):
    """Why a parked value, or all of its device, is never to be taken in."""

    which = forms.ChoiceField(label="Discard", widget=forms.RadioSelect, initial="one")
    field_order = ("which", "reason")

    def __init__(self, *args, count: int, **kwargs):
        super().__init__(*args, **kwargs)
        every = [("every", f"All {count} that wait for the same device or patient")] if count > 1 else []
        self.fields["which"].choices = [("one", "This value"), *every]
        if not every:
            self.fields["which"].widget = forms.HiddenInput()


class ReadingsFilter(forms.Form):
    """Read from the address; what is no choice or date there is ignored."""

    measure = forms.ChoiceField(required=False, choices=[("", "All measures"), *Measure.choices])
    device = forms.ChoiceField(required=False, choices=[("", "All devices")])
    against = forms.ChoiceField(
        required=False, label="Against range", choices=[("", "All"), ("out", "Out of range")]
    )
    since = forms.DateField(required=False, label="From", widget=DateInput())
    until = forms.DateField(required=False, label="To", widget=DateInput())

    def __init__(self, *args, devices, **kwargs):
        super().__init__(*args, **kwargs)
        own = [(str(device.pk), str(device)) for device in devices]
        self.fields["device"].choices = [("", "All devices"), *own, (NO_DEVICE, "Typed in, no device")]
