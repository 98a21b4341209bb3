"""Finding patients by what FHIR clients ask, a page at a time."""

import json
from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from authentication.sealing import Unreadable, seal, unseal
from foundation.plain_text import has_hidden_characters
from interchange.fhir.outcome import Invalid, Issue, Json
from patients.merges import in_use
from patients.models import Merge, Patient

PAGE, MOST = 20, 100
PAGED = "_page"
# Names, numbers and dates in one question.
MOST_CHOICES = 200
# Asked for by clients of their own accord, and of no effect here.
NO_MATTER = {"_format", "_pretty"}
_COMPARED = {"eq": "", "ge": "__gte", "le": "__lte", "gt": "__gt", "lt": "__lt"}


def found(practice, asked: QueryDict) -> QuerySet[Patient]:
    """Raises `Invalid` for a question that is not understood: left out, it would find more than was asked for."""
    rows = in_use(Patient.objects.for_practice(practice))
    for name, value in _pairs(asked):
        if name not in {*_FILTERS, *NO_MATTER, "_count", PAGED}:
            known = ", ".join(sorted(_FILTERS))
            raise Invalid(
                Issue("not-supported", f"Patients are found by {known}.", f"Patient?{name}"[:60]), status=400
            )
        if name in _FILTERS:
            rows = rows.filter(_FILTERS[name](value))
    return rows.order_by("pk")


def names_somebody(asked: QueryDict) -> bool:
    """Whether anything in it says who is meant, and not how to answer."""
    return any(name not in {*NO_MATTER, "_count", PAGED} for name in asked)


def _pairs(asked: QueryDict) -> Iterable[tuple[str, str]]:
    if sum(value.count(",") + 1 for _, values in asked.lists() for value in values) > MOST_CHOICES:
        raise _not_understood(f"More than {MOST_CHOICES} values in one question", "")
    for name, values in asked.lists():
        for value in values:
            if has_hidden_characters(value) or has_hidden_characters(name) or len(value) > 2000:
                raise _not_understood("Signs that cannot be seen, or too many of them", name)
            yield name, value


def _not_understood(text: str, name: str) -> Invalid:
    return Invalid(Issue("value", f"{text}.", f"Patient?{name}"[:60]), status=400)


def _by_id(value: str) -> Q:
    try:
        return Q(pk__in=[UUID(text) for text in value.split(",")])
    except ValueError:
        return Q(pk=None)


def _by_identifier(value: str) -> Q:
    """`system|value` or `value`; a comma divides several. Whatever the system is called, here an MRN is meant;
    that of a merged record finds the one that remains."""
    mrns = [text.rpartition("|")[2] for text in value.split(",")]
    merged = Merge.objects.standing().filter(duplicate__mrn__in=mrns)
    return Q(mrn__in=mrns) | Q(pk__in=merged.values("remaining"))


def _by_part(*fields: str):
    """Words with which a name begins; a comma divides several that will do."""

    def filters(value: str) -> Q:
        chosen = Q(pk=None)
        # Every name begins with nothing at all; it is no question for everybody.
        for text in filter(None, map(str.strip, value.split(","))):
            for field in fields:
                chosen |= Q(**{f"{field}__istartswith": text})
        return chosen

    return filters


def _by_birth(value: str) -> Q:
    sign, text = (value[:2], value[2:]) if value[:2] in _COMPARED else ("eq", value)
    try:
        return Q(**{f"born_on{_COMPARED[sign]}": date.fromisoformat(text)})
    except ValueError:
        raise _not_understood("A whole day is needed, like 1948-05-12", "birthdate") from None


_FILTERS = {
    "_id": _by_id,
    "identifier": _by_identifier,
    "name": _by_part("family_name", "given_name"),
    "family": _by_part("family_name"),
    "given": _by_part("given_name"),
    "birthdate": _by_birth,
}


class Page:
    """Some of those found, and where the next ones are. What was asked goes on sealed, so that no address names
    anybody that the program did not put there itself."""

    def __init__(self, practice, asked: QueryDict):
        self.asked, after = _going_on(asked)
        rows = found(practice, self.asked)
        self.total = rows.count()
        most = _count(self.asked)
        some = list((rows.filter(pk__gt=after) if after else rows)[: most + 1])
        self.rows, self.more = some[:most], len(some) > most

    def next_address(self, base: str) -> str | None:
        if not self.more:
            return None
        told = json.dumps([self.asked.urlencode(), str(self.rows[-1].pk)])
        return f"{base}?{urlencode({PAGED: seal(told)})}"


def _going_on(asked: QueryDict) -> tuple[QueryDict, UUID | None]:
    if PAGED not in asked:
        return asked, None
    try:
        query, after = json.loads(unseal(asked[PAGED]))
        return QueryDict(query), UUID(after)
    except (Unreadable, ValueError):
        raise _not_understood("This page is not one that was named here", PAGED) from None


def _count(asked: QueryDict) -> int:
    text = asked.get("_count", str(PAGE))
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise _not_understood(f"_count is a number up to {MOST}", "_count")
    return min(max(int(text), 1), MOST)


def bundle(
    resources: list[Json], *, base: str, total: int, here: str, next_address: str | None = None
) -> Json:
    links = [{"relation": "self", "url": here}]
    if next_address:
        links.append({"relation": "next", "url": next_address})
    entries = [
        {
            "fullUrl": f"{base}/{each['resourceType']}/{each['id']}",
            "resource": each,
            "search": {"mode": "match"},
        }
        for each in resources
    ]
    found_here: Json = {"resourceType": "Bundle", "type": "searchset", "total": total, "link": links}
    return {**found_here, "entry": entries} if entries else found_here
