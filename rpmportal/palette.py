"""What the command palette finds: patients, for billers and auditors claims, and commands. It reads only."""

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Permission, may
from billing.claims.queue import find_claims
from billing.models import Claim
from patients import selectors as people
from patients.models import Patient
from rpmportal.commands import Line, commands, matching
from rpmportal.guide import questions

P = Permission
# One letter finds half of the practice: nobody needs to see so many names.
LETTERS, PATIENTS, CLAIMS, HELP = 2, 8, 5, 4
# Up to so many patients each have their own lines for sessions and claims; more are told apart first.
FEW = 3


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    lines: list[Line]


@dataclass(slots=True)
class Found:
    """Groups of lines ready to print, whose names they show, and how many patients were left out."""

    groups: list[Group] = field(default_factory=list)
    patients: list[Patient] = field(default_factory=list)
    shown: list[Patient] = field(default_factory=list)
    left_out: bool = False

    def add(self, title: str, lines: list[Line]) -> None:
        if lines:
            self.groups.append(Group(title, lines))

    @property
    def count(self) -> int:
        return sum(len(group.lines) for group in self.groups)

    @property
    def says(self) -> str:
        """How much was found, in a sentence."""
        if not self.count:
            return "Nothing found. Try the family name, MRN or date of birth."
        what = "result" if self.shown else "command"
        more = ". More patients match: type more of the name" if self.left_out else ""
        return f"{self.count} {what}{'s' if self.count > 1 else ''}{more}"

    @property
    def sure(self) -> bool:
        """Whether the first line is what was meant: Enter pressed before the answer came may then act on it."""
        return len(self.patients) == 1 or (not self.patients and self.count == 1)


def look(membership: Membership, text: str, *, at: datetime) -> Found:
    """What the text finds. `start` or `log` before a name asks for that act instead of the chart."""
    text = text.replace("\x00", "").strip()[:100]
    found = Found()
    verb, name = _verb(membership, text)
    if len(name) >= LETTERS and may(membership, P.CHART_VIEW):
        _add_patients(found, membership, verb, name, at=at)
    if len(name) >= LETTERS and may(membership, P.MONTH_VIEW):
        _add_claims(found, membership, name)
    found.add("Commands", matching(commands(membership, at=at), text))
    asked = questions(membership.role, text) if len(text) > LETTERS else ()
    found.add("Help", [Line(words, url=url, icon="info") for words, url in asked][:HELP])
    return found


def _verb(membership, text: str) -> tuple[str, str]:
    """(`start` or `log` or nothing, the rest)."""
    first, _, rest = text.partition(" ")
    is_verb = first.lower() in {"start", "log"} and rest.strip() and may(membership, P.TIME_LOG)
    return (first.lower(), rest.strip()) if is_verb else ("", text)


def _add_patients(found: Found, membership, verb: str, name: str, *, at) -> None:
    practice = membership.practice
    rows = list(people.begins_first(people.find(practice, name), name)[: PATIENTS + 1])
    found.left_out, found.patients = len(rows) > PATIENTS, rows[:PATIENTS]
    found.shown += found.patients
    today = practice.today(at)
    enrolled = people.enrolled(practice, today, [patient.pk for patient in found.patients])
    starts = may(membership, P.TIME_LOG) and len(found.patients) <= FEW
    lines = (_lines_of(p, verb, starts=starts, enrolled=p.pk in enrolled) for p in found.patients)
    found.add("Patients", list(chain.from_iterable(lines)))


def _lines_of(patient: Patient, verb: str, *, starts: bool, enrolled: bool) -> list[Line]:
    """The act that was asked for; else the chart, and below it the start of a session."""
    if verb == "log":
        return [_log(patient)]
    if verb == "start" and enrolled:
        return [_start(patient, who(patient))]
    chart = Line(
        str(patient),
        who(patient),
        url=reverse("chart", args=[patient.pk]),
        icon="person",
        tag="" if enrolled else "Not enrolled",
    )
    return [chart, _start(patient)] if starts and enrolled else [chart]


def who(patient: Patient) -> str:
    """Enough to tell two patients of one name apart."""
    return f"born {patient.born_on:%d-%b-%Y} · {patient.sex} · MRN {patient.mrn}"


def _start(patient, detail: str = "") -> Line:
    address = reverse("timelogs:session_start", args=[patient.pk])
    return Line(f"Start session for {patient}", detail, post=address, icon="clock")


def _log(patient) -> Line:
    address = reverse("timelogs:session_past", args=[patient.pk])
    return Line(f"Log past session for {patient}", who(patient), url=address, icon="clock")


def _add_claims(found: Found, membership, text: str) -> None:
    """By number; and the claims of the patients found, as long as those are few."""
    few = [patient.pk for patient in found.patients] if len(found.patients) <= FEW else []
    rows = list(find_claims(membership.practice, text, few)[:CLAIMS])
    found.shown += [claim.patient for claim in rows]
    found.add("Claims", [_claim(claim) for claim in rows])


def _claim(claim: Claim) -> Line:
    month: date = claim.period.month
    detail = f"{claim.number} · {claim.get_state_display()}"
    return Line(
        f"{claim.patient}, {month:%B %Y}", detail, url=reverse("billing:claim", args=[claim.pk]), icon="sheet"
    )
