"""Finding patients by what FHIR clients ask, a page at a time."""

from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import QueryDict

from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.paging import MANNER, Asked
from patients.merges import in_use
from patients.models import Merge, Patient

MOST = 100
_COMPARED = {"eq": "", "ge": "__gte", "le": "__lte", "gt": "__gt", "lt": "__lt"}


def found(practice, asked: QueryDict) -> QuerySet[Patient]:
    return _found(practice, Asked("Patient", asked, _FILTERS, most=MOST))


def _found(practice, asked: Asked) -> QuerySet[Patient]:
    rows = in_use(Patient.objects.for_practice(practice))
    for name, value in asked.pairs:
        if name in _FILTERS:
            rows = rows.filter(_FILTERS[name](value))
    return rows.order_by("pk")


def names_somebody(asked: QueryDict) -> bool:
    """Whether anything in it says who is meant, and not how to answer."""
    return any(name not in MANNER for name in asked)


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
        issue = Issue("value", "A whole day is needed, like 1948-05-12.", "Patient?birthdate")
        raise Invalid(issue, status=400) from None


_FILTERS = {
    "_id": _by_id,
    "identifier": _by_identifier,
    "name": _by_part("family_name", "given_name"),
    "family": _by_part("family_name"),
    "given": _by_part("given_name"),
    "birthdate": _by_birth,
}


class Page:
    """Some of those found, and where the next ones are."""

    def __init__(self, practice, asked: QueryDict, *, lenient: bool = False):
        self.asked = Asked("Patient", asked, _FILTERS, most=MOST, lenient=lenient)
        rows = _found(practice, self.asked)
        self.total = rows.count()
        if self.asked.after:
            rows = rows.filter(pk__gt=UUID(self.asked.after[-1]))
        some = list(rows[: self.asked.count + 1]) if self.asked.wants_rows else []
        self.rows, self.more = some[: self.asked.count], len(some) > self.asked.count

    def next_address(self, base: str) -> str | None:
        return self.asked.next_address(base, str(self.rows[-1].pk)) if self.more else None
