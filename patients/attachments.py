"""Files on a patient's record: taken in, read again, withdrawn. Bytes first, then the row: no row without its file."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.practice_scope import every_practice
from foundation.refusals import Refused, refuse_if
from foundation.tracked import lock
from patients.models import Attachment, CarePlan, ContentType, Order, Patient
from patients.services import permission_changed

log = logging.getLogger(__name__)

MAX_BYTES = 5 * 1024 * 1024
# A file whose row was never written, because the process died between them, is removed after so long.
ORPHAN_AFTER = timedelta(days=1)

# What a file begins with, whatever its name says.
_BEGINS = {
    b"%PDF-": ContentType.PDF,
    b"\x89PNG\r\n\x1a\n": ContentType.PNG,
    b"\xff\xd8\xff": ContentType.JPEG,
}
ENDINGS = {ContentType.PDF: "pdf", ContentType.PNG: "png", ContentType.JPEG: "jpg"}


class DamagedFile(Exception):
    """The bytes in the storage are not those that were taken in."""


class StorageDown(Refused):
    """The folder or the bucket does not do what it is asked; what, the log says."""

    status = 503

    def __init__(self, doing: str):
        super().__init__(
            f"The storage of papers does not answer, so {doing}. Try again in some minutes; if it stays so, tell your "
            "administrator."
        )


@contextmanager
def _storage_answers(doing: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except _failures() as error:
        log.error("The storage of papers failed: %s", type(error).__name__)
        raise StorageDown(doing) from error


def _failures() -> tuple[type[Exception], ...]:
    """What a storage raises that is full, forbidden or not there. A bucket's library is imported with its storage."""
    if isinstance(storage(), FileSystemStorage):
        return (OSError,)
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError

    return OSError, Boto3Error, BotoCoreError, ClientError


def storage():
    return storages["attachments"]


def type_of(content: bytes) -> ContentType | None:
    return next((kind for begin, kind in _BEGINS.items() if content.startswith(begin)), None)


def why_not_content(content: bytes) -> str | None:
    if not content:
        return "The file is empty. Choose another one."
    if len(content) > MAX_BYTES:
        return "The file is larger than 5 MB. Scan it with a lower resolution, or in parts."
    if type_of(content) is None:
        return "The file is no PDF, PNG or JPEG, whatever its name says. Choose another one."
    return None


def why_not_withdraw(attachment: Attachment) -> str | None:
    if attachment.withdrawn_at:
        return "This paper was withdrawn already."
    return None


def scan_of(attachment: Attachment) -> list[Order | CarePlan]:
    """The orders and plans that stand on this paper as their scan, in the order of their keys."""
    return [
        paper
        for model in (Order, CarePlan)
        for paper in model.objects.for_practice(attachment.practice_id)
        .standing()
        .filter(scan=attachment)
        .order_by("pk")
    ]


@transaction.atomic
def attach(
    patient: Patient, content: bytes, *, kind: str, title: str, by: Membership, at: datetime
) -> Attachment:
    """A new paper on the record. Raises Refused for what is no PDF, PNG or JPEG, empty, or too large; StorageDown."""
    refuse_if(why_not_content(content), field="file")
    content_type = type_of(content)
    with _storage_answers("nothing was attached"):
        key = storage().save(f"{at:%Y/%m}/{uuid4().hex}", ContentFile(content))
    row = Attachment(
        practice=patient.practice,
        patient=patient,
        kind=kind,
        title=title,
        content_type=content_type,
        size=len(content),
        sha256=sha256(content).hexdigest(),
        key=key,
        added_by=by,
        added_at=at,
    )
    row.save()
    return row


def content_of(attachment: Attachment) -> bytes:
    """The bytes as they were taken in. Raises DamagedFile if they are not there or are others, and StorageDown."""
    try:
        with _storage_answers("the paper cannot be opened"), storage().open(attachment.key) as file:
            content = file.read()
    except FileNotFoundError as error:
        raise DamagedFile from error
    if sha256(content).hexdigest() != attachment.sha256:
        raise DamagedFile
    return content


@transaction.atomic
def withdraw(attachment: Attachment, *, reason: str, by: Membership, at: datetime) -> Attachment:
    """It stays readable, struck through, with the reason. What it was the scan of waits for its scan again."""
    attachment = lock(attachment)
    refuse_if(why_not_withdraw(attachment))
    with because(reason):
        attachment.withdrawn_at, attachment.withdraw_reason = at, reason
        attachment.save()
        papers = [lock(paper) for paper in scan_of(attachment)]
        for paper in papers:
            paper.scan = None
            paper.save()
    if papers:
        permission_changed(attachment.patient)
    return attachment


def remove_orphans(*, at: datetime) -> int:
    """Delete files older than a day that no row names; the number of them."""
    removed = 0
    for key in _keys() if _holds_anything() else ():
        if at - storage().get_modified_time(key) >= ORPHAN_AFTER and not _has_row(key):
            storage().delete(key)
            removed += 1
    if removed:
        log.warning("Removed files without a row: %s", removed)
    return removed


def _holds_anything() -> bool:
    """A folder is made with its first file; a bucket is there before. What vanishes later is a fault, and raises."""
    return not isinstance(storage(), FileSystemStorage) or Path(storage().location).exists()


def _has_row(key: str) -> bool:
    # Of whatever practice: what is not seen here is deleted.
    with every_practice():
        return Attachment.objects.filter(key=key).exists()


def _keys(folder: str = ""):
    folders, files = storage().listdir(folder)
    yield from (f"{folder}/{name}".lstrip("/") for name in files)
    for name in folders:
        yield from _keys(f"{folder}/{name}".lstrip("/"))
