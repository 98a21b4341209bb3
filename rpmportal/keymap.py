"""Which keys there are, by page and role: what the list under `?` shows. Every key of static/js stands here."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Membership
from accounts.permissions import Permission, may

P = Permission


@dataclass(frozen=True, slots=True)
class Key:
    """`keys` as a reader would say them, such as `G then C` or `/ or Ctrl+K`. `needs` more than the group does."""

    keys: str
    does: str
    needs: Permission | None = None

    @property
    def parts(self) -> list[tuple[bool, str]]:
        """(whether it is a key, the text), in order."""
        words = (word for word in self.keys.split())
        return [part for word in words for part in _parts_of(word)]


def _parts_of(word: str) -> list[tuple[bool, str]]:
    if word in {"or", "and", "then", "to"}:
        return [(False, word)]
    return [(True, key) for key in word.split("+")]


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of some pages, named by their routes; without a route, of every page."""

    title: str
    needs: Permission
    keys: tuple[Key, ...]
    routes: frozenset[str] = frozenset()


FIND = Keys(
    "In the find window",
    P.OWN_ACCOUNT,
    (
        Key("↓ and ↑", "Next and previous line"),
        Key("Home and End", "First and last line"),
        Key("Enter", "Open or do it"),
    ),
)
BY_PAGE = (
    Keys(
        "Caseload",
        P.CHART_VIEW,
        (
            Key("J and K", "Next and previous patient"),
            Key("↓ and ↑", "The same, from a patient on"),
            Key("Enter", "Open the chart"),
            Key("S", "Start a session with the patient in focus", P.TIME_LOG),
            Key("L", "Log a past session", P.TIME_LOG),
            Key("E", "Escalate", P.ESCALATION_WORK),
        ),
        frozenset({"caseload"}),
    ),
    Keys(
        "Chart",
        P.TIME_LOG,
        (Key("S", "Start a session"), Key("L", "Log a past session"), Key("E", "Escalate")),
        frozenset({"chart"}),
    ),
    Keys(
        "Escalation",
        P.ESCALATION_WORK,
        (
            Key("Y", "Acknowledge"),
            Key("A", "To the answer", P.CLINICIAN_ANSWER),
            Key("F", "Refer to a clinician"),
            Key("D", "Resolve"),
            Key("S", "Start a session about it"),
            Key("L", "Log a past session about it"),
        ),
        frozenset({"escalations:escalation"}),
    ),
    Keys(
        "Session being written",
        P.TIME_LOG,
        (
            Key("Ctrl+Enter", "Sign and finish"),
            Key("Ctrl+Shift+Enter", "Sign and next patient"),
            Key("Ctrl+S", "Save the draft now"),
            Key("R or Alt+R", "Readings reviewed"),
            Key("O or Alt+O", "On call, and off"),
            Key("P or Alt+P", "Patient by phone"),
            Key("V or Alt+V", "Patient by video"),
            Key("Alt+G", "Caregiver by phone"),
            Key("A or Alt+A", "Tried, no answer"),
            Key("N or Alt+N", "No change, and on to its reason"),
            Key("1 to 8", "Topics; with Alt inside a field too"),
        ),
        frozenset({"timelogs:session"}),
    ),
    Keys(
        "My sessions",
        P.TIME_LOG,
        (Key("J and K", "Next and previous session"), Key("Enter", "Open it")),
        frozenset({"timelogs:my_sessions"}),
    ),
    Keys(
        "Amendment and addendum",
        P.TIME_LOG,
        (Key("Ctrl+Enter", "Sign"),),
        frozenset({"timelogs:session_amend", "timelogs:session_addendum"}),
    ),
    Keys(
        "Review queue",
        P.MONTH_VIEW,
        (
            Key("J and K", "Next and previous claim"),
            Key("Enter", "Open the claim"),
            Key("A", "Approve", P.CLAIM_REVIEW),
            Key("H", "Hold", P.CLAIM_REVIEW),
        ),
        frozenset({"billing:queue"}),
    ),
    Keys(
        "Claim",
        P.CLAIM_REVIEW,
        (Key("A", "Approve"), Key("H", "Hold, with the reason")),
        frozenset({"billing:claim"}),
    ),
    Keys(
        "History of a record",
        P.HISTORY_RECORD,
        (
            Key("[ and ]", "Earlier and later change"),
            Key("D", "All fields, or only the changed ones"),
        ),
        frozenset({"audit:record"}),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as the list prints it. `here`: these are keys of the page below."""

    title: str
    keys: list[Key]
    here: bool


def keymap(membership: Membership, places: list[dict], *, route: str) -> list[Shown]:
    """The keys this person has: those of the page she is on, those of every page, then the rest."""
    shown = list(_shown(membership, places, route))
    return sorted(shown, key=lambda group: not group.here)


def _shown(membership, places, route) -> Iterator[Shown]:
    for group in (_everywhere(places), FIND, *BY_PAGE):
        keys = [key for key in group.keys if key.needs is None or may(membership, key.needs)]
        if may(membership, group.needs):
            yield Shown(group.title, keys, route in group.routes)


def _everywhere(places: list[dict]) -> Keys:
    go_to = [Key(f"G then {place['key'].upper()}", place["label"]) for place in places if place["key"]]
    keys = (
        Key("/ or Ctrl+K", "Find, and every command"),
        *go_to,
        Key("T", "To the running clock", P.TIME_LOG),
        Key("Shift+H", "History of the record shown", P.HISTORY_RECORD),
        Key("?", "This list"),
        Key("Esc", "Close a window or menu. It never discards text"),
    )
    return Keys("Everywhere", P.OWN_ACCOUNT, keys)
