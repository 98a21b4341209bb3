"""The readings a note is about: what was shown, what came since, and what a signature keeps of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from foundation.database_refusals import say
from foundation.refusals import Refused
from monitoring.selectors import figures, summaries
from patients.models import Patient
from timelogs.models import ReviewedReadings, Status, TimeEntry

FIRST_DAYS, MOST_DAYS = 14, 90
_COUNTS = ("days", "out_of_range", "days_out_of_range", "days_above", "digest")
_VALUES = ("low", "high", "second_low", "second_high")
_SAME = ("device_id", "measure", "since", "until", "seen_at", "readings")


class ReadingsChanged(Refused):
    """The readings are no longer those that were shown: look again before signing."""

    def __init__(self, message: str):
        super().__init__(message, field="data_reviewed")


def first_shown(patient: Patient, *, today: date, at: datetime) -> dict:
    """The data part as a new session starts with: from the day of the last signed session on, 90 days at most.

    Without one, two weeks.
    """
    return shown(patient, since=_since_last(patient, today), until=today, at=at)


def _since_last(patient: Patient, today: date) -> date:
    practice = patient.practice
    rows = TimeEntry.objects.for_practice(practice).filter(patient=patient, status=Status.SIGNED)
    for started_at in rows.order_by("-started_at").values_list("started_at", flat=True):
        if (day := practice.today(started_at)) <= today:
            return max(day, today - timedelta(days=MOST_DAYS - 1))
    return today - timedelta(days=FIRST_DAYS - 1)


def shown(patient: Patient, *, since: date, until: date, at: datetime) -> dict:
    """The data part of a note for a range of days: what the readings taken up to `at` come to."""
    facts = [summary.as_json() for summary in summaries(patient, since, until, seen=at)]
    return {"data_from": since, "data_until": until, "data_facts": facts, "data_seen_at": at}


def look_again(entry: TimeEntry, at: datetime) -> None:
    """Show the readings as they are now. If they are others, the author has not reviewed them yet."""
    before = entry.data_facts
    fill(entry, at)
    if entry.data_facts != before:
        entry.data_reviewed = False


def fill(entry: TimeEntry, at: datetime) -> None:
    """The readings of its days as they are now."""
    now = shown(entry.patient, since=entry.data_from, until=entry.data_until, at=at)
    for name, value in now.items():
        setattr(entry, name, value)


# What came since -------------------------------------------------------------------------------------------------


def news(entry: TimeEntry) -> str:
    """`2 readings more since you looked`; empty while they are the same. One query."""
    if not (entry.data_from and entry.data_until):
        return ""
    then = {_key(fact): (fact["count"], fact["digest"]) for fact in entry.data_facts if fact["count"]}
    rows = figures(entry.patient, entry.data_from, entry.data_until)
    now = {_key(row): (row["readings"], row["digest"]) for row in rows}
    if now == then:
        return ""
    more = sum(count for count, _ in now.values()) - sum(count for count, _ in then.values())
    if more:
        count = f"{abs(more)} reading" + ("" if abs(more) == 1 else "s")
        return f"{count} {'more' if more > 0 else 'fewer'} since you looked"
    return "Readings were corrected since you looked"


def _key(row: dict) -> tuple[str, str]:
    return str(row["device_id"]), row["measure"]


# The signature ----------------------------------------------------------------------------------------------------


def keep(entry: TimeEntry, at: datetime) -> None:
    """Write down what was reviewed, in the transaction that signs. Raises `ReadingsChanged`.

    A reading taken after she looked is not part of it, unless it lies out of range: then she looks first. A corrected
    note about the same readings keeps what was reviewed then; about others it is filled as of now.
    """
    if not entry.data_reviewed or not entry.data_from:
        return
    rows = _carried_over(entry)
    if rows is None:
        if entry.supersedes:
            fill(entry, at)
            entry.save()
        else:
            _refuse_if_changed(entry)
        rows = rows_of(entry)
    for row in rows:
        row.save()


_LOOK = "{}. Look at them, tick that you reviewed them, and sign again."
# Where one comes between our look and the database's own, which is the last word.
say(
    "reviewed_is_what_was_read",
    lambda _: ReadingsChanged(_LOOK.format("The readings changed while you signed")),
)


def reviewed_facts(entry: TimeEntry) -> list[dict]:
    return [fact for fact in entry.data_facts if fact["measure"] not in entry.data_left_out]


def rows_of(entry: TimeEntry) -> list[ReviewedReadings]:
    """What its signature keeps, not saved yet."""
    return [_row(entry, fact) for fact in reviewed_facts(entry)] if entry.data_reviewed else []


def _refuse_if_changed(entry: TimeEntry) -> None:
    facts = reviewed_facts(entry)
    days = {"since": entry.data_from, "until": entry.data_until}
    now = {
        _key(f): f for f in (s.as_json() for s in summaries(entry.patient, seen=entry.data_seen_at, **days))
    }
    if any(now.get(_key(fact)) != fact for fact in facts):
        raise ReadingsChanged(
            _LOOK.format(news(entry) or "The readings or their range changed since you looked")
        )
    seen = {_key(fact): fact["out_of_range"] for fact in facts}
    later = [row for row in figures(entry.patient, **days) if row["measure"] not in entry.data_left_out]
    if any(row["out_of_range"] > seen.get(_key(row), 0) for row in later):
        raise ReadingsChanged(_LOOK.format(f"{news(entry)}, out of range"))


def _row(entry: TimeEntry, fact: dict) -> ReviewedReadings:
    return ReviewedReadings(
        practice=entry.practice,
        entry=entry,
        patient=entry.patient,
        device_id=fact["device_id"] and UUID(fact["device_id"]),
        measure=fact["measure"],
        since=entry.data_from,
        until=entry.data_until,
        seen_at=entry.data_seen_at,
        readings=fact["count"],
        **{name: fact[name] for name in _COUNTS},
        **{name: fact[name] and Decimal(fact[name]) for name in _VALUES},
    )


def _carried_over(entry: TimeEntry) -> list[ReviewedReadings] | None:
    """What the version that it corrects kept of these readings; None where it had not reviewed all of them."""
    old = entry.supersedes
    if old is None or old.data_seen_at != entry.data_seen_at:
        return None
    kept = {(str(row.device_id), row.measure): row for row in old.reviewed.all()}
    wanted = [_key(fact) for fact in reviewed_facts(entry)]
    return [_again(kept[key], entry) for key in wanted] if kept.keys() >= set(wanted) else None


def _again(row: ReviewedReadings, entry: TimeEntry) -> ReviewedReadings:
    values = {name: getattr(row, name) for name in (*_SAME, *_COUNTS, *_VALUES)}
    return ReviewedReadings(practice=entry.practice, entry=entry, patient=entry.patient, **values)
