"""Papers in a bucket: a server of its own that speaks S3 over HTTP, and servers that fail in each way one can."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from devtools.ports import free_port
from devtools.process import wait_until
from patients import attachments
from patients.attachments import attach, content_of, remove_orphans, storage
from patients.models import Attachment
from rpmportal.environment import BASE_DIR
from rpmportal.environment import attachments as attachments_in
from tests.integration.timelogs.pages import text_of

PDF = b"%PDF-1.7\n" + os.urandom(100_000)
BUCKET = "papers"
QUICKLY = {"connect_timeout": 1, "read_timeout": 0.2, "retries": {"total_max_attempts": 2}}


def listens(port: int) -> bool:
    with closing(socket.socket()) as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def server():
    """Its address. It keeps its objects in memory, and goes with the module."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    one = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), seconds=60, what="the S3 server did not answer")
        yield f"http://127.0.0.1:{port}"
    finally:
        one.terminate()
        one.wait(10)


@pytest.fixture
def bucket_at(settings, monkeypatch):
    """From now on papers lie in the bucket at this address."""
    for name, value in {
        "ACCESS_KEY_ID": "k",
        "SECRET_ACCESS_KEY": "s",
        "DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)

    def choose(address: str, **limits) -> None:
        monkeypatch.setenv("ATTACHMENTS_BUCKET", BUCKET)
        monkeypatch.setenv("ATTACHMENTS_ENDPOINT", address)
        chosen = attachments_in(BASE_DIR)
        if limits:
            chosen["OPTIONS"]["client_config"] = Config(**limits)
        settings.STORAGES = {**settings.STORAGES, "attachments": chosen}

    return choose


@pytest.fixture
def bucket(server, bucket_at):
    bucket_at(server)
    one = boto3.resource("s3", endpoint_url=server).Bucket(BUCKET)
    one.create()
    yield one
    one.objects.delete()
    one.delete()


@pytest.fixture
def rosa(cast, client):
    client.force_login(cast.rosa.user)
    return client


def sends(client, patient, content: bytes = PDF):
    given = {"operation_id": str(uuid4()), "kind": "consent", "title": "Consent form"}
    file = SimpleUploadedFile("a.pdf", content)
    return client.post(f"/patients/{patient.pk}/papers/new/", {**given, "file": file})


def opened(client, row: Attachment):
    return client.get(f"/patients/{row.patient_id}/papers/{row.pk}/")


def test_a_paper_goes_there_and_comes_back_as_it_was(rosa, cast, bucket):
    assert sends(rosa, cast.jane).status_code == 303
    row = Attachment.objects.get()
    (stored,) = bucket.objects.all()
    assert (stored.key, row.sha256) == (row.key, sha256(PDF).hexdigest())
    there = stored.Object()
    assert (there.server_side_encryption, there.get()["Body"].read()) == ("AES256", PDF)
    assert opened(rosa, row).content == PDF


@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_a_paper_that_is_another_there_or_gone_is_not_handed_out(rosa, cast, bucket, damage):
    row = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=timezone.now())
    there = bucket.Object(row.key)
    if damage == "gone":
        there.delete()
    else:
        there.put(Body=PDF + b"more")
    answer = opened(rosa, row)
    assert (answer.status_code, "not what was attached" in text_of(answer)) == (422, True)


def test_a_name_that_is_taken_is_not_written_over(cast, bucket, monkeypatch):
    at = timezone.now()
    first = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=at)
    monkeypatch.setattr(attachments, "uuid4", lambda: type("Same", (), {"hex": first.key.rpartition("/")[2]}))
    second = attach(cast.jane, PDF + b"2", kind="letter", title="t", by=cast.rosa, at=at)
    assert first.key != second.key
    assert (content_of(first), content_of(second)) == (PDF, PDF + b"2")


def test_what_a_crash_left_there_is_removed_after_a_day_and_nothing_else(cast, bucket, monkeypatch):
    at = timezone.now()
    kept = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=at)
    with monkeypatch.context() as patched:
        patched.setattr(Attachment, "save", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=at)
    assert len(list(bucket.objects.all())) == 2
    assert remove_orphans(at=timezone.now() + attachments.ORPHAN_AFTER - timedelta(minutes=1)) == 0
    assert remove_orphans(at=timezone.now() + attachments.ORPHAN_AFTER + timedelta(minutes=1)) == 1
    assert [one.key for one in bucket.objects.all()] == [kept.key]


# Servers that fail ----------------------------------------------------------------------------------------------


class Fails(BaseHTTPRequestHandler):
    """Says that the name is free; what it does with what is sent, each way says itself."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *said):
        pass

    def answered(self, status: int) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


class HangsUp(Fails):
    def do_PUT(self):
        self.rfile.read(1000)
        self.close_connection = True


class IsFull(Fails):
    def do_PUT(self):
        self.answered(507)


class Forbids(Fails):
    def do_PUT(self):
        self.answered(403)


@pytest.fixture
def failing():
    """How it fails → the address of a server that fails so."""
    running = []

    def start(how) -> str:
        if how == "is not there":
            return f"http://127.0.0.1:{free_port()}"
        if how == "never answers":
            running.append(one := socket.create_server(("127.0.0.1", 0)))
            return f"http://127.0.0.1:{one.getsockname()[1]}"
        one = ThreadingHTTPServer(("127.0.0.1", 0), how)
        Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        running.append(one)
        return f"http://127.0.0.1:{one.server_address[1]}"

    yield start
    for one in running:
        if isinstance(one, ThreadingHTTPServer):
            one.shutdown()
            one.server_close()
        else:
            one.close()


@pytest.mark.parametrize("how", ["is not there", "never answers", HangsUp, IsFull, Forbids])
def test_a_storage_that_fails_is_said_and_leaves_no_paper(rosa, cast, failing, bucket_at, how):
    bucket_at(failing(how), **QUICKLY)
    answer = sends(rosa, cast.jane)
    page = text_of(answer)
    assert (answer.status_code, "does not answer, so nothing was attached" in page) == (503, True)
    assert 'value="Consent form"' in page
    assert not Attachment.objects.exists()


def test_a_paper_in_a_storage_that_fails_cannot_be_opened_now_and_nobody_says_it_is_damaged(
    rosa, cast, bucket, bucket_at, failing
):
    row = attach(cast.jane, PDF, kind="letter", title="t", by=cast.rosa, at=timezone.now())
    there = storage().endpoint_url
    bucket_at(failing("is not there"), **QUICKLY)
    answer = opened(rosa, row)
    assert (answer.status_code, "the paper cannot be opened" in text_of(answer)) == (503, True)
    bucket_at(there)
    assert opened(rosa, row).content == PDF


def test_an_orphans_age_that_cannot_be_asked_for_removes_nothing(cast, bucket_at, failing):
    bucket_at(failing("is not there"), **QUICKLY)
    with pytest.raises(Exception, match="Could not connect"):
        remove_orphans(at=timezone.now() + timedelta(days=9))


def test_a_page_waits_seconds_for_it_and_not_minutes(bucket_at):
    bucket_at("http://127.0.0.1:1")
    limits = storage().client_config
    assert (limits.connect_timeout + limits.read_timeout) * limits.retries["total_max_attempts"] < 20
