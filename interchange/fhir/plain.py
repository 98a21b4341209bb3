"""Observations and entries that have nothing in them but what is read here, checked without the library.

`fhir.resources` builds some fifteen objects for an Observation, which takes as long as writing it down. Most that are
sent are of one simple form; this knows that form alone. Whatever else is in one, or in another shape than its simplest,
makes it none: then the library reads it, and says what is wrong. Never takes what the library would refuse.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from interchange.fhir.outcome import Json


class Plain:
    """Elements by their names, as the library's objects have them; what is not there is `None`."""

    __slots__ = ("_raw", "_read")

    def __init__(self, raw: Json, read: Mapping[str, Any]):
        self._raw, self._read = raw, read

    def __getattr__(self, name: str) -> Any:
        return self._read.get(name)

    def model_dump(self, **asked) -> Json:
        return self._raw


class _NotPlain(Exception):
    pass


Read = Callable[[Any], Any]
_LONGEST, _MOST = 200, 20
_TEXT = re.compile(r"[!-z|~]([ -z|~]{0,198}[!-z|~])?", re.ASCII)
_WORD = re.compile(r"[!-z|~]{1,200}", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)
_MOMENT = re.compile(
    r"(19|20)\d\d-\d\d-\d\dT\d\d:\d\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-3]):[0-5]\d)", re.ASCII
)


def _matching(pattern: re.Pattern) -> Read:
    def read(value: Any) -> str:
        if type(value) is str and pattern.fullmatch(value):
            return value
        raise _NotPlain

    return read


def _one_of(*words: str) -> Read:
    def read(value: Any) -> str:
        if type(value) is str and value in words:
            return value
        raise _NotPlain

    return read


def _number(value: Any) -> Decimal:
    """As a device writes it."""
    if type(value) is int and abs(value) < 10**7:
        return Decimal(value)
    if type(value) is Decimal and -6 <= value.as_tuple().exponent <= 0 and abs(value) < 10**7:  # type: ignore[operator]
        return value
    raise _NotPlain


def _moment(value: Any) -> datetime:
    if type(value) is not str or not _MOMENT.fullmatch(value):
        raise _NotPlain
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise _NotPlain from None


def _list_of(read_one: Read) -> Read:
    def read(value: Any) -> list:
        if type(value) is not list or not 0 < len(value) <= _MOST:
            raise _NotPlain
        return [read_one(each) for each in value]

    return read


def _object(elements: Mapping[str, Read], *needed: str) -> Read:
    def read(value: Any) -> Plain:
        if type(value) is not dict or not value or not all(name in value for name in needed):
            raise _NotPlain
        found = {}
        for name, part in value.items():
            if (read_part := elements.get(name)) is None:
                raise _NotPlain
            found[name] = read_part(part)
        return Plain(value, found)

    return read


_text, _word = _matching(_TEXT), _matching(_WORD)
_CODING = _object({"system": _word, "code": _word, "display": _text})
_CONCEPT = _object({"coding": _list_of(_CODING), "text": _text})
_IDENTIFIER = _object(
    {"use": _one_of("usual", "official"), "type": _CONCEPT, "system": _word, "value": _text}
)
_REFERENCE = _object({"reference": _word, "identifier": _IDENTIFIER, "display": _text})
_QUANTITY = _object({"value": _number, "unit": _text, "system": _word, "code": _word})
_COMPONENT = _object({"code": _CONCEPT, "valueQuantity": _QUANTITY}, "code")
_META = _object({"tag": _list_of(_CODING), "security": _list_of(_CODING), "profile": _list_of(_word)})
_OBSERVATION = _object(
    {
        "resourceType": _one_of("Observation"),
        "id": _matching(_ID),
        "meta": _META,
        "identifier": _list_of(_IDENTIFIER),
        "status": _one_of("final", "amended", "corrected", "entered-in-error"),
        "category": _list_of(_CONCEPT),
        "code": _CONCEPT,
        "subject": _REFERENCE,
        "device": _REFERENCE,
        "effectiveDateTime": _moment,
        "issued": _moment,
        "valueQuantity": _QUANTITY,
        "component": _list_of(_COMPONENT),
    },
    "resourceType",
    "status",
    "code",
)
_REQUEST = _object(
    {"method": _one_of("POST"), "url": _one_of("Observation"), "ifNoneExist": _text}, "method", "url"
)


def observation(data: Any) -> Plain | None:
    return _read(_OBSERVATION, data)


def request(entry: Any) -> Plain | None:
    """Of an entry that has nothing but it, the resource, and an address of that."""
    if type(entry) is not dict or not entry.keys() <= {"request", "resource", "fullUrl"}:
        return None
    full = entry.get("fullUrl", "urn:none")
    return _read(_REQUEST, entry.get("request")) if type(full) is str and _WORD.fullmatch(full) else None


def _read(shape: Read, data: Any) -> Plain | None:
    try:
        return shape(data)
    except _NotPlain:
        return None
