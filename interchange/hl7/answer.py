"""One message in, one acknowledgment out. Whoever calls has said who acts and in which practice, and commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Practice
from authentication.models import Scope
from foundation.refusals import Refused
from intake import arrivals
from intake.asked_merges import Asked, ask_merge
from intake.models import Outcome, Source
from interchange.hl7 import readings
from interchange.hl7.ack import (
    LONGEST,
    Answer,
    Code,
    Fault,
    OutOfScope,
    Refusal,
    acknowledgment,
    may_come_back,
)
from interchange.hl7.adt import merges_of, person_of
from interchange.hl7.er7 import Message, Segment, Unreadable, header, parse
from payers.selectors import payers_of

# Registered, changed, added, changed again: each says who the person is by now.
PERSON = frozenset({"A04", "A08", "A28", "A31"})
MERGE = "A40"
EVENTS = {"ADT": PERSON | {MERGE}, "ORU": frozenset({"R01"})}
NEEDED = {"ADT": Scope.PATIENTS_WRITE, "ORU": Scope.READINGS_WRITE}
SCOPES = tuple(NEEDED.values())
VERSIONS = frozenset({"2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2"})
# Where it may be resent: nothing of it was done.
BUSY = Answer(Code.ERROR, "Not done: try again later", Fault.INTERNAL)
_TOLD = {
    Outcome.TAKEN: "Taken in",
    Outcome.SAME: "Already here, nothing to do",
    Outcome.WAITING: "Waits for a decision",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """What is sent back, and its code. `in_scope`: the token may send such messages."""

    code: Code
    content: bytes
    in_scope: bool = True


def reply(
    content: bytes, practice: Practice, *, sender: str, at: datetime, scopes: Sequence[str] = SCOPES
) -> Reply:
    """What became of the message: all that it does is one transaction. Never raises for what stands in it."""
    msh, in_scope = None, True
    try:
        msh = header(content)
        with transaction.atomic():
            answer = _answer(msh, content, practice, sender, at, scopes)
    except Unreadable as unreadable:
        code, where = (Code.ERROR, "") if msh else (Code.REJECTED, "MSH^1")
        answer = Answer(code, str(unreadable), Fault.DATA, where)
    except Refusal as refusal:
        answer, in_scope = refusal.answer, not isinstance(refusal, OutOfScope)
    except Refused:
        # Somebody changed meanwhile what it is about (a merge). Its sentence names people, and is for a page.
        answer = BUSY
    return Reply(answer.code, acknowledgment(msh, answer, at=at), in_scope)


def answered(content: bytes, answer: Answer, *, at: datetime) -> bytes:
    """The acknowledgment of a message at which nobody looked any further."""
    try:
        msh = header(content)
    except Unreadable:
        msh = None
    return acknowledgment(msh, answer, at=at)


def _answer(
    msh: Segment, content: bytes, practice: Practice, sender: str, at: datetime, scopes: Sequence[str]
) -> Answer:
    kind, event = _event(msh)
    _check_scope(NEEDED[kind], scopes)
    message = parse(content)
    if kind == "ORU":
        return readings.receive(message, content, practice, sender=sender, at=at)
    if event != MERGE:
        return _person(message, message.first("PID"), practice, sender, at)
    merges = merges_of(message)
    if not merges:
        raise Refusal(
            Code.ERROR, Fault.SEQUENCE, "The message has no PID segment with an MRG behind it", "MRG^1"
        )
    told = []
    for before, remains, pid in merges:
        asked = ask_merge(practice, before, remains, sender=sender, at=at)
        if asked == Asked.MOVED:
            # The number that is to remain is new here: it comes in as everybody does, and may be a double.
            told.append(_person(message, pid, practice, sender, at).text)
        else:
            told.append(asked.label)
    return Answer(Code.ACCEPTED, ". ".join(dict.fromkeys(told)))


def _check_scope(needed: Scope, scopes: Sequence[str]) -> None:
    if needed not in scopes:
        text = f"The token may not send such messages. It needs the scope {needed}"
        raise OutOfScope(Code.REJECTED, Fault.TYPE, text, "MSH^1^9")


def _event(msh: Segment) -> tuple[str, str]:
    """Raises `Refusal` for what is not taken here."""
    kind, event = msh.get(9), msh.get(9, 2)
    if not msh.get(10):
        raise Refusal(Code.REJECTED, Fault.MISSING, "MSH-10 gives the message no id", "MSH^1^10")
    if not may_come_back(msh.raw(10)):
        text = f"MSH-10 must be plain ASCII of {LONGEST} characters or fewer, to be repeated in the answer"
        raise Refusal(Code.REJECTED, Fault.DATA, text, "MSH^1^10")
    if msh.get(12) not in VERSIONS:
        raise Refusal(
            Code.REJECTED,
            Fault.VERSION,
            f"Versions 2.3 to 2.8.2 are taken, {_plain(msh.get(12))} is not",
            "MSH^1^12",
        )
    if msh.get(11) != settings.HL7_PROCESSING_ID:
        text = f"MSH-11 must be {settings.HL7_PROCESSING_ID} here"
        raise Refusal(Code.REJECTED, Fault.PROCESSING, text, "MSH^1^11")
    if kind not in NEEDED:
        text = f"{' and '.join(NEEDED)} messages are taken, others are not"
        raise Refusal(Code.REJECTED, Fault.TYPE, text, "MSH^1^9")
    if event not in EVENTS[kind]:
        taken = ", ".join(sorted(EVENTS[kind]))
        text = f"Of {kind} messages {taken} {'is' if kind == 'ORU' else 'are'} taken, others are not"
        raise Refusal(Code.REJECTED, Fault.EVENT, text, "MSH^1^9^1^2")
    return kind, event


def _plain(version: str) -> str:
    """Only if it looks like one: the answer repeats nothing else of a message."""
    return version if version.replace(".", "").isdigit() and len(version) < 8 else "another"


def _person(message: Message, pid: Segment | None, practice: Practice, sender: str, at: datetime) -> Answer:
    msh = message.msh
    came = arrivals.receive(
        practice,
        arrivals.Message(
            source=Source.HL7,
            sender=sender,
            # Each application of a sender counts its messages by itself.
            key="\x1f".join([msh.raw(3), msh.raw(4), msh.raw(10)]),
            fields=person_of(message, payers_of(practice), pid=pid, today=practice.today(at)),
        ),
        at=at,
    )
    if came.outcome == Outcome.REFUSED:
        raise Refusal(Code.ERROR, Fault.MISSING, came.why, "PID^1^3")
    told = _TOLD[came.outcome]
    return Answer(Code.ACCEPTED, f"{told}. {came.why}" if came.why else told)
