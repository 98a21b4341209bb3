"""The form by which a view of the caseload is kept."""

from crispy_forms.layout import Layout
from django import forms

from boards.models import SavedView
from foundation.forms import ActForm

LONGEST = SavedView._meta.get_field("name").max_length or 0


class SaveViewForm(ActForm):
    """`query` is what the page that was looked at asks for."""

    name = forms.CharField(
        label="Name of the view",
        max_length=LONGEST,
        error_messages={
            "required": "Enter a name for the view",
            "max_length": f"A view's name has {LONGEST} characters at most",
        },
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=1000)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Not cut while it is typed or pasted.
        self.fields["name"].widget.attrs.pop("maxlength", None)
        self.helper.layout = Layout("name")
