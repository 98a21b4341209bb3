"""What people do about an escalation: each step, whose it is then, until when, and who is told."""

import pytest

from dispatch.models import Notice
from escalations import acts
from escalations.models import Escalation
from foundation.context import acting
from foundation.refusals import Refused, StaleRow
from monitoring.findings import Severity
from tests.integration.escalations.found import NOON, later, opened, pressure, trail


@pytest.fixture(autouse=True)
def signed_by_the_system():
    with acting("system: tests"):
        yield


def standing() -> list:
    """Who has a line in her inbox that still stands."""
    return [notice.recipient.name for notice in Notice.objects.filter(withdrawn_at=None).order_by("id")]


def test_who_acknowledges_takes_it(cast):
    row = acts.acknowledge(opened(cast.jane), by=cast.rosa, at=later(10))
    assert (row.state, row.owner, row.due_at) == ("acknowledged", cast.rosa, later(10, hours=24))
    assert standing() == []


def test_the_whole_way_to_the_physician_and_back(cast):
    row = acts.acknowledge(opened(cast.jane), by=cast.rosa, at=later(10))
    row = acts.refer(row, to=cast.ana, ask="Evening dose?", by=cast.rosa, at=later(20))
    assert (row.state, row.owner, row.ask, standing()) == (
        "referred",
        cast.ana,
        "Evening dose?",
        ["Ana Rivera"],
    )
    row = acts.answer(
        row, answer="change_medicine", words="Lisinopril 20 mg at night.", by=cast.ana, at=later(30)
    )
    assert (row.state, row.owner, standing()) == ("answered", cast.rosa, ["Rosa Nguyen"])
    row = acts.resolve(row, outcome="medicine_changed", by=cast.rosa, at=later(40))
    assert (row.state, row.outcome, row.resolved_at, standing()) == (
        "resolved",
        "medicine_changed",
        later(40),
        [],
    )
    assert trail(row) == ["opened", "acknowledged", "referred", "answered", "resolved"]


def test_a_clinician_acknowledges_what_was_referred_and_it_stays_so(cast):
    row = acts.refer(opened(cast.jane), to=cast.ana, ask="Evening dose?", by=cast.rosa, at=NOON)
    with pytest.raises(Refused, match="waits for an answer of Ana Rivera"):
        acts.acknowledge(row, by=cast.luis, at=later(1))
    assert acts.acknowledge(row, by=cast.ana, at=later(1)).state == "referred"


def test_an_answer_goes_to_who_asked_or_to_the_first_who_is_here(cast):
    row = acts.refer(opened(cast.jane), to=cast.ana, ask="Evening dose?", by=cast.rosa, at=NOON)
    cast.rosa.ends_on = cast.practice.today(NOON)
    cast.rosa.save()
    row = acts.answer(row, answer="continue", by=cast.ana, at=later(5))
    assert row.owner == cast.ana
    assert standing() == []


@pytest.mark.parametrize(
    ("answer", "words", "why"), [("other", " ", "Say in a line"), ("change_medicine", "", "Say in")]
)
def test_an_answer_that_says_too_little_is_refused(cast, answer, words, why):
    with pytest.raises(Refused, match=why):
        acts.answer(opened(cast.jane), answer=answer, words=words, by=cast.ana, at=NOON)


def test_a_nurse_answers_nothing(cast):
    with pytest.raises(Refused, match="Only a physician, NP or PA"):
        acts.answer(opened(cast.jane), answer="continue", by=cast.rosa, at=NOON)
    with pytest.raises(Refused, match="Only a physician, NP or PA"):
        acts.refer(opened(cast.jane, later(1)), to=cast.luis, ask="And now?", by=cast.rosa, at=NOON)


def test_handed_over_it_is_a_colleagues_who_has_not_seen_it(cast):
    row = acts.acknowledge(opened(cast.jane), by=cast.rosa, at=NOON)
    row = acts.hand_over(row, to=cast.luis, words="I am off now.", by=cast.rosa, at=later(5))
    assert (row.state, row.owner, standing()) == ("open", cast.luis, ["Luis Ortiz"])
    with pytest.raises(Refused, match="Luis Ortiz, LPN’s already"):
        acts.hand_over(row, to=cast.luis, by=cast.rosa, at=later(6))


def test_what_waits_for_a_clinician_is_handed_to_clinicians_only(cast):
    row = acts.refer(opened(cast.jane), to=cast.ana, ask="Evening dose?", by=cast.rosa, at=NOON)
    with pytest.raises(Refused, match="Choose a physician"):
        acts.hand_over(row, to=cast.luis, by=cast.rosa, at=later(5))


def test_notes_and_attempts_move_nothing(cast):
    row = opened(cast.jane)
    acts.note(row, words="Sister says he is away.", by=cast.rosa, at=later(5))
    after = acts.attempt(row, attempt="voicemail", by=cast.luis, at=later(6))
    assert (after.state, after.owner, after.due_at) == (row.state, row.owner, row.due_at)
    assert trail(after) == ["opened", "noted", "attempted"]


def test_resolved_is_resolved(cast):
    row = acts.resolve(opened(cast.jane), outcome="advised", by=cast.rosa, at=later(5))
    for again in (
        lambda: acts.acknowledge(row, by=cast.luis, at=later(6)),
        lambda: acts.note(row, words="Late.", by=cast.luis, at=later(6)),
        lambda: acts.resolve(row, outcome="visit", by=cast.luis, at=later(6)),
    ):
        with pytest.raises(Refused, match="is resolved"):
            again()


def test_nothing_done_says_why(cast):
    with pytest.raises(Refused, match="Say in a line why"):
        acts.resolve(opened(cast.jane), outcome="no_change", by=cast.rosa, at=later(5))


def test_an_old_page_is_refused(cast):
    row = opened(cast.jane)
    acts.note(row, words="Meanwhile.", by=cast.luis, at=later(5))
    with pytest.raises(StaleRow, match="Look again"):
        acts.acknowledge(row, by=cast.rosa, at=later(6), version=row.version)
    assert Escalation.objects.get().state == "open"


@pytest.mark.parametrize(("to", "state"), [("ana", "referred"), ("luis", "open")])
def test_a_person_escalates_with_what_she_asks(cast, to, state):
    to = getattr(cast, to)
    row = acts.escalate(
        cast.jane,
        ask="Call him now?",
        severity=Severity.CRITICAL,
        to=to,
        readings=[pressure(cast.jane)],
        by=cast.rosa,
        at=NOON,
    )
    assert (row.state, row.owner, row.cause, row.due_at) == (state, to, "person", later(60))
    assert standing() == [to.user.name]
    # Asked twice about two things is two escalations.
    acts.escalate(cast.jane, ask="And the refill?", severity=Severity.WARNING, to=to, by=cast.rosa, at=NOON)
    assert Escalation.objects.count() == 2
