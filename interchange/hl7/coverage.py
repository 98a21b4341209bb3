"""Who pays, from IN1. A payer is taken only by a name or a code that leaves no doubt which one it is."""

from interchange.hl7.er7 import NULL, Message, Segment
from patients.payers import PAYERS

# The codes of claims for a kind of payer (X12 1032), which many systems send in IN1-15 too.
_CODES = {
    "MB": "medicare",
    "16": "medicare-advantage",
    "MC": "medicaid",
    "CI": "commercial",
    "BL": "commercial",
}
_WORDS = {
    "medicare": "medicare",
    "medicare b": "medicare",
    "medicaid": "medicaid",
    "commercial": "commercial",
}
_WORDS |= {label.casefold(): slug for slug, label in PAYERS.items()} | {slug: slug for slug in PAYERS}
_WORDS |= {code.casefold(): slug for code, slug in _CODES.items()}
_EIGHT = 8


def coverage_fields(message: Message) -> dict[str, tuple[str, str]]:
    """Of the first coverage that is in force when the message is sent; nothing where there is none."""
    sent_on = message.msh.get(7)[:_EIGHT]
    for in1 in sorted(message.all("IN1"), key=_rank):
        ends_on = in1.get(13)[:_EIGHT]
        if not (ends_on.isdecimal() and sent_on.isdecimal() and ends_on < sent_on):
            return _fields(in1)
    return {}


def _rank(in1: Segment) -> tuple[int, int]:
    """By its priority (IN1-22), then by its number (IN1-1)."""
    return _number(in1.get(22)), _number(in1.get(1))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) < 5 else 9999


def _fields(in1: Segment) -> dict[str, tuple[str, str]]:
    payer, called, name = _payer(in1)
    plan = in1.get(2, 2) or in1.get(4)
    found = {
        "payer": (called, payer),
        # "Medicare" says no more of a plan than the payer does.
        "plan_name": ("IN1-2 plan", "" if plan.casefold() in {name.casefold(), *_WORDS} else plan),
        "member_id": ("IN1-36 policy number", in1.get(49) or in1.get(36)),
        "coverage_on": ("IN1-12 effective date", in1.get(12)[:_EIGHT]),
    }
    return {field: (label, "" if text == NULL else text) for field, (label, text) in found.items() if text}


def _payer(in1: Segment) -> tuple[str, str, str]:
    """(slug or what is written, where it stands, as written). The first that says anything decides alone: a company
    that is Medicare says nothing of a plan that is not."""
    places = {
        "IN1-15 plan type": in1.get(15),
        "IN1-2 plan": in1.get(2, 2),
        "IN1-4 company": in1.get(4),
        "IN1-2 plan id": in1.get(2),
    }
    called, text = next(((called, text) for called, text in places.items() if text), ("IN1-15 plan type", ""))
    return _WORDS.get(text.casefold(), text), called, text
