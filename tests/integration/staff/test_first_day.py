"""A new server: opened once, by who has its code; then from an empty database to a claim, by the pages alone."""

import re
from datetime import UTC, datetime
from io import StringIO
from threading import Barrier, Thread
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Practice, PracticeIdentity, User
from billing.models import Claim
from foundation.refusals import Refused
from monitoring.models import Reading
from patients.models import Patient
from staff import first_day
from tests.integration.billing.months import work
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, text_of
from timelogs.models import TimeEntry

FIRST = "/first-day/"
PASSWORD = "otter quilt lantern seven"


def given(**more) -> dict:
    return {
        "code": first_day.set_up_code(),
        "practice_name": "Cedar Lake Internal Medicine",
        "npi": "1234567893",
        "time_zone": "America/Chicago",
        "name": "Ada Opens",
        "email": "Ada@cedar.example",
        "password": PASSWORD,
        **more,
    }


def opened(client=None) -> Membership:
    assert (client or Client()).post(FIRST, given()).status_code == 303
    return Membership.objects.select_related("practice", "user").get(role="administrator")


def sign_in(email: str) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"username": email, "password": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/")
    return client


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


# Opening ---------------------------------------------------------------------------------------------------------


def test_an_empty_server_says_so_and_opens_once(db, client):
    assert 'href="/first-day/"' in client.get("/sign-in/").content.decode()
    member = opened(client)
    assert (member.user.email, member.role, member.practice.slug) == (
        "ada@cedar.example",
        "administrator",
        "cedar-lake-internal-medicine",
    )
    assert member.practice.history.get().history_change_reason == "opened the practice"
    assert client.get(FIRST).status_code == 404
    assert client.post(FIRST, given()).status_code == 404
    assert "/first-day/" not in client.get("/sign-in/").content.decode()


@pytest.mark.parametrize("code", ["", "0000-0000-0000", "０００００００００００0"])
def test_without_the_servers_code_a_stranger_opens_nothing(db, client, code):
    answer = client.post(FIRST, given(code=code))
    assert answer.status_code == 422
    assert 'value="Cedar Lake Internal Medicine"' in text_of(answer)
    assert not Practice.objects.exists()


def test_wrong_codes_count_against_their_address(db, client):
    """Ten in ten seconds, as passwords; then the right one waits as well. Somebody else's address does not."""
    answers = [client.post(FIRST, given(code=f"guess-{n}")).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]
    assert client.post(FIRST, given()).status_code == 429
    assert client.post(FIRST, given(), REMOTE_ADDR="192.0.2.77").status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"npi": "1234567890"}, "pass its check digit"),
        ({"password": "123456789012"}, "This password is a pattern"),
        ({"password": "ada@cedar.example"}, "too similar to the email"),
        ({"practice_name": " "}, "Enter the name of the practice."),
        ({"email": "ada"}, "like name@practice.example"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"name": "Ada\u202eOpens"}, "Your name"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(db, client, typed, sentence):
    answer = client.post(FIRST, given(**typed))
    assert (answer.status_code, sentence in text_of(answer)) == (422, True), text_of(answer)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_browsers_at_once_one_opens_it():
    barrier, found = Barrier(2), []
    first = {"practice_name": "A", "npi": "1234567893", "time_zone": "America/Chicago", "name": "n"}

    def one(number: int):
        each = first_day.FirstPractice(**first, email=f"a{number}@cedar.example", password=PASSWORD)
        barrier.wait()
        try:
            found.append(first_day.open_first_practice(each, at=timezone.now()))
        except Refused:
            found.append(None)
        connection.close()

    threads = [Thread(target=one, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(each is None for each in found) == [False, True]
    assert (Practice.objects.count(), User.objects.count()) == (1, 1)


def test_the_server_prints_its_code_until_there_is_a_practice(db, settings):
    settings.SITE_URL = "https://portal.example"
    said = StringIO()
    call_command("practice", stdout=said)
    assert (
        f"https://portal.example/first-day/ and enter the set-up code {first_day.set_up_code()}"
        in said.getvalue()
    )
    opened()
    with pytest.raises(CommandError, match="This server has its practice already"):
        call_command("practice")


def test_another_secret_has_another_code(settings):
    before = first_day.set_up_code()
    settings.SECRET_KEY = "another " * 8
    assert first_day.set_up_code() != before


# The identity ----------------------------------------------------------------------------------------------------

IDENTITY = {
    "name": "Cedar Lake Internal Medicine",
    "npi": "1234567893",
    "tax_id": "123456789",
    "taxonomy": "207r00000x",
    "address": "1 Lake Road",
    "city": "Cedar Lake",
    "state": "il",
    "zip_code": "606010001",
    "phone": "",
    "why": "first day",
}


@pytest.fixture
def ada(db):
    opened()
    return sign_in("ada@cedar.example")


def test_the_first_identity_is_completed_from_its_first_day_on(ada):
    today = Practice.objects.get().today()
    step = re.search(
        r'href="(/practice/identity/[^"]+)">Complete the identity', ada.get("/").content.decode()
    )
    assert step[1] == f"/practice/identity/?starts_on={today}"
    assert send(ada, "/practice/identity/", **IDENTITY, starts_on=str(today), version=1).status_code == 303
    row = PracticeIdentity.objects.get()
    assert (row.npi, row.tax_id, row.version) == ("1234567893", "12-3456789", 2)


# From nothing to a claim ---------------------------------------------------------------------------------------


def titles(client) -> list[str]:
    return re.findall(r"<li><b>([^<]+)\.</b>", client.get("/").content.decode())


def comes_in(ada, role: str, name: str, email: str, credential: str = "", npi: str = "") -> Client:
    typed = {"name": name, "email": email, "role": role, "credential": credential, "npi": npi}
    answer = send(ada, "/people/invite/", **typed, starts_on=Practice.objects.get().today().isoformat())
    assert answer.status_code == 303, text_of(answer)
    work()
    link = re.search(r"(/invitation/\S+)", mail.outbox[-1].body)[1]
    assert Client().post(link, {"password": PASSWORD, "again": PASSWORD}).status_code == 303
    return sign_in(email)


def enrolls(nurse) -> Patient:
    nora, finch = (str(Membership.objects.get(role=role).pk) for role in ("nurse", "qhp"))
    typed = {
        "family_name": "Sample",
        "given_name": "Pat",
        "born_on": "1951-03-04",
        "sex": "F",
        "mrn": "T-0100",
        "started_on": "2026-03-02",
        "payer": "medicare",
        "plan_name": "Medicare B",
        "member_id": "1eg4-te5-mk73",
        "coverage_on": "2026-01-01",
        "ordering": finch,
        "supervising": finch,
        "diagnoses": "I10",
        "necessity": "Pressure stays high after two changes of medicine.",
        "last_visit_on": "2026-02-20",
        "consent_on": "2026-03-02",
        "consent_method": "verbal",
        "consent_wording": "2026-01",
        "consent_taken_by": nora,
        "order_by": finch,
        "order_text": "Remote monitoring of blood pressure.",
        "bp_high": "130",
        "bp_second_high": "80",
        "plan_goals": "Below 130/80.",
        "plan_actions": "Measure twice a day.",
        "kind": "bp_cuff",
        "serial": "A-77",
        "basis": "510(k) K000001",
        "device_on": "2026-03-02",
        "setup_on": "2026-03-02",
        "setup_by": nora,
    }
    answer = send(nurse, "/patients/new/", **typed)
    assert answer.status_code == 303, text_of(answer)
    return Patient.objects.get(mrn="T-0100")


def reads_and_signs(physician) -> None:
    """The order and the plan that the nurse wrote: each opened, then both signed."""
    page = physician.get("/signatures/").content.decode()
    assert "Sign what is ticked" not in page
    for link in sorted(set(re.findall(r'"(/signatures/[0-9a-f-]{36}/)"', page))):
        assert physician.get(link).status_code == 200
    marks = re.findall(r'name="papers" value="([^"]+)"', physician.get("/signatures/").content.decode())
    assert len(marks) == 2
    assert send(physician, "/signatures/sign/", papers=marks).status_code == 303


def imports_readings(nurse) -> None:
    """Eighteen mornings of the cuff, by the import page: looked at, then taken in."""
    header = "serial,mrn,measure,taken_at,value,second_value\n"
    rows = [
        f"A-77,,blood_pressure,2026-03-{day:02d}T08:00:00-06:00,13{day % 10},84\n" for day in range(3, 21)
    ]
    page = nurse.get("/readings/import/")
    fields = {"operation_id": page.context["form"]["operation_id"].value()}
    file = SimpleUploadedFile("march.csv", (header + "".join(rows)).encode())
    looked = nurse.post("/readings/import/", {**fields, "file": file})
    assert looked.status_code == 303, text_of(looked)
    check = nurse.get(looked.url)
    typed = {"operation_id": check.context["form"]["operation_id"].value()}
    assert nurse.post(looked.url, typed).status_code == 303
    assert Reading.objects.count() == 18


def logs_a_call(nurse, patient) -> None:
    typed = {"day": "2026-03-10", "starts": "09:00", "minutes": "22", "reason": "Entered at noon."}
    answer = send(nurse, f"/patients/{patient.pk}/sessions/new/", **typed)
    assert answer.status_code == 303, text_of(answer)
    entry = TimeEntry.objects.get()
    note = {
        **GOOD_NOTE,
        "data_reviewed": "",
        "no_data_reason": "The cuff sent nothing yet.",
        "contact_seconds": "20:00",
    }
    typed = form_of(entry, **note, minutes="22 min", minutes_shown="22 min")
    answer = nurse.post(f"/sessions/{entry.pk}/sign/", typed)
    assert answer.status_code == 303, text_of(answer)


def test_from_an_empty_database_to_a_first_claim(db):
    with time_machine.travel(datetime(2026, 3, 2, 15, tzinfo=UTC)):
        opened()
        ada = sign_in("ada@cedar.example")
        assert titles(ada) == [
            "Identity",
            "People",
            "Payers",
            "Policies",
            "Patients",
            "Devices",
            "First session",
        ]
        send(ada, "/practice/identity/", **IDENTITY, starts_on="2026-03-02", version=1)
        assert titles(ada)[0] == "People"
        nurse = comes_in(ada, "nurse", "Nora Nurse", "nora@cedar.example", "RN")
        physician = comes_in(ada, "qhp", "Finch Far", "finch@cedar.example", "MD", "1245319599")
        assert "as a biller." in ada.get("/").content.decode()
        comes_in(ada, "biller", "Bo Biller", "bo@cedar.example")
        assert titles(ada)[0] == "Payers"
        assert "No payer yet." in ada.get("/").content.decode()
        assert send(ada, "/payers/usual/").status_code == 303
        assert titles(ada)[0] == "Policies"
        day = {"value": "5", "starts_on": "2026-03-02", "why": "Time to sign."}
        assert send(ada, "/policies/close_day/change/", **day).status_code == 303
        patient = enrolls(nurse)
        reads_and_signs(physician)
        assert titles(ada) == ["First session"]
    with time_machine.travel(datetime(2026, 3, 10, 17, tzinfo=UTC)):
        logs_a_call(sign_in("nora@cedar.example"), patient)
        assert "Before the first claim" not in sign_in("ada@cedar.example").get("/").content.decode()
    with time_machine.travel(datetime(2026, 3, 23, 15, tzinfo=UTC)):
        imports_readings(sign_in("nora@cedar.example"))
    with time_machine.travel(datetime(2026, 4, 2, 15, tzinfo=UTC)):
        biller = Client()
        biller.force_login(User.objects.get(email="bo@cedar.example"))
        answer = send(biller, "/billing/2026-03/close/", month_name="March 2026")
        assert answer.status_code == 303, text_of(answer)
        work()
        claim = Claim.objects.get()
        released = {line.code: line.units for line in claim.lines.all()}
        assert released.get("99457") == 1, released
        answer = send(biller, f"/claims/{claim.pk}/approve/", version=claim.version)
        assert answer.status_code == 303, text_of(answer)
        csv = biller.get("/billing/2026-03/claim-lines.csv").content.decode()
    assert "99457" in csv
    assert "1234567893" in csv
