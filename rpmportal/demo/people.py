"""The practice and those who work in it. Six can sign in, all with the same published password."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, Practice, User, staff_kind_of
from accounts.permissions import Role
from accounts.practices import open_practice as open_known_practice
from foundation.context import ActorKind, acting
from foundation.tracked import bulk_create_tracked
from payers.codes import DeviceDates, PlanKind, Usage
from payers.models import Payer
from rpmportal.demo.stage import ZONE

SLUG = "demo"
PASSWORD = "demo-only"
SINCE = date(2024, 1, 1)
NURSES = ("nurse", "second", "third", "fourth")
# With more patients a nurse has no free minute left on her days.
PATIENTS_PER_NURSE = 60


@dataclass(frozen=True, slots=True)
class Person:
    key: str
    name: str
    role: Role
    credential: str = ""
    signs_in: bool = True
    npi: str = ""
    employer: str = ""

    @property
    def email(self) -> str:
        return f"{self.key}@demo.test" if self.signs_in else f"{self.key}.nurse@demo.test"


PEOPLE = (
    Person("nurse", "Nora Demo-Nurse", Role.NURSE, "RN"),
    Person("second", "Ned Demo-Second", Role.NURSE, "LPN", signs_in=False),
    Person("third", "Nina Demo-Third", Role.NURSE, "RN", signs_in=False),
    Person("fourth", "Noel Demo-Fourth", Role.NURSE, "MA", signs_in=False, employer="Demo Staffing"),
    Person("lead", "Lea Demo-Lead", Role.LEAD_NURSE, "RN"),
    Person("physician", "Phil Demo-Physician", Role.QHP, "MD", npi="1245319599"),
    Person("biller", "Bea Demo-Biller", Role.BILLER),
    Person("auditor", "Aud Demo-Auditor", Role.AUDITOR),
    Person("admin", "Ada Demo-Admin", Role.ADMINISTRATOR),
)

PAYERS = (
    {
        "slug": "medicare",
        "name": "Medicare Part B",
        "kind": PlanKind.MEDICARE,
        "filing_code": "MB",
        "payer_id": "DEMO01",
        "usage": Usage.PRODUCTION,
    },
    {
        "slug": "medicare-advantage",
        "name": "Demo Medicare Advantage",
        "kind": PlanKind.MEDICARE_ADVANTAGE,
        "filing_code": "16",
        "payer_id": "DEMO02",
        "accepts_replacement": True,
    },
    {
        "slug": "commercial",
        "name": "Demo Commercial",
        "kind": PlanKind.COMMERCIAL,
        "filing_code": "CI",
        "payer_id": "DEMO03",
        "accepts_replacement": True,
        "device_dates": DeviceDates.LAST_DAY,
        "place_of_service": "10",
    },
)

Team = dict[str, Membership]


def nurses(patients: int) -> tuple[str, ...]:
    """The keys of the nurses who care for so many patients: the four of the manual, and more in a large practice."""
    wanted = -(-patients // PATIENTS_PER_NURSE)
    return NURSES + tuple(f"nurse-{number}" for number in range(len(NURSES) + 1, wanted + 1))


def staff(patients: int) -> tuple[Person, ...]:
    more = nurses(patients)[len(NURSES) :]
    return PEOPLE + tuple(
        Person(key, f"Nan Demo-{key.title()}", Role.NURSE, "RN", signs_in=False) for key in more
    )


def open_practice(patients: int) -> tuple[Practice, Team]:
    """The practice with everybody who works there, for so many patients."""
    practice = open_known_practice(
        name="River Bend Demo Practice",
        slug=SLUG,
        time_zone=ZONE,
        starts_on=SINCE,
        npi="1234567893",
        tax_id="00-0000000",
        taxonomy="207RC0000X",
        address="1 Invented Way",
        city="Demotown",
        state="MA",
        zip_code="02110-0000",
        phone="617-555-0100",
    )
    bulk_create_tracked([Payer(practice=practice, **payer) for payer in PAYERS])
    # One hash for all: it protects nothing, the password is in the manual, and hashing is slow on purpose.
    known, nobody = make_password(PASSWORD), make_password(None)
    people = staff(patients)
    users = [User(email=p.email, name=p.name, password=known if p.signs_in else nobody) for p in people]
    return practice, _team(practice, people, bulk_create_tracked(users))


def _team(practice: Practice, people: Sequence[Person], users: list[User]) -> Team:
    """The physician supervises who is employed elsewhere."""
    members = [
        Membership(
            practice=practice,
            user=user,
            role=person.role,
            credential=person.credential,
            staff_kind=staff_kind_of(person.role),
            npi=person.npi,
            employer=person.employer,
            starts_on=SINCE,
        )
        for person, user in zip(people, users, strict=True)
    ]
    supervisor = next(m for m in members if m.role == Role.QHP)
    for member in members:
        member.supervised_by = supervisor if member.employer else None
    team = dict(zip((p.key for p in people), members, strict=True))
    bulk_create_tracked(sorted(members, key=lambda m: m is not supervisor))
    return team


def signed_by(member: Membership, *, reason: str = ""):
    """Everything written inside is this person's doing."""
    return acting(member.label, kind=ActorKind.PERSON, actor_id=member.user_id, reason=reason)
