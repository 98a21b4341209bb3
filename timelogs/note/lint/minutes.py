"""Minutes in the text against the clock: the length of the contact, and of the session."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from timelogs.note.lint.shapes import Defect, Kind, LintNote
from timelogs.note.lint.text import WORDS, Text, whole
from timelogs.note.lint.words import length

# A whole minute each way: people say 4 or 5 minutes of 4 min 50 s, and a clock is stopped a little late.
# “About” asks for twice that, or a fifth of a long time.
TOLERANCE, ROUGHLY, SHARE = 60, 120, 5

_MINUTES = re.compile(
    rf"(?:(?<![\d.,:/])(?P<least>\d{{1,3}}) ?(?:-|to) ?)?(?<![\d.,:/])(?P<n>\d{{1,3}}|\b(?:{'|'.join(WORDS[1:])}))"
    r"[ -]?(?:minutes?|mins?)(?![a-z])(?: (?:and )?(?P<s>\d{1,2}) ?(?:seconds?|secs?|s)(?![a-z]))?"
)
# Between these words and the minutes others may stand, but none that turns the minutes into something else.
_BETWEEN = (
    r"(?:(?!\b(?:in|back|after|before|every|walk\w*|wait\w*|rest\w*|hold|month\w*|exercis\w*|bik\w*|rid\w*|lasted)\b)"
    r"(?:[^.;\d]|\b\d{1,2}:\d\d\b|\b[012]\d{3}\b))*$"
)
_TALK = (
    r"\b(?:spoke|spoken|speaking|talk(?:s|ed|ing)?|convers(?:ed|ation)|chat(?:ted)?|calls?|called|phone|phoned|"
    r"telephoned?|discuss(?:ed|ion)|on the line|contact|video visit|counsel(?:l?ed|ing))\b"
)
_TALKED = re.compile(_TALK + _BETWEEN)
_LASTED = re.compile(
    r"\b(?:call|conversation|talk|contact|visit|chat|discussion) (?:has )?(?:lasted|took|ran|was)[^.;\d]*$"
)
_LONG_TALK = re.compile(
    r"[ -]{1,2}(?:long )?(?:phone |telephone |video |telehealth |live )?(?:calls?|conversation|chat|talk|discussion|"
    r"visit|contact|phone)\b(?! back)|,? (?:on|by|over|via) (?:the )?(?:phone|telephone|line|video)\b"
)
_WHOLE = re.compile(
    r"\b(?:total|in all|altogether|time spent|sessions?|encounter|time|overall|rpm|management|coordination)\b"
    + _BETWEEN
)
_IN_ALL = re.compile(r"(?: \w{2,8})?,? ?\(?(?:total|in (?:all|total)|altogether|overall)\b")
_SPENT = re.compile(r"\bspent\b[^.;\d]{0,12}$")
_WAS_SPENT = re.compile(r" (?:was |were )?spent\b")
# Of the month, of a habit, of a rule: not of this session.
_NOT_NOW = re.compile(
    r"\b(?:month\w*|so far|cumulative|(?:a|per|each|every) (?:day|morning|evening|week|night|time)|daily|"
    r"times (?:a|per)|required?s?|threshold|codes?|99\d{3}|on hold|will|tomorrow|next week)\b"
)
_ABOUT = re.compile(r"(?:\b(?:about|approx(?:imately|\.)?|around|roughly|nearly|almost|some|under)|~)\s*$")
_AT_LEAST = re.compile(r"(?:\b(?:over|more than|at least)|>)\s*$")
TALK, SESSION, PART = "talk", "session", "part"


@dataclass(frozen=True, slots=True)
class _Length:
    """A length that the text gives, in seconds from `least` to `most`, and what it is the length of."""

    of: str
    least: int
    most: int
    quote: str


def minute_defects(note: LintNote) -> Iterator[Defect]:
    """Every length of the contact or the session that the clock contradicts."""
    for field, text in note.texts.items():
        for found in _lengths(text):
            if advice := _against_the_clock(found, note):
                yield Defect(Kind.MINUTES, field, found.quote, f"Check “{found.quote}”: {advice}")


def _lengths(text: Text) -> Iterator[_Length]:
    for match in _MINUTES.finditer(text.plain):
        before, after = text.around(match.start(), match.end())
        before, after = before[-60:], after[:40]
        if (of := _of_what(before, after)) and not _NOT_NOW.search(before + "#" + after):
            least, most = _seconds(match, before)
            yield _Length(of, least, most, text.quote(match.start(), match.end()))


def _of_what(before: str, after: str) -> str:
    """What the minutes measure: the contact, the session, a part of it, or nothing of ours."""
    if _LONG_TALK.match(after) or _LASTED.search(before):
        return TALK
    if _IN_ALL.match(after):
        return SESSION
    talked, whole_time = _TALKED.search(before), _WHOLE.search(before)
    if talked and not (whole_time and whole_time.start() > talked.start()):
        return TALK
    if whole_time:
        return SESSION
    return PART if _SPENT.search(before) or _WAS_SPENT.match(after) else ""


def _seconds(match: re.Match, before: str) -> tuple[int, int]:
    """The least and the most that was meant; “over 20 minutes” has no most."""
    told = whole(match["n"]) * 60 + int(match["s"] or 0)
    slack = max(ROUGHLY, told // SHARE) if _ABOUT.search(before) else TOLERANCE
    least = int(match["least"]) * 60 if match["least"] else told
    most = 24 * 60 * 60 if _AT_LEAST.search(before) else told
    return least - slack, most + slack


def _against_the_clock(found: _Length, note: LintNote) -> str:
    """What the clock says instead; empty when it agrees or has nothing to say."""
    call, session = note.call_seconds, note.session_seconds
    if found.of == TALK and call:
        # A stretch of the call may be told by itself only if it is shorter, and no text says which it is.
        return "" if found.least <= call <= found.most else f"the contact took {length(call)}."
    if not session:
        return ""
    too_long = found.least > session
    too_short = found.of == SESSION and found.most < session
    return f"the clock shows {length(session)} for this session." if too_long or too_short else ""
