"""Which payer of the practice a coverage names."""

from collections.abc import Iterator, Sequence

from interchange.fhir.outcome import Json
from payers.models import Payer
from payers.selectors import matching


def payer_said(coverage: Json, payers: Sequence[Payer]) -> str:
    """The one payer that ids and names leave no doubt about, as its slug; else all that is written, to be decided."""
    said = list(dict.fromkeys(_said(coverage)))
    found = {payer.slug for word in said for payer in matching(payers, word)}
    return found.pop() if len(found) == 1 else " / ".join(said)


def _said(coverage: Json) -> Iterator[str]:
    for payor in coverage["payor"]:
        yield from filter(None, (payor.get("identifier", {}).get("value"), payor.get("display")))


def payor_of(slug: str, payers: Sequence[Payer]) -> Json:
    """By the id under which claims find the payer, where the practice has it."""
    payer = next((each for each in payers if each.slug == slug), None)
    if payer is None:
        return {"display": slug}
    return {"identifier": {"value": payer.payer_id or slug}, "display": payer.name}
