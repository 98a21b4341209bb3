"""Questions of FHIR clients, and their answers a page at a time."""

import json
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from authentication.sealing import Unreadable, seal, unseal
from foundation.plain_text import has_hidden_characters
from interchange.fhir.outcome import Invalid, Issue, Json, outcome

PAGE = 20
PAGED, COUNT, SUMMARY, TOTAL = "_page", "_count", "_summary", "_total"
# Names, numbers and dates in one question.
MOST_CHOICES = 200
# Asked for by clients of their own accord, and of no effect here.
NO_MATTER = {"_format", "_pretty", "_totalMethod"}
TOTALS = ("none", "estimate", "accurate")
# How to answer, not what is asked.
MANNER = {*NO_MATTER, COUNT, PAGED, SUMMARY, TOTAL}


class Asked:
    """A question about one kind of resource. Raises `Invalid` for what is not understood: left out, it would find
    more than was asked for. Only for who prefers so (`lenient`) unknown parameters are passed over. What was asked goes
    on sealed, so that no address names anybody that the program did not put there itself."""

    def __init__(
        self, kind: str, asked: QueryDict, known: Iterable[str], *, most: int, lenient: bool = False
    ):
        self.kind, self.most, self.lenient = kind, most, lenient
        self.passed_over: list[str] = []
        self.asked, self.after = self._going_on(asked)
        self.pairs = list(self._pairs({*known, *MANNER}, sorted(known)))
        self.count = self._count()
        if self.asked.get(TOTAL, "none") not in TOTALS:
            raise self.not_understood(f"_total is one of {', '.join(TOTALS)}", TOTAL)

    def not_understood(self, text: str, name: str) -> Invalid:
        return Invalid(Issue("value", f"{text}.", f"{self.kind}?{name}"[:60]), status=400)

    @property
    def wants_rows(self) -> bool:
        """`_count=0` asks how many there are, and for none of them."""
        return self.count > 0

    def _pairs(self, known: set[str], named: list[str]) -> Iterable[tuple[str, str]]:
        if sum(value.count(",") + 1 for _, values in self.asked.lists() for value in values) > MOST_CHOICES:
            raise self.not_understood(f"More than {MOST_CHOICES} values in one question", "")
        for name, values in self.asked.lists():
            for value in values:
                if has_hidden_characters(value) or has_hidden_characters(name) or len(value) > 2000:
                    raise self.not_understood("Signs that cannot be seen, or too many of them", name)
                if name not in known:
                    if self.lenient:
                        self.passed_over.append(name)
                        continue
                    text = f"Only these are understood here: {', '.join(named)}."
                    raise Invalid(Issue("not-supported", text, f"{self.kind}?{name}"[:60]), status=400)
                yield name, value

    def _going_on(self, asked: QueryDict) -> tuple[QueryDict, list[str]]:
        if PAGED not in asked:
            return asked, []
        try:
            kind, query, *after = json.loads(unseal(asked[PAGED]))
            UUID(after[-1])
        except (Unreadable, ValueError, IndexError):
            kind = ""
        if kind != self.kind:
            raise self.not_understood("This page is not one that was named here", PAGED)
        return QueryDict(query), after

    def _count(self) -> int:
        if (summary := self.asked.get(SUMMARY, "false")) not in {"false", "count"}:
            raise self.not_understood("_summary is count or false", SUMMARY)
        text = self.asked.get(COUNT, str(min(PAGE, self.most)))
        if not (text.isascii() and text.isdecimal() and len(text) < 6):
            raise self.not_understood(f"_count is a number up to {self.most}", COUNT)
        return 0 if summary == "count" else min(int(text), self.most)

    def next_address(self, base: str, *after: str) -> str:
        told = json.dumps([self.kind, urlencode(self.pairs), *after])
        return f"{base}/{self.kind}?{urlencode({PAGED: seal(told)})}"


def chosen(value: str) -> list[str]:
    """A comma divides several that will do."""
    return [text for text in map(str.strip, value.split(",")) if text]


def ids_among(value: str, kind: str) -> list[UUID]:
    """`id` or `Kind/id`; what is no id of ours finds nothing."""
    found = []
    for text in chosen(value):
        before, _, key = text.rpartition("/")
        try:
            found += [UUID(key)] if before in {"", kind} or before.endswith(f"/{kind}") else []
        except ValueError:
            continue
    return found


def matches(resources: list[Json], base: str) -> list[Json]:
    """As entries of what was found."""
    return [
        {
            "fullUrl": f"{base}/{each['resourceType']}/{each['id']}",
            "resource": each,
            "search": {"mode": "match"},
        }
        for each in resources
    ]


def bundle(
    entries: list[Json],
    *,
    kind: str,
    total: int | None,
    here: str,
    next_address: str | None,
    passed_over: Sequence[str],
) -> Json:
    links = [{"relation": "self", "url": here}]
    if next_address:
        links.append({"relation": "next", "url": next_address})
    if passed_over and kind == "searchset":
        text = "This parameter is not understood here, and was passed over as you prefer."
        issues = [Issue("not-supported", text, name[:60], severity="warning") for name in passed_over]
        entries = [*entries, {"resource": outcome(issues), "search": {"mode": "outcome"}}]
    found: Json = {"resourceType": "Bundle", "type": kind, "link": links}
    if total is not None:
        found["total"] = total
    return {**found, "entry": entries} if entries else found
