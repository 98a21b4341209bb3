"""The note's form, in the order of the documentation template."""

from datetime import datetime, timedelta

from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms

from foundation.forms import ActForm
from foundation.local_time import moments, why_skipped
from foundation.months import in_words
from patients.models import Measure
from timelogs.forms.fields import (
    DurationField,
    choice_field,
    choices,
    date_field,
    reason_field,
    text_field,
    time_field,
)
from timelogs.models import ClinicalAction, Method, Party, TimeEntry, Topic
from timelogs.note.fields import NOTE_FIELDS

_HALF_A_DAY = timedelta(hours=12)


class NoteForm(ActForm):
    """The note of one session, in the order of the documentation template. Everything may be missing in a draft."""

    data_from = date_field("Readings from", called="The first day of the readings")
    data_until = date_field("until", called="The last day of the readings")
    data_left_out = forms.MultipleChoiceField(
        label="Left out",
        choices=Measure.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Tick what you did not review. The rest is what you sign for.",
    )
    data_reviewed = forms.BooleanField(label="I reviewed these readings", required=False)
    data_note = text_field("What you saw in them", rows=2, help_text="Also how they compare with the goal.")
    no_data_reason = reason_field("Or why no readings were reviewed")
    party = choice_field("Who", Party)
    party_name = forms.CharField(label="Caregiver’s name", max_length=80, required=False)
    party_relation = forms.CharField(label="Relation to the patient", max_length=40, required=False)
    method = choice_field("How", Method)
    contact_started_at = time_field("Contact began", called="The start of the contact")
    contact_seconds = DurationField(label="It took", required=False, help_text="Minutes, like 4 or 4:30")
    contact_longer_reason = reason_field("Why the contact was longer than the session")
    topics = forms.MultipleChoiceField(
        label="Topics", choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    said = text_field(
        "What was said", rows=3, help_text="In your words. One sentence at least, here or under the decision."
    )
    action = choice_field("Decision", ClinicalAction)
    action_detail = text_field(
        "Reason or detail", rows=2, help_text="Also for “No change”: why the plan stays the same."
    )
    follow_up_on = date_field("Follow up on", called="The follow-up day")
    minutes = DurationField(label="Minutes to record", required=False)
    # What the field showed when it was drawn: left as it was, the measured time is recorded, whatever it is by then.
    minutes_shown = forms.CharField(widget=forms.HiddenInput, required=False)
    raise_reason = reason_field("Why more than was measured")
    late_reason = reason_field("Why this session is entered later")

    def __init__(self, *args, entry: TimeEntry, at: datetime, seconds: int = 0, **kwargs):
        self.entry = entry
        kwargs["initial"] = {**note_of(entry), **time_of(entry, seconds), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self._offer_measures()
        self.fields["minutes"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        if not entry.late_reason and entry.practice.today(entry.started_at) == entry.practice.today(at):
            del self.fields["late_reason"]
        self.helper.layout = Layout(
            *self.data_section(), *communication_section(), *action_section(), *self.time_section()
        )

    def data_section(self):
        yield Fieldset(
            "Data reviewed",
            HTML('{% include "timelogs/_facts.html" %}'),
            Div("data_from", "data_until", css_class="side-by-side range"),
            *([choices("data_left_out")] if "data_left_out" in self.fields else []),
            Field("data_reviewed", template="timelogs/fields/tick.html"),
            "data_note",
            Div("no_data_reason", css_class="no-data"),
        )

    def _offer_measures(self) -> None:
        """Only where there is something to choose; any measure can be read, for the days may have changed since."""
        shown = {fact["measure"] for fact in self.entry.data_facts} | set(self.entry.data_left_out)
        if len(shown) < 2 and not self.entry.data_left_out:
            del self.fields["data_left_out"]
            return
        field = self.fields["data_left_out"]
        field.widget.choices = [choice for choice in field.choices if choice[0] in shown]

    def time_section(self):
        yield Fieldset(
            "Time",
            HTML('{% include "timelogs/_measured.html" %}'),
            Div("minutes", Div("raise_reason", css_id="raise"), "minutes_shown", css_class="side-by-side"),
            *(["late_reason"] if "late_reason" in self.fields else []),
            HTML('{% include "timelogs/_cumulative.html" %}'),
        )

    def clean_contact_started_at(self) -> datetime | None:
        """The moment at which the practice's clocks showed this time on the session's day (or after its midnight)."""
        if (shown := self.cleaned_data["contact_started_at"]) is None:
            return None
        tz, known = self.entry.practice.tz, self.entry.contact_started_at
        # The field shows minutes: left as it was, the second that the clock noted stays.
        if known and known.astimezone(tz).time().replace(second=0, microsecond=0) == shown.replace(second=0):
            return known
        started = self.entry.started_at.astimezone(tz)
        days = started.date(), started.date() + timedelta(days=1)
        found = [moment for day in days for moment in moments(day, shown, tz=tz)]
        # Of two the one in the session, which is the first from its start on; a time long before is the next day's.
        after = [moment for moment in found if moment >= started.replace(second=0, microsecond=0)]
        if not moments(days[0], shown, tz=tz) and not (after and after[0] - started < _HALF_A_DAY):
            raise forms.ValidationError(why_skipped(days[0], shown))
        if after and after[0] - started < _HALF_A_DAY:
            return after[0]
        return found[0]

    @property
    def note(self) -> dict:
        """What can be kept of the note: every field that could be read."""
        return {name: self.cleaned_data[name] for name in NOTE_FIELDS if name in self.cleaned_data}

    def clean(self):
        cleaned = super().clean()
        if self._minutes_untouched():
            # What the clock showed (“40 s”) need not be what a person may type.
            self.errors.pop("minutes", None)
            cleaned["minutes"] = None
        return cleaned

    def _minutes_untouched(self) -> bool:
        shown = self.data.get("minutes_shown", "").strip()
        return bool(shown) and self.data.get("minutes", "").strip() == shown

    @property
    def seconds_typed(self) -> int | None:
        """The seconds to record if the field was changed, else None: record what was measured."""
        return self.cleaned_data.get("minutes")

    def demand_minutes(self) -> bool:
        """To sign, the emptied field needs a number. Marks the field and answers whether it is fine."""
        if "minutes" not in self.errors and not self.data.get("minutes", "").strip():
            self.add_error("minutes", "Enter how long the session took.")
        return "minutes" not in self.errors


def note_of(entry: TimeEntry) -> dict:
    """An entry's note as the form's initial values."""
    note = {name: getattr(entry, name) for name in NOTE_FIELDS}
    if entry.contact_started_at:
        note["contact_started_at"] = (
            entry.contact_started_at.astimezone(entry.practice.tz).time().replace(microsecond=0)
        )
    return note


def time_of(entry: TimeEntry, seconds: int) -> dict:
    return {
        "version": entry.version,
        "minutes": in_words(seconds),
        "minutes_shown": in_words(seconds),
        "raise_reason": entry.raise_reason,
    }


def communication_section():
    yield Fieldset(
        "Communication",
        HTML('{% include "timelogs/_one_tap.html" %}'),
        choices("party"),
        Div("party_name", "party_relation", css_class="side-by-side caregiver"),
        choices("method"),
        Div("contact_started_at", "contact_seconds", css_class="side-by-side contact-time"),
        Div("contact_longer_reason", css_id="longer"),
        choices("topics"),
        "said",
    )


def action_section():
    follow_up = Div("action_detail", "follow_up_on", css_class="side-by-side detail-and-day")
    no_change = HTML('{% include "timelogs/_no_change.html" %}')
    plan = HTML('{% include "timelogs/_plan.html" %}')
    yield Fieldset("Clinical action", no_change, choices("action"), follow_up, plan)
