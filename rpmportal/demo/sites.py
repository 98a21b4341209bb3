"""Two sites: the office, and a clinic in the hospital where every sixth patient is cared for since her enrollment."""

from collections.abc import Iterable

from accounts.models import Practice
from foundation.tracked import bulk_create_tracked
from patients.models import Enrollment, PatientSite, Site
from rpmportal.demo.people import SINCE, Team, signed_by

EVERY = 6


def write(practice: Practice, team: Team, episodes: Iterable[Enrollment]) -> None:
    with signed_by(team["admin"], reason="Where the practice works."):
        office = _site(
            practice, "Demotown office", "11", main=True, address="1 Invented Way", zip_code="02110-0000"
        )
        office.save()
        clinic = _site(practice, "Hospital clinic", "22", address="9 Pretended Street", zip_code="02110-0009")
        clinic.save()
        there = [
            PatientSite(practice=practice, patient=each.patient, site=clinic, starts_on=each.started_on)
            for number, each in enumerate(episodes, start=1)
            if number % EVERY == 0
        ]
        bulk_create_tracked(there)


def _site(practice: Practice, name: str, place: str, *, main: bool = False, **more: str) -> Site:
    own = {"practice": practice, "city": "Demotown", "state": "MA", "starts_on": SINCE, "why": "Opened."}
    return Site(name=name, place_of_service=place, main=main, **own, **more)
