"""Silent patients: opened once, closed by readings, a pause or an institution; and the list with what was tried."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from escalations import acts, silence
from escalations.models import Attempt, Escalation, EscalationStep, Outcome
from escalations.states import Kind, State
from escalations.tasks import watch_silence
from foundation.context import acting
from patients.models import InstitutionStay, StayKind
from tests import factories
from tests.factories import saved

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 1, 20, 17, tzinfo=UTC)
TODAY = date(2026, 1, 20)
LIST = "/escalations/silent/"


def watched(cast, at=NOON) -> list[Escalation]:
    """The open ones after a look at that moment."""
    with acting("system: silent patients"):
        silence.watch(cast.practice, at=at)
    return list(silence.open_ones(cast.practice))


@pytest.fixture
def jane_is_silent(cast) -> Escalation:
    factories.readings(cast.jane, TODAY - timedelta(days=3), 1)
    factories.readings(cast.max, TODAY, 60)
    (row,) = watched(cast)
    return row


def test_silence_is_opened_once_with_an_owner_and_a_due_time(cast, jane_is_silent):
    row = jane_is_silent
    assert (row.patient, row.owner, row.severity) == (cast.jane, cast.ana, "warning")
    assert row.says == "No readings for 3 days: the last came on 17-Jan-2026"
    assert row.due_at == NOON + timedelta(hours=72)
    assert watched(cast) == watched(cast, NOON + timedelta(hours=1)) == [row]
    assert list(row.steps.values_list("kind", flat=True)) == [Kind.OPENED]


def test_a_reading_of_the_device_closes_it(cast, jane_is_silent):
    factories.readings(cast.jane, TODAY, 1)
    assert watched(cast, NOON + timedelta(hours=2)) == []
    row = Escalation.objects.get(pk=jane_is_silent.pk)
    assert (row.state, row.outcome) == (State.RESOLVED, Outcome.TRANSMITTING)
    step = row.steps.last()
    assert (step.by, step.words) == (None, "Readings came on 20-Jan-2026.")


def test_a_typed_reading_closes_nothing(cast, jane_is_silent):
    (typed,) = factories.readings(cast.jane, TODAY, 1)
    typed.source = "typed"
    typed.save()
    assert watched(cast) == [jane_is_silent]


def test_who_goes_to_a_hospital_is_asked_after_no_longer(cast, jane_is_silent):
    stay = {"kind": StayKind.HOSPITAL, "admitted_on": TODAY}
    saved(InstitutionStay(practice=cast.practice, patient=cast.jane, **stay))
    assert watched(cast) == []
    assert Escalation.objects.get().outcome == Outcome.NOT_EXPECTED


def test_another_device_gives_her_new_days(cast, jane_is_silent):
    held = cast.jane.assignments.get()
    held.starts_on = TODAY - timedelta(days=1)
    held.setup_on = held.starts_on
    held.save()
    assert watched(cast) == []
    row = Escalation.objects.get()
    assert row.outcome == Outcome.NOT_EXPECTED
    assert row.steps.last().words.startswith("No longer silent: no readings since 19-Jan-2026")


@pytest.mark.parametrize(
    ("outcome", "hours", "opens"),
    [
        (Outcome.PAUSED, 14 * 24 - 1, False),
        (Outcome.PAUSED, 14 * 24, True),
        (Outcome.RETURNED, 23, False),
        (Outcome.RETURNED, 24, True),
    ],
)
def test_what_somebody_closed_is_found_again_after_its_time(cast, jane_is_silent, outcome, hours, opens):
    acts.resolve(jane_is_silent, outcome=outcome, words="", by=cast.rosa, at=NOON)
    assert bool(watched(cast, NOON + timedelta(hours=hours))) is opens


def test_the_task_looks_at_every_practice(cast):
    watch_silence.apply().get()
    found = set(Escalation.objects.values_list("patient", flat=True))
    assert found == {cast.jane.pk, cast.max.pk, cast.nora.pk}


def test_a_look_costs_the_same_for_one_and_for_ten(cast, jane_is_silent, django_assert_num_queries):
    for number in range(9):
        person = factories.patient(
            cast.practice, f"P{number}", "A", mrn=f"R-{number}", born_on=cast.jane.born_on
        )
        factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    watched(cast)
    with acting("system: silent patients"), django_assert_num_queries(15):
        silence.watch(cast.practice, at=NOON)


# The list -------------------------------------------------------------------------------------------------------


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def both_are_silent(cast) -> list[Escalation]:
    return watched(cast, timezone.now() - timedelta(hours=1))


def listed(client, query="") -> list[str]:
    return [str(line.escalation.patient) for line in client.get(LIST + query).context["lines"]]


def send(client, act, row, **form):
    return client.post(reverse(f"escalations:{act}", args=[row.pk]), {"operation_id": str(uuid4()), **form})


def test_the_list_says_since_when_by_which_device_and_what_was_tried(rosa, cast, both_are_silent):
    row = next(each for each in both_are_silent if each.patient == cast.jane)
    page = rosa.get(LIST).content.decode()
    assert "CUFF-T-0001" in page
    assert page.count("Nothing yet") == 2
    answer = send(rosa, "attempt", row, attempt=Attempt.VOICEMAIL, words="Will call on Friday.")
    assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
    page = rosa.get(LIST).content.decode()
    assert "<b>Voicemail</b>: Will call on Friday." in page
    assert "Rosa Nguyen, RN" in page
    assert page.count("Nothing yet") == 1
    assert listed(rosa, "?tried=yes") == ["DOE, Jane"]
    assert listed(rosa, "?tried=no") == ["ROE, Max"]
    assert listed(rosa, "?kind=scale") == []
    assert len(listed(rosa, "?kind=bp_cuff")) == 2
    assert len(listed(rosa, "?tried=nonsense&kind=nonsense&page=99")) == 2


def test_only_the_latest_three_are_shown(rosa, cast, both_are_silent):
    row = both_are_silent[0]
    for number in range(5):
        acts.attempt(row, attempt=Attempt.PHONE, words=f"Call {number}", by=cast.rosa, at=timezone.now())
    page = rosa.get(LIST).content.decode()
    assert [f"Call {n}" in page for n in range(5)] == [False, False, True, True, True]
    assert "2 more" in page


@pytest.mark.parametrize(
    ("outcome", "words", "status"),
    [
        (Outcome.PAUSED, "", 303),
        (Outcome.RETURNED, "", 303),
        (Outcome.NO_CHANGE, "", 422),
        (Outcome.NO_CHANGE, "She is at her daughter's.", 303),
        # That readings come again is for the readings to say.
        (Outcome.TRANSMITTING, "", 422),
        (Outcome.MEDICINE_CHANGED, "", 422),
    ],
)
def test_somebody_closes_it_with_what_came_of_it(rosa, cast, both_are_silent, outcome, words, status):
    row = both_are_silent[0]
    answer = send(rosa, "resolve", row, outcome=outcome, words=words, version=row.version)
    assert answer.status_code == status
    assert (Escalation.objects.get(pk=row.pk).outcome == outcome) is (status == 303)


def test_outcomes_of_silence_are_none_of_a_clinical_escalation(rosa, cast):
    row = acts.escalate(
        cast.jane, ask="Look?", severity="warning", to=cast.ana, by=cast.rosa, at=timezone.now()
    )
    answer = send(rosa, "resolve", row, outcome=Outcome.PAUSED, words="", version=row.version)
    assert answer.status_code == 422


def test_the_caseload_says_the_same(rosa, cast):
    now = timezone.now()
    factories.readings(cast.max, cast.practice.today(now), 1, hour=1)
    rows = watched(cast, now)
    page = rosa.get("/patients/?show=silent")
    assert [row.patient.pk for row in page.context["page"].object_list] == [row.patient_id for row in rows]


def test_the_list_costs_the_same_for_two_and_for_twelve(rosa, cast, django_assert_max_num_queries):
    for number in range(10):
        person = factories.patient(
            cast.practice, f"P{number}", "A", mrn=f"R-{number}", born_on=cast.jane.born_on
        )
        factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    rows = watched(cast, timezone.now() - timedelta(hours=1))
    for row in rows:
        acts.attempt(row, attempt=Attempt.PHONE, by=cast.rosa, at=timezone.now())
    assert EscalationStep.objects.filter(kind=Kind.ATTEMPTED).count() == 12
    listed(rosa)
    with django_assert_max_num_queries(26):
        assert len(listed(rosa)) == 12
