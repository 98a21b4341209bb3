"""Which payer of the practice a coverage names."""

from collections.abc import Iterator

from interchange.fhir.outcome import Json
from patients.payers import PAYERS

_SLUGS = {word.casefold(): slug for slug, label in PAYERS.items() for word in (slug, label)}


def payer_said(coverage: Json) -> str:
    """By id or name, whichever is known here; else as it is written, to be decided about."""
    said = list(_said(coverage))
    return next((word for word in said if word.casefold() in _SLUGS), said[0] if said else "")


def _said(coverage: Json) -> Iterator[str]:
    for payor in coverage["payor"]:
        yield from filter(None, (payor.get("identifier", {}).get("value"), payor.get("display")))


def payor_of(slug: str) -> Json:
    return {"identifier": {"value": slug}, "display": PAYERS.get(slug, slug)}
