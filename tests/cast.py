"""The people of every test: one practice with every role and two patients, and somebody from elsewhere."""

from dataclasses import dataclass
from datetime import date

import pytest
import time_machine
from django.db import connection

from accounts.models import Membership, Practice, User
from accounts.permissions import Role
from patients.models import Enrollment, Patient
from tests import factories
from tests.databases import filled, may_skip_triggers
from tests.saved_rows import Saved, Worlds

PASSWORD = "correct horse battery"


@dataclass
class Cast:
    """`rosa_the_nurse` and the others are users; `rosa`, `lena`… are their memberships."""

    practice: Practice
    elsewhere: Practice
    rosa: Membership  # nurse
    luis: Membership  # nurse
    lena: Membership  # lead nurse
    ana: Membership  # physician
    cora: Membership  # biller
    omar: Membership  # auditor
    ade: Membership  # administrator
    dan: Membership  # nurse in the other practice
    dora: Membership  # biller in the other practice
    jane: Patient
    max: Patient
    nora: Patient  # patient of the other practice
    jane_enrolled: Enrollment
    max_enrolled: Enrollment
    nora_enrolled: Enrollment

    def user(self, name: str) -> User:
        return getattr(self, name).user


class SavedCast:
    """Made once for a worker, put back for each later test that rolls back: with half of the work.

    Made anew where rows are committed, for another process may still know those of the test before by their ids; where
    time is not today's, for the rows tell it; and on a server where rows cannot be put back.
    """

    def __init__(self):
        self._rows: Saved | None = None

    def people(self) -> Cast:
        if not connection.in_atomic_block or time_machine.traveller_stack or not may_skip_triggers():
            return make_cast()
        if self._rows is None:
            # Beside other rows of the test these would be kept too.
            if filled():
                return make_cast()
            self._rows = Saved(past_triggers=False)
        return self._rows.made_by(make_cast)


@pytest.fixture(scope="session")
def kept_cast() -> SavedCast:
    return SavedCast()


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    """What takes a second to make and is wanted by many tests of a module: `worlds.of(make)`."""
    return Worlds()


@pytest.fixture
def cast(db, kept_cast) -> Cast:
    return kept_cast.people()


def make_cast() -> Cast:
    with factories.together():
        return _everybody()


def _everybody() -> Cast:
    practice = factories.practice("Maple Test Practice", "maple")
    elsewhere = factories.practice("Elsewhere Practice", "elsewhere", npi="1987654328")
    people = {
        "rosa": (practice, "Rosa Nguyen", Role.NURSE, "RN"),
        "luis": (practice, "Luis Ortiz", Role.NURSE, "LPN"),
        "lena": (practice, "Lena Lead", Role.LEAD_NURSE, "RN"),
        "ana": (practice, "Ana Rivera", Role.QHP, "MD"),
        "cora": (practice, "Cora Biller", Role.BILLER, ""),
        "omar": (practice, "Omar Auditor", Role.AUDITOR, ""),
        "ade": (practice, "Ade Admin", Role.ADMINISTRATOR, ""),
        "dan": (elsewhere, "Dan Elsewhere", Role.NURSE, "RN"),
        "dora": (elsewhere, "Dora Elsewhere", Role.BILLER, ""),
    }
    members = {
        key: factories.membership(where, name, role, credential, email=f"{key}@example.test")
        for key, (where, name, role, credential) in people.items()
    }
    doctor_elsewhere = factories.membership(elsewhere, "Dr Far", Role.QHP, "MD", email="far@example.test")
    jane = factories.patient(practice, "Doe", "Jane", mrn="T-0001", born_on=date(1948, 5, 12))
    max_ = factories.patient(practice, "Roe", "Max", mrn="T-0002", born_on=date(1944, 2, 1), sex="M")
    nora = factories.patient(elsewhere, "Noe", "Nora", mrn="T-0001", born_on=date(1950, 7, 7))
    return Cast(
        practice=practice,
        elsewhere=elsewhere,
        **members,
        jane=jane,
        max=max_,
        nora=nora,
        jane_enrolled=factories.enrollment(jane, clinician=members["ana"], taken_by=members["rosa"]),
        max_enrolled=factories.enrollment(max_, clinician=members["ana"], taken_by=members["rosa"]),
        nora_enrolled=factories.enrollment(nora, clinician=doctor_elsewhere, taken_by=members["dan"]),
    )
