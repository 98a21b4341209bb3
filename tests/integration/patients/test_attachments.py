"""Papers as files: what is taken, what comes back, who opened it, and what a crash leaves."""

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.utils import timezone
from storages.backends.s3 import S3Storage

from audit.models import AccessEvent, Action
from foundation.refusals import Refused
from patients import attachments, signing
from patients.attachments import MAX_BYTES, attach, content_of, remove_orphans, storage, withdraw
from patients.models import Attachment
from patients.papers import record_order
from patients.services import OrderGiven
from rpmportal.environment import BASE_DIR
from rpmportal.environment import attachments as attachments_in
from tests.integration.timelogs.pages import text_of

PDF, PNG, JPEG = b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    return client


def chart(cast) -> str:
    return f"/patients/{cast.jane.pk}"


def sends(client, cast, content: bytes, name: str = "scan.pdf", **typed):
    given = {"operation_id": str(uuid4()), "kind": "consent", "title": "Consent form", **typed}
    return client.post(f"{chart(cast)}/papers/new/", {**given, "file": SimpleUploadedFile(name, content)})


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [(PDF, "application/pdf", "a.pdf"), (PNG, "image/png", "a.exe"), (JPEG, "image/jpeg", "a.pdf")],
)
def test_a_files_first_bytes_decide_what_it_is(rosa, cast, content, kind, name):
    assert sends(rosa, cast, content, name).status_code == 303
    row = Attachment.objects.get()
    assert (row.content_type, row.size, row.sha256) == (kind, len(content), sha256(content).hexdigest())
    assert name not in row.key


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"<html><script>alert(1)</script>", "The file is no PDF, PNG or JPEG"),
        (b"GIF89a", "The file is no PDF, PNG or JPEG"),
        (b" %PDF-1.7", "The file is no PDF, PNG or JPEG"),
    ],
)
def test_what_is_not_taken_is_said_at_its_field_and_leaves_nothing(rosa, cast, content, sentence):
    answer = sends(rosa, cast, content, "evil.pdf")
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert 'value="Consent form"' in text_of(answer)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize(("size", "status"), [(MAX_BYTES, 303), (MAX_BYTES + 1, 422)])
def test_five_megabytes_are_taken_and_not_one_byte_more(rosa, cast, size, status):
    assert sends(rosa, cast, PDF + b"x" * (size - len(PDF))).status_code == status


def test_it_comes_back_as_a_download_in_no_page_of_ours_and_the_log_says_who(rosa, cast):
    sends(rosa, cast, PDF)
    row = Attachment.objects.get()
    answer = rosa.get(f"{chart(cast)}/papers/{row.pk}/")
    assert answer.content == PDF
    assert answer["Content-Disposition"] == f'attachment; filename="consent-{row.added_at:%Y-%m-%d}.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    event = AccessEvent.objects.filter(route="patients:attachment").get()
    assert (event.action, event.patient_id, event.actor_label) == (
        Action.EXPORT,
        cast.jane.pk,
        "Rosa Nguyen, RN",
    )


def test_another_patients_chart_does_not_open_it(rosa, cast):
    row = attach(cast.max, PDF, kind="letter", title="t", by=cast.rosa, at=timezone.now())
    assert rosa.get(f"{chart(cast)}/papers/{row.pk}/").status_code == 404
    assert rosa.get(f"/patients/{cast.max.pk}/papers/{row.pk}/").status_code == 200


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_file_that_was_changed_or_lost_in_the_storage_is_not_handed_out(rosa, cast, damage):
    row = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=timezone.now())
    path = Path(storage().path(row.key))
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(PDF + b"more")
    answer = rosa.get(f"{chart(cast)}/papers/{row.pk}/")
    assert (answer.status_code, "not what was attached" in text_of(answer)) == (422, True)


def test_withdrawn_it_stays_with_its_reason(rosa, cast):
    sends(rosa, cast, PDF)
    row = Attachment.objects.get()
    typed = {"operation_id": str(uuid4()), "reason": "Of another patient."}
    assert rosa.post(f"{chart(cast)}/papers/{row.pk}/withdraw/", typed).status_code == 303
    page = text_of(rosa.get(f"{chart(cast)}/enrollment/"))
    assert "<s>Consent form</s>" in page
    assert "Of another patient." in page
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw(row, reason="again", by=cast.rosa, at=timezone.now())


def test_an_order_takes_one_scan(rosa, cast):
    given = OrderGiven(text="t", signed_by=cast.ana, signed_on=cast.practice.today())
    order = record_order(cast.jane_enrolled, given, by=cast.rosa, at=timezone.now())
    answer = rosa.post(
        f"{chart(cast)}/orders/{order.pk}/scan/",
        {"operation_id": str(uuid4()), "file": SimpleUploadedFile("o.pdf", PDF)},
    )
    assert answer.status_code == 303
    order.refresh_from_db()
    assert content_of(order.scan) == PDF
    with pytest.raises(Refused, match="attached already"):
        signing.add_scan(order, order.scan, by=cast.rosa, at=timezone.now())


def test_a_double_click_attaches_it_once(rosa, cast):
    operation = str(uuid4())
    assert [sends(rosa, cast, PDF, operation_id=operation).status_code for _ in range(2)] == [303, 303]
    assert Attachment.objects.count() == 1


def test_a_crash_between_file_and_row_leaves_no_row_and_the_file_goes_after_a_day(cast, monkeypatch):
    at = timezone.now()
    kept = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=at)
    monkeypatch.setattr(Attachment, "save", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        attach(cast.jane, PNG, kind="letter", title="t", by=cast.rosa, at=at)
    assert Attachment.objects.count() == 1
    remove_orphans(at=timezone.now() + attachments.ORPHAN_AFTER - timedelta(minutes=1))
    assert len(list(attachments._keys())) >= 2
    assert remove_orphans(at=timezone.now() + attachments.ORPHAN_AFTER + timedelta(minutes=1)) >= 1
    assert content_of(kept) == PDF


def test_keys_say_nothing_and_the_folder_is_ours_alone(cast):
    row = attach(cast.jane, PDF, kind="letter", title="Doe, Jane", by=cast.rosa, at=timezone.now())
    path = Path(storage().path(row.key))
    assert "doe" not in row.key.lower()
    assert path.stat().st_mode & 0o077 == 0
    assert storage().save("x", ContentFile(b"1"))


@pytest.mark.parametrize(
    "change",
    [
        {"size": 0},
        {"sha256": "no digest"},
        {"content_type": "text/html"},
        {"withdrawn_at": timezone.now()},
        {"withdraw_reason": "r"},
    ],
)
def test_the_database_refuses_what_the_form_would(cast, change):
    row = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=timezone.now())
    for name, value in change.items():
        setattr(row, name, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def test_a_bucket_is_named_by_the_environment(monkeypatch):

    monkeypatch.setenv("ATTACHMENTS_BUCKET", "papers")
    monkeypatch.setenv("ATTACHMENTS_ENDPOINT", "https://s3.example.test")
    chosen = attachments_in(BASE_DIR)
    assert chosen["BACKEND"] == "storages.backends.s3.S3Storage"
    assert chosen["OPTIONS"]["object_parameters"] == {"ServerSideEncryption": "AES256"}

    assert S3Storage(**chosen["OPTIONS"]).bucket_name == "papers"


def test_the_printed_papers_name_version_signer_and_date_and_their_opening_is_logged(cast, client):
    client.force_login(cast.omar.user)
    order = cast.jane_enrolled.orders.get()
    page = text_of(client.get(f"{chart(cast)}/orders/{order.pk}/print/"))
    for words in (
        "Order for remote physiologic monitoring",
        "Maple Test Practice",
        "DOE, Jane",
        "Ana Rivera, MD",
        "Signed electronically 02-Nov-2025 12:00:00",
        f"version 1 of order {order.pk}",
        "Blood pressure cuff CUFF-T-0001, 510(k) K000000",
    ):
        assert words in page, words
    consents = text_of(client.get(f"{chart(cast)}/consents/print/"))
    assert "Consent of 02-Nov-2025" in consents
    assert "Rosa Nguyen, RN" in consents
    plan = cast.jane_enrolled.care_plans.get()
    assert "Care plan, version 1" in text_of(client.get(f"{chart(cast)}/care-plan/{plan.pk}/print/"))
    routes = set(AccessEvent.objects.filter(patient_id=cast.jane.pk).values_list("route", flat=True))
    assert routes == {"patients:order_print", "patients:consents_print", "patients:plan_print"}


def test_before_the_first_paper_there_is_no_folder_and_nothing_to_remove(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("ATTACHMENTS_DIR", str(tmp_path / "not made yet"))
    settings.STORAGES = {**settings.STORAGES, "attachments": attachments_in(BASE_DIR)}
    assert remove_orphans(at=timezone.now()) == 0
    storage().save("2026/03/orphan", ContentFile(b"1"))
    assert remove_orphans(at=timezone.now() + timedelta(days=2)) == 1


def test_a_folder_that_cannot_be_written_is_said_and_leaves_no_row(
    rosa, cast, tmp_path, settings, monkeypatch
):
    (tmp_path / "papers").write_bytes(b"a file where the folder should be")
    monkeypatch.setenv("ATTACHMENTS_DIR", str(tmp_path / "papers"))
    settings.STORAGES = {**settings.STORAGES, "attachments": attachments_in(BASE_DIR)}
    answer = sends(rosa, cast, PDF)
    assert (answer.status_code, "so nothing was attached" in text_of(answer)) == (503, True)
    assert not Attachment.objects.exists()
