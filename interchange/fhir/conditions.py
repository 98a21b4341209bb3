"""`If-None-Exist`: not again what is here under that identifier."""

from collections import defaultdict
from collections.abc import Collection
from urllib.parse import parse_qsl
from uuid import UUID

from foundation.plain_text import has_hidden_characters
from interchange.fhir.outcome import Invalid, Issue
from interchange.fhir.paging import MANNER
from interchange.fhir.resources import key_of
from monitoring.models import IDENTIFIER, Reading

WHERE = "ifNoneExist"
MOST_FIELDS = 20


def condition(question: str) -> str:
    """The key that it names; empty where it asks nothing. Raises `Invalid` where it asks anything else."""
    question = question.partition("?")[2] if "?" in question else question
    if question.count("&") >= MOST_FIELDS:
        raise Invalid(Issue("value", f"Has more than {MOST_FIELDS} fields.", WHERE), status=400)
    pairs = parse_qsl(question)
    asked = [(name, value) for name, value in pairs if name not in MANNER]
    if not asked:
        return ""
    names = {name for name, _ in asked}
    if names != {"identifier"} or len(asked) > 1 or "," in (value := asked[0][1]):
        text = "If-None-Exist is understood with one identifier: identifier=system|value."
        raise Invalid(Issue("not-supported", text, WHERE), status=400)
    system, bar, rest = value.partition("|")
    key = key_of(system, rest) if bar else value
    if not key or len(key) > IDENTIFIER or has_hidden_characters(key):
        raise Invalid(Issue("value", "The identifier is empty, or cannot be one.", WHERE), status=400)
    return key


def here_already(practice, keys: Collection[str]) -> dict[str, list[UUID]]:
    """{key: the readings that have it, whoever sent them}"""
    found = defaultdict(list)
    if keys:
        rows = Reading.objects.for_practice(practice).filter(identifier__in=keys)
        for key, pk in rows.values_list("identifier", "pk"):
            found[key].append(pk)
    return found
