"""Every free text has a length: in its form, where it is counted, and in the database, whatever comes round that."""

import pytest
from django import forms
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.urls import get_resolver

from foundation.forms import FreeText
from foundation.lengths import REASON, WORDS
from patients.models import Order
from tests.architecture.walk import APPS, table_of


def texts():
    """Every column of free text, histories aside: they repeat what a row held, signed with our own labels."""
    for model in apps.get_models():
        if model._meta.app_label in APPS and not model.__name__.startswith("Historical"):
            for field in model._meta.local_fields:
                if isinstance(field, models.TextField) and (model._meta.label, field.name) not in OURS:
                    yield model, field


# Put together from names that have a length.
OURS = {("audit.AccessEvent", "actor_label"), ("audit.SignInEvent", "actor_label")}


def test_every_text_of_a_row_has_a_length():
    endless = [f"{model._meta.label}.{field.name}" for model, field in texts() if not field.max_length]
    assert not endless, f"Give it max_length=WORDS or REASON (foundation.lengths):{table_of(endless)}"


def test_the_database_holds_every_length(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname LIKE '%%_length'"
        )
        held = dict(cursor.fetchall())
    wanted = {
        f"{model._meta.db_table}_{field.column}_length": f"CHECK ((char_length({field.column}) <= {field.max_length}))"
        for model, field in texts()
    }
    assert len(wanted) > 25
    assert held == wanted, (
        "Add LimitTexts(…) to a migration; after another max_length, drop and add the constraint."
    )


def all_forms():
    get_resolver().check()  # imports every page, and with it its forms

    def below(kind):
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return {form for form in below(forms.Form) if form.__module__.split(".")[0] in APPS}


def test_every_text_that_is_typed_has_a_length_and_every_area_a_counter():
    assert len(all_forms()) > 30
    endless, uncounted = [], []
    for form in all_forms():
        for name, field in form.base_fields.items():
            typed = isinstance(field, forms.CharField) and not isinstance(field.widget, forms.HiddenInput)
            if typed and not field.max_length and type(field).__name__ not in MEASURED:
                endless.append(f"{form.__module__}.{form.__name__}.{name}")
            if isinstance(field.widget, forms.Textarea) and "data-limit" not in field.widget.attrs:
                uncounted.append(f"{form.__module__}.{form.__name__}.{name}")
    assert not endless, f"Give it a max_length, or make it a FreeText:{table_of(endless)}"
    assert not uncounted, f"Make it a FreeText:{table_of(uncounted)}"


# Whatever is typed, what they hand on is a number or a code of five signs.
MEASURED = {"DurationField", "CodeField"}


def test_no_form_takes_more_than_the_database_holds(db):
    longest = {field.name: field.max_length for _, field in texts()}
    for form in all_forms():
        for name, field in form.base_fields.items():
            if isinstance(field, FreeText) and name in longest:
                assert field.max_length <= max(longest[name], REASON if "reason" in name else 0), (form, name)


@pytest.mark.parametrize("length", [WORDS - 1, WORDS, WORDS + 1])
def test_the_database_refuses_what_is_too_long(length, cast):
    order = Order.objects.filter(enrollment=cast.jane_enrolled).first()
    order.text = "ä" * length
    if length <= WORDS:
        order.save()
        return
    with pytest.raises(DatabaseError, match="patients_order_text_length"), transaction.atomic():
        order.save()


class Form(forms.Form):
    words = FreeText(label="What was said", max_length=10, rows=2)


@pytest.mark.parametrize(
    ("typed", "fits"),
    [("x" * 9, True), ("x" * 10, True), ("x" * 11, False), ("x\r\n" * 5, True), ("𝄞" * 10, True)],
)
def test_a_form_counts_as_the_database_does(typed, fits):
    form = Form({"words": typed})
    assert form.is_valid() == fits
    if not fits:
        assert form.errors["words"] == [
            "What was said must be 10 characters or fewer. It has 11: shorten it."
        ]


def test_the_browser_cuts_nothing():
    drawn = str(Form()["words"])
    assert 'data-limit="10"' in drawn
    assert "maxlength" not in drawn
