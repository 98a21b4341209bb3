"""The upload, the meaning of each column, and what is decided about a row or about many."""

from django import forms
from django.conf import settings

from foundation.forms import ActForm, FreeText
from intake import fields, policies
from intake.covering import choosable
from intake.models import Candidate, Decision
from intake.sheet import Sheet

MISSING = "Give the reason. It stays in the record"


class UploadForm(ActForm):
    file = forms.FileField(
        label="CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv"}),
        error_messages={"required": "Choose a CSV file", "empty": "The file is empty"},
    )

    def clean_file(self):
        upload, most = self.cleaned_data["file"], settings.PATIENT_IMPORT_MAX_BYTES
        if upload.size > most:
            raise forms.ValidationError(f"The file is larger than {most // 1024 // 1024} MB. Split it")
        return upload


class ColumnsForm(ActForm):
    """One choice for each column of the file: `column_0` and so on."""

    def __init__(self, *args, sheet: Sheet, known: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.sheet = sheet
        choices = [("", "Do not take in"), *((name, spec.label) for name, spec in fields.FIELDS.items())]
        for index, guessed in enumerate(fields.guess(sheet.header, known)):
            self.fields[f"column_{index}"] = forms.ChoiceField(
                label=sheet.header[index] or f"Column {index + 1}",
                choices=choices,
                required=False,
                initial=guessed,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def columns(self):
        """(the choice, the first values of its column), for the page."""
        for index in range(len(self.sheet.header)):
            yield self[f"column_{index}"], self.sheet.samples(index)

    def chosen(self) -> list[str]:
        return [self.cleaned_data.get(f"column_{index}", "") for index in range(len(self.sheet.header))]

    def clean(self):
        values, first = super().clean(), {}
        for index, field in enumerate(self.chosen()):
            if field and field in first:
                label = fields.FIELDS[field].label
                self.add_error(
                    f"column_{index}", f"{label} is given by “{first[field]}” too. Choose one of them"
                )
            elif field:
                first[field] = self[f"column_{index}"].label
        if not self.errors and (sentence := fields.why_not_columns(first)):
            self.add_error(None, sentence)
        return values


class ReasonedForm(ActForm):
    """A decision with its reason, which only leaving a row out needs not."""

    decision = forms.ChoiceField(
        label="What to do",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what to do", "invalid_choice": "Choose what to do"},
    )
    reason = FreeText(label="Reason", max_length=500, rows=2, required=False)

    def clean(self):
        values = super().clean()
        decision = values.get("decision")
        if decision and decision != Decision.LEAVE and "reason" in values and not values["reason"].strip():
            self.add_error("reason", MISSING)
        return values

    def shown_again(self, **marks) -> None:
        """The page that says what was refused shows rows as they are now: it is them that the next press is about."""
        self.data = self.data.copy()
        for name, value in marks.items():
            self.data[name] = str(value)


class DecideForm(ReasonedForm):
    """About one row: what to do, and which of the values that differ are taken over. `seen`: what the page showed."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    fields_over = forms.MultipleChoiceField(
        label="Take over", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args, row: Candidate, **kwargs):
        super().__init__(*args, **kwargs)
        choices = policies.CHOICES.get(row.standing, ())
        self.fields["decision"].choices = [
            (choice.value, choice.label_for(row.patient_import)) for choice in choices
        ]
        names = choosable(row.differs)
        self.fields["fields_over"].choices = [(name, fields.FIELDS[name].label) for name in names]
        self.fields["fields_over"].initial = row.fields or names
        # Its page is a table, drawn by hand.
        self.fields["decision"].widget.attrs["class"] = "form-check-input"
        self.fields["reason"].widget.attrs["class"] = "form-control"


class DecideRestForm(ReasonedForm):
    """About every row that differs and is not decided. `undecided`: how many the page said there are.

    `version`: the import's, when they were shown.
    """

    undecided = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        both = (Decision.THEIRS, Decision.OURS)
        self.fields["decision"].choices = [(choice.value, choice.label) for choice in both]


class TakeInForm(forms.Form):
    """Which button was pressed."""

    everything = forms.BooleanField(required=False)
