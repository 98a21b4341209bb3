"""Messages of another system, as the wings of `interchange` hand them over."""

from contextlib import contextmanager

from django.utils import timezone

from foundation.context import ActorKind, acting
from intake import arrivals
from intake.arrivals import Answer, Message
from intake.models import Candidate, PatientImport, Source

SENDER = "Riverbend EHR"
CALLED = {
    "mrn": "PID-3 MRN",
    "family_name": "PID-5 family name",
    "given_name": "PID-5 given name",
    "born_on": "PID-7 date of birth",
    "sex": "PID-8 sex",
    "phone": "PID-13 phone",
}
IDA = {
    "mrn": "N-1",
    "family_name": "Bell",
    "given_name": "Ida",
    "born_on": "19510314",
    "sex": "F",
    "phone": "555-0111",
}
JANE = {"mrn": "T-0001", "family_name": "Doe", "given_name": "Jane", "born_on": "19480512", "sex": "F"}


def message(values: dict, key: str = "M-1", *, source=Source.HL7, sender=SENDER) -> Message:
    fields = {name: (CALLED.get(name, name), text) for name, text in values.items()}
    return Message(source=source, sender=sender, key=key, fields=fields)


@contextmanager
def listener():
    with acting(f"HL7: {SENDER}", kind=ActorKind.IMPORT):
        yield


def came(cast, values: dict, key: str = "M-1", *, at=None, **more) -> Answer:
    with listener():
        return arrivals.receive(cast.practice, message(values, key, **more), at=at or timezone.now())


def waiting_row() -> Candidate:
    return Candidate.objects.select_related("patient_import").get(about__gt="")


def decided(row: Candidate, decision: str, *, by, over=(), reason="She told us.", at=None, seen=None) -> bool:
    seen = seen or arrivals.acts.mark(row)
    with acting(by.label, kind=ActorKind.PERSON, actor_id=by.user_id):
        return arrivals.decide(
            row, decision=decision, taken_over=over, reason=reason, seen=seen, by=by, at=at or timezone.now()
        )


def the_import() -> PatientImport:
    return PatientImport.objects.get()
