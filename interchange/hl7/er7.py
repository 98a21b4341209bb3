"""The ER7 encoding of HL7 version 2: bytes to segments, fields, repetitions, components. The standard library alone.

Nothing is lost in reading: an escape sequence that is not understood stays as it stands in the message.
"""

import re
from dataclasses import dataclass, replace

# "Delete what you have" in place of a value. It is never unescaped, so that no text can come to look like it.
NULL = '""'
_UTF8_MARK = b"\xef\xbb\xbf"
_BREAKS = re.compile(r"\r\n|\r|\n")
# What begins another message, or ends a batch of them.
_OTHERS = frozenset({"MSH", "FHS", "BHS", "BTS", "FTS"})
_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")
# MSH-18 as systems write it → the codec.
_SETS = {"": "utf-8", "ASCII": "ascii", "UNICODE UTF-8": "utf-8", "UTF-8": "utf-8", "UNICODE": "utf-8"}
_SETS |= {f"8859/{part}": f"iso8859_{part}" for part in (*range(1, 10), 15)}
_SETS |= {f"ISO-8859-{part}": f"iso8859_{part}" for part in (*range(1, 10), 15)}


class Unreadable(Exception):
    """What is no message of HL7 version 2, in a sentence that repeats nothing of it."""


@dataclass(frozen=True, slots=True)
class Marks:
    """The signs that divide a message, as its own first eight characters say."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str
    codec: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Segment:
    """`PID` and its fields. Fields count from 1 as the standard counts them, in MSH too."""

    name: str
    fields: tuple[str, ...]
    marks: Marks

    def raw(self, field: int) -> str:
        return self.fields[field - 1] if 0 < field <= len(self.fields) else ""

    def repetitions(self, field: int) -> list[str]:
        """Those of a field that are not empty, still escaped."""
        return [part for part in self.raw(field).split(self.marks.repetition) if part]

    def part(self, text: str, component: int = 1, subcomponent: int = 1) -> str:
        """One piece of a repetition, unescaped; `NULL` where the message asks that it be deleted."""
        pieces = text.split(self.marks.component)
        piece = pieces[component - 1] if component <= len(pieces) else ""
        pieces = piece.split(self.marks.subcomponent)
        piece = pieces[subcomponent - 1] if subcomponent <= len(pieces) else ""
        return piece if piece == NULL else unescape(piece, self.marks).strip()

    def get(self, field: int, component: int = 1, subcomponent: int = 1) -> str:
        """The piece in the first repetition of a field."""
        return self.part(next(iter(self.repetitions(field)), ""), component, subcomponent)


@dataclass(frozen=True, slots=True)
class Message:
    segments: tuple[Segment, ...]

    @property
    def msh(self) -> Segment:
        return self.segments[0]

    def all(self, name: str) -> list[Segment]:
        return [segment for segment in self.segments if segment.name == name]

    def first(self, name: str) -> Segment | None:
        return next(iter(self.all(name)), None)


def header(content: bytes) -> Segment:
    """The first line alone, sign by sign: what answers to a message whose text cannot be read. Raises `Unreadable`."""
    line = re.split(rb"[\r\n]", _trimmed(content), maxsplit=1)[0].decode("ascii", "replace")
    return _segment(line, _marks(line))


def parse(content: bytes) -> Message:
    """Raises `Unreadable`."""
    msh = header(content)
    marks = replace(msh.marks, codec=_codec(msh))
    lines = [line for line in _BREAKS.split(_decoded(_trimmed(content), marks.codec)) if line.strip()]
    segments = tuple(_segment(line, marks) for line in lines)
    if any(segment.name in _OTHERS for segment in segments[1:]):
        raise Unreadable("There is more than one message. Send each by itself")
    return Message(segments)


def _trimmed(content: bytes) -> bytes:
    return content.removeprefix(_UTF8_MARK).strip(b"\r\n\x1c\x0b\x00 ")


def _marks(line: str) -> Marks:
    if line.startswith(("FHS", "BHS")):
        raise Unreadable("Batches (FHS, BHS) are not taken. Send each message by itself")
    if not line.startswith("MSH") or len(line) < 9:
        raise Unreadable("The message does not begin with a header (MSH)")
    field, signs = line[3], line[4:].split(line[3], 1)[0]
    # Version 2.7 has a fifth sign, for what was cut off.
    if len(signs) not in {4, 5} or len({field, *signs}) != len(signs) + 1:
        raise Unreadable("MSH-1 and MSH-2 do not name the signs that divide the message")
    if any(not 32 < ord(sign) < 127 or sign.isalnum() or sign == '"' for sign in (field, *signs)):
        raise Unreadable("MSH-1 and MSH-2 name signs that cannot divide a message")
    component, repetition, escape, subcomponent = signs[:4]
    return Marks(field, component, repetition, escape, subcomponent)


def _codec(msh: Segment) -> str:
    named = next(iter(msh.repetitions(18)), "").strip()
    codec = _SETS.get(named.upper())
    if codec is None:
        raise Unreadable("MSH-18 names a character set that is not read here. Send UNICODE UTF-8 or 8859/1")
    return codec


def _decoded(content: bytes, codec: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError:
        raise Unreadable("The message is not in the character set of MSH-18, or is not UTF-8") from None


def _segment(line: str, marks: Marks) -> Segment:
    name, *fields = line.split(marks.field)
    if not _NAME.fullmatch(name):
        raise Unreadable("A line of the message does not begin with the name of a segment")
    if name == "MSH":
        return Segment(name, (marks.field, *fields), marks)
    return Segment(name, tuple(fields), marks)


def unescape(text: str, marks: Marks) -> str:
    """`\\T\\` → `&`, and so on. What is not known, or has no end, is kept as written."""
    if marks.escape not in text:
        return text
    sign = re.escape(marks.escape)
    return re.sub(f"{sign}([^{sign}]*){sign}", lambda found: _unescaped(found[0], found[1], marks), text)


def _unescaped(whole: str, name: str, marks: Marks) -> str:
    known = {
        "F": marks.field,
        "S": marks.component,
        "T": marks.subcomponent,
        "R": marks.repetition,
        "E": marks.escape,
        # Highlighting on and off, a line's end: how it looks, not what it says.
        "H": "",
        "N": "",
        ".br": " ",
        ".sp": " ",
    }
    if name in known:
        return known[name]
    return _of_bytes(name[1:], marks.codec) or whole if name.startswith("X") else whole


def _of_bytes(digits: str, codec: str) -> str:
    """`\\XC3A9\\` → `é`; nothing where these are no characters."""
    try:
        return bytes.fromhex(digits).decode(codec)
    except ValueError:
        return ""


def escape(text: str, marks: Marks) -> str:
    """As text stands in a field."""
    signs = {
        marks.escape: "E",
        marks.field: "F",
        marks.component: "S",
        marks.repetition: "R",
        marks.subcomponent: "T",
    }
    text = "".join(f"{marks.escape}{signs[one]}{marks.escape}" if one in signs else one for one in text)
    return _BREAKS.sub(" ", text)
