"""The number by which the practice knows a patient."""

from foundation.plain_text import has_hidden_characters
from interchange.hl7.ack import Code, Fault, Refusal
from interchange.hl7.er7 import NULL, Segment


def mrn_of(segment: Segment, field: int) -> str:
    """The identifier of type MR; the only one, where none has a type. Two of them could be two people's."""
    where = f"{segment.name}^1^{field}"
    numbers = [(segment.part(text, 1), segment.part(text, 5)) for text in segment.repetitions(field)]
    numbers = [(number, kind) for number, kind in numbers if number and number != NULL]
    typed = {number for number, kind in numbers if kind.upper() == "MR"}
    found = typed or {number for number, kind in numbers if not kind}
    if not found:
        text = f"{segment.name}-{field} gives no medical record number (type MR)"
        raise Refusal(Code.ERROR, Fault.MISSING, text, where)
    if len(found) > 1:
        text = f"{segment.name}-{field} gives several medical record numbers. Send the one of this practice"
        raise Refusal(Code.ERROR, Fault.UNKNOWN_KEY, text, where)
    (mrn,) = found
    if has_hidden_characters(mrn):
        raise Refusal(
            Code.ERROR, Fault.DATA, f"{segment.name}-{field} holds signs that cannot be seen", where
        )
    return mrn
