"""How many readings, on how many days, how many of them above or out of range: the text against what is stored."""

import re
from collections.abc import Iterator
from itertools import combinations

from timelogs.note.lint.excuses import other_days
from timelogs.note.lint.shapes import Defect, Fact, Kind, LintNote
from timelogs.note.lint.text import NUMBER_WORD, Text, whole
from timelogs.note.lint.words import any_of, days_of

_GOAL = r"(?:goal|target|range|limits?|threshold)"
_OF = rf"(?: (?:out )?of (?:the )?(?:last |past )?(?P<of>{NUMBER_WORD}))?"
_READINGS = r"(?:\w{2,12} ){0,2}(?:readings?|measurements?|values?|transmissions?)"
# “6 days above goal”, “six days out of range”; not “6 days above 150/90”, whose line nobody stored.
_DAYS_ABOVE = re.compile(
    rf"\b(?P<n>{NUMBER_WORD}){_OF} (?:\w{{3,8}} )?days? "
    rf"(?:(?:were|was|are|with|had|ran|went|readings|values|pressures) ){{0,2}}"
    rf"(?P<how>above|over(?= (?:(?:the|her|his) )?{_GOAL})|exceed(?:ed|ing)|out of|out-of|outside)(?! ?[\d<>]| all)"
)
_ABOVE_ON = re.compile(
    rf"\b(?P<how>above|over|exceeded|exceeding|out of|outside)(?: (?:the|her|his|of))? {_GOAL}[^.;\d]{{0,25}}? "
    rf"(?:on |for )?(?P<n>{NUMBER_WORD}){_OF} days?\b"
)
_ON_DAYS = re.compile(
    rf"\b(?P<c>\d{{1,4}}) {_READINGS}(?: \w{{2,12}}){{0,3}}? (?P<how>on|over|across|in|during|from)"
    rf"(?P<the> the)?(?: last| past)? (?P<n>{NUMBER_WORD})(?: \w{{3,9}})? days?\b"
)
_READING_DAYS = re.compile(
    rf"\b(?:readings?|data|transmitted|measured|measurements|values|cuff used)(?: \w{{2,12}}){{0,3}}? on "
    rf"(?P<n>{NUMBER_WORD}){_OF} days?\b"
    rf"|\b(?P<n2>\d{{1,2}}) (?:days? (?:with|of) (?:readings|data|values)|reading days?)\b"
)
_TOTAL = re.compile(rf"\b(?P<c>\d{{1,4}}) {_READINGS}\b")
_ALL_OF_THEM = re.compile(r"\b(?:total of|all|reviewed|in total|altogether)\s$")
_ALL_AFTER = re.compile(
    r"(?: (?:in (?:total|all)|altogether|total|(?:were |was )?(?:received|came|transmitted|reviewed|sent)))|\s*[.;]|$"
)
_NONE = re.compile(r"\b(?:no|without|missing|missed|not|lacks?|skipped)\b[^.;\d]{0,25}$")
_NAMED = {
    "blood_pressure": re.compile(r"\b(?:bp|blood pressures?|pressures?|systolics?|diastolics?|cuff)\b"),
    "heart_rate": re.compile(r"\b(?:pulse(?! ox)|heart rate|hr)\b"),
    "glucose": re.compile(r"\b(?:glucose|sugars?|glucometer)\b"),
    "weight": re.compile(r"\b(?:weights?|scale)\b"),
    "spo2": re.compile(r"\b(?:spo2|saturations?|sats?|oxygen|oximeter)\b"),
}


def count_defects(note: LintNote) -> Iterator[Defect]:
    """Every count of readings or days that no device's summary holds."""
    if not note.facts:
        return
    for field, text in note.texts.items():
        taken = bytearray(len(text.plain))
        for match, known, word in _claims(text, note.facts):
            start, end = span = match.span()
            if any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            if known and not other_days("#".join(text.around(*span)), note.facts):
                quote = text.quote(*span)
                advice = f"Check “{quote}”: stored for {days_of(note.facts)} are {any_of(known, word)}."
                yield Defect(Kind.NUMBER, field, quote, advice)


def _claims(text: Text, facts: tuple[Fact, ...]) -> Iterator[tuple[re.Match, set[int], str]]:
    """Each count found, with the stored ones where it is none of them and nothing where it agrees."""
    for pattern, judge in (
        (_DAYS_ABOVE, _out_of_range),
        (_ABOVE_ON, _out_of_range),
        (_ON_DAYS, _readings_on_days),
        (_READING_DAYS, _reading_days),
        (_TOTAL, _readings),
    ):
        for match in pattern.finditer(text.plain):
            sentence = "".join(text.around(*match.span())) + match.group()
            yield match, *judge(match, _named(sentence, facts))


def _named(sentence: str, facts: tuple[Fact, ...]) -> list[Fact]:
    """The facts of the measures that the sentence names; all of them where it names none."""
    return [f for f in facts if f.measure in _NAMED and _NAMED[f.measure].search(sentence)] or list(facts)


def _out_of_range(match: re.Match, facts: list[Fact]) -> tuple[set[int], str]:
    above = match["how"] in {"above", "over", "exceeded", "exceeding"}
    known = {f.days_above if above else f.days_out_of_range for f in facts}
    wrong = whole(match["n"]) not in known
    return (known, "day above range" if above else "day out of range") if wrong else _of(match, facts)


def _of(match: re.Match, facts: list[Fact]) -> tuple[set[int], str]:
    """“6 of 14 days”: fourteen may be the days with readings or all of them."""
    known = {f.days for f in facts}
    fine = match["of"] is None or whole(match["of"]) in known | {f.length for f in facts}
    return (set(), "") if fine else (known, "day with readings")


def _readings_on_days(match: re.Match, facts: list[Fact]) -> tuple[set[int], str]:
    if int(match["c"]) not in (counts := _counts(facts)):
        return counts, "reading"
    days = {f.days for f in facts}
    # “Over the 14 days” names the stretch of time as often as the days with readings.
    fine = days if match["how"] == "on" else days | {f.length for f in facts}
    return (set(), "") if whole(match["n"]) in fine else (days, "day with readings")


def _reading_days(match: re.Match, facts: list[Fact]) -> tuple[set[int], str]:
    known = {f.days for f in facts}
    if _NONE.search(match.string, max(0, match.start() - 40), match.start()):
        return set(), ""
    return (set(), "") if whole(match["n"] or match["n2"]) in known else (known, "day with readings")


def _readings(match: re.Match, facts: list[Fact]) -> tuple[set[int], str]:
    """More readings than were sent are wrong in any case, fewer only where the text speaks of all of them."""
    number, counts = int(match["c"]), _counts(facts)
    text, start, end = match.string, match.start(), match.end()
    all_of_them = _ALL_OF_THEM.search(text, max(0, start - 15), start) and _ALL_AFTER.match(text, end)
    alone = _ALL_AFTER.match(text, end) and not text[max(0, start - 2) : start].strip(" .;\n")
    fine = number in counts or (number < max(counts) and not (all_of_them or alone))
    return (set(), "") if fine else (counts, "reading")


def _counts(facts: list[Fact]) -> set[int]:
    """Each device's readings, and what several devices sent together."""
    each = [f.count for f in facts][:6]
    return {sum(some) for size in range(1, len(each) + 1) for some in combinations(each, size)}
