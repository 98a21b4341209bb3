"""What an ADT message says of a person, as fields of `intake`: field → (what the message calls it, its text)."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from interchange.hl7.ack import Code, Fault, Refusal
from interchange.hl7.coverage import coverage_fields
from interchange.hl7.er7 import NULL, Message, Segment
from interchange.hl7.mrn import mrn_of
from payers.models import Payer

Said = dict[str, tuple[str, str]]
# They are done in one transaction, for which the practice's other messages wait.
MOST_MERGES = 20
_DAY = re.compile(r"(\d{8})(\d{2,6}(\.\d+)?)?([+-]\d{4})?")
_SEXES = {"A": "O", "N": "U"}


def person_of(message: Message, payers: Sequence[Payer], *, pid: Segment | None, today: date) -> Said:
    """Of that PID and the first IN1 in effect. What the message leaves empty is not said; `\"\"` asks to empty it."""
    if pid is None:
        raise Refusal(Code.ERROR, Fault.SEQUENCE, "The message has no PID segment", "PID^1")
    found = {"mrn": ("PID-3 MRN", mrn_of(pid, 3))}
    for field, (called, text) in _of_pid(pid):
        if text:
            found[field] = (called, "" if text == NULL else text)
    return found | coverage_fields(message, payers, today=today)


def merges_of(message: Message) -> list[tuple[str, str, Segment]]:
    """(the MRN before, the MRN that remains, its PID) of each MRG and the PID it stands behind. Raises `Refusal`."""
    if len(message.all("MRG")) > MOST_MERGES:
        text = f"More than {MOST_MERGES} merges in a message. Send the others in messages of their own"
        raise Refusal(Code.ERROR, Fault.SEQUENCE, text, "MRG^1")
    found, pid = [], None
    for segment in message.segments:
        if segment.name == "PID":
            pid = segment
        elif segment.name == "MRG" and pid is not None:
            found.append((mrn_of(segment, 1), mrn_of(pid, 3), pid))
    return found


def _of_pid(pid: Segment) -> Iterator[tuple[str, tuple[str, str]]]:
    name = _legal_name(pid)
    family, given = (NULL, NULL) if name == NULL else (pid.part(name, 1), pid.part(name, 2))
    yield "family_name", ("PID-5 family name", family)
    yield "given_name", ("PID-5 given name", given)
    yield "born_on", ("PID-7 date of birth", day(pid.get(7)))
    sex = pid.get(8)
    yield "sex", ("PID-8 sex", _SEXES.get(sex.upper(), sex))
    yield "phone", ("PID-13 phone", _phone(pid))


def _legal_name(pid: Segment) -> str:
    """The repetition that is the legal name, or has no type, or comes first."""
    names = pid.repetitions(5)
    for kind in ("L", ""):
        for name in names:
            if pid.part(name, 7).upper() == kind:
                return name
    return next(iter(names), "")


def _phone(pid: Segment) -> str:
    """The first number that is no address of the internet: as written, else put together from its parts."""
    for text in pid.repetitions(13):
        if text == NULL:
            return NULL
        if pid.part(text, 3).upper() in {"INTERNET", "X.400"} or pid.part(text, 2).upper() == "NET":
            continue
        area, local = pid.part(text, 6), pid.part(text, 7)
        if number := pid.part(text, 1) or pid.part(text, 12) or "-".join(filter(None, [area, local])):
            return number
    return ""


def day(text: str) -> str:
    """The day of a time stamp; what is none stays as it is, to be found wrong by who reads days."""
    found = _DAY.fullmatch(text)
    return found[1] if found else text
