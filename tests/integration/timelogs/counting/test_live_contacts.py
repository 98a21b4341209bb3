"""What is a live contact: each pattern of a contact as a row, signed through the services on real rows.

Ten minutes on 3 March 2026 from nine in the morning in New York, unless the row says otherwise; the readings of March
were reviewed unless it says `device only`. Expected are live contacts and counted minutes, of March and of April.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from accounts.practice_policies import set_policy
from billing.decisions.decide import decide
from billing.decisions.second_count import second_counts
from billing.facts.gather import gather
from foundation.refusals import Refused
from patients.models import Consent, OfficeVisit, Order, OtherService
from tests import factories
from tests.factories import saved
from tests.integration.billing.months import MARCH, NINE
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, started, text_of
from timelogs.counting.overlaps import Overlap
from timelogs.counting.sums import month_sum
from timelogs.counting.totals import month_total
from timelogs.models import Method, Status, TimeEntry
from timelogs.note import drafts
from timelogs.signing.amend import amend
from timelogs.signing.approve import approve
from timelogs.signing.void import void

pytestmark = pytest.mark.django_db

APRIL = date(2026, 4, 1)
THE_3RD, THE_10TH = date(2026, 3, 3), date(2026, 3, 10)
LAST_EVENING = datetime(2026, 4, 1, 3, 55, tzinfo=UTC)  # 23:55 on 31 March
NEXT_MORNING = datetime(2026, 4, 1, 14, 0, tzinfo=UTC)
DAUGHTER = {**CALL, "party": "caregiver", "party_name": "Ann Doe", "party_relation": "daughter"}
CLINICIAN = {**CALL, "party": "clinician", "topics": []}
VOICEMAIL = {**NO_ANSWER, "follow_up_on": date(2026, 3, 4)}
UNREAD = {"data_reviewed": False}


def by(method: str, **more) -> dict:
    return {**CALL, "method": method, **more}


def about(*topics: str, **more) -> dict:
    return {**CALL, "topics": list(topics), **more}


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def at(moment: datetime, note: dict = CALL, seconds: int = 240) -> dict:
    return {**note, "contact_started_at": moment, "contact_seconds": seconds}


# What else is on record, or happens to the session afterwards ------------------------------------------------


def nothing(cast, *entries) -> None:
    pass


def visit(cast) -> None:
    saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=THE_3RD))


def visit_that_counts(cast) -> None:
    visit(cast)
    set_policy(cast.practice, key="same_day_visit", value="count", starts_on=MARCH, why="Counsel's advice.")


def visit_on_another_day(cast) -> None:
    saved(OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=THE_10TH))


def consent_on_the_10th(cast) -> None:
    consent = Consent.objects.get(patient=cast.jane)
    consent.given_on = THE_10TH
    consent.save()


def consent_on_the_day(cast) -> None:
    consent = Consent.objects.get(patient=cast.jane)
    consent.given_on = THE_3RD
    consent.save()


def order_on_the_10th(cast) -> None:
    order = Order.objects.get(enrollment=cast.jane_enrolled)
    order.signed_on = THE_10TH
    order.save()


def disenrolled_as_of_the_2nd(cast, *entries) -> None:
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = date(2026, 3, 2), "Moved away."
    cast.jane_enrolled.save()


def voided(cast, entry, *others) -> None:
    void(entry, reason="Wrong patient.", by=cast.rosa, at=NINE + minutes(60))


def amended_to_a_voicemail(cast, entry, *others) -> None:
    note = {**VOICEMAIL, **UNREAD}
    amend(entry, note=note, seconds=None, reason="Nobody", by=cast.rosa, at=NINE + minutes(60))


def approved(cast, entry, *others) -> None:
    approve(entry, by=cast.lena, at=NINE + timedelta(days=21))


@dataclass(frozen=True)
class Contact:
    """One pattern. `more`: further sessions, (who, starts, note). `late`: days from the work to the signature."""

    words: str
    note: dict
    live: int
    minutes: int
    chats: int = 0
    april: tuple[int, int] = (0, 0)
    starts: datetime = NINE
    who: str = "rosa"
    before: Callable = nothing
    more: tuple = ()
    late: int = 0
    then: Callable = nothing


# One pattern a line, however long: the table is read across.
# ruff: noqa: E501
TABLE = [
    # How
    Contact("a call about readings and diet", CALL, 1, 10),
    Contact("a video call", by("video"), 1, 10),
    Contact("a call over a relay service", by("relay"), 1, 10),
    Contact("a call with an interpreter on the line", {**CALL, "said": "Through an interpreter she told of the salt."}, 1, 10),
    Contact("a call of twenty seconds", {**CALL, "contact_seconds": 20}, 1, 10),
    Contact("a call by the physician herself", CALL, 1, 10, who="ana"),
    Contact("a live chat, which needs the payer's policy", by("live_chat"), 0, 10, chats=1),
    Contact("secure messages, whoever answers them", by("secure_message"), 0, 10),
    Contact("a message answered by a call", {**CALL, "said": "She wrote in the morning; I rang back about it."}, 1, 10),
    Contact("a message, and a call in a later session", by("secure_message"), 1, 20, more=(("rosa", NINE + minutes(30), CALL),)),
    # In person
    Contact("in person, no office visit that day", by("in_person"), 1, 10),
    Contact("in person, an office visit on another day", by("in_person"), 1, 10, before=visit_on_another_day),
    Contact("in person on the day of an office visit", by("in_person"), 0, 0, before=visit),
    Contact("in person on a visit's day whose minutes the practice counts", by("in_person"), 0, 10, before=visit_that_counts),
    Contact("a call on the day of an office visit", CALL, 0, 0, before=visit),
    Contact("a call on a visit's day whose minutes the practice counts", CALL, 1, 10, before=visit_that_counts),
    # With whom
    Contact("the daughter, named", DAUGHTER, 1, 10),
    Contact("the daughter by video with a relay", {**DAUGHTER, "method": "relay"}, 1, 10),
    Contact("patient and daughter in one three-way call", {**CALL, "said": "She and her daughter Ann were both on the line."}, 1, 10),
    Contact("patient and cardiologist in one three-way call", {**CALL, "said": "She and Dr Heart were both on the line."}, 1, 10),
    Contact("a clinician about the patient", CLINICIAN, 0, 10),
    Contact("a colleague of the practice by video", {**CLINICIAN, "method": "video"}, 0, 10),
    Contact("nobody: the dashboard was read", REVIEW, 0, 10),
    Contact("nobody, though a method was left over from typing", {**REVIEW, "method": "phone"}, 0, 10),
    Contact("a group call, recorded for the one patient", {**CALL, "said": "Three patients were on the line; she told of her salt."}, 1, 10),
    Contact("two nurses in the same call", at(NINE + minutes(1)), 1, 12, more=(("luis", NINE + minutes(2), at(NINE + minutes(3))),)),
    Contact("two nurses, one call after the other", at(NINE + minutes(1)), 2, 12, more=(("luis", NINE + minutes(2), at(NINE + minutes(6))),)),
    # Not reached
    Contact("a voicemail", {**VOICEMAIL, **UNREAD}, 0, 0),
    Contact("a voicemail after the readings were reviewed", {**REVIEW, **VOICEMAIL}, 0, 10),
    Contact("a voicemail to the daughter", {**VOICEMAIL, **UNREAD, "party": "caregiver", "party_name": "Ann Doe", "party_relation": "daughter"}, 0, 0),
    Contact("no answer, topics ticked all the same", {**VOICEMAIL, **UNREAD, "topics": ["readings"]}, 0, 0),
    Contact("no answer, then reached in the same session", at(NINE + minutes(6)), 1, 10),
    Contact("a voicemail, returned by the patient within the month", {**VOICEMAIL, **UNREAD}, 1, 10, more=(("rosa", NINE + timedelta(days=2), CALL),)),
    Contact("a voicemail, returned by the patient next month", {**VOICEMAIL, **UNREAD}, 0, 0, april=(1, 10), more=(("rosa", NEXT_MORNING, CALL),)),
    # About what
    Contact("device help, and nothing else", about("device_help", **UNREAD), 0, 0),
    Contact("device help after the readings were reviewed", about("device_help"), 0, 10),
    Contact("device help and the readings", about("device_help", "readings"), 1, 10),
    Contact("an appointment, and nothing else", about("scheduling", **UNREAD), 0, 0),
    Contact("an appointment and help with the device", about("scheduling", "device_help", **UNREAD), 0, 0),
    Contact("an appointment, then the medicines", about("scheduling", "medicines"), 1, 10),
    Contact("something else about the treatment", about("other"), 1, 10),
    Contact("a live chat about the device alone", about("device_help", method="live_chat", **UNREAD), 0, 0),
    Contact("a message about an appointment alone", about("scheduling", method="secure_message", **UNREAD), 0, 0),
    # When
    Contact("before the consent", CALL, 0, 0, before=consent_on_the_10th),
    Contact("on the day of the consent", CALL, 1, 10, before=consent_on_the_day),
    Contact("before the order", CALL, 0, 0, before=order_on_the_10th),
    Contact("after the enrollment turned out to have ended", CALL, 0, 0, then=disenrolled_as_of_the_2nd),
    Contact("begun at 23:59 on the last day", at(LAST_EVENING + minutes(4)), 1, 5, starts=LAST_EVENING, april=(0, 5)),
    Contact("begun at 00:00 of the next month", at(LAST_EVENING + minutes(5)), 0, 5, starts=LAST_EVENING, april=(1, 5)),
    Contact("over midnight, its beginning not noted: it began with the session", CALL, 1, 5, starts=LAST_EVENING, april=(0, 5)),
    # What became of the note
    Contact("signed so late that it waits for approval", CALL, 0, 0, late=20),
    Contact("signed so late, and approved", CALL, 1, 10, late=20, then=approved),
    Contact("voided", CALL, 0, 0, then=voided),
    Contact("amended: nobody had answered", {**CALL, **UNREAD}, 0, 0, then=amended_to_a_voicemail),
    Contact("one of two, the other voided", CALL, 1, 10, more=(("rosa", NINE + minutes(30), CALL),), then=voided),
]  # fmt: skip


def signed(cast, who: str, starts: datetime, note: dict, *, late: int = 0) -> TimeEntry:
    person = getattr(cast, who)
    moment = starts + timedelta(minutes=15, days=late)
    return signed_session(cast.jane, by=person, starts_at=starts, seconds=600, at=moment, **note)


def counted(cast, month: date) -> tuple[int, int]:
    total = month_total(cast.jane, month)
    return total.live_contacts, total.seconds // 60


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.words)
def test_what_is_a_live_contact(cast, row):
    factories.readings(cast.jane, MARCH, 20)
    row.before(cast)
    entries = [signed(cast, row.who, row.starts, row.note, late=row.late)]
    entries += [signed(cast, *more) for more in row.more]
    row.then(cast, *entries)
    assert counted(cast, MARCH) == (row.live, row.minutes)
    assert counted(cast, APRIL) == row.april
    assert month_total(cast.jane, MARCH).live_chat_contacts == row.chats
    added = month_sum(cast.jane, MARCH)
    assert (added.live_contact_on is not None, added.live_chat) == (row.live > 0, row.chats > 0)
    for month in (MARCH, APRIL):
        seconds = second_counts(cast.practice, month, [cast.jane.pk])[cast.jane.pk]
        assert (seconds.staff_seconds + seconds.qhp_seconds) // 60 == counted(cast, month)[1]


def test_the_table_is_long_enough_and_says_each_thing_once():
    assert len(TABLE) >= 30
    assert len({row.words for row in TABLE}) == len(TABLE)


# Patterns that no note can tell ----------------------------------------------------------------------------------

REFUSED = [
    ("the daughter without her name", {**DAUGHTER, "party_name": ""}, "Enter the caregiver's name"),
    ("the daughter, relation unknown", {**DAUGHTER, "party_relation": ""}, "how the caregiver is related"),
    ("a call about nothing", about(), "Select what you talked about"),
    ("a live chat about nothing", about(method="live_chat"), "Select what you talked about"),
    ("a call without a word of what was said", {**CALL, "said": "", "action_detail": "ok"}, "at least one sentence"),
    ("a call that a label stands for", {**CALL, "said": "RPM call - 10 minutes"}, "at least one sentence"),
    ("a call without beginning and length", {**CALL, "contact_seconds": None}, "when the contact began"),
    ("a call before the session", at(NINE - minutes(5)), "must lie in the session"),
    ("a call in another month than its session", at(LAST_EVENING), "must lie in the session"),
    ("an attempt with a decision", {**REVIEW, **VOICEMAIL, "action": "education"}, "Nobody answered"),
    ("with somebody, nobody knows how", {**CALL, "method": ""}, "Select how you were in contact"),
]  # fmt: skip


@pytest.mark.parametrize(("note", "sentence"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_cannot_be_signed(cast, note, sentence):
    factories.readings(cast.jane, MARCH, 20)
    with pytest.raises(Refused, match=sentence):
        signed(cast, "rosa", NINE, note)


def test_a_call_after_the_enrollment_ended_cannot_be_logged(cast):
    disenrolled_as_of_the_2nd(cast)
    with pytest.raises(Refused, match="was not enrolled on 3 Mar 2026"):
        signed(cast, "rosa", NINE, CALL)


def test_a_group_call_is_one_patients_time(cast):
    signed(cast, "rosa", NINE, CALL)
    with pytest.raises(Overlap):
        signed_session(cast.max, by=cast.rosa, starts_at=NINE + minutes(5), seconds=600, **CALL)


def test_an_unsigned_call_is_none_yet(cast):
    draft = drafts.log_past(
        cast.jane, starts_at=NINE, seconds=600, reason="Later.", by=cast.rosa, at=NINE + minutes(15)
    )
    drafts.save_draft(draft, note=CALL, version=None, by=cast.rosa, at=NINE + minutes(15))
    assert counted(cast, MARCH) == (0, 0)


@pytest.mark.parametrize("method", ["automated", "ai_call", "robocall", "text_blast", "email"])
def test_what_a_machine_does_is_not_offered(cast, client, method):
    assert method not in Method.values
    with time_machine.travel(NINE, tick=False):
        client.force_login(cast.user("rosa"))
        entry = started(cast.jane, cast.rosa, at=NINE - minutes(10))
        sent = form_of(entry, **{**GOOD_NOTE, "method": method, "minutes": "10"})
        answer = client.post(f"/sessions/{entry.pk}/sign/", sent)
    assert answer.status_code == 422
    assert f'value="{method}"' not in text_of(answer)
    assert TimeEntry.objects.get().status == Status.DRAFT


# What the payer's policies make of them --------------------------------------------------------------------------


def decided(cast, key: str, value, *notes: dict):
    """The codes of a month with these sessions of 20 minutes each, a day apart, under a policy."""
    own = {"practice": cast.practice, "patient": cast.jane}
    saved(OtherService(code="99453", service_on=date(2025, 11, 2), billed_by="us", **own))
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    set_policy(cast.practice, key=key, value=value, starts_on=MARCH, why="The payer's own rule.")
    for day, note in enumerate(notes):
        starts = NINE + timedelta(days=day)
        signed_session(cast.jane, by=cast.rosa, starts_at=starts, seconds=1200, **note)
    counts = second_counts(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk]
    found = decide(gather(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk], counts)
    assert found.agreed
    return found.decision["released"]


@pytest.mark.parametrize(
    ("note", "counts", "billed"),
    [
        (by("live_chat"), True, True),
        (by("live_chat"), False, False),
        (by("secure_message"), True, False),
        (about("device_help", method="live_chat"), True, False),
        (CALL, False, True),
    ],
    ids=["chat with policy", "chat without", "messages with", "chat on the device with", "call without"],
)
def test_a_live_chat_is_one_where_the_payer_says_so(cast, note, counts, billed):
    assert ("99457" in decided(cast, "live_chat_counts", counts, note)) == billed


@pytest.mark.parametrize(("second", "units"), [(CALL, 1), (REVIEW, 0)])
def test_a_payer_may_want_a_contact_for_each_unit(cast, second, units):
    assert decided(cast, "live_contact_per_unit", True, CALL, second).get("99458", 0) == units
