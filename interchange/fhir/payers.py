"""Which payer of the practice a coverage names."""

from collections.abc import Iterator, Sequence

from interchange.fhir.outcome import Json
from payers.models import Payer
from payers.selectors import matching


def payer_said(coverage: Json, payers: Sequence[Payer]) -> str:
    """The one payer that is meant by an id or a name, as its slug; else what is written, to be decided about."""
    said = list(_said(coverage))
    found = (matching(payers, word) for word in said)
    one = next((some[0].slug for some in found if len(some) == 1), None)
    return one or (said[0] if said else "")


def _said(coverage: Json) -> Iterator[str]:
    for payor in coverage["payor"]:
        yield from filter(None, (payor.get("identifier", {}).get("value"), payor.get("display")))


def payor_of(slug: str, payers: Sequence[Payer]) -> Json:
    """By the id under which claims find the payer, where the practice has it."""
    payer = next((each for each in payers if each.slug == slug), None)
    if payer is None:
        return {"display": slug}
    return {"identifier": {"value": payer.payer_id or slug}, "display": payer.name}
