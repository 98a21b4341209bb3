"""What is under way when the demo begins: drafts, one of them with its clock paused. By the real services."""

from datetime import timedelta

from patients.models import Patient
from rpmportal.demo.diary import Diary
from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.stage import Stage
from timelogs.clock import acts as clock
from timelogs.models import Party
from timelogs.note import drafts

# (author, start, end) on the last day played; kept free of other sessions.
_PAUSED = ("nurse", "16:20", "16:29")
_OFFLINE = ("third", "16:05", "16:11")
_BY_HAND = ("second", "15:40", "15:47")


def keep_free(stage: Stage, diary: Diary) -> None:
    last = stage.until - timedelta(days=1)
    for author, start, end in (_PAUSED, _OFFLINE, _BY_HAND):
        diary.keep(author, stage.at(last, start), stage.at(last, end))


def leave(stage: Stage, team: Team, patients: list[Patient]) -> None:
    """Three drafts for three patients; fewer where there are fewer patients."""
    for patient, start in zip(patients, (_paused, _offline, _by_hand), strict=False):
        start(stage, team, patient)


def _paused(stage: Stage, team: Team, patient: Patient) -> None:
    """A clock on the nurse's first page: paused by hand, half of the note typed."""
    nurse, (start, end) = _who(stage, team, _PAUSED)
    with signed_by(nurse):
        entry = clock.start_session(patient, by=nurse, at=start)
        clock.heartbeat(entry.pk, had_input=True, by=nurse, at=start + timedelta(minutes=2))
        typed = {"data_reviewed": True, "data_note": "Two evenings above the goal; the mornings are fine."}
        entry = drafts.save_draft(entry, note=typed, version=None, by=nurse, at=start + timedelta(minutes=2))
        for minutes in (4, 6, 8):
            clock.heartbeat(entry.pk, had_input=True, by=nurse, at=start + timedelta(minutes=minutes))
        clock.pause(entry, by=nurse, at=end)


def _offline(stage: Stage, team: Team, patient: Patient) -> None:
    """A clock that lost its connection: the minutes left out wait to be claimed or forgotten."""
    nurse, (start, end) = _who(stage, team, _OFFLINE)
    with signed_by(nurse):
        entry = clock.start_session(patient, by=nurse, at=start)
        clock.heartbeat(entry.pk, had_input=True, by=nurse, at=start + timedelta(minutes=2))
        clock.pause(entry, by=nurse, at=end)


def _by_hand(stage: Stage, team: Team, patient: Patient) -> None:
    nurse, (start, end) = _who(stage, team, _BY_HAND)
    reason = "The patient called while I was away from the desk."
    with signed_by(nurse):
        entry = drafts.log_past(
            patient,
            starts_at=start,
            seconds=(end - start).seconds,
            reason=reason,
            by=nurse,
            at=end + timedelta(hours=1),
        )
        drafts.save_draft(
            entry, note={"party": Party.PATIENT}, version=None, by=nurse, at=end + timedelta(hours=1)
        )


def _who(stage: Stage, team: Team, plan: tuple[str, str, str]):
    author, start, end = plan
    last = stage.until - timedelta(days=1)
    return team[author], (stage.at(last, start), stage.at(last, end))
