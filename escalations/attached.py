"""Which readings an escalation was found in, as they stood then, and what became of them since."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import F, Max, QuerySet

from escalations.models import Escalation, EscalationReading
from escalations.states import State
from foundation.tracked import bulk_create_tracked
from monitoring.findings import Finding
from monitoring.models import Reading
from patients.labels import value_in_words
from patients.models import Measure


def fresh(of_cause: QuerySet[Escalation], finding: Finding) -> dict[UUID, int]:
    """{reading: version} of those that were not attached to an escalation of this cause before as they are now.

    A value that was corrected since is another one; excluded and counted again it is the same.
    """
    rows = EscalationReading.objects.filter(escalation__in=of_cause, reading__in=finding.reading_ids)
    seen = dict(rows.order_by().values_list("reading").annotate(Max("seen_version")))
    return {
        pk: version
        for pk, version in _versions(finding).items()
        if pk not in seen or (seen[pk] < version and _value(pk, seen[pk]) != _value(pk, version))
    }


def _versions(finding: Finding) -> dict[UUID, int]:
    """As they were looked at; where nobody said that, as they are."""
    if finding.versions:
        return dict(zip(finding.reading_ids, finding.versions, strict=True))
    known = dict(Reading.objects.filter(pk__in=finding.reading_ids).values_list("pk", "version"))
    return {pk: known[pk] for pk in finding.reading_ids if pk in known}


def _value(reading_id: UUID, version: int) -> tuple:
    return as_of(reading_id, version)[:2]


def as_of(reading_id: UUID, version: int) -> tuple:
    """(value, second value, why it was excluded) of a reading in that version."""
    row = Reading.history.filter(id=reading_id, version=version)
    return row.values_list("value", "second_value", "excluded_reason").get()


def attach(row: Escalation, readings: Mapping[UUID, int]) -> None:
    """{reading: the version that was looked at}."""
    own = {"practice": row.practice, "escalation": row}
    bulk_create_tracked(
        [EscalationReading(reading_id=pk, seen_version=version, **own) for pk, version in readings.items()]
    )


def changed(rows: QuerySet[EscalationReading]) -> QuerySet:
    """Of attached readings those that have another version by now: as rows of ids and `seen`."""
    rows = rows.exclude(escalation__state=State.RESOLVED).order_by()
    rows = rows.values("escalation_id", "escalation__patient_id", "reading_id", "reading__version")
    return rows.annotate(seen=Max("seen_version")).filter(seen__lt=F("reading__version"))


def says(reading: Reading, seen: int) -> str:
    """What became of it since that version, with both values; nothing where it is what it was."""
    value, second, excluded = as_of(reading.pk, seen)
    before = value_in_words(reading.measure, value, second)
    now = value_in_words(reading.measure, reading.value, reading.second_value)
    about = f"{Measure(reading.measure).label} of {reading.taken_at.astimezone(reading.patient.tz):%d-%b-%Y %H:%M}"
    said = [f"was corrected from {before} to {now}"] if before != now else []
    if reading.excluded_reason and not excluded:
        said.append(f"{'' if said else f'{now} '}was excluded: {reading.excluded_reason.strip().rstrip('.')}")
    if excluded and not reading.excluded_reason:
        said.append(f"{'' if said else f'{now} '}counts again")
    return f"{about}{' ' if before != now else ', '}{', and '.join(said)}." if said else ""


def ids_of(row: Escalation) -> Sequence[UUID]:
    return list(row.attached.order_by().values_list("reading_id", flat=True).distinct())
