"""What every form of ours carries: the operation's id, the version it was opened at, and clear error words."""

from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import forms

from foundation.plain_text import why_not_readable
from foundation.refusals import Refused


class PlainTextForm(forms.Form):
    """Refuses text with invisible signs at its field; what was typed is shown again."""

    def _post_clean(self):
        super()._post_clean()  # type: ignore[misc]  # Django's own step, unknown to its stubs
        for name, field in self.fields.items():
            value = self.cleaned_data.get(name)
            called = str(field.label or "") or name.replace("_", " ").capitalize()
            words = isinstance(field.widget, forms.Textarea)
            if isinstance(value, str) and (why := why_not_readable(value, called=called, words=words)):
                self.add_error(name, why)


class ActForm(PlainTextForm):
    """A form that does one act. Subclasses set `helper.layout`; the submit button lives in the template.

    `operation_id` makes the act happen once; `version` is the row's version when the form was opened.
    """

    operation_id = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = self.helper.render_hidden_fields = True
        self.helper.attrs = {"novalidate": True}

    def refuse(self, refusal: Refused) -> None:
        """Show a service's refusal at its field, else above the form."""
        self.add_error(refusal.field if refusal.field in self.fields else None, refusal.message)

    def given(self) -> dict:
        """The cleaned values without the form's own machinery."""
        return {k: v for k, v in self.cleaned_data.items() if k not in {"operation_id", "version"}}


class FreeText(forms.CharField):
    """Words of a person, up to a length that is counted beside the field.

    The browser does not cut them, as it would by `maxlength`: what was pasted stays whole until its author shortens it.
    `rows` makes it an area of so many lines.
    """

    def __init__(self, *, max_length: int, rows: int | None = None, **kwargs):
        if rows:
            kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(max_length=max_length, **kwargs)
        called = self.label or "The text"
        self.error_messages["max_length"] = (
            f"{called} must be {max_length:,} characters or fewer. It has %(show_value)s: shorten it."
        )

    def to_python(self, value):
        """Browsers send every end of a line as two characters; it is one."""
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def widget_attrs(self, widget):
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return {**attrs, "data-limit": str(self.max_length)}


class ReasonForm(ActForm):
    """An act that needs nothing but its reason."""

    reason = FreeText(
        label="Reason",
        max_length=500,
        rows=2,
        error_messages={"required": "Give the reason. It stays in the record."},
    )


class DateInput(forms.DateInput):
    """The browser's own date field, always in ISO form underneath."""

    input_type = "date"

    def __init__(self, **kwargs):
        super().__init__(format="%Y-%m-%d", **kwargs)
