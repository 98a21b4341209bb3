"""Times of day as people type them."""

from datetime import time

import pytest
from django import forms

from timelogs.forms.fields import ClockField, time_field


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("15:02", time(15, 2)),
        ("0:00", time(0, 0)),
        ("23:59", time(23, 59)),
        ("1502", time(15, 2)),
        ("0130", time(1, 30)),
        ("3:02 pm", time(15, 2)),
        ("3:02 P.M.", time(15, 2)),
        ("12:00 am", time(0, 0)),
        ("12:00 pm", time(12, 0)),
        ("3 pm", time(15, 0)),
        ("1015AM", time(10, 15)),
        ("930 pm", time(21, 30)),
        ("09:05:59", time(9, 5, 59)),
    ],
)
def test_a_time_is_read_as_typed(typed, meant):
    assert ClockField().clean(typed) == meant


@pytest.mark.parametrize("typed", ["25:61", "24:00", "13:00 pm", "130", "15.", "noon", "2360"])
def test_what_is_no_time_is_said_and_stays_in_the_field(typed):
    class Typed(forms.Form):
        starts = time_field("Started at", called="The start of the session")

    form = Typed({"starts": typed})
    assert form.errors == {"starts": ["The start of the session must be a time, like 15:02 or 3:02 pm."]}
    assert f'value="{typed}"' in str(form["starts"])
