"""People for trials, and the database connections of those who act in threads of their own."""

from contextlib import contextmanager

from django.db import connection

from accounts.models import Membership
from accounts.permissions import Role
from foundation.context import acting
from patients.models import Patient
from tests import factories
from tests.cast import Cast


def somebody(cast: Cast, name: str) -> Patient:
    """A patient of her own for a trial."""
    person = factories.patient(cast.practice, "Trial", name, mrn=f"C-{name}", born_on=factories.LONG_AGO)
    factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    return person


def nurse(cast: Cast, name: str) -> Membership:
    email = f"{name}@example.test".lower()
    return factories.membership(cast.practice, f"Nurse {name}", Role.NURSE, "RN", email=email)


@contextmanager
def own_connection():
    """Work in a thread of its own."""
    try:
        with acting("system: trial"):
            yield
    finally:
        connection.close()
