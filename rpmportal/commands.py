"""The lines of the command palette that lead to pages and acts, for whoever may use them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission, may
from foundation.months import month_of
from rpmportal.navigation import PLACES
from rpmportal.pages import month_at_hand
from timelogs.models import ClockState
from timelogs.views.my_sessions import clock_at_hand

P = Permission


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the palette, and what choosing it does: go to `url`, send `post`, open a dialog of the page, or
    type `fill` into the field. `also` are words by which it is found besides its own."""

    label: str
    detail: str = ""
    keys: tuple[str, ...] = ()
    url: str = ""
    post: str = ""
    opens: str = ""
    fill: str = ""
    also: str = ""
    icon: str = "go"
    tag: str = ""
    operation_id: UUID = field(default_factory=uuid4)


def commands(membership: Membership, *, at: datetime) -> list[Line]:
    """Every command that this person may use now, the clock's first."""
    return [
        *_clock(membership, at),
        *_patients(membership),
        *_practice(membership),
        *_places(membership),
        *_last_month(membership, at),
        *_own(membership),
        Line(
            "Sign-in and security",
            url=reverse("authentication:security"),
            also="password passkey second factor authenticator recovery sessions account",
            icon="person",
        ),
        Line("What each role may do", url=reverse("staff:roles"), also="roles permissions rights access"),
        Line("Help", url=reverse("help"), also="how do i guide manual", icon="info"),
        Line("Keyboard shortcuts", keys=("?",), opens="shortcuts", also="help keys", icon="info"),
        Line("Sign out", post=reverse("authentication:sign_out"), also="log out leave", icon="person"),
    ]


def matching(lines: list[Line], text: str) -> list[Line]:
    """Lines of which some word begins with each word of the text."""
    typed = text.lower().split()
    return [line for line in lines if all(_begins_a_word(line, word) for word in typed)]


def _begins_a_word(line: Line, typed: str) -> bool:
    return any(word.startswith(typed) for word in f"{line.label} {line.also}".lower().split())


def _clock(membership, at) -> Iterator[Line]:
    """The clock's form; pause and resume where no question is open. Sent as the buttons of the form send them."""
    clock = clock_at_hand(membership, at=at) if may(membership, P.TIME_LOG) else None
    if clock is None:
        return
    ids, paused = [clock.entry_id], clock.state == ClockState.PAUSED
    word = "paused" if paused else "running"
    yield Line(f"To the {word} clock", keys=("T",), url=reverse("timelogs:session", args=ids), icon="clock")
    if paused:
        yield Line("Resume the paused clock", post=reverse("timelogs:session_resume", args=ids), icon="clock")
    elif clock.state != ClockState.ASKING:
        yield Line("Pause the running clock", post=reverse("timelogs:session_pause", args=ids), icon="hold")


def _patients(membership) -> Iterator[Line]:
    if may(membership, P.TIME_LOG):
        yield Line("Start session for…", "type “start” and a name", fill="start ", icon="clock")
        yield Line("Log past session for…", "type “log” and a name", fill="log ", icon="clock")
    if may(membership, P.PATIENT_ENROLL):
        yield Line("Enroll patient", url=reverse("patients:patient_new"), also="new add", icon="person")
        yield Line("Bring in patients", url=reverse("intake:bring_in"), also="import csv upload file migrate")
        yield Line(
            "Patients from other systems",
            url=reverse("intake:arrivals"),
            also="hl7 fhir adt waiting arrivals",
        )
        yield Line("Ranges to review", url=reverse("patients:ranges_to_review"), also="target limits overdue")
    if may(membership, P.READINGS_IMPORT):
        yield Line("Import readings", url=reverse("monitoring:readings_import"), also="csv upload")
        yield Line("Parked readings", url=reverse("monitoring:parked"), also="unknown device waiting retry")


def _practice(membership) -> Iterator[Line]:
    if may(membership, P.SETTINGS_EDIT):
        yield Line(
            "Invite a person", url=reverse("staff:invite"), also="new add user staff nurse", icon="person"
        )
        yield Line(
            "Make a token", url=reverse("interchange:token_new"), also="new api integration fhir hl7 vendor"
        )
        yield Line(
            "Connect a hub",
            url=reverse("interchange:hub_new"),
            also="new device webhook cellular vendor secret",
        )
        yield Line("Add a payer", url=reverse("payers:payer_new"), also="new insurance plan clearinghouse")


def _places(membership) -> Iterator[Line]:
    for place in PLACES:
        if place.open_to(membership):
            keys = ("G", place.key.upper()) if place.key else ()
            address = reverse(place.route, kwargs=place.kwargs(membership.practice))
            yield Line(f"Go to {place.label}", keys=keys, url=address)


def _own(membership) -> Iterator[Line]:
    if may(membership, P.INBOX):
        yield Line(
            "Alert settings",
            url=reverse("dispatch:alert_settings"),
            also="preferences e-mail digest inbox notices",
            icon="person",
        )
    if may(membership, P.TIME_LOG):
        yield Line(
            "My settings", url=reverse("timelogs:my_settings"), also="preferences video", icon="person"
        )


def _last_month(membership, at) -> Iterator[Line]:
    """Last month's work, until it is closed."""
    if not may(membership, P.MONTH_VIEW):
        return
    practice = membership.practice
    month = month_at_hand(practice)
    if month == month_of(at, tz=practice.tz):
        return
    yield Line(f"Month board of {month:%B %Y}", url=reverse("month_board", args=[month]), also="last")
    if may(membership, P.MONTH_CLOSE):
        yield Line(f"Close {month:%B %Y}…", url=reverse("billing:close", args=[month]), also="last month")
