"""Which values the remaining record has after a merge, and why the two are one person's."""

from collections.abc import Sequence

from django import forms

from foundation.forms import ActForm
from patients.comparing import KEEP, TAKE, Line
from patients.forms import fields as f


class _ShownForm(ActForm):
    def shown_again(self, **fresh) -> None:
        """Choose anew about what is on the page now; what was typed stays."""
        self.data = self.data.copy()
        self.data.update(fresh)


class MergeForm(_ShownForm):
    """One choice for each difference; none is made beforehand where the two records contradict each other."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = f.lines(
        "How you know that they are one person",
        required=True,
        most=500,
        missing="Say how you know that they are one person. It stays in the record",
    )

    def __init__(self, *args, lines: Sequence[Line], **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.attrs["class"] = "form-control"
        for line in lines:
            if line.asked:
                self.fields[line.name] = forms.ChoiceField(
                    label=line.label,
                    choices=[(KEEP, line.remaining or "Leave it empty"), (TAKE, line.duplicate)],
                    widget=forms.RadioSelect,
                    initial=line.usual or None,
                    error_messages={"required": f"Choose what the remaining record says: {line.label}"},
                )
        # Asked last, as it stands on the page.
        self.fields["reason"] = self.fields.pop("reason")
        self.lines = lines

    def rows(self):
        """(line, its field or None) for the table."""
        return [(line, self[line.name] if line.asked else None) for line in self.lines]

    def choices(self) -> dict[str, str]:
        return {line.name: self.cleaned_data[line.name] for line in self.lines if line.asked}


class TwoPeopleForm(ActForm):
    reason = f.lines(
        "How you know that they are two people",
        required=True,
        most=500,
        missing="Say how you know that they are two people. It stays in the record",
    )


class UndoMergeForm(_ShownForm):
    """`merge`: the one that was on the page; somebody may have undone it and merged the record anew."""

    merge = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": "Reload the page, then undo the merge again"},
    )
    reason = f.lines(
        "Why the merge is undone",
        required=True,
        most=500,
        missing="Say why the merge is undone. It stays in the record",
    )


class FindOtherForm(forms.Form):
    q = forms.CharField(
        label="Name, MRN or date of birth of the other record",
        max_length=100,
        error_messages={"required": "Enter a name, an MRN or a date of birth"},
    )
