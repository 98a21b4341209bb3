"""Who was spoken with, and how: words of a contact where the fields beside them are empty."""

import re
from collections.abc import Iterator

from timelogs.note.lint.shapes import Defect, Kind, LintNote
from timelogs.note.lint.text import NEAR, Text

_FAMILY = (
    r"(?:daughters?|dtr|sons?|wife|husband|spouse|partner|mother|mom|father|dad|sisters?|brothers?|niece|nephew|aunt|uncle|"
    r"grand(?:son|daughter|child)|(?:daughter|son|sister|brother)-in-law|caregiver|carer|caretaker|(?:home )?aide|"
    r"neighbou?r|guardian|roommate|family members?)"
)
_SAYS = (
    r"(?:says|said|states|stated|reports|reported|denies|denied|tells|told|mentions|mentioned|explains|explained|"
    r"confirms|confirmed|agrees|agreed|asks|asked|complains|complained|describes|described|admits|admitted|"
    r"verbali[sz]e[sd]|acknowledge[sd]|notes that|noted that|called(?: back| in)?|"
    r"phoned|answered|picked up|replied|thinks|"
    r"adds|added|insists|worries|requests|requested|expressed|understands|understood|voices|voiced|"
    r"agreeable|receptive|wants|wanted|wishes)"
)
_FAMILY_SAYS = re.compile(rf"\b{_FAMILY}(?:,? [a-z]+,?)? (?:also |now |then )?{_SAYS}\b")
_TO_FAMILY = re.compile(
    rf"\b(?:(?:spoke|spoken|talk(?:ed|ing)?|chatted|call|conversation|visit|discussed|discussion|chat) "
    rf"(?:with|to|w/)|s/w|"
    rf"called|phoned|rang|reached|informed|told|advised|per|according to)(?: (?:the|her|his|their|patient's))? "
    rf"{_FAMILY}\b"
)
_PATIENT_SAYS = re.compile(
    rf"\b(?:patient|pt|she|he|they|{_FAMILY})(?:,? (?!not\b|never\b|cannot\b)[a-z]+,?)? (?:also |now |then )?{_SAYS}\b"
)
_TO_PATIENT = re.compile(
    rf"\b(?:told|informed|advised|instructed|taught|educated|reminded|asked|encouraged|counsel\w+|reached|called|phoned|"
    rf"rang|telephoned|contacted|warned|coached|updated|reassured|interviewed|discussed with|(?:spoke|spoken|"
    rf"talk(?:ed|ing)?|chatted|call|conversation|visit|discussion|chat) (?:with|to|w/)|s/w|per|according to)"
    rf"(?: (?:the|her|his))? (?:patient|pt|her|him|{_FAMILY})\b"
)
_STARTS = re.compile(
    r"(?:says|said|states|stated|reports|reported|denies|denied|told (?:me|us)|mentions|mentioned|complains|complained|"
    r"spoke (?:with|to)|talked (?:with|to))\b"
)
_TALKED_ALONE = re.compile(
    r"\b(?:spoke|talked|chatted) (?:for|about|on the phone)\b|\bon the phone with\b|\btold (?:me|us)\b"
)
_ON_THE_LINE = re.compile(
    rf"\b(?:patient|pt|{_FAMILY}) (?:was |also )?"
    rf"(?:on (?:the )?(?:speaker(?:phone)?|phone|line|call|video)|joined|present)\b"
)
_EVIDENCE = (_ON_THE_LINE, _PATIENT_SAYS, _TO_PATIENT, _TO_FAMILY, _TALKED_ALONE)
# Directly before: it did not happen, has not yet, or happened another time.
_NOT_DONE = re.compile(
    r"\b(?:not|never|no one|nobody|unable to|couldn't|didn't|cannot|without|will(?: be)?|to|to be|should(?: be)?|if|"
    r"when|once|until|shall|must|may|might|would|can)(?: \w{2,10}){0,2}\s*$"
)
_ANOTHER_TIME = re.compile(
    r"\b(?:last (?:week|month|visit|time|call|year|session|tuesday|monday|wednesday|thursday|friday|saturday|sunday)|"
    r"previously|earlier (?:this|in)|yesterday|in the last|at the last)\b"
)
_NO_CONTACT = re.compile(
    r"\b(?:no (?:contact|call|answer)|not (?:called|reached|spoken|phoned|contacted)|"
    r"did not (?:call|speak|reach|answer)|left no|left (?:a )?(?:message|voicemail)|voicemail|chart (?:only|review)|"
    r"n/a)\b"
)
_HEARSAY = re.compile(
    r"\b(?:patient|pt|she|he)(?: \w{2,10})? (?:says|said|states|stated|reports|reported|told|mentions?|"
    r"mentioned)\b"
    r"|\b(?:patient|pt|she|he)(?: \w{2,10})?\s$"
)
_RELATIVE = re.compile(_FAMILY)
_NAMED = re.compile(r",? \(?[A-Z][a-z]+")


def contact_defects(note: LintNote) -> Iterator[Defect]:
    """At most one remark: the first words of a contact for which the note lacks who, how, or the name."""
    if note.method == "no_answer":
        return
    if note.party in {"", "none"} or not note.method:
        if found := _first(note, _of_contact):
            yield Defect(Kind.CONTACT, *found, f"“{found[1]}”: {_missing(note)}")
    elif not note.party_name.strip() and (found := _first(note, _of_family)):
        yield Defect(Kind.CONTACT, *found, f"“{found[1]}”: {_whose_name(note)}")


def _missing(note: LintNote) -> str:
    if note.party == "none":
        return "that is a contact. Select who it was with and how, not “No contact”."
    return "select how you were in contact." if note.party else "select who you spoke with, and how."


def _whose_name(note: LintNote) -> str:
    return (
        "enter the caregiver’s name."
        if note.party == "caregiver"
        else "select “Caregiver” and enter the name."
    )


def _first(note: LintNote, search) -> tuple[str, str] | None:
    """The first field with such words, and the words."""
    for field, text in note.texts.items():
        if quote := search(text):
            return field, quote
    return None if search is _of_family else _anything_said(note)


def _anything_said(note: LintNote) -> tuple[str, str] | None:
    """What stands under “What was said” was said by somebody, whatever its words."""
    text = note.texts.get("said")
    if text is None or note.party == "none" or _NO_CONTACT.search(text.plain) or len(text.plain.split()) < 3:
        return None
    start, end = text.sentences[0]
    return "said", _short(text.quote(start, end))


def _of_contact(text: Text) -> str:
    """The first words that speak of a contact in this session."""
    for start, end in text.clauses:
        clause = text.plain[start:end]
        found = [m for pattern in _EVIDENCE for m in pattern.finditer(clause) if _happened(clause, m.start())]
        if at_start := _STARTS.match(clause.lstrip()):
            return _short(text.quote(*_place(start, clause, at_start)))
        if found:
            first = min(found, key=lambda match: match.start())
            return _short(text.quote(start + first.start(), start + first.end()))
    return ""


def _place(start: int, clause: str, at_start: re.Match) -> tuple[int, int]:
    begins = start + len(clause) - len(clause.lstrip())
    return begins, begins + at_start.end()


def _happened(clause: str, place: int) -> bool:
    before = clause[max(0, place - NEAR) : place]
    return not (_NOT_DONE.search(before[-40:]) or _ANOTHER_TIME.search(before))


def _of_family(text: Text) -> str:
    """The first words in which a relative or caregiver without a name speaks to us."""
    for start, end in text.clauses:
        clause = text.plain[start:end]
        for pattern in (_FAMILY_SAYS, _TO_FAMILY, _ON_THE_LINE):
            for match in pattern.finditer(clause):
                place = match.start()
                hearsay = _HEARSAY.search(clause, max(0, place - NEAR), place)
                if _happened(clause, place) and not hearsay and not _has_name(text, start + place):
                    return _short(text.quote(start + match.start(), start + match.end()))
    return ""


def _has_name(text: Text, start: int) -> bool:
    """“Daughter Maria says”, “spoke with the wife (Ana)”."""
    relative = _RELATIVE.search(text.plain, start)
    return bool(relative and _NAMED.match(text.typed, relative.end()))


def _short(quote: str) -> str:
    return quote if len(quote) <= 40 else quote[:39].rstrip() + "…"
