"""A Bundle of Observations: what each entry asks for, and what all of them are answered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from uuid import UUID

from fhir.resources.R4B.bundle import BundleEntry, BundleEntryRequest

from interchange.fhir import plain
from interchange.fhir.conditions import condition
from interchange.fhir.observations_in import Became, Sent
from interchange.fhir.outcome import Invalid, Issue, Json, outcome
from interchange.fhir.reading import built, check_modified, model_of

MOST_ENTRIES = 500
KINDS = ("batch", "transaction")
ENTRY = "Bundle.entry"


@dataclass
class Entries:
    """Those that can be read, by their places, and what is wrong with the others."""

    kind: str
    count: int
    sent: dict[int, Sent] = field(default_factory=dict)
    refused: dict[int, Became] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        return self.kind == "transaction"


def entries_of(data) -> Entries:
    """Raises `Invalid` where it is no Bundle that is taken in here."""
    envelope = (
        {name: part for name, part in data.items() if name != "entry"} if isinstance(data, dict) else {}
    )
    bundle = model_of(envelope, "Bundle")
    if bundle.type not in KINDS:
        issue = Issue("not-supported", "A bundle of type batch or transaction is taken in.", "Bundle.type")
        raise Invalid(issue, status=400)
    entries = data.get("entry", [])
    if not isinstance(entries, list):
        raise Invalid(Issue("structure", "This must be a list.", "Bundle.entry"), status=400)
    if len(entries) > MOST_ENTRIES:
        text = f"The bundle has {len(entries)} entries. Send at most {MOST_ENTRIES} in a request."
        raise Invalid(Issue("too-long", text, "Bundle.entry"), status=413)
    found = Entries(bundle.type, len(entries))
    for place, entry in enumerate(entries):
        try:
            found.sent[place] = _sent(entry)
        except Invalid as invalid:
            found.refused[place] = Became.refused(invalid)
    return found


def _sent(entry) -> Sent:
    request = plain.request(entry) or _request(entry)
    address, _, question = (request.url or "").partition("?")
    if request.method != "POST" or address.strip("/").rpartition("/")[2] != "Observation":
        text = "Only POST of an Observation is taken in by a bundle. Send everything else by itself."
        raise Invalid(Issue("not-supported", text, f"{ENTRY}.request"), status=405)
    if request.ifMatch or request.ifModifiedSince:
        raise _bad("not-supported", "Of conditions only ifNoneExist is understood here.", f"{ENTRY}.request")
    data = entry.get("resource")
    sent = plain.observation(data) or model_of(data, "Observation")
    return Sent(sent, condition(request.ifNoneExist or question))


def _request(entry) -> BundleEntryRequest:
    if not isinstance(entry, dict):
        raise _bad("structure", "This must be an object.", ENTRY)
    envelope = {name: part for name, part in entry.items() if name != "resource"}
    check_modified(envelope, ENTRY)
    if (request := built(envelope, BundleEntry, ENTRY).request) is None:
        raise _bad(
            "required", "What to do is needed: request with method POST and url Observation.", "request"
        )
    return request


def _bad(code: str, text: str, where: str) -> Invalid:
    return Invalid(Issue(code, text, where), status=400)


def refusal_of(became: Mapping[int, Became]) -> Invalid:
    """Of a transaction, with all that is wrong and where in it. Nothing of it was written."""
    wrong = {place: one for place, one in became.items() if one.status >= 400}
    issues = [_placed(place, issue) for place, one in sorted(wrong.items()) for issue in one.issues]
    status = 422 if {one.status for one in wrong.values()} == {422} else 400
    return Invalid(*issues, status=status)


def _placed(place: int, issue: Issue) -> Issue:
    """`Bundle.entry[3].resource.valueQuantity`"""
    entry = f"Bundle.entry[{place}]"
    for start, inside in ((f"{ENTRY}.", ""), ("Observation", "resource")):
        if issue.where.startswith(start):
            return replace(issue, where=f"{entry}.{inside}{issue.where.removeprefix(start)}")
    return replace(issue, where=f"{entry}.{issue.where}".rstrip("."))


def answer_to(
    entries: Entries, became: Mapping[int, Became], versions: Mapping[UUID, int], *, base: str
) -> Json:
    answers = list(_answers(entries, became, versions, base))
    found: Json = {"resourceType": "Bundle", "type": f"{entries.kind}-response"}
    return {**found, "entry": answers} if answers else found


def _answers(
    entries: Entries, became: Mapping[int, Became], versions: Mapping[UUID, int], base: str
) -> Iterator[Json]:
    for place in range(entries.count):
        one = became[place]
        said: Json = {"status": f"{one.status} {HTTPStatus(one.status).phrase}"}
        if one.status < 400 and one.reading_id:
            said["location"] = f"{base}/Observation/{one.reading_id}"
            said["etag"] = f'W/"{versions[one.reading_id]}"'
        if one.issues:
            said["outcome"] = outcome(one.issues)
        yield {"response": said}


def ids_of(became: Iterable[Became]) -> set[UUID]:
    return {one.reading_id for one in became if one.reading_id and one.status < 400}
