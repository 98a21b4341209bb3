"""Files of patients, opened and matched as the pages do it."""

from django.utils import timezone

from dispatch.models import OutboxMessage
from dispatch.outbox import deliver
from intake import acts, taking
from intake.covering import choosable
from intake.models import Candidate, PatientImport

HEADER = "MRN,Last name,First name,DOB,Sex,Phone"
CHOSEN = ["mrn", "family_name", "given_name", "born_on", "sex", "phone"]
JANE = "T-0001,Doe,Jane,1948-05-12,F,"
NEW = "N-1,Bell,Ida,3/14/1951,female,555-0111"


def csv(*lines: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *lines]).encode()


def opened(by, content: bytes, *, at=None) -> PatientImport:
    return acts.open_csv(content, file_name="patients.csv", by=by, at=at or timezone.now())


def matched(by, *lines: str, header: str = HEADER, chosen=None, at=None) -> PatientImport:
    """The file, its columns chosen and its rows matched."""
    at = at or timezone.now()
    found = opened(by, csv(*lines, header=header), at=at)
    return acts.choose_columns(found, chosen or CHOSEN, by=by, at=at)


def row(found: PatientImport, number: int = 2) -> Candidate:
    return Candidate.objects.get(patient_import=found, number=number)


def decided(found: PatientImport, number: int, decision: str, *, by, reason="As she told us.", fields=None):
    one = row(found, number)
    over = choosable(one.differs) if fields is None else fields
    return acts.decide(one, decision=decision, taken_over=over, reason=reason, seen=acts.mark(one), by=by)


def work() -> int:
    """Do what the outbox holds of imports, to the end: how many messages."""
    done = 0
    while waiting := OutboxMessage.objects.filter(topic="intake.take_in", done_at=None).first():
        deliver(waiting.pk)
        done += 1
    return done


def taken_in(found: PatientImport, *, by, everything: bool = True) -> PatientImport:
    taking.start(found, everything=everything, by=by)
    work()
    return PatientImport.objects.get(pk=found.pk)
