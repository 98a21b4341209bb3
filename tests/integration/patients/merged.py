"""A second record of Jane, and merging it as its page does."""

from datetime import date

from django.utils import timezone

from patients import merging
from patients.comparing import compare
from patients.models import Coverage, Merge, Patient
from patients.services import end_enrollment, take_back
from tests import factories
from tests.factories import saved

WHY = "Same card, same address; the second record came with the file."


def second_jane(cast, **more) -> Patient:
    """Jane again, by the name of her first husband, with a phone and another coverage; not enrolled."""
    given = {"phone": "207 555 0147", "language": "French", **more}
    twin = factories.patient(cast.practice, "Dow", "Jane", mrn="T-0009", born_on=date(1948, 5, 12), **given)
    saved(
        Coverage(
            practice=cast.practice,
            patient=twin,
            payer="commercial",
            plan_name="Blue PPO",
            member_id="W1",
            starts_on=date(2026, 1, 1),
        )
    )
    return twin


def merged(
    duplicate: Patient, remaining: Patient, *, by, take: tuple[str, ...] = (), at=None, reason: str = WHY
) -> Merge:
    """What is not taken is kept."""
    at = at or timezone.now()
    choices = {
        line.name: "take" if line.name in take else "keep"
        for line in compare(duplicate, remaining, at=at)
        if line.asked
    }
    seen = merging.mark(duplicate, remaining, at=at)
    return merging.merge(duplicate, remaining, choices=choices, seen=seen, reason=reason, by=by, at=at)


def settle(cast, patient: Patient, *, at=None) -> None:
    """End everything that is open on an enrolled patient without time of an open month."""
    at = at or timezone.now()
    today = cast.practice.today(at)
    for given in patient.assignments.filter(ends_on=None):
        take_back(given, ends_on=today, reason="Moved.", by=cast.rosa, at=at)
    for episode in patient.enrollments.filter(ended_on=None):
        end_enrollment(episode, ended_on=today, reason="A second record.", by=cast.rosa, at=at)
