"""A request's body as a resource of FHIR R4, or every fault that was found in it."""

import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.coverage import Coverage
from fhir.resources.R4B.observation import Observation
from fhir.resources.R4B.patient import Patient
from pydantic import ValidationError

from foundation.programs import body_of
from interchange.fhir.outcome import Invalid, Issue, Json

MODELS = {"Patient": Patient, "Coverage": Coverage, "Observation": Observation, "Bundle": Bundle}
TYPES = {"application/fhir+json", "application/json"}
DEEPEST, MOST_ISSUES = 24, 20
# Whoever does not understand these must not go on.
UNKNOWN_HERE = ("implicitRules", "contained")
MODIFIED = "modifierExtension"
# A text in JSON: the library takes a number for seconds since 1970.
MOMENTS = frozenset({"effectiveDateTime", "effectiveInstant", "issued", "birthDate", "deceasedDateTime", "lastUpdated",
                     "start", "end"})  # fmt: skip
# Elements that are passed over whole: whatever modifies them changes nothing that is read.
PASSED_OVER = {"Patient": {"contact"}, "Coverage": {"costToBeneficiary"}, "Observation": {"referenceRange"}}


def resource(request, kind: str) -> Json:
    """Of that kind, and built as R4 says. Raises `Invalid`."""
    return model_of(body(request), kind).model_dump(exclude_none=True)


def body(request):
    """What was sent, as JSON. Raises `Invalid`."""
    if request.content_type.lower() not in TYPES:
        raise Invalid(Issue("not-supported", "Send the body as application/fhir+json."), status=415)
    return _json(body_of(request))


def model_of(data, kind: str):
    """As the library reads it. Raises `Invalid`."""
    if not isinstance(data, dict) or data.get("resourceType") != kind:
        raise Invalid(Issue("structure", f"The body must be one {kind}.", "resourceType"), status=400)
    for name in UNKNOWN_HERE:
        if name in data:
            raise Invalid(Issue("not-supported", f"{name} is not understood here.", f"{kind}.{name}"))
    check_modified(data, kind)
    return built(data, MODELS[kind], kind)


def built(data, model, kind: str):
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise Invalid(*islice(_faults(kind, error), MOST_ISSUES), status=400) from None


def check_modified(data: Json, kind: str) -> None:
    """`modifierExtension` at any depth that is read changes what stands beside it. Objects as texts are none, nor are
    numbers moments."""
    level = [(kind, {name: part for name, part in data.items() if name not in PASSED_OVER.get(kind, ())})]
    while level:
        path, part = level.pop()
        if isinstance(part, dict):
            if MODIFIED in part:
                where = f"{path}.{MODIFIED}"[:200]
                raise Invalid(Issue("not-supported", f"{MODIFIED} is not understood here.", where))
            for name in MOMENTS & part.keys():
                if isinstance(part[name], int | Decimal):
                    where = f"{path}.{name}"[:200]
                    raise Invalid(
                        Issue("value", "This must be a text, as 2026-01-05T08:12:00-05:00.", where),
                        status=400,
                    )
            level += [(f"{path}.{name}", inner) for name, inner in part.items()]
        elif isinstance(part, list):
            level += [(f"{path}[{place}]", inner) for place, inner in enumerate(part)]
        elif isinstance(part, str) and _is_object(part):
            raise Invalid(Issue("structure", "This must be an object, not a text.", path[:200]), status=400)


def _is_object(text: str) -> bool:
    """The library would read it as one, past every check of ours."""
    if not (text.lstrip().startswith("{") and text.rstrip().endswith("}")):
        return False
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _json(sent: bytes):
    try:
        data = json.loads(
            sent.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_decimal
        )
    except (ValueError, RecursionError):
        raise Invalid(
            Issue("structure", "The body is no JSON in UTF-8 with each name once."), status=400
        ) from None
    if _depth(data) > DEEPEST:
        raise Invalid(Issue("structure", f"The body is nested more than {DEEPEST} deep."), status=400)
    return data


def _once(pairs: list[tuple[str, object]]) -> Json:
    """Of a name that comes twice readers disagree which one counts. What is `null` is not there: FHIR has no such
    value, and the library takes it for one that is."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return {name: part for name, part in found.items() if part is not None}


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Invalid(Issue("value", "A number in the body is too large or too small."), status=400) from None


def _no_number(name: str):
    raise ValueError(name)


def _depth(data) -> int:
    depth, level = 0, [data]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _faults(kind: str, error: ValidationError) -> Iterator[Issue]:
    """The library's own words may quote what was sent, and are not passed on."""
    for fault in error.errors(include_input=False, include_context=False, include_url=False):
        code, text = _WORDS.get(fault["type"], ("value", "This is not what FHIR R4 has here."))
        yield Issue(code, text, _path(kind, fault["loc"]))


_WORDS = {
    "missing": ("required", "This is missing."),
    "extra_forbidden": ("structure", "FHIR R4 has no such element here."),
    "list_type": ("structure", "This must be a list."),
    "string_type": ("value", "This must be a text."),
    "model_type": ("structure", "This must be an object."),
}


def _path(kind: str, places: tuple) -> str:
    """`Patient.name[0].family`"""
    path = kind
    for place in places:
        path += f"[{place}]" if isinstance(place, int) else f".{place}"
    return path[:200]
