"""Uploads that wait for confirmation, and readings that are excluded or corrected with a reason."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from accounts.models import Membership
from foundation.context import because
from foundation.refusals import Refused, StaleRow, refuse_if
from foundation.tracked import lock
from monitoring.files.mapping import Mapping
from monitoring.intake import take_in
from monitoring.models import ImportBatch, Reading, Source, WaitingUpload
from monitoring.readings.taking import tell

KEPT = timedelta(days=1)
# How many files may wait; the database holds both (monitoring/migrations), whatever comes round this page.
WAITING_PER_PERSON, WAITING_PER_PRACTICE = 5, 20


@transaction.atomic
def keep_waiting(
    content: bytes, *, file_name: str, by: Membership, at: datetime, mapping: Mapping | None = None
) -> WaitingUpload:
    """Hold the file until its confirmation. Files left behind for a day are emptied on the way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT monitoring_hold_waiting(%s)", [by.practice_id])
    held = WaitingUpload.objects.filter(practice=by.practice).exclude(content=b"")
    held.filter(uploaded_at__lt=at - KEPT).update(content=b"", mapping={})
    if held.filter(uploaded_by=by).count() >= WAITING_PER_PERSON:
        raise Refused(
            f"{WAITING_PER_PERSON} files of yours wait already. Take in or discard one, then send this again"
        )
    if held.count() >= WAITING_PER_PRACTICE:
        raise Refused(
            f"{WAITING_PER_PRACTICE} files of your practice wait already. "
            "Have one taken in or discarded, then send this again"
        )
    return WaitingUpload.objects.create(
        practice=by.practice,
        uploaded_by=by,
        uploaded_at=at,
        file_name=file_name[:120],
        content=content,
        mapping=mapping.of_this_file() if mapping else {},
    )


def choose_columns(upload: WaitingUpload, mapping: Mapping) -> None:
    """What the file's columns mean, until it is taken in or discarded."""
    upload.mapping = mapping.of_this_file()
    upload.save(update_fields=["mapping"])


def chosen_for(upload: WaitingUpload) -> Mapping | None:
    return Mapping.of(upload.mapping) if upload.mapping else None


def waiting_of(by: Membership, *, at: datetime):
    """The person's files that wait for her, newest first."""
    rows = WaitingUpload.objects.filter(practice=by.practice, uploaded_by=by, uploaded_at__gte=at - KEPT)
    return rows.exclude(content=b"").defer("content").order_by("-uploaded_at")


def discard(upload: WaitingUpload) -> None:
    """The file is not taken in, and no longer kept."""
    upload.content, upload.mapping = b"", {}
    upload.save(update_fields=["content", "mapping"])


@transaction.atomic
def confirm(upload: WaitingUpload, *, by: Membership, at: datetime, good_lines: bool = False) -> ImportBatch:
    """Take in the file that was looked through, whole or its good lines, and empty it."""
    told = {"practice": by.practice, "file_name": upload.file_name, "by": by, "at": at}
    mapping = chosen_for(upload)
    batch = take_in(bytes(upload.content), **told, mapping=mapping, good_lines=good_lines)
    discard(upload)
    return batch


@transaction.atomic
def exclude(reading: Reading, *, reason: str, by: Membership, at: datetime) -> Reading:
    """The reading no longer counts, for the reason given; it stays, struck through."""
    reading = lock(reading)
    refuse_if("This reading is already excluded" if reading.excluded_reason else None)
    with because(reason):
        reading.excluded_reason = reason
        reading.save()
    tell(reading.practice, [reading])
    return reading


@transaction.atomic
def readmit(reading: Reading, *, reason: str, by: Membership, at: datetime) -> Reading:
    """An excluded reading counts again."""
    reading = lock(reading)
    refuse_if(None if reading.excluded_reason else "This reading is not excluded")
    with because(reason):
        reading.excluded_reason = ""
        reading.save()
    tell(reading.practice, [reading])
    return reading


def why_not_corrected(reading: Reading) -> str | None:
    """What a device said is corrected by its sender alone; here it is excluded, or left."""
    if reading.source == Source.AUTOMATIC:
        return "The device sent this value itself. Exclude it with a reason, or have its sender correct it"
    return None


@transaction.atomic
def correct(
    reading: Reading,
    *,
    value: Decimal,
    second_value: Decimal | None,
    version: int,
    reason: str,
    by: Membership,
    at: datetime,
) -> Reading:
    """A typed value as it should have been typed: a new version, for the reason given. The one before stays."""
    reading = lock(reading)
    refuse_if(why_not_corrected(reading))
    if reading.version != version:
        raise StaleRow()
    same = (reading.value, reading.second_value) == (value, second_value)
    refuse_if("This is what is recorded. Enter another value" if same else None, field="value")
    with because(reason):
        reading.value, reading.second_value, reading.original = value, second_value, ""
        reading.save()
    tell(reading.practice, [reading])
    return reading
