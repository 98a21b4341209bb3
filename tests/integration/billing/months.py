"""Months ready to close, for tests."""

from datetime import UTC, date, datetime, timedelta

from billing import close
from dispatch import outbox
from dispatch.models import OutboxMessage
from tests import factories
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session

MARCH = date(2026, 3, 1)
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
APRIL_5 = datetime(2026, 4, 5, 14, 0, tzinfo=UTC)
PRESSED = timedelta(days=14)


def guides_example(cast, *, calls: bool = True):
    """6 + 4 minutes in week one, 5 + 7 in week three, two calls (or none), readings on 20 days of March; the
    device window of 30 days has run since early February."""
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    talk = CALL if calls else REVIEW
    weeks = [(NINE, 6, REVIEW), (NINE + timedelta(minutes=10), 4, talk), (NINE + PRESSED, 5, REVIEW)]
    weeks.append((NINE + PRESSED + timedelta(minutes=10), 7, talk))
    return [
        signed_session(cast.jane, by=cast.rosa, starts_at=at, seconds=m * 60, **note) for at, m, note in weeks
    ]


def minutes_of(patient, by, seconds: int, **note):
    """One signed session of so many seconds in March, with a call unless said otherwise."""
    return signed_session(patient, by=by, starts_at=NINE, seconds=seconds, **(note or CALL))


def work() -> int:
    """Do everything the outbox holds, as the worker would; returns how many messages there were."""
    done = 0
    while (
        message := OutboxMessage.objects.filter(done_at=None, failed_at=None).order_by("id").first()
    ) is not None:
        outbox.deliver(message.pk)
        done += 1
    return done


def close_march(cast, *, by=None, at=APRIL_5):
    run = close.start_close(cast.practice, MARCH, by=by or cast.cora, at=at)
    work()
    run.refresh_from_db()
    return run
