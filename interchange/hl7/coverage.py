"""Who pays, from IN1. A payer of the practice is taken only where the segment leaves no doubt which one it is."""

import re
from collections.abc import Sequence
from datetime import date

from interchange.hl7.er7 import NULL, Message, Segment
from payers.models import Payer
from payers.selectors import matching

_EIGHT = 8
_DAY = re.compile(r"[0-9]{8}")


def coverage_fields(message: Message, payers: Sequence[Payer], *, today: date) -> dict[str, tuple[str, str]]:
    """Of the first coverage that is in effect when the message is sent, or today where it does not say when; nothing
    where there is none."""
    sent_on = message.msh.get(7)[:_EIGHT]
    sent_on = sent_on if _DAY.fullmatch(sent_on) else f"{today:%Y%m%d}"
    for in1 in sorted(message.all("IN1"), key=_rank):
        ends_on = in1.get(13)[:_EIGHT]
        if not (_DAY.fullmatch(ends_on) and ends_on < sent_on):
            return _fields(in1, payers)
    return {}


def _rank(in1: Segment) -> tuple[int, int]:
    """By its priority (IN1-22), then by its number (IN1-1)."""
    return _number(in1.get(22)), _number(in1.get(1))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 5 else 9999


def _fields(in1: Segment, payers: Sequence[Payer]) -> dict[str, tuple[str, str]]:
    called, payer = _payer(in1, payers)
    plan = in1.get(2, 2)
    found = {
        "payer": (called, payer),
        # Where the payer has the plan's name, it says no more of a plan.
        "plan_name": ("IN1-2 plan", "" if matching(payers, plan) else plan),
        "member_id": ("IN1-36 policy number", in1.get(49) or in1.get(36)),
        "coverage_on": ("IN1-12 effective date", in1.get(12)[:_EIGHT]),
    }
    return {field: (label, "" if text == NULL else text) for field, (label, text) in found.items() if text}


def _payer(in1: Segment, payers: Sequence[Payer]) -> tuple[str, str]:
    """(where it stands, the one payer's slug); all that is written, where none or several may be meant."""
    plan, kind = in1.get(2, 2), in1.get(15)
    places = {
        "IN1-2 plan": plan,
        "IN1-15 plan type": kind,
        "IN1-4 company": in1.get(4),
        "IN1-3 company id": in1.get(3),
        "IN1-2 plan id": in1.get(2),
    }
    said = {called: text for called, text in places.items() if text and text != NULL}
    found = {payer.slug: payer for text in said.values() for payer in matching(payers, text)}
    # Many systems send the claim filing code as the type of the plan.
    found = found or {
        payer.slug: payer for payer in payers if not payer.retired and payer.filing_code == kind
    }
    called, written = next(iter(said), "IN1-2 plan"), " / ".join(dict.fromkeys(said.values()))
    if len(found) != 1:
        return called, written
    (payer,) = found.values()
    # A plan of another's that Medicare pays for is none of Medicare's own: its name, or its type, says so.
    doubtful = payer.is_medicare and any(
        other and not matching([payer], other) and other != payer.filing_code for other in (plan, kind)
    )
    return (called, written) if doubtful else (called, payer.slug)
