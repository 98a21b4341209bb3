"""Uploads that wait for confirmation, and readings that are excluded with a reason."""

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import refuse_if
from foundation.tracked import lock
from monitoring.intake import take_in
from monitoring.models import ImportBatch, Reading, WaitingUpload

KEPT = timedelta(days=1)


def keep_waiting(content: bytes, *, file_name: str, by: Membership, at: datetime) -> WaitingUpload:
    """Hold the file until its confirmation. Files left behind for a day are emptied on the way."""
    stale = WaitingUpload.objects.filter(practice=by.practice, uploaded_at__lt=at - KEPT).exclude(content=b"")
    stale.update(content=b"")
    return WaitingUpload.objects.create(
        practice=by.practice, uploaded_by=by, uploaded_at=at, file_name=file_name[:120], content=content
    )


@transaction.atomic
def confirm(upload: WaitingUpload, *, by: Membership, at: datetime) -> ImportBatch:
    """Take in the file that was looked through, and empty it."""
    content = bytes(upload.content)
    batch = take_in(content, practice=by.practice, file_name=upload.file_name, by=by, at=at)
    upload.content = b""
    upload.save(update_fields=["content"])
    return batch


@transaction.atomic
def exclude(reading: Reading, *, reason: str, by: Membership, at: datetime) -> Reading:
    """The reading no longer counts, for the reason given; it stays, struck through."""
    reading = lock(reading)
    refuse_if("This reading is already excluded" if reading.excluded_reason else None)
    with because(reason):
        reading.excluded_reason = reason
        reading.save()
    return reading


@transaction.atomic
def readmit(reading: Reading, *, reason: str, by: Membership, at: datetime) -> Reading:
    """An excluded reading counts again."""
    reading = lock(reading)
    refuse_if(None if reading.excluded_reason else "This reading is not excluded")
    with because(reason):
        reading.excluded_reason = ""
        reading.save()
    return reading
