"""Files that wait for their confirmation: how many may, who is told what, and what the database refuses by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from foundation.context import acting
from foundation.refusals import Refused
from monitoring.columns import MAX_BYTES
from monitoring.models import WaitingUpload
from monitoring.services import WAITING_PER_PERSON, WAITING_PER_PRACTICE, keep_waiting
from tests import factories

IMPORT = reverse("monitoring:readings_import")
HEADER = b"serial,mrn,measure,taken_at,value,second_value\n"
READING = HEADER + b",T-0001,weight,2026-03-01T08:00:00-05:00,70,\n"


@pytest.fixture
def nurse(cast, client):
    client.force_login(cast.user("rosa"))
    return client


def keep(by, count: int, *, at=None) -> None:
    for number in range(count):
        keep_waiting(READING, file_name=f"{number}.csv", by=by, at=at or timezone.now())


def send(client):
    """Chooses a file on the page, as a person does."""
    page = client.get(IMPORT)
    fields = {"operation_id": page.context["form"]["operation_id"].value()}
    return client.post(IMPORT, {**fields, "file": SimpleUploadedFile("march.csv", READING)})


@pytest.mark.parametrize("waiting", [WAITING_PER_PERSON - 1, WAITING_PER_PERSON])
def test_the_page_keeps_so_many_files_of_one_person(waiting, nurse, cast):
    keep(cast.rosa, waiting)
    answer = send(nurse)
    if waiting < WAITING_PER_PERSON:
        assert answer.status_code == 303
        return
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "5 files of yours wait already. Take in or discard one, then send this again" in page
    assert page.count("/readings/import/") >= WAITING_PER_PERSON, "The page leads to what waits."


def test_a_practice_has_room_for_so_many(cast):
    people = [
        cast.rosa,
        cast.luis,
        cast.lena,
        cast.ana,
        factories.membership(cast.practice, "Fay Fifth", "nurse", "RN", email="fay@example.test"),
    ]
    for each in people[:4]:
        keep(each, WAITING_PER_PRACTICE // 4)
    with pytest.raises(Refused, match="20 files of your practice wait already"):
        keep(people[4], 1)
    keep(cast.dan, 1)  # another practice has its own room


def test_discarding_and_a_day_make_room(nurse, cast):
    keep(cast.rosa, WAITING_PER_PERSON)
    upload = WaitingUpload.objects.first()
    check = reverse("monitoring:readings_import_check", args=[upload.pk])
    page = nurse.get(check)
    fields = {"operation_id": page.context["discard_id"], "discard": "1"}
    assert nurse.post(check, fields).status_code == 303
    assert nurse.post(check, fields).status_code == 303, "A double click has the same answer."
    upload.refresh_from_db()
    assert bytes(upload.content) == b""
    assert nurse.get(check).status_code == 404
    assert send(nurse).status_code == 303
    keep(cast.rosa, 1, at=timezone.now() + timedelta(days=1, seconds=1))


def test_the_page_shows_ones_own_waiting_files_alone(nurse, cast):
    keep(cast.rosa, 1)
    keep(cast.luis, 1)
    assert [upload.uploaded_by for upload in nurse.get(IMPORT).context["waiting"]] == [cast.rosa]


def insert(by, content: bytes = READING) -> WaitingUpload:
    """Around the page and its service."""
    return WaitingUpload.objects.create(
        practice=by.practice, uploaded_by=by, uploaded_at=timezone.now(), file_name="x.csv", content=content
    )


def test_the_database_has_no_room_either(cast):
    keep(cast.rosa, WAITING_PER_PERSON)
    with pytest.raises(DatabaseError, match="no room for waiting upload"), transaction.atomic():
        insert(cast.rosa)
    empty = insert(cast.rosa, b"")
    empty.content = READING
    with pytest.raises(DatabaseError, match="no room for waiting upload"), transaction.atomic():
        empty.save()


@pytest.mark.parametrize("length", [MAX_BYTES, MAX_BYTES + 1])
def test_the_database_holds_no_longer_file(length, cast):
    if length <= MAX_BYTES:
        insert(cast.rosa, b"x" * length)
        return
    with pytest.raises(DatabaseError, match="waiting_upload_is_no_longer"), transaction.atomic():
        insert(cast.rosa, b"x" * length)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_no_more_get_in(cast):
    def one(number: int) -> bool:
        try:
            with acting("system: test"):
                keep(cast.rosa, 1)
            return True
        except Refused:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(12))) == WAITING_PER_PERSON
    assert WaitingUpload.objects.count() == WAITING_PER_PERSON
