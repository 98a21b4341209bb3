"""Several papers signed at once: in the order they were asked for, each as it was read, beside what then held."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from patients import signing
from patients.models import PaperKind, SignatureRequest
from patients.selectors import care_plan_on
from tests.rows import signs_all

NOW = datetime(2026, 3, 10, 16, tzinfo=UTC)
TODAY = date(2026, 3, 10)


def asked_plan(cast, goals: str, *, at=NOW, **more) -> SignatureRequest:
    words = {"goals": goals, "actions": "a", "effective_on": TODAY}
    return signing.ask(
        cast.jane_enrolled, PaperKind.CARE_PLAN, asked_of=cast.ana, by=cast.rosa, at=at, **words, **more
    )


def test_of_two_plans_signed_together_the_one_written_later_is_in_effect(cast):
    # Their keys are random; here the older plan has the higher one.
    asked_plan(cast, "The older goals.", id=UUID(int=2), at=NOW)
    asked_plan(cast, "The newer goals.", id=UUID(int=1), at=NOW + timedelta(minutes=1))
    plans = signs_all(cast.ana, NOW + timedelta(hours=1))
    assert [(plan.number, plan.goals) for plan in plans] == [(2, "The older goals."), (3, "The newer goals.")]
    assert care_plan_on(cast.jane_enrolled, TODAY).goals == "The newer goals."
