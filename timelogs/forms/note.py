"""The session's forms: the note in the order of the documentation template, the past session, reasons."""

from datetime import datetime, timedelta

from crispy_forms.layout import HTML, Div, Field, Fieldset, Layout
from django import forms
from django.urls import reverse

from foundation.forms import ActForm, DateInput
from foundation.months import in_words, parse_duration
from foundation.refusals import Refused
from timelogs.models import ClinicalAction, Method, Party, TimeEntry, Topic
from timelogs.note.fields import NOTE_FIELDS

_HALF_A_DAY = timedelta(hours=12)
_NOT_A_TIME = "must be a time, like 15:02."
_NOT_A_DATE = "must be a real date, like 20 Jan 2026."


def as_typed(seconds: int | None) -> str:
    """`12` or `12:30`, as a person would type it; empty for None."""
    if seconds is None:
        return ""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}" if rest else str(minutes)


class DurationField(forms.CharField):
    """A length as people type it (`12`, `12:30`, `1h 5m`), cleaned to seconds; None when left empty."""

    default_error_messages = {"zero": "Time must be more than 0 minutes."}

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        try:
            seconds = parse_duration(text)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from None
        if seconds == 0:
            raise forms.ValidationError(self.error_messages["zero"])
        return seconds

    def prepare_value(self, value):
        return as_typed(value) if isinstance(value, int) else value


def _date(label: str, *, called: str) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=DateInput(), error_messages={"invalid": f"{called} {_NOT_A_DATE}"}
    )


def _time(label: str, *, called: str, required: bool = False) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    messages = {"invalid": f"{called} {_NOT_A_TIME}", "required": f"Enter {called[0].lower()}{called[1:]}."}
    return forms.TimeField(label=label, required=required, widget=widget, error_messages=messages)


def _text(label: str, *, rows: int, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.Textarea(attrs={"rows": rows})
    )


def _choice(label: str, choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices.choices, required=False, widget=forms.RadioSelect)


def choices(name: str) -> Field:
    """Radios or boxes side by side as large targets."""
    return Field(name, template="timelogs/fields/choices.html")


class NoteForm(ActForm):
    """The note of one session, in the order of the documentation template. Everything may be missing in a draft."""

    data_from = _date("Readings from", called="The first day of the readings")
    data_until = _date("until", called="The last day of the readings")
    data_reviewed = forms.BooleanField(label="I reviewed these readings", required=False)
    data_note = _text("What you saw in them", rows=2, help_text="Also how they compare with the goal.")
    no_data_reason = forms.CharField(label="Or why no readings were reviewed", required=False)
    party = _choice("Who", Party)
    party_name = forms.CharField(label="Caregiver’s name", max_length=80, required=False)
    party_relation = forms.CharField(label="Relation to the patient", max_length=40, required=False)
    method = _choice("How", Method)
    contact_started_at = _time("Contact began", called="The start of the contact")
    contact_seconds = DurationField(label="It took", required=False, help_text="Minutes, like 4 or 4:30")
    topics = forms.MultipleChoiceField(
        label="Topics", choices=Topic.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    said = _text(
        "What was said", rows=3, help_text="In your words. One sentence at least, here or under the decision."
    )
    action = _choice("Decision", ClinicalAction)
    action_detail = _text(
        "Reason or detail", rows=2, help_text="Also for “No change”: why the plan stays the same."
    )
    follow_up_on = _date("Follow up on", called="The follow-up day")
    minutes = DurationField(label="Minutes to record", required=False)
    # What the field showed when it was drawn: left as it was, the measured time is recorded, whatever it is by then.
    minutes_shown = forms.CharField(widget=forms.HiddenInput, required=False)
    raise_reason = forms.CharField(label="Why more than was measured", required=False)
    late_reason = forms.CharField(label="Why this session is entered later", required=False)

    def __init__(self, *args, entry: TimeEntry, at: datetime, seconds: int = 0, **kwargs):
        self.entry = entry
        kwargs["initial"] = {**note_of(entry), **time_of(entry, seconds), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["minutes"].widget.attrs |= {"inputmode": "numeric", "autocomplete": "off"}
        if not entry.late_reason and entry.practice.today(entry.started_at) == entry.practice.today(at):
            del self.fields["late_reason"]
        self.helper.layout = Layout(
            *data_section(), *communication_section(), *action_section(), *self.time_section()
        )

    def time_section(self):
        time = Fieldset(
            "Time",
            HTML('{% include "timelogs/_measured.html" %}'),
            Div("minutes", Div("raise_reason", css_id="raise"), "minutes_shown", css_class="side-by-side"),
            *(["late_reason"] if "late_reason" in self.fields else []),
        )
        yield Div(time, HTML('{% include "timelogs/_cumulative.html" %}'), css_class="time-row")

    def clean_contact_started_at(self) -> datetime | None:
        """The moment at which the practice's clocks showed this time on the session's day (or after its midnight)."""
        if (shown := self.cleaned_data["contact_started_at"]) is None:
            return None
        tz, known = self.entry.practice.tz, self.entry.contact_started_at
        # The field shows minutes: left as it was, the second that the clock noted stays.
        if known and known.astimezone(tz).time().replace(second=0, microsecond=0) == shown.replace(second=0):
            return known
        started = self.entry.started_at.astimezone(tz)
        moment = datetime.combine(started.date(), shown, tzinfo=tz)
        return moment + timedelta(days=1) if started - moment > _HALF_A_DAY else moment

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


def data_section():
    yield Fieldset(
        "Data reviewed",
        HTML('{% include "timelogs/_facts.html" %}'),
        Div("data_from", "data_until", css_class="side-by-side range"),
        Field("data_reviewed", template="timelogs/fields/tick.html"),
        "data_note",
        Div("no_data_reason", css_class="no-data"),
    )


def communication_section():
    yield Fieldset(
        "Communication",
        HTML('{% include "timelogs/_one_tap.html" %}'),
        choices("party"),
        Div("party_name", "party_relation", css_class="side-by-side caregiver"),
        choices("method"),
        Div("contact_started_at", "contact_seconds", css_class="side-by-side contact-time"),
        choices("topics"),
        "said",
    )


def action_section():
    follow_up = Div("action_detail", "follow_up_on", css_class="side-by-side detail-and-day")
    no_change = HTML('{% include "timelogs/_no_change.html" %}')
    plan = HTML('{% include "timelogs/_plan.html" %}')
    yield Fieldset("Clinical action", no_change, choices("action"), follow_up, plan)


class AmendForm(NoteForm):
    """A new version of a signed note: everything again, with the reason.

    `effect_seen` is the time, in seconds, whose effect on the month was shown.
    """

    reason = forms.CharField(
        label="Reason for the amendment",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Like “wrong end time” or “detail added”. It stays in the record.",
        error_messages={"required": "Give the reason for the amendment. It stays in the record."},
    )
    # Drawn by _effect.html, which is renewed while the minutes are typed; so not by the layout.
    effect_seen = forms.IntegerField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["minutes"].required = True
        self.fields["minutes"].error_messages["required"] = "Enter how long the session took."
        del self.fields["raise_reason"]
        # The effect on the month is asked for while the minutes are typed.
        self.fields["minutes"].widget.attrs |= {
            "hx-get": reverse("timelogs:session_amend", args=[self.entry.pk]),
            "hx-trigger": "input changed delay:300ms",
            "hx-target": "#effect",
            "hx-swap": "outerHTML",
            "hx-sync": "this:replace",
        }

    def time_section(self):
        yield Fieldset(
            "Time",
            Div("minutes", "minutes_shown", css_class="side-by-side"),
            *(["late_reason"] if "late_reason" in self.fields else []),
        )
        yield HTML('{% include "timelogs/_effect.html" %}')
        yield Fieldset("Why it is amended", "reason")

    @property
    def seconds(self) -> int:
        """The new version's time in seconds; untouched, the signed seconds to the second."""
        return self.seconds_typed or self.entry.seconds_signed or 0


class PastForm(ActForm):
    """A session that was not clocked: when it began, how long it took, why it is entered later."""

    day = forms.DateField(
        label="Date",
        widget=DateInput(),
        error_messages={
            "required": "Enter the date of the session.",
            "invalid": f"Session date {_NOT_A_DATE}",
        },
    )
    starts = _time("Started at", called="The start of the session", required=True)
    minutes = DurationField(
        label="Minutes",
        help_text="Like 12, 12:30 or 1h 5m",
        error_messages={"required": "Enter how long the session took."},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label="Why is this entered later?",
        help_text="It stays in the record.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Say why this session is entered later."},
    )

    def __init__(self, *args, practice, now: datetime, **kwargs):
        self.practice, self.now = practice, now
        kwargs.setdefault("initial", {})["day"] = practice.today(now)
        super().__init__(*args, **kwargs)
        self.fields["day"].widget.attrs["max"] = f"{practice.today(now):%Y-%m-%d}"
        self.helper.layout = Layout(
            Div("day", HTML('{% include "timelogs/_days.html" %}'), css_class="day-row"),
            Div("starts", "minutes", css_class="side-by-side"),
            "reason",
        )

    def clean_day(self):
        if (day := self.cleaned_data["day"]) > self.practice.today(self.now):
            raise forms.ValidationError("Session date must be today or in the past.")
        return day

    @property
    def span(self) -> dict:
        """Start, seconds and reason as `log_past` takes them."""
        starts_at = datetime.combine(
            self.cleaned_data["day"], self.cleaned_data["starts"], tzinfo=self.practice.tz
        )
        return {
            "starts_at": starts_at,
            "seconds": self.cleaned_data["minutes"],
            "reason": self.cleaned_data["reason"],
        }
