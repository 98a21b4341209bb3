"""Every list of a practice costs the same whether 26 patients are behind it or sixty: in queries, in rows read from
the database, and in the size of the page."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.urls import reverse

from accounts.models import Membership
from accounts.permissions import Role
from billing.close import acts as close
from boards.refresh import rebuild
from dispatch.notices import notify
from escalations import acts, silence
from foundation.context import acting
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, work
from timelogs.note import drafts

pytestmark = pytest.mark.django_db

SIZES = (26, 60)
LARGEST = 60_000
# Here each of the 25 is silent, out of range, escalated, drafted and due for review at once, which no caseload is.
LARGEST_OF = {"caseload": 70_000}
AT = APRIL_5 + timedelta(hours=1)


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(AT, tick=True):
        yield


@dataclass
class Seen:
    queries: int = 0
    rows: int = 0

    def __call__(self, execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        self.queries += 1
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            self.rows += max(context["cursor"].rowcount, 0)
        return answer


@dataclass
class Practice:
    """One of so many patients; each is silent, out of range, escalated, has a draft of the nurse, and a claim."""

    staff: dict[str, Membership]
    patients: list

    def who(self, name: str) -> Membership:
        return self.staff[name]


def crowd(where, prefix: str, size: int) -> Practice:
    roles = {
        "rosa": Role.NURSE,
        "lena": Role.LEAD_NURSE,
        "ana": Role.QHP,
        "cora": Role.BILLER,
        "omar": Role.AUDITOR,
    }
    staff = {
        name: factories.membership(
            where, f"{name.title()} {prefix}", role, "RN", email=f"{name}@{prefix}.test"
        )
        for name, role in roles.items()
    }
    with factories.together():
        people = [_patient(where, number) for number in range(size)]
        for person in people:
            factories.enrollment(person, clinician=staff["ana"], taken_by=staff["rosa"])
    for person in people:
        factories.readings(person, datetime(2026, 3, 1, tzinfo=UTC).date(), 2, systolic=158)
    return Practice(staff, people)


def _patient(where, number: int):
    born_on = datetime(1950, 1, 1).date() + timedelta(days=number)
    return factories.patient(where, f"Many{number:03}", "Ann", mrn=f"M-{number:04}", born_on=born_on)


def work_on(where, found: Practice) -> None:
    rosa, lena = found.who("rosa"), found.who("lena")
    with acting("system: silent patients"):
        silence.watch(where, at=AT)
    for number, person in enumerate(found.patients):
        acts.escalate(person, ask="Call her today?", severity="warning", to=lena, by=rosa, at=AT)
        starts_at = AT - timedelta(days=30) + timedelta(minutes=10 * number)
        drafts.log_past(
            person, starts_at=starts_at, seconds=300, reason="Forgot to press start.", by=rosa, at=AT
        )
        text = f"{person}: care plan version 1. Review by 20-Apr-2026."
        notify(
            where,
            [lena.user],
            kind="plan-review",
            cause=f"test:{person.pk}",
            text=text,
            url="/",
            patient_id=person.pk,
            email=False,
        )


@pytest.fixture
def practices(cast) -> dict[int, Practice]:
    """Two new ones, so that neither tells anything of the other."""
    found = {}
    for size in SIZES:
        where = factories.practice(f"Practice of {size}", f"of-{size}", npi="1234567893")
        found[size] = crowd(where, f"of{size}", size)
        work_on(where, found[size])
        close.start_close(where, MARCH, by=found[size].who("cora"), at=APRIL_5)
        work()
        rebuild(where, at=AT)
    return found


PAGES = [
    ("rosa", "caseload", ""),
    ("rosa", "caseload", "?show=silent&whose=me&condition=hypertension&device=bp_cuff&page=2"),
    ("cora", "caseload", ""),
    ("rosa", "boards:updates", ""),
    ("rosa", "timelogs:my_sessions", ""),
    ("lena", "timelogs:my_sessions", ""),
    ("lena", "escalations:inbox", ""),
    ("rosa", "escalations:inbox", "?tab=others"),
    ("rosa", "escalations:silent", ""),
    ("lena", "dispatch:inbox", ""),
    ("lena", "patients:duplicates", ""),
    ("lena", "patients:ranges_to_review", "?when=soon"),
    ("ana", "patients:signatures", ""),
    ("omar", "audit:history", ""),
    ("omar", "audit:access", ""),
    ("cora", "month_board", ""),
    ("cora", "billing:queue", "?state="),
    ("omar", "billing:duties", ""),
    ("cora", "boards:month_patients", "?state=attention"),
]
OF_A_MONTH = {"month_board", "billing:queue", "billing:duties", "boards:month_patients"}


def visit(client, member: Membership, route: str, query: str):
    client.force_login(member.user)
    args = [MARCH] if route in OF_A_MONTH else []
    url = reverse(route, args=args) + query
    client.get(url)
    cache.clear()
    with connection.execute_wrapper(seen := Seen()):
        answer = client.get(url)
    assert answer.status_code == 200
    return seen, len(answer.content)


def test_no_list_grows_with_the_practice(client, practices):
    grown = []
    for who, route, query in PAGES:
        few, many = (visit(client, practices[size].who(who), route, query) for size in SIZES)
        told = f"{route}{query} for {who}: {few} {many}"
        if few[0] != many[0] or abs(many[1] - few[1]) > 1500 or many[1] > LARGEST_OF.get(route, LARGEST):
            grown.append(told)
    assert not grown, "\n".join(grown)
