"""When a payer may not be added, changed or retired: the sentence that says why, or None."""

from collections.abc import Mapping
from typing import Any

from payers.codes import FILED_UNDER, PlanKind, Usage
from payers.models import Payer


def why_not_name(practice, name: str, *, but: Payer | None = None) -> str | None:
    rows = Payer.objects.for_practice(practice).filter(name__iexact=name)
    row = rows.exclude(pk=but.pk).first() if but else rows.first()
    if row is None:
        return None
    state = ", retired" if row.retired else ""
    return f"{row.name} is in the list already{state}. Change that payer, or choose another name."


def why_not_filed(kind: str, filing_code: str) -> str | None:
    """A kind of plan is filed under its own codes; self-pay under none."""
    allowed = FILED_UNDER[PlanKind(kind)]
    if filing_code in allowed:
        return None
    if allowed == ("",):
        return "Self-pay has no claim filing code: no claim is sent. Leave it empty."
    *codes, last = allowed
    named = f"{', '.join(codes)} or {last}. Choose one of them" if codes else last
    return f"{PlanKind(kind).label} is filed under {named}."


def why_not_production(usage: str, payer_id: str) -> str | None:
    if usage == Usage.PRODUCTION and not payer_id:
        return "Claims in production need the payer id. Enter it, or leave the payer at Test."
    return None


def why_not_change(payer: Payer, given: Mapping[str, Any]) -> str | None:
    if all(getattr(payer, name) == value for name, value in given.items()):
        return "Nothing was changed. Change a field, or go back."
    return None


def why_not_retire(payer: Payer) -> str | None:
    return f"{payer.name} is retired already." if payer.retired else None


def why_not_restore(payer: Payer) -> str | None:
    return None if payer.retired else f"{payer.name} is in use already."


def why_not_cover(payer: Payer | None, *, stands: bool = False) -> str | None:
    """Whether a coverage may name the payer. `stands`: a coverage by it is being corrected."""
    if payer is None:
        return "Select one of the practice’s payers. An administrator adds payers under Payers."
    if payer.retired and not stands:
        return f"{payer.name} was retired and takes no new coverage. Select another payer."
    return None
