"""What an explanation should mention although the rules do not ask for it: notes of a patient-month, by slug."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from uuid import UUID

from django.db.models import CharField, Count, Func, Value
from django.db.models.functions import Concat, Lower, TruncMonth

from billing.facts.patient_month import PatientRows, served_until
from foundation.months import bounds, last_day, previous_month
from foundation.streams import grouped
from monitoring.models import Reading, Source
from timelogs.models import Method, Status, TimeEntry

STALE_AFTER = timedelta(days=365)

NOTES = {
    "early-end": "Monitoring or consent ended inside the month; the date of service is its last day.",
    "stale-visit": "The last visit on file is more than a year before the month's end.",
    "in-person": "The only live contact was in person.",
    "typed-readings": "The month has readings, and all of them were typed in: they make no reading days.",
    "late-entries": "Some counted time was written down late; its sessions say why.",
    "both-count": "Minutes of two people at the same time both count; the sessions say who decided it and why.",
    "same-words": "A session's note says the same, figures apart, as one in each of the two months before.",
}


def reader(
    practice, month: date, among: Collection[UUID] | None
) -> Callable[[PatientRows, UUID], tuple[str, ...]]:
    """Two queries; then to be asked for each patient once, in ascending order."""
    typed, same = _typed(practice, month, among), _same_words(practice, month, among)

    def of(rows: PatientRows, patient_id: UUID) -> tuple[str, ...]:
        found = set(_from_rows(rows))
        if typed.take(patient_id) and not rows.month_days:
            found.add("typed-readings")
        if same.take(patient_id):
            found.add("same-words")
        return tuple(sorted(found))

    return of


def _from_rows(rows: PatientRows) -> Iterator[str]:
    end, episode = last_day(rows.month), rows.episode
    if served_until(rows):
        yield "early-end"
    if episode and episode.last_visit_on and end - episode.last_visit_on > STALE_AFTER:
        yield "stale-visit"
    shares = {share.entry_id: share for share in rows.total.by_entry}
    talks = [shares[pk].entry for pk in rows.total.live_contact_entries if pk in shares]
    if talks and all(talk.method == Method.IN_PERSON for talk in talks):
        yield "in-person"
    if any(share.entry.late and share.microseconds for share in shares.values()):
        yield "late-entries"
    if any(share.beside for share in shares.values()):
        yield "both-count"


def _typed(practice, month: date, among):
    rows = Reading.objects.for_practice(practice).filter(
        excluded_reason="", day__gte=month, day__lte=last_day(month)
    )
    return grouped(rows.exclude(source=Source.AUTOMATIC).values("patient_id").distinct(), among)


def _same_words(practice, month: date, among):
    """Patients with a note whose letters stand in this month's and both earlier months' signed sessions."""
    since = bounds(previous_month(previous_month(month)), tz=practice.tz)[0]
    until = bounds(month, tz=practice.tz)[1]
    letters = Func(
        Concat("data_note", "said", "action_detail"),
        Value("[^[:alpha:]]+"),
        Value(""),
        Value("g"),
        function="regexp_replace",
        output_field=CharField(),
    )
    signed = TimeEntry.objects.for_practice(practice).filter(
        status=Status.SIGNED, started_at__gte=since, started_at__lt=until
    )
    # Nobody answered is said in stock words every time, and may be.
    signed = signed.exclude(method=Method.NO_ANSWER)
    said = signed.annotate(letters=Lower(letters), at=TruncMonth("started_at", tzinfo=practice.tz)).exclude(
        letters=""
    )
    months = said.values("patient_id", "letters").annotate(months=Count("at", distinct=True))
    return grouped(months.filter(months=3).values("patient_id"), among)
