"""What happens to sessions after signing, by the real services: voided, amended, approved by another."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.sessions import Written
from rpmportal.demo.stage import Stage
from timelogs.models import TimeEntry
from timelogs.signing.amend import amend
from timelogs.signing.approve import approve
from timelogs.signing.void import void

WHEN_REOPENED = "amend when re-opened"
AMENDED_SECONDS = 9 * 60
CUT_SECONDS = 5 * 60


def within_the_month(stage: Stage, team: Team, written: Sequence[Written]) -> datetime:
    """The corrections made while the month shown was open; returns when the last of them was."""
    last = stage.at(stage.shown, "00:00")
    for each in written:
        if correct := _CORRECTIONS.get(each.session.later):
            at = each.signed_at + timedelta(hours=2)
            correct(each.entry, team, at)
            last = max(last, at)
    return last


def _void(entry: TimeEntry, team: Team, at: datetime) -> None:
    with signed_by(entry.author):
        void(
            entry,
            reason="Written in the wrong chart: this was another patient's review.",
            by=entry.author,
            at=at,
        )


def _amend(entry: TimeEntry, team: Team, at: datetime) -> None:
    shorten(
        entry,
        seconds=AMENDED_SECONDS,
        reason="The call ended earlier than I wrote; corrected from the phone's list.",
        at=at,
    )


def shorten(entry: TimeEntry, *, seconds: int, reason: str, at: datetime) -> None:
    """Amended by its author to fewer seconds."""
    note = {"late_reason": reason}
    if entry.contact_seconds:
        note["contact_seconds"] = min(entry.contact_seconds, seconds)
    with signed_by(entry.author):
        amend(entry, note=note, seconds=seconds, reason=reason, by=entry.author, at=at)


def _approve(entry: TimeEntry, team: Team, at: datetime) -> None:
    with signed_by(team["lead"]):
        approve(entry, by=team["lead"], at=at)


_CORRECTIONS: dict[str, Callable[[TimeEntry, Team, datetime], None]] = {
    "void": _void,
    "amend": _amend,
    "approve": _approve,
}
