"""What an ORU^R01 message says was measured, as `Incoming`: pure functions, without a database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from interchange.codes import Meaning, Part
from interchange.hl7.ack import Code, Fault, Refusal, Remark
from interchange.hl7.codes import meaning_of, unit_of
from interchange.hl7.er7 import NULL, Message, Segment
from interchange.hl7.moments import NoMoment, moment
from interchange.hl7.mrn import mrn_of
from interchange.keys import short_key
from interchange.measured import Unfit, measured, number
from monitoring.models import Source
from monitoring.readings.incoming import Incoming, Status

MOST_VALUES = 500
# OBX-11 (table 0085). A device's own values come as R where nobody looked at them before.
_STATUS = {
    "F": Status.FINAL,
    "R": Status.FINAL,
    "U": Status.FINAL,
    "V": Status.FINAL,
    "C": Status.CORRECTED,
    "A": Status.CORRECTED,
    "D": Status.ERROR,
    "W": Status.ERROR,
}
_NOT_YET = frozenset({"P", "S", "I", "B"})
_NOTHING = frozenset({"X", "N", "O"})
# OBX-17: measured by hand, or set by hand.
_BY_HAND = frozenset({"MMEAS", "MSET", "MANUAL"})
_NUMBERS = frozenset({"NM", "ST", "SN", ""})


@dataclass(frozen=True, slots=True)
class Obx:
    """One OBX and what stands above and below it. `number`: which OBX of the message it is."""

    number: int
    segment: Segment
    pid: Segment | None
    obr: Segment | None
    order: int
    parts: tuple[Segment, ...]
    msh: Segment

    def where(self, place: int) -> str:
        return f"OBX^{self.number}^{place}"


@dataclass(slots=True)
class Observations:
    """`values`: each with the OBX it came from, in the order of the message. `faults`: why the message cannot be done.
    `passed`: what is not taken of it, which is no fault of the message."""

    values: list[tuple[Incoming, Obx]] = field(default_factory=list)
    faults: list[Remark] = field(default_factory=list)
    passed: list[Remark] = field(default_factory=list)


class _Remarked(Exception):
    def __init__(self, text: str, place: int, fault: Fault):
        super().__init__(text)
        self.text, self.place, self.fault = text, place, fault

    def at(self, obx: Obx) -> Remark:
        return Remark(self.fault, self.text, obx.where(self.place))


class _Passed(_Remarked):
    pass


def _fault(text: str, place: int, fault: Fault = Fault.DATA) -> _Remarked:
    return _Remarked(text, place, fault)


def _passed(text: str, place: int, fault: Fault = Fault.UNKNOWN_KEY) -> _Passed:
    return _Passed(text, place, fault)


def observations_of(message: Message) -> Observations:
    """Raises `Refusal` only for what is wrong with the message as a whole."""
    rows = list(_walk(message))
    if not rows:
        raise Refusal(Code.ERROR, Fault.SEQUENCE, "The message has no OBX segment", "OBX^1")
    if len(rows) > MOST_VALUES:
        text = f"More than {MOST_VALUES} OBX in a message. Send the others in messages of their own"
        raise Refusal(Code.ERROR, Fault.SEQUENCE, text, "OBX^1")
    found, halves = Observations(), _Halves()
    for obx in rows:
        try:
            _take(obx, found, halves)
        except _Passed as passed:
            found.passed.append(passed.at(obx))
        except _Remarked as remarked:
            found.faults.append(remarked.at(obx))
    found.faults += halves.left()
    found.values.sort(key=lambda pair: pair[1].number)
    return found


def _walk(message: Message) -> Iterator[Obx]:
    """Each PID begins another patient, each OBR another order; a PRT belongs to the OBX or OBR above it."""
    pid = obr = None
    order, rows = 0, []
    parts: dict[int, list[Segment]] = {}
    of_order: dict[int, list[Segment]] = {}
    for segment in message.segments:
        if segment.name == "PID":
            pid, obr, order = segment, None, order + 1
        elif segment.name == "OBR":
            obr, order = segment, order + 1
        elif segment.name == "OBX":
            rows.append((segment, pid, obr, order))
        elif segment.name == "PRT" and rows and rows[-1][3] == order:
            parts.setdefault(len(rows), []).append(segment)
        elif segment.name == "PRT":
            of_order.setdefault(order, []).append(segment)
    for count, (segment, its_pid, its_obr, its_order) in enumerate(rows, start=1):
        below = (*parts.get(count, ()), *of_order.get(its_order, ()))
        yield Obx(count, segment, its_pid, its_obr, its_order, below, message.msh)


def _take(obx: Obx, found: Observations, halves: "_Halves") -> None:
    text, status = obx.segment.get(5), obx.segment.get(11).upper()
    meaning = meaning_of(obx.segment)
    if status in _NOTHING or (meaning and meaning.part == Part.PANEL and not text):
        return
    if meaning is None:
        raise _passed("OBX-3 names no measure that is taken here", 3)
    if status in _NOT_YET:
        raise _passed("OBX-11 says that the value is not final yet", 11)
    if status not in _STATUS:
        raise _fault("OBX-11 must be F, C, D or W", 11, Fault.DATA if status else Fault.MISSING)
    if len(obx.segment.repetitions(5)) > 1:
        raise _fault("OBX-5 has several values. Send each in an OBX of its own", 5)
    if meaning.part in {Part.SYSTOLIC, Part.DIASTOLIC}:
        half = _Half(obx, meaning, _one(obx, _STATUS[status]), _frame(obx, meaning, _STATUS[status]))
        if pair := halves.paired(half):
            found.values.append(_pressure(*pair))
        return
    value, second = _both(obx) if meaning.part == Part.PANEL else (_one(obx, _STATUS[status]), None)
    found.values.append((_filled(obx, _frame(obx, meaning, _STATUS[status]), value, second), obx))


def _one(obx: Obx, status: Status) -> Decimal:
    """The number of OBX-5. What is taken back may come without one."""
    text = obx.segment.get(5)
    if status == Status.ERROR and text in {"", NULL}:
        return Decimal(0)
    if obx.segment.get(2).upper() not in _NUMBERS:
        raise _fault("OBX-2 must be NM, SN or ST", 2)
    if obx.segment.get(2).upper() == "SN":
        compared, text = text, obx.segment.get(5, 2)
        if compared not in {"", "="}:
            raise _fault("OBX-5 compares instead of saying a number", 5)
    found = number(text)
    if found is None:
        raise _fault("OBX-5 is no number", 5, Fault.DATA if text else Fault.MISSING)
    return found


def _both(obx: Obx) -> tuple[Decimal, Decimal]:
    pair = [number(part.strip()) for part in obx.segment.get(5).split("/")]
    if len(pair) != 2 or pair[0] is None or pair[1] is None:
        raise _fault("OBX-5 must be two numbers, as 120/80", 5)
    return pair[0], pair[1]


def _filled(obx: Obx, frame: Incoming, value: Decimal, second: Decimal | None) -> Incoming:
    if frame.status == Status.ERROR:
        return replace(frame, value=value, second_value=second)
    try:
        found = measured(frame.measure, value, unit_of(obx.segment), second)
    except Unfit as unfit:
        place = 6 if unfit.about == "unit" else 5
        raise _fault(f"OBX-{place} {unfit.problem}", place) from None
    return replace(frame, value=found.value, second_value=found.second_value, original=found.original)


def _frame(obx: Obx, meaning: Meaning, status: Status) -> Incoming:
    """Everything but its numbers."""
    serial, mrn, taken_at = _serial(obx), _mrn(obx), _taken_at(obx)
    if not (serial or mrn):
        raise _fault("Neither PID-3 nor OBX-18 says whose value it is", 18, Fault.MISSING)
    identifier = _identifier(obx, meaning, taken_at, serial or mrn)
    if status != Status.FINAL and not identifier:
        raise _fault("A value is corrected or taken back by its OBX-21, or OBR-3", 21, Fault.MISSING)
    by_hand = obx.segment.get(17).upper() in _BY_HAND
    return Incoming(
        measure=meaning.measure,
        value=Decimal(0),
        taken_at=taken_at,
        source=Source.TYPED if by_hand else Source.AUTOMATIC,
        serial=serial,
        mrn=mrn,
        identifier=identifier,
        status=status,
    )


def _serial(obx: Obx) -> str:
    """OBX-18 and, in newer versions, the serial number (PRT-20) or the id (PRT-10) of the device that took part."""
    texts = [obx.segment.get(18), *(part.get(place) for part in obx.parts for place in (20, 10))]
    return next((text for text in texts if text and text != NULL), "")


def _mrn(obx: Obx) -> str:
    """Empty where the message knows the device alone."""
    if obx.pid is None or not obx.pid.repetitions(3):
        return ""
    try:
        return mrn_of(obx.pid, 3)
    except Refusal as refusal:
        raise _fault(refusal.answer.text, 3, refusal.answer.fault or Fault.DATA) from None


def _taken_at(obx: Obx) -> datetime:
    text, called, place = obx.segment.get(14), "OBX-14", 14
    if not text and obx.obr is not None:
        text, called = obx.obr.get(7), "OBR-7"
    if not text:
        raise _fault("Neither OBX-14 nor OBR-7 says when it was measured", place, Fault.MISSING)
    try:
        return moment(text, zone_of=obx.msh.get(7))
    except NoMoment as none:
        raise _fault(f"{called} {none}", place) from None


def _identifier(obx: Obx, meaning: Meaning, taken_at: datetime, whose: str) -> str:
    """Of the value at its sender: OBX-21; else its order's number with whose it is, the measure and the moment, for
    there are systems that give every order the same number. Empty where there is neither: then what it says is its
    identity."""
    system = (obx.msh.get(3), obx.msh.get(4))
    if own := obx.segment.get(21):
        return short_key(*system, own)
    order = obx.obr.get(3) if obx.obr else ""
    return short_key(*system, order, whose, meaning.measure, taken_at.isoformat()) if order else ""


# Blood pressure, of which each OBX says one half -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Half:
    obx: Obx
    meaning: Meaning
    value: Decimal
    frame: Incoming

    @property
    def belongs(self) -> tuple:
        frame = self.frame
        return self.obx.order, frame.taken_at, frame.serial, frame.status


class _Halves:
    """Systolic and diastolic values that wait for each other, of one order, moment, device and status."""

    def __init__(self) -> None:
        self._waiting: list[_Half] = []

    def paired(self, half: _Half) -> tuple[_Half, _Half] | None:
        """(systolic, diastolic)"""
        for other in self._waiting:
            if other.belongs == half.belongs and other.meaning != half.meaning:
                self._waiting.remove(other)
                return (half, other) if half.meaning.part == Part.SYSTOLIC else (other, half)
        self._waiting.append(half)
        return None

    def left(self) -> Sequence[Remark]:
        text = "Of a blood pressure the other half is missing: send systolic and diastolic with the same time"
        return [Remark(Fault.MISSING, text, half.obx.where(3)) for half in self._waiting]


def _pressure(systolic: _Half, diastolic: _Half) -> tuple[Incoming, Obx]:
    if unit_of(systolic.obx.segment) != unit_of(diastolic.obx.segment):
        raise _fault("OBX-6 differs between systolic and diastolic", 6)
    # What was typed in one of its halves is no value that the device sent.
    typed = Source.TYPED in {systolic.frame.source, diastolic.frame.source}
    frame = replace(systolic.frame, source=Source.TYPED) if typed else systolic.frame
    return _filled(systolic.obx, frame, systolic.value, diastolic.value), systolic.obx
