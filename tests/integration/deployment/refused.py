"""Rows with a named patient that the database refuses, one for each way in which it can."""

from datetime import date
from uuid import uuid4

from django.db import connection
from django.http import HttpResponse
from django.urls import path

from accounts.permissions import public
from foundation.practice_scope import every_practice
from patients.models import Coverage, Enrollment, Patient
from rpmportal.urls import *  # noqa: F403
from rpmportal.urls import handler500, urlpatterns  # noqa: F401

FAMILY, GIVEN, MRN, MEMBER = "Quillfeather", "Zenobia", "ZQ-778101", "7QZ8QQ9ZZ10"
BORN = date(1913, 3, 17)
SECRETS = (FAMILY, FAMILY.upper(), GIVEN, MRN, MEMBER, "1913-03-17", "/1913", "Mar 1913", "17 Mar")
WHO = {"family_name": FAMILY, "given_name": GIVEN, "born_on": BORN, "sex": "F", "mrn": MRN}


def ask(sql: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)


def zenobia() -> Patient:
    return Patient.objects.get(mrn=MRN)


def another(**changes) -> None:
    Patient(practice=zenobia().practice, **{**WHO, **changes}).save()


def strange_practice() -> None:
    ask("SET CONSTRAINTS ALL IMMEDIATE")
    Patient(practice_id=uuid4(), **WHO).save()


def ends_before_it_starts() -> None:
    own = {"practice": zenobia().practice, "patient": zenobia(), "payer": "medicare"}
    Coverage(**own, member_id=MEMBER, plan_name=GIVEN, starts_on=BORN, ends_on=date(1912, 1, 1)).save()


def enrolled_twice() -> None:
    own = {"practice": zenobia().practice, "patient": zenobia()}
    for _ in range(2):
        Enrollment(**own, necessity=f"{GIVEN} {FAMILY}", started_on=BORN).save()


def copied_in() -> None:
    # Into a table without a policy: into the others the app role may not copy at all.
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY accounts_user (name, id) FROM STDIN") as copy,
    ):
        copy.write(f"{FAMILY}\t{GIVEN}\n")


PROVOKED = {
    "unique": another,
    "not null": lambda: another(given_name=None),
    "foreign key": strange_practice,
    "check": ends_before_it_starts,
    "exclusion": enrolled_twice,
    "too long": lambda: another(mrn=MRN * 9),
    "trigger": lambda: ask(
        "UPDATE patients_historicalpatient SET mrn = %s WHERE family_name = %s", MRN, FAMILY
    ),
    "no right": lambda: ask("DELETE FROM patients_patient WHERE family_name = %s", FAMILY),
    "no date": lambda: ask("SELECT %s::date", FAMILY),
    "no such day": lambda: ask("SELECT '1913-03-17 99:00'::timestamp"),
    "no number": lambda: ask("SELECT %s::int", MRN),
    "no uuid": lambda: ask("SELECT %s::uuid", MRN),
    "no json": lambda: ask("SELECT %s::jsonb", f'{{"mrn": {MRN}}}'),
    "no sentence": lambda: ask(f"SELECT {FAMILY} {GIVEN} {GIVEN}"),
    "too slow": lambda: ask("SET LOCAL statement_timeout = 1; SELECT pg_sleep(9), %s", FAMILY),
    "raised": lambda: ask(f"DO $$ BEGIN RAISE EXCEPTION 'no {FAMILY}'; END $$"),
    "warned": lambda: ask(f"DO $$ BEGIN RAISE WARNING 'no {FAMILY}'; END $$; SELECT 1 / 0"),
    "copied": copied_in,
}


@public
def provoke(request, kind):
    # Past the second wall, whose refusals quote nothing.
    with every_practice():
        PROVOKED[kind]()
    return HttpResponse()


urlpatterns = [*urlpatterns, path("provoke/<str:kind>/", provoke)]
