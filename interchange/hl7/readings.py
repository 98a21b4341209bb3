"""An ORU message done: its values taken in all together or not at all, once, and what is answered."""

from collections import Counter
from datetime import datetime

from accounts.models import Practice
from interchange.hl7.ack import Answer, Code, Fault, Refusal, Remark
from interchange.hl7.er7 import Message
from interchange.hl7.oru import Observations, Obx, observations_of
from interchange.keys import digest_of
from interchange.models import Way
from interchange.received import once
from monitoring.models import Entrance
from monitoring.readings.incoming import Incoming
from monitoring.readings.sorting import Outcome, Taken
from monitoring.readings.taking import take

# Which field of the message says what the way in calls so.
_PLACES = {
    "measure": 3,
    "value": 5,
    "original": 6,
    "second_value": 5,
    "taken_at": 14,
    "source": 17,
    "serial": 18,
    "identifier": 21,
}
_TOLD = {
    Outcome.ADDED: "Taken in",
    Outcome.REPEATED: "Already here",
    Outcome.CORRECTED: "Corrected",
    Outcome.PARKED: "Waiting for a person",
}
PARKED = "Waits: no patient is known to have had this device at that time, or to have this MRN"


def receive(message: Message, content: bytes, practice: Practice, *, sender: str, at: datetime) -> Answer:
    """The same message gets the same answer; one that is refused is looked at anew. Raises `Refusal`."""
    digest = digest_of(content)
    done = lambda: _kept(_done(message, practice, sender=sender, at=at))  # noqa: E731 - handed over
    return _answer(once(practice, Way.HL7, sender, digest, digest=digest, at=at, do=done))


def _kept(answer: Answer) -> dict:
    return {"text": answer.text, "remarks": [[each.fault, each.text, each.where] for each in answer.remarks]}


def _answer(kept: dict) -> Answer:
    remarks = tuple(Remark(Fault(fault), text, where) for fault, text, where in kept["remarks"])
    return Answer(Code.ACCEPTED, kept["text"], remarks=remarks)


def _done(message: Message, practice: Practice, *, sender: str, at: datetime) -> Answer:
    found = observations_of(message)
    _refuse(found.faults)
    if not found.values:
        _refuse(found.passed)
        raise Refusal(Code.ERROR, Fault.MISSING, "No OBX of the message says a value", "OBX^1^5")
    values = [value for value, _ in found.values]
    taken = take(values, practice=practice, entrance=Entrance.HL7, sender=sender, at=at)
    pairs = list(zip(taken, found.values, strict=True))
    _refuse([_refused(one, obx) for one, (_, obx) in pairs if one.outcome == Outcome.REFUSED])
    parked = [Remark(Fault.UNKNOWN_KEY, PARKED, _owner(value, obx))
              for one, (value, obx) in pairs if one.outcome == Outcome.PARKED]  # fmt: skip
    return Answer(Code.ACCEPTED, _counted(taken, found), remarks=(*parked, *found.passed))


def _refuse(faults: list[Remark]) -> None:
    """With a sentence for the whole, and each place in an ERR of its own."""
    if not faults:
        return
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    text = f"{faults[0].text}{more}. Nothing was taken in"
    raise Refusal(Code.ERROR, faults[0].fault, text, faults[0].where, tuple(faults))


def _refused(one: Taken, obx: Obx) -> Remark:
    if one.field == "mrn":
        return Remark(Fault.UNKNOWN_KEY, f"PID-3 {_small(one.problem)}", "PID^1^3")
    place = _PLACES[one.field]
    return Remark(Fault.DATA, f"OBX-{place} {_small(one.problem)}", obx.where(place))


def _small(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def _owner(value: Incoming, obx: Obx) -> str:
    return obx.where(18) if value.serial else "PID^1^3"


def _counted(taken: list[Taken], found: Observations) -> str:
    counts = Counter(one.outcome for one in taken)
    told = [f"{said}: {counts[outcome]}" for outcome, said in _TOLD.items() if counts[outcome]]
    return ". ".join([*told, *([f"Passed over: {len(found.passed)}"] if found.passed else [])])
