"""The acknowledgment of a message: one of three codes, a sentence that names no patient, and where the error is."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from interchange.hl7.er7 import Marks, Segment, escape

US = "RPM PORTAL"
# Of a message's id, by the standard since 2.7; the names of sender and receiver are shorter.
LONGEST = 199
MOST_REMARKS = 20
_ONE_FIELD = frozenset({"2.3", "2.3.1", "2.4"})
_USUAL = Marks("|", "^", "~", "\\", "&")


class Code(StrEnum):
    """AA: done, and need not be sent again. AE: what it says cannot be done. AR: this kind is not taken here."""

    ACCEPTED = "AA"
    ERROR = "AE"
    REJECTED = "AR"


class Fault(StrEnum):
    """The standard's own numbers (table 0357)."""

    SEQUENCE = "100^Segment sequence error^HL70357"
    MISSING = "101^Required field missing^HL70357"
    DATA = "102^Data type error^HL70357"
    TYPE = "200^Unsupported message type^HL70357"
    EVENT = "201^Unsupported event code^HL70357"
    PROCESSING = "202^Unsupported processing id^HL70357"
    VERSION = "203^Unsupported version id^HL70357"
    UNKNOWN_KEY = "204^Unknown key identifier^HL70357"
    INTERNAL = "207^Application internal error^HL70357"


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of one place of a message, in an ERR of its own: an error where nothing is done, else a warning."""

    fault: Fault
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Answer:
    """`text` goes to another system and its logs: never a value of the message. `where`: segment^1^field."""

    code: Code
    text: str = ""
    fault: Fault | None = None
    where: str = ""
    remarks: tuple[Remark, ...] = ()


class Refusal(Exception):
    """Nothing was done; carries the answer."""

    def __init__(
        self, code: Code, fault: Fault, text: str, where: str = "", remarks: tuple[Remark, ...] = ()
    ):
        super().__init__(text)
        self.answer = Answer(code, text, fault, where, remarks)


class OutOfScope(Refusal):
    """The token lets in, and not for this kind of message."""


def acknowledgment(msh: Segment | None, answer: Answer, *, at: datetime) -> bytes:
    """In the signs and the version of the message; its names of sender and receiver turned round."""
    marks = msh.marks if msh else _USUAL
    given = _Header(msh, marks)
    event = given.get(9, 2)
    lines = [
        [
            "MSH" + marks.field + _signs(marks),
            escape(US, marks),
            given.raw(6),
            given.raw(3),
            given.raw(4),
            f"{at:%Y%m%d%H%M%S%z}",
            "",
            marks.component.join(["ACK", event, "ACK"] if event else ["ACK"]),
            uuid4().hex[:20],
            given.get(11) or "P",
            given.get(12) or "2.5.1",
            # Our sentences and the names turned round are ASCII.
        ],
        ["MSA", str(answer.code), given.raw(10), escape(answer.text, marks)],
    ]
    lines += _errors(answer, marks, old=given.get(12) in _ONE_FIELD)
    return ("\r".join(marks.field.join(fields) for fields in lines) + "\r").encode("ascii", "replace")


def may_come_back(text: str) -> bool:
    """Whether an acknowledgment can repeat a field of the header as it came."""
    return len(text) <= LONGEST and text.isascii() and text.isprintable()


class _Header:
    """Of a message that may have none. What cannot have been sent as a name or an id is left out, and never cut."""

    def __init__(self, msh: Segment | None, marks: Marks):
        self._msh, self._marks = msh, marks

    def raw(self, field: int) -> str:
        text = self._msh.raw(field) if self._msh else ""
        return text if may_come_back(text) else ""

    def get(self, field: int, component: int = 1) -> str:
        pieces = self.raw(field).split(self._marks.component)
        piece = pieces[component - 1] if component <= len(pieces) else ""
        return piece if piece.replace(".", "").isalnum() and len(piece) <= 20 else ""


def _signs(marks: Marks) -> str:
    return marks.component + marks.repetition + marks.escape + marks.subcomponent


def _errors(answer: Answer, marks: Marks, *, old: bool) -> list[list[str]]:
    """One for each place; only the first of them where there is one for the whole message. Until version 2.4 place and
    code are one field, which knows errors alone."""
    remarks = answer.remarks[:MOST_REMARKS]
    if not remarks and answer.fault:
        remarks = (Remark(answer.fault, "", answer.where),)
    if old:
        found = remarks[:1] if answer.code != Code.ACCEPTED else ()
        return [["ERR", _old_error(each, marks)] for each in found]
    severity = "W" if answer.code == Code.ACCEPTED else "E"
    return [_error(each, severity, marks) for each in remarks]


def _error(remark: Remark, severity: str, marks: Marks) -> list[str]:
    found = ["ERR", "", _joined(remark.where, marks), _joined(remark.fault, marks), severity]
    return [*found, "", "", "", escape(remark.text, marks)] if remark.text else found


def _old_error(remark: Remark, marks: Marks) -> str:
    place = [*remark.where.split("^"), "", "", ""][:3]
    return marks.component.join([*place, remark.fault.replace("^", marks.subcomponent)])


def _joined(text: str, marks: Marks) -> str:
    return text.replace("^", marks.component)
