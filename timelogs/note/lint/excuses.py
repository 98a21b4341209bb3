"""When a number is no claim about the stored readings: a goal, a dose, another time, another place, hearsay."""

import re
from collections.abc import Sequence
from datetime import date

from timelogs.note.lint.shapes import Fact

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
)
# A month's name, with its day where one is written. “May” and “march” alone are verbs more often than months.
_DATED = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:of )?(?P<month>{_MONTH})\b"
    rf"|\b(?P<month2>{_MONTH})\.? (?P<day2>\d{{1,2}})\b(?!/)"
    rf"|\b(?:in|since|with|during|from|last) (?P<month3>{_MONTH})\b"
)
_GOAL = (
    r"(?:goals?|targets?|limits?|thresholds?|parameters?|aim(?:ing)?(?: for)?|desired|cut-?offs?|objective)"
)
# Directly before the number: a bound, not a value.
_BOUND = re.compile(
    r"(?:\b(?:above|over|below|under|exceed(?:s|ing|ed)?|(?:less|more|greater|higher|lower) than|at least|at most|"
    r"against|within|no more than|past|than)|[<>≤≥=]{1,2})\s*(?:or equal to |a |an |the |her |his |"
    r"systolic |bp |of |is |[<>≤≥=]){0,3}\s*$"
)
# A goal's name, then no number and no turn of the sentence, then the number.
_GOAL_BEFORE = re.compile(
    rf"\b{_GOAL}\b(?! (?:with|today|but))(?:(?!highest|lowest|max|peak|with|up to|reached)[^\d,;]){{0,40}}$"
)
_BEYOND_GOAL = re.compile(rf"\b(?:above|over|past|beyond|below|out of)(?: the| her| his)? {_GOAL}\s*:\s*$")
_GOAL_AFTER = re.compile(
    rf"\s*(?:mmhg|kg|lbs?|%|mg/dl|bpm)?\s*(?:\)|is|as|being)?\s*(?:the |her |his |our )?(?<!above )(?<!over ){_GOAL}\b"
)
_OR_MORE = re.compile(
    r"\s*(?:mmhg|kg|lbs?|pounds|%|mg/dl|bpm)?,? (?:or|and) (?:more|above|higher|over|less|below|lower|under)\b"
)
_IF = re.compile(r"\b(?:if|unless|whenever|in case|alarms?|alerts?)\b")
_BEFORE_NOW = re.compile(
    r"(?<!since )(?<!since the )(?<!since her )(?<!since his )\blast (?:month|year|visit|time|period|quarter|spring|"
    r"summer|autumn|fall|winter)\b|\bprevious(?:ly)?\b|\bprior (?:to|month|period|visit|review)\b|\bbaseline\b"
    r"|\b(?:at|before|since|on) enrol\w*|\bago\b|"
    r"\bbefore (?:she|he|they|the patient) (?:took|started|began|had|was|came)\b|\bused to\b"
    r"|\badmission\b|\bdischarged?\b|\bhistorical\w*"
    r"|\b(?:months?|years?) earlier\b|\bat (?:the )?start of (?:the )?program\w*|\bpre-?op\w*"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b(?!/)")
_COMPARED = re.compile(
    r"\b(?:(?:down|up|fell|fallen|rose|risen|dropped|improved|decreased|increased|lower|higher|better|worse|changed|"
    r"went|gone) (?:\w+ )?from|compared (?:with|to)|versus|vs\.?)\s*(?:a |the |her |his |about )?$"
)
_ELSEWHERE = re.compile(
    r"\b(?:pharmac\w+|drug ?stores?|clinic|offices?|dentist\w*|hospital\w*|er|ed|emergency|urgent care|"
    r"cardiolog\w+|doctor'?s|physician'?s|health fair|gym|ambulance|paramedics?|ems|dialysis|visiting nurse|"
    r"home health|rehab|lab|pcp|urgent clinic|(?:at|from|during) (?:\w+ ){0,3}(?:visit|appointment|appt)|by hand|"
    r"supermarket|kiosk|wrist|neighbou?r\w*|friend\w*|(?:brother|sister|cousin)'?s|"
    r"(?:old|other|another|own|borrowed|different|manual)(?: \w+)? (?:cuff|device|machine|monitor|meter|scales?|"
    r"oximeter|glucometer))\b"
)
_TOLD = re.compile(
    r"\b(?:reports?|reported|says|said|remember(?:s|ed)|states?|stated|mention(?:s|ed)|claims|recalls?|told (?:me|us)|"
    r"according to|"
    r"self[- ]?report\w*|by (?:her|his|their) own|read (?:out|aloud)|"
    r"(?:she|he|they|patient|pt|daughter|son|wife|husband|aide|nurse|therapist|medic) "
    r"(?:\w+ )?(?:measured|got|took|checked|found|saw))\b"
)
_NOT_TOLD = re.compile(r"\b(?:cuff|device|scale|portal|system|monitor|dashboard)\s(?:reports?|says|states)\b")


def excused(before: str, after: str, facts: Sequence[Fact]) -> bool:
    """Whether the words around a number say that it is no claim about the stored readings of these days."""
    return (
        is_bound(before, after)
        or bool(_COMPARED.search(before))
        or bool(_ELSEWHERE.search(before) or _ELSEWHERE.search(after))
        or bool(_TOLD.search(before) and not _NOT_TOLD.search(before))
        or other_days(before + "#" + after, facts)
    )


def is_bound(before: str, after: str) -> bool:
    """Whether the number is a goal or a limit rather than a value."""
    tail = before[-70:]
    return (
        bool(_BOUND.search(tail))
        or bool(_GOAL_BEFORE.search(tail) and not _BEYOND_GOAL.search(tail))
        or bool(_GOAL_AFTER.match(after) or _OR_MORE.match(after))
        or bool(_IF.search(before))
    )


def other_days(clause: str, facts: Sequence[Fact]) -> bool:
    """Whether a clause speaks of a time outside the readings' days."""
    if _BEFORE_NOW.search(clause):
        return True
    years = {day.year for fact in facts for day in (fact.since, fact.until)}
    return bool(facts) and (
        any(int(found.group()) not in years for found in _YEAR.finditer(clause))
        or any(_outside(found, facts) for found in _DATED.finditer(clause))
    )


def _outside(found: re.Match, facts: Sequence[Fact]) -> bool:
    month = _MONTHS.index((found["month"] or found["month2"] or found["month3"])[:3]) + 1
    since, until = min(f.since for f in facts), max(f.until for f in facts)
    day = found["day"] or found["day2"]
    if day is None:
        return month not in _months(since, until)
    return not any(
        since <= known <= until for year in {since.year, until.year} if (known := _day(year, month, day))
    )


def _months(since: date, until: date) -> set[int]:
    span = (until.year - since.year) * 12 + until.month - since.month
    return {(since.month - 1 + n) % 12 + 1 for n in range(span + 1)}


def _day(year: int, month: int, day: str) -> date | None:
    try:
        return date(year, month, int(day))
    except ValueError:
        return None
