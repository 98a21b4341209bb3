"""Forms of papers: attaching a file, signing, returning."""

from crispy_forms.layout import Layout
from django import forms

from foundation.forms import ActForm
from patients.attachments import MAX_BYTES
from patients.forms import fields as f
from patients.forms.fields import PracticeForm
from patients.models import AttachmentKind


def file_field() -> forms.FileField:
    return forms.FileField(
        label="File",
        help_text="PDF, PNG or JPEG, up to 5 MB.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"}),
        error_messages={"required": "Choose a file", "empty": "The file is empty. Choose another one"},
    )


class FileForm(PracticeForm):
    """A scan."""

    file = file_field()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(*self.fields)

    def clean_file(self) -> bytes:
        """The bytes. A file that is too large is not read."""
        upload = self.cleaned_data["file"]
        if upload.size > MAX_BYTES:
            raise forms.ValidationError(
                "The file is larger than 5 MB. Scan it with a lower resolution, or in parts"
            )
        return upload.read()


class AttachmentForm(FileForm):
    """A file with what it is."""

    kind = forms.ChoiceField(label="What it is", choices=AttachmentKind)
    title = f.text("Title", required=True, missing="Give the paper a title", max_length=120)
    field_order = ["kind", "title", "file"]


class SignForm(ActForm):
    """The papers that are signed, each by the mark of what was read of it."""

    papers = forms.MultipleChoiceField(
        error_messages={"required": "Tick what you sign. A paper can be ticked once you have read it."}
    )

    def __init__(self, *args, papers: list[tuple[str, str]], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["papers"].choices = papers
        self.fields["papers"].error_messages["invalid_choice"] = (
            "One of these papers was not read in this session. Read it again, then sign."
        )


class ReturnForm(PracticeForm):
    """Why it is not signed."""

    reason = f.reason()
