"""The sessions of the scripted patients in the month shown, minute by minute."""

from collections.abc import Callable
from datetime import timedelta

from foundation.months import next_month
from rpmportal.demo.diary import Contact, Session
from rpmportal.demo.stage import Stage
from timelogs.models import Activity, ClinicalAction, Topic

NOTE_DAY = 14


def _session(
    stage: Stage, number: int, clock: str, *, review=0, call=0, write=0, author="nurse", **more
) -> Session:
    """On the n-th working day: seconds of review, contact and writing, in that order. A contact is a call."""
    parts = ((Activity.DATA_REVIEW, review), (Activity.CONTACT, call), (Activity.DOCUMENTATION, write))
    return Session(
        author=author,
        starts_at=stage.at(stage.workday(number), clock),
        parts=tuple(part for part in parts if part[1]),
        contact=more.pop("contact", Contact.CALL if call else Contact.NONE),
        **more,
    )


def exactly(*lengths: int) -> Callable[[Stage], list[Session]]:
    """Sessions of exactly so many seconds, each with a call."""

    def script(stage: Stage) -> list[Session]:
        return [
            _session(stage, 2 + 4 * n, "10:00", review=length // 2, call=length - length // 2)
            for n, length in enumerate(lengths)
        ]

    return script


def guide(stage: Stage) -> list[Session]:
    return [
        _session(stage, 3, "10:00", review=6 * 60, call=4 * 60),
        _session(stage, 12, "14:30", review=5 * 60, call=7 * 60),
    ]


def compliant(stage: Stage) -> list[Session]:
    note = {
        "data_note": "Reviewed 14 days of blood pressure readings. Readings above target on 6 days.",
        "topics": [Topic.READINGS, Topic.MEDICINES, Topic.DIET],
        "said": "Discussed evening salt intake and medication timing. Patient reports occasional missed evening dose.",
        "action": ClinicalAction.PLAN_UPDATED,
        "action_detail": "Reinforced medication schedule. Updated care plan.",
    }
    plan = (
        "Take the evening dose at dinner, with a phone alarm. No added salt at dinner. Measure twice a day."
    )
    return [_session(stage, NOTE_DAY, "14:00", review=240, call=360, write=120, note=note, new_plan=plan)]


def plain(stage: Stage) -> list[Session]:
    """21 minutes, 13 of them in a session with a call."""
    return [
        _session(stage, 5, "11:00", review=480, author="second"),
        _session(stage, 13, "13:00", review=300, call=300, write=180, author="fourth"),
    ]


def no_contact(stage: Stage) -> list[Session]:
    return [
        _session(stage, 4, "09:30", review=600),
        _session(stage, 11, "09:30", review=480, write=240, contact=Contact.MESSAGE),
    ]


def voicemail(stage: Stage) -> list[Session]:
    """The minute of the unanswered call is not counted."""
    return [
        _session(stage, 4, "15:00", review=660, author="second"),
        _session(
            stage, 15, "15:00", review=480, call=60, write=180, author="second", contact=Contact.VOICEMAIL
        ),
    ]


def two_nurses(stage: Stage) -> list[Session]:
    return [
        _session(stage, 6, "10:00", review=360, call=360, exact=True),
        _session(stage, 6, "10:06", review=720, author="second", exact=True),
    ]


def voided(stage: Stage) -> list[Session]:
    return [
        _session(stage, 5, "10:30", review=360, call=360, author="third"),
        _session(stage, 8, "10:30", review=600, author="third", later="void"),
    ]


def amended(stage: Stage) -> list[Session]:
    return [
        _session(stage, 5, "14:00", review=360, call=360, author="fourth", later="amend"),
        _session(stage, 9, "14:00", review=600, author="fourth"),
    ]


def amended_after_close(stage: Stage) -> list[Session]:
    """The second one is amended in the month after, less than two weeks later: past that it would need approval."""
    return [
        _session(stage, 7, "11:30", review=720),
        _session(stage, 18, "11:30", review=420, call=420, later="amend when re-opened"),
    ]


def over_midnight(stage: Stage) -> list[Session]:
    """On call on the month's last evening: 23:50 to 00:10."""
    before = timedelta(minutes=10)
    return [
        _session(stage, 6, "16:00", review=360, call=240, author="second"),
        Session(
            author="second",
            starts_at=stage.at(next_month(stage.shown), "00:00") - before,
            parts=((Activity.DATA_REVIEW, 480), (Activity.CONTACT, 480), (Activity.DOCUMENTATION, 240)),
            contact=Contact.CALL,
            exact=True,
        ),
    ]


def late(stage: Stage) -> list[Session]:
    return _entered(stage, number=3, on=8, reason="Power cut in the office; written from my paper notes.")


def very_late(stage: Stage) -> list[Session]:
    return _entered(stage, number=2, on=19, reason="Found on paper while tidying up for the month's end.")


def very_late_approved(stage: Stage) -> list[Session]:
    return _entered(stage, number=2, on=18, reason="Was on leave after this call.", later="approve")


def _entered(stage: Stage, *, number: int, on: int, reason: str, later: str = "") -> list[Session]:
    """Ten minutes on one day, entered by hand on another, beside an ordinary session of eleven."""
    by_hand = {"by_hand": True, "late_reason": reason, "later": later}
    return [
        _session(
            stage,
            number,
            "09:00",
            review=600,
            author="third",
            signed_at=stage.at(stage.workday(on), "16:40"),
            **by_hand,
        ),
        _session(stage, 10, "10:00", review=300, call=360, author="third"),
    ]


def visit_day(stage: Stage) -> list[Session]:
    return [
        _session(stage, 3, "13:30", review=480, call=420),
        _session(stage, 9, "13:30", review=480),
    ]


def silent(stage: Stage) -> list[Session]:
    return [
        _session(stage, 6, "12:00", review=240, call=300, write=120, author="fourth"),
        _session(stage, 14, "12:00", review=120, call=420, author="fourth", contact=Contact.DEVICE_HELP),
    ]


def physician(stage: Stage) -> list[Session]:
    return [_session(stage, number, "17:10", review=780, write=180, author="physician") for number in (8, 17)]


def caregiver(stage: Stage) -> list[Session]:
    return [
        _session(stage, n, "09:45", review=300, call=420, author="fourth", contact=Contact.CAREGIVER)
        for n in (4, 15)
    ]


def chat(stage: Stage) -> list[Session]:
    return [
        _session(stage, n, "13:15", review=420, write=210, author="second", contact=Contact.CHAT)
        for n in (5, 16)
    ]


def device_help(stage: Stage) -> list[Session]:
    return [
        _session(stage, 4, "15:30", review=720),
        _session(stage, 11, "15:30", review=240, call=540, contact=Contact.DEVICE_HELP),
    ]


def late_consent(stage: Stage) -> list[Session]:
    return [
        _session(stage, 3, "15:45", review=540, author="second"),
        _session(stage, 10, "15:45", review=360, call=360, author="second"),
    ]


def clock_change(stage: Stage) -> list[Session]:
    """Ten minutes before and ten after the clocks change."""
    if (change := stage.clock_change()) is None:
        return []
    parts = ((Activity.DATA_REVIEW, 480), (Activity.CONTACT, 480), (Activity.DOCUMENTATION, 240))
    return [
        Session(
            author="third",
            starts_at=change - timedelta(minutes=10),
            parts=parts,
            contact=Contact.CALL,
            exact=True,
        )
    ]
