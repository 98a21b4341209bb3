"""Months ready to close, for tests."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from accounts.models import Membership
from accounts.permissions import Role
from accounts.practice_policies import set_policy
from billing.close import acts as close
from billing.decisions.decide import Decided, decide
from billing.decisions.second_count import second_counts
from billing.facts.gather import gather
from dispatch import outbox
from dispatch.models import OutboxMessage
from tests import factories
from tests.cast import Cast, make_cast
from tests.integration.timelogs.notes import CALL, REVIEW, signed_session

MARCH = date(2026, 3, 1)
NINE = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
APRIL_5 = datetime(2026, 4, 5, 14, 0, tzinfo=UTC)
PRESSED = timedelta(days=14)
WINDOW_STARTS = date(2026, 2, 10)  # ends on 11 March


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
    call = CALL | {"contact_seconds": min(CALL["contact_seconds"], seconds)}
    return signed_session(patient, by=by, starts_at=NINE, seconds=seconds, **(note or call))


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


def with_example() -> Cast:
    """The cast, and the guide's example in March."""
    cast = make_cast()
    guides_example(cast)
    return cast


def march_closed() -> Cast:
    """The same, closed: Jane ready, Max with a held set-up."""
    cast = with_example()
    close_march(cast)
    return cast


def second_biller(cast) -> Membership:
    return factories.membership(cast.practice, "Bea Biller", Role.BILLER, email="bea@example.test")


def march_held() -> Cast:
    """The same where the payer covers other diagnoses: everything of Jane's is held for that. With a second biller."""
    cast = make_cast()
    second_biller(cast)
    covers = {"value": ["E11"], "starts_on": date(2026, 1, 1), "why": "The plan's list."}
    set_policy(cast.practice, key="covered_diagnoses", **covers)
    guides_example(cast)
    close_march(cast)
    return cast


@dataclass
class Month:
    """A patient-month in the making. Sessions follow one another, a day each, in the morning."""

    cast: object
    day: int = 2
    entries: list = field(default_factory=list)

    def work(self, minutes, note=REVIEW, *, by=None, on: date | None = None, at: int = 14, signed_at=None):
        when = on or date(2026, 3, self.day)
        starts_at = datetime(when.year, when.month, when.day, at, tzinfo=UTC)
        self.entries.append(
            signed_session(
                self.cast.jane, by=by or self.cast.rosa, starts_at=starts_at, seconds=round(minutes * 60),
                at=signed_at, **note,
            )
        )  # fmt: skip
        self.day += on is None
        return self.entries[-1]

    def decided(self, month: date = MARCH) -> Decided:
        pk, practice = self.cast.jane.pk, self.cast.practice
        counts = second_counts(practice, month, [pk])
        found = decide(gather(practice, month, [pk])[pk], counts[pk])
        assert found.agreed, found.evidence["dissent"]
        return found


def codes(decided: Decided) -> dict[str, int]:
    """What is released, without the device codes."""
    return {code: n for code, n in decided.decision["released"].items() if code not in ("99445", "99454")}


def holds(decided: Decided) -> set[str]:
    return {slug for slugs in decided.decision["held"].values() for slug in slugs}


def left_out(decided: Decided) -> dict[str, int]:
    """Minutes that do not count, by reason."""
    found: dict[str, int] = {}
    for row in decided.evidence["left_out"]:
        found[row["why"]] = found.get(row["why"], 0) + row["seconds"] // 60
    return found


def minutes(decided: Decided) -> int:
    return (decided.facts["clinical_staff_seconds"] + decided.facts["qhp_seconds"]) // 60
