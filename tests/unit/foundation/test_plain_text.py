"""No stored text turns the words of a page around."""

import pytest
from django import forms

from foundation.forms import PlainTextForm
from foundation.plain_text import has_hidden_characters


class SampleForm(PlainTextForm):
    reason = forms.CharField(label="Reason")
    note = forms.CharField(label="Note", widget=forms.Textarea, required=False)


@pytest.mark.parametrize("sign", ["\u202e", "\u202a", "\u2066", "\u2069", "\u200f", "\u061c", "\x07", "\x9b"])
def test_a_sign_that_cannot_be_seen_is_refused_at_its_field_and_what_was_typed_stays(sign):
    form = SampleForm({"reason": f"waits {sign}for the payer"})
    assert form.errors == {
        "reason": [
            "Reason holds an invisible sign that changes how text reads. Type it again instead of pasting it."
        ]
    }
    assert form["reason"].value() == f"waits {sign}for the payer"


@pytest.mark.parametrize(
    "text", ["Two\nlines\tand a tab\r\n", "Zoë, Łukasz, 李雷, שלום, 120/80 mmHg – “fine”", "a\u200db"]
)
def test_words_of_any_language_are_fine(text):
    assert not has_hidden_characters(text)
    assert SampleForm({"reason": text}).is_valid()


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u2060", "\u00ad"])
def test_a_sign_without_width_is_fine_in_words_and_not_in_a_name_or_number(sign):
    form = SampleForm({"reason": f"A12{sign}", "note": f"blood{sign}pressure"})
    assert list(form.errors) == ["reason"]
