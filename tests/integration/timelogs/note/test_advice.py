"""The six points of the note check: quiet until a point is due, and never green beside what contradicts it."""

from datetime import timedelta

import pytest

from tests import factories
from tests.integration.timelogs.pages import started
from timelogs.models import TimeEntry
from timelogs.note.advice import State, hints, remarks

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(cast) -> TimeEntry:
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=13), 14, systolic=132, diastolic=82)
    return started(cast.jane, cast.rosa)


def states(entry: TimeEntry, **note) -> dict[str, State]:
    return {hint.name: hint.state for hint in found(entry, **note)}


def found(entry: TimeEntry, **note):
    for name, value in note.items():
        setattr(entry, name, value)
    return hints(entry, twin=None, defects=remarks(entry, seconds=600, twin=None))


def test_an_untouched_note_is_told_nothing(entry):
    assert set(states(entry).values()) == {State.WAITING}
    assert not any(hint.advice for hint in found(entry))


def test_a_point_is_due_once_one_after_it_was_begun(entry):
    assert states(entry, party="patient") == {
        "Readings named": State.OPEN,
        "Against the goal": State.OPEN,
        "Who and how": State.OPEN,
        "What was said": State.WAITING,
        "Action and reason": State.WAITING,
        "Fresh wording": State.WAITING,
    }


def test_the_points_are_met_one_by_one(entry):
    told = states(
        entry,
        data_reviewed=True,
        party="patient",
        method="phone",
        said="Feels well, salts less, walks daily.",
        action="no_change",
        action_detail="Pressure stays within the goal.",
    )
    assert set(told.values()) == {State.MET}


@pytest.mark.parametrize(
    ("note", "point"),
    [
        ({"data_reviewed": True, "data_note": "Highest 190/120 on Tuesday."}, "Readings named"),
        ({"data_reviewed": True, "data_note": "Highest 190/120 on Tuesday."}, "Against the goal"),
        (
            {"party": "patient", "method": "phone", "said": "Her daughter says she sleeps well."},
            "Who and how",
        ),
    ],
)
def test_a_point_is_not_met_beside_a_remark_that_says_otherwise(note, point, entry):
    hint = next(hint for hint in found(entry, **note) if hint.name == point)
    assert remarks(entry, seconds=600, twin=None)
    assert hint.state == State.OPEN
    assert hint.advice
