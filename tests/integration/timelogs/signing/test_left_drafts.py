"""What somebody did not sign before she left: told of, found, handed over, closed. Never signed by another."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from accounts.permissions import Role
from audit.models import AccessEvent
from dispatch.models import Notice
from foundation.refusals import Refused
from staff.tasks import follow_ended_roles
from tests import factories
from tests.integration.timelogs.notes import REVIEW
from tests.rows import segment
from timelogs.clock.acts import discard
from timelogs.models import Handover, Status, TimeEntry
from timelogs.note import drafts
from timelogs.signing import left_drafts as left
from timelogs.signing.sign import sign

LIST = "/sessions/left/"


def draft(cast, minutes: int = 12, *, by: Membership | None = None, patient=None, days: int = 3) -> TimeEntry:
    patient = patient or cast.jane
    start = timezone.now() - timedelta(days=days)
    entry = factories.saved(
        TimeEntry(
            practice=patient.practice,
            patient=patient,
            enrollment=patient.enrollments.get(),
            author=by or cast.rosa,
            started_at=start,
            data_from=patient.practice.today(start),
            data_until=patient.practice.today(start),
        )
    )
    segment(entry, start, minutes)
    return entry


def leave(member: Membership, days: int = 0) -> None:
    """Her role ends so many days from today; another, as a biller, does not change that she logs no time."""
    member.ends_on = member.practice.today() + timedelta(days=days)
    member.save()


@pytest.fixture
def entry(cast) -> TimeEntry:
    entry = draft(cast)
    leave(cast.rosa)
    return entry


@pytest.fixture
def lena(cast, client):
    client.force_login(cast.lena.user)
    return client


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def hands(client, entry, to: Membership, why="Call him again."):
    return send(client, f"/sessions/{entry.pk}/hand-over/", to=str(to.pk), why=why)


def closes(client, entry, reason="Called again on 3 March, own session."):
    return send(client, f"/sessions/{entry.pk}/close/", reason=reason)


def page(client, path: str) -> str:
    return client.get(path).content.decode()


# Before she leaves ----------------------------------------------------------------------------------------------


def test_who_ends_a_role_reads_what_is_unsigned_and_no_patient(cast, client):
    draft(cast, 12)
    draft(cast, 9, patient=cast.max, days=2)
    client.force_login(cast.ade.user)
    shown = page(client, f"/people/{cast.rosa.pk}/end/")
    assert "2 drafts are unsigned (21 min)" in shown
    assert "Doe" not in shown
    assert "unsigned" not in page(client, f"/people/{cast.luis.pk}/end/").replace("author’s, unsigned", "")


def test_those_who_approve_are_told_once_of_each_end(cast, client):
    draft(cast)
    client.force_login(cast.ade.user)
    end = {"ends_on": cast.practice.today().isoformat(), "reason": "Moved away."}
    assert send(client, f"/people/{cast.rosa.pk}/end/", **end).status_code == 303
    follow_ended_roles()
    told = Notice.objects.filter(kind="left_drafts")
    assert {notice.recipient for notice in told} == {cast.lena.user, cast.ana.user}
    assert told.count() == 2
    assert all(
        "Jane" not in notice.text and notice.text.endswith("left 1 draft unsigned.") for notice in told
    )


# Found ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "listed"), [(0, True), (1, False)])
def test_a_draft_is_listed_from_the_day_on_which_its_author_is_gone(days, listed, cast, lena):
    draft(cast)
    leave(cast.rosa, days)
    assert ("Jane" in page(lena, LIST)) is listed
    assert ("1 draft of people who left" in page(lena, "/my/sessions/")) is listed


def test_who_stays_in_a_role_that_logs_no_time_left_her_drafts_too(cast, lena, entry):
    factories.saved(
        Membership(
            practice=cast.practice, user=cast.rosa.user, role=Role.BILLER, staff_kind="none",
            starts_on=cast.practice.today(),
        )
    )  # fmt: skip
    assert "Rosa Nguyen, RN" in page(lena, LIST)


def test_who_comes_back_signs_her_own_and_nobody_closes_it(cast, lena, entry):
    assert hands(lena, entry, cast.luis).status_code == 303
    factories.saved(
        Membership(
            practice=cast.practice, user=cast.rosa.user, role=Role.NURSE, credential="RN",
            staff_kind="clinical_staff", starts_on=cast.practice.today(),
        )
    )  # fmt: skip
    assert "Jane" not in page(lena, LIST)
    answer = closes(lena, entry)
    assert (answer.status_code, "signs it herself" in answer.content.decode()) == (422, True)
    luis = Client()
    luis.force_login(cast.luis.user)
    assert "Handed to you" not in page(luis, "/my/sessions/")


@pytest.mark.parametrize("act", ["sign", "discard"])
def test_once_its_author_signed_or_discarded_it_the_handover_is_over(act, cast, lena, entry):
    assert hands(lena, entry, cast.luis).status_code == 303
    back = factories.saved(
        Membership(
            practice=cast.practice, user=cast.rosa.user, role=Role.NURSE, credential="RN",
            staff_kind="clinical_staff", starts_on=cast.practice.today(),
        )
    )  # fmt: skip
    entry.refresh_from_db()
    if act == "sign":
        entry = drafts.save_draft(entry, note=REVIEW, version=entry.version, by=back, at=timezone.now())
        sign(entry, version=entry.version, by=back, at=timezone.now())
    else:
        discard(entry, reason="Nothing was done.", by=back, at=timezone.now())
    assert Handover.objects.get().ended_at is not None
    assert Notice.objects.get(kind="handover").withdrawn_at is not None


def test_those_who_approve_are_told_when_who_looked_after_a_draft_leaves_too(cast, lena, client, entry):
    hands(lena, entry, cast.luis)
    client.force_login(cast.ade.user)
    end = {"ends_on": cast.practice.today().isoformat(), "reason": "Moved away."}
    assert send(client, f"/people/{cast.luis.pk}/end/", **end).status_code == 303
    texts = set(Notice.objects.filter(kind="left_drafts").values_list("text", flat=True))
    assert f"{cast.luis.label} no longer looks after 1 draft of people who left." in texts


def test_signed_and_discarded_ones_are_not_listed_and_the_list_costs_the_same_for_many(cast, lena, entry):
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert lena.get(LIST).status_code == 200
        return len(caught)

    before = cost()
    for number in range(6):
        nurse = factories.membership(
            cast.practice, f"Gone {number}", Role.NURSE, "RN", email=f"g{number}@example.test"
        )
        left.hand_over(
            _left_by(cast, nurse), to=cast.luis, why="Look at it.", by=cast.lena, at=timezone.now()
        )
    assert cost() == before
    left.close_left(entry, reason="Done by Luis.", by=cast.lena, at=timezone.now())
    assert "Rosa" not in page(lena, LIST)


def _left_by(cast, nurse: Membership) -> TimeEntry:
    entry = draft(cast, by=nurse)
    leave(nurse)
    return entry


# Handed over ----------------------------------------------------------------------------------------------------


def test_handed_over_it_stands_with_the_colleague_who_reads_and_closes_it(cast, lena, entry):
    assert hands(lena, entry, cast.luis).status_code == 303
    row = Handover.objects.get()
    assert (row.given_to, row.given_by, row.why, row.ended_at) == (
        cast.luis,
        cast.lena,
        "Call him again.",
        None,
    )
    assert "Luis Ortiz, LPN" in page(lena, LIST)
    luis = Client()
    luis.force_login(cast.luis.user)
    notice = Notice.objects.get(kind="handover")
    assert (notice.recipient, notice.headline) == (cast.luis.user, "A colleague handed you a draft")
    assert "Call him again." in page(luis, "/my/sessions/")
    shown = page(luis, notice.url)
    assert "nobody signs for another" in shown
    assert "Close the draft…" in shown
    assert 'name="said"' not in shown
    assert closes(luis, entry).status_code == 303
    entry.refresh_from_db()
    row.refresh_from_db()
    assert (entry.status, entry.ended_reason) == (Status.DISCARDED, "Called again on 3 March, own session.")
    assert row.ended_at is not None
    assert "Handed to you" not in page(luis, "/my/sessions/")
    assert entry.history.first().actor_label == "Luis Ortiz, LPN"


def test_nobody_signs_what_was_handed_over(cast, lena, entry):
    hands(lena, entry, cast.luis)
    luis = Client()
    luis.force_login(cast.luis.user)
    assert send(luis, f"/sessions/{entry.pk}/sign/").status_code == 403
    assert send(luis, f"/sessions/{entry.pk}/autosave/", said="I was there").status_code == 403


def test_given_to_a_third_it_is_the_thirds_alone(cast, lena, entry):
    hands(lena, entry, cast.luis)
    again = hands(lena, entry, cast.luis)
    assert (again.status_code, "handed to her already" in again.content.decode()) == (422, True)
    assert hands(lena, entry, cast.ana).status_code == 303
    assert [row.ended_at is None for row in Handover.objects.order_by("given_at")] == [False, True]
    luis = Client()
    luis.force_login(cast.luis.user)
    refused = closes(luis, entry)
    assert (refused.status_code, "was not handed to you" in refused.content.decode()) == (422, True)
    assert Notice.objects.get(recipient=cast.luis.user).withdrawn_at is not None


def test_a_double_click_hands_over_once_and_what_is_missing_is_named(cast, lena, entry):
    given = {"operation_id": str(uuid4()), "to": str(cast.luis.pk), "why": "Call him again."}
    assert {lena.post(f"/sessions/{entry.pk}/hand-over/", given).status_code for _ in range(2)} == {303}
    assert Handover.objects.count() == 1
    empty = send(lena, f"/sessions/{entry.pk}/hand-over/", to="", why=" ")
    assert empty.status_code == 422
    for words in ("Choose who looks after it.", "Say what is to be done."):
        assert words in empty.content.decode()
    kept = send(lena, f"/sessions/{entry.pk}/hand-over/", to=str(cast.cora.pk), why="Typed words stay.")
    assert "Choose somebody of the list" in kept.content.decode()
    assert "Typed words stay." in kept.content.decode()


def test_a_stale_form_closes_nothing_twice(cast, lena, entry):
    assert closes(lena, entry).status_code == 303
    late = closes(lena, entry, reason="Once more.")
    assert (late.status_code, "was discarded" in late.content.decode()) == (422, True)
    entry.refresh_from_db()
    assert entry.ended_reason.startswith("Called again")


def test_an_authors_own_draft_is_nobodys_to_hand_over(cast, lena):
    own = draft(cast)
    answer = hands(lena, own, cast.luis)
    assert (answer.status_code, "logs time here" in answer.content.decode()) == (422, True)
    assert "Hand over…" not in page(lena, f"/sessions/{own.pk}/")


@pytest.mark.parametrize(
    ("who", "status"), [("luis", 403), ("cora", 403), ("omar", 403), ("ade", 403), ("dan", 403)]
)
def test_who_may_not_hand_over(who, status, cast, client, entry):
    client.force_login(cast.user(who))
    assert client.get(LIST).status_code == status
    assert hands(client, entry, cast.lena).status_code == status


def test_elsewhere_it_is_not_there(cast, client, entry):
    far = factories.membership(cast.elsewhere, "Far Lead", Role.LEAD_NURSE, "RN", email="fl@example.test")
    client.force_login(far.user)
    assert "Jane" not in page(client, LIST)
    assert hands(client, entry, far).status_code == 404
    assert closes(client, entry).status_code == 404
    own = _left_by_far(cast)
    lena = Client()
    lena.force_login(cast.lena.user)
    assert hands(lena, own, cast.luis).status_code == 404
    here = send(client, f"/sessions/{own.pk}/hand-over/", to=str(cast.luis.pk), why="To somebody elsewhere.")
    assert "Choose somebody of the list" in here.content.decode()


def _left_by_far(cast) -> TimeEntry:
    own = draft(cast, by=cast.dan, patient=cast.nora)
    leave(cast.dan)
    return own


def test_reading_the_list_is_in_the_access_log(cast, lena, entry):
    page(lena, LIST)
    assert AccessEvent.objects.filter(actor_id=cast.lena.user_id).exists()


# By the database ------------------------------------------------------------------------------------------------


def refused(change) -> bool:
    try:
        with transaction.atomic():
            change()
            # Keys within the practice are looked at when a transaction ends.
            connection.check_constraints()
    except DatabaseError:
        return True
    return False


def test_around_the_form_the_database_refuses(cast, entry):
    at = timezone.now()
    given = {
        "practice": cast.practice,
        "entry": entry,
        "given_to": cast.luis,
        "given_by": cast.lena,
        "given_at": at,
        "why": "w",
    }
    signed = draft(cast, by=cast.luis)
    left_ = {
        "no words": {"why": " "},
        "to its author": {"given_to": cast.rosa},
        "from another practice": {"given_to": cast.dan},
        "an end before its beginning": {"ended_at": at - timedelta(seconds=1)},
    }
    assert all(refused(Handover(**{**given, **spoilt}).save) for spoilt in left_.values())
    row = Handover(**given)
    row.save()
    assert refused(Handover(**given).save)
    row.why = "other words"
    assert refused(row.save)
    left.close_left(entry, reason="Done by Luis.", by=cast.lena, at=at)
    assert refused(Handover(**given).save)
    assert signed.status == Status.DRAFT


def test_two_who_close_at_once_are_asked_one_after_the_other(cast, entry):
    left.close_left(entry, reason="Done by Luis.", by=cast.lena, at=timezone.now())
    with pytest.raises(Refused, match="was discarded"):
        left.close_left(entry, reason="Done by Ana.", by=cast.ana, at=timezone.now())
