"""What programs are answered: resources, and for everything else an OperationOutcome that says why."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpResponse

from foundation.programs import Refusal
from foundation.refusals import Refused

CONTENT_TYPE = "application/fhir+json; charset=utf-8"
Json = dict


@dataclass(frozen=True, slots=True)
class Issue:
    """`code`: one of FHIR's issue types; `where`: the element at fault, as a FHIRPath. No value of a patient in it."""

    code: str
    text: str
    where: str = ""
    severity: str = "error"

    def as_json(self) -> Json:
        said = {"severity": self.severity, "code": self.code, "details": {"text": self.text}}
        return {**said, "expression": [self.where]} if self.where else said


class Invalid(Refused):
    """What was sent is refused, with every issue that was found in it."""

    def __init__(self, *issues: Issue, status: int = 422):
        super().__init__(issues[0].text)
        self.issues, self.status = issues, status


def outcome(issues: Iterable[Issue]) -> Json:
    return {"resourceType": "OperationOutcome", "issue": [issue.as_json() for issue in issues]}


def respond(data: Json, *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    body = json.dumps(data, cls=DjangoJSONEncoder, ensure_ascii=False)
    return HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=headers)


def told(*issues: Issue, status: int) -> HttpResponse:
    return respond(outcome(issues), status=status)


def answer(request, refusal: Refusal) -> HttpResponse:
    """As an `Answer` of `foundation.programs`."""
    issue = Issue(refusal.code, refusal.message, refusal.where)
    return respond(outcome([issue]), status=refusal.status, headers=refusal.headers)
