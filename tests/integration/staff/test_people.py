"""People come in by an invitation, change their role from a day on, and leave; the last administrator stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from accounts.permissions import Role
from audit.models import SignInEvent, SignInKind
from dispatch.models import Notice, OutboxMessage
from dispatch.outbox import deliver
from foundation.context import acting
from foundation.months import midnight
from foundation.refusals import Refused
from staff import acts
from staff.links import address_of
from staff.models import Invitation
from staff.tasks import follow_ended_roles
from tests import factories
from timelogs.clock import acts as clock
from timelogs.models import Clock, ClockState, Status, TimeEntry

PEOPLE = "/people/"
PASSWORD = "otter quilt lantern seven"
NINA = {"name": "Nina New", "email": "Nina@Example.test", "role": "nurse", "credential": "rn"}


@pytest.fixture
def ade(cast, client):
    client.force_login(cast.ade.user)
    return client


def today(cast):
    return cast.practice.today()


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def invite(client, cast, **changed):
    return send(client, "/people/invite/", **{**NINA, "starts_on": today(cast).isoformat(), **changed})


def link() -> str:
    """The address in the e-mail that was sent last."""
    for message in OutboxMessage.objects.filter(topic="staff.invited", done_at=None).order_by("id"):
        deliver(message.pk)
    return (
        next(line for line in mail.outbox[-1].body.split() if "/invitation/" in line)
        .partition("//")[2]
        .partition("/")[2]
    )


def accept(address: str, **typed):
    given = {"password": PASSWORD, "again": PASSWORD, **typed}
    return Client().post(f"/{address}", given)


# Coming -----------------------------------------------------------------------------------------------------


def test_an_invited_nurse_chooses_a_password_signs_in_and_starts_a_session(ade, cast):
    assert invite(ade, cast).status_code == 303
    address = link()
    message = mail.outbox[-1]
    assert message.to == ["nina@example.test"]
    assert "Ade Admin invites you to work in RPM Portal for Maple Test Practice, as Nurse." in message.body
    page = Client().get(f"/{address}").content.decode()
    assert "Work for Maple Test Practice" in page
    assert accept(address)["Location"] == "/sign-in/"
    member = Membership.objects.get(user__email="nina@example.test")
    assert (member.role, member.label, member.staff_kind) == ("nurse", "Nina New, RN", "clinical_staff")
    hers = Client()
    assert hers.post("/sign-in/", {"username": "nina@example.test", "password": PASSWORD}).status_code == 302
    started = send(hers, reverse("timelogs:session_start", args=[cast.jane.pk]))
    assert started.status_code == 303, started.content.decode()[:300]
    who = Membership.history.get(id=member.pk)
    assert (who.actor_label, who.history_change_reason) == ("Nina New", "accepted an invitation")


def test_a_link_works_once_and_for_72_hours(ade, cast):
    invite(ade, cast)
    address = link()
    row = Invitation.objects.get()
    with time_machine.travel(row.expires_at - timedelta(seconds=1), tick=False):
        assert Client().get(f"/{address}").status_code == 200
    with time_machine.travel(row.expires_at, tick=False):
        over = accept(address)
        assert over.status_code == 410
        assert "older than 72 hours" in over.content.decode()
    assert not User.objects.filter(email=row.email).exists()
    assert accept(address).status_code == 303
    again = accept(address, password="another long password", again="another long password")
    assert again.status_code == 410
    assert "was accepted already" in again.content.decode()
    assert User.objects.get(email=row.email).check_password(PASSWORD)


def test_sent_again_lives_again_and_withdrawn_is_dead(ade, cast):
    invite(ade, cast)
    address, row = link(), Invitation.objects.get()
    with time_machine.travel(row.expires_at + timedelta(days=1), tick=False):
        ade.force_login(cast.ade.user)
        page = ade.get(PEOPLE, {"show": "invited"}).content.decode()
        assert "Link is dead" in page
        assert send(ade, f"/people/invitations/{row.pk}/again/").status_code == 303
        assert link() == address
        assert Client().get(f"/{address}").status_code == 200
        assert send(ade, f"/people/invitations/{row.pk}/withdraw/").status_code == 303
        assert accept(address).status_code == 410
        assert send(ade, f"/people/invitations/{row.pk}/again/").status_code == 422


@pytest.mark.parametrize("spoilt", ["x", "0" * 32, "{id}", "{id}.x", "{token}x"])
def test_a_link_that_we_did_not_sign_is_not_there(spoilt, ade, cast):
    invite(ade, cast)
    row = Invitation.objects.get()
    token = address_of(row).strip("/").rpartition("/")[2]
    path = f"/invitation/{spoilt.format(id=row.pk.hex, token=token)}/"
    assert Client().get(path).status_code == 404
    assert Client().post(path, {"password": PASSWORD, "again": PASSWORD}).status_code == 404


def test_who_works_elsewhere_signs_in_to_accept_and_keeps_her_password(ade, cast):
    invite(ade, cast, name="Dan Elsewhere", email="dan@example.test", role="biller", credential="")
    address = link()
    assert "has an account already" in Client().get(f"/{address}").content.decode()
    assert accept(address).status_code == 409
    luis, dan = Client(), Client()
    luis.force_login(cast.luis.user)
    assert "This invitation is for dan@example.test" in luis.get(f"/{address}").content.decode()
    assert luis.post(f"/{address}").status_code == 409
    dan.force_login(cast.dan.user)
    assert dan.post(f"/{address}")["Location"] == "/"
    assert User.objects.get(email="dan@example.test").check_password(factories.PASSWORD)
    assert {m.practice for m in Membership.objects.filter(user=cast.dan.user)} == {
        cast.practice,
        cast.elsewhere,
    }
    assert dan.get("/").status_code == 302


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "nobody"}, "Enter an e-mail address, like name@practice.example."),
        ({"email": "ROSA@example.test"}, "rosa@example.test already works here."),
        ({"role": ""}, "Choose the role."),
        ({"credential": " "}, "Enter the credential"),
        ({"role": "qhp", "credential": "MD"}, "Enter the NPI"),
        (
            {"role": "qhp", "credential": "MD", "npi": "1234567890"},
            "NPI must be 10 digits and pass its check digit",
        ),
        ({"starts_on": "2020-01-01"}, "The first day must be today or later."),
        ({"name": ""}, "Enter the name"),
    ],
)
def test_a_wrong_field_is_named_and_what_was_typed_stays(typed, words, ade, cast):
    answer = invite(ade, cast, **typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'value="Nina New"' in page or "name" in typed
    assert not Invitation.objects.exists()


def test_a_double_click_invites_once_and_a_second_invitation_is_refused(ade, cast):
    given = {**NINA, "starts_on": today(cast).isoformat(), "operation_id": str(uuid4())}
    assert {ade.post("/people/invite/", given).status_code for _ in range(2)} == {303}
    assert Invitation.objects.count() == OutboxMessage.objects.filter(topic="staff.invited").count() == 1
    again = invite(ade, cast)
    assert "is invited already" in again.content.decode()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"password": "short", "again": "short"}, "at least 12 characters"),
        ({"again": "otter quilt lantern eight"}, "The two differ"),
        ({"password": "123456789012", "again": "123456789012"}, "easy to guess"),
    ],
)
def test_a_bad_password_opens_no_account(typed, words, ade, cast):
    invite(ade, cast)
    answer = accept(link(), **typed)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not User.objects.filter(email="nina@example.test").exists()


def test_around_the_form_the_database_refuses_two_open_invitations_and_a_bare_credential(ade, cast):
    invite(ade, cast)
    row = Invitation.objects.get()
    for spoilt in (
        {"email": row.email},
        {"email": "b@example.test", "credential": ""},
        {"email": "B@example.test"},
    ):
        copy = Invitation(
            practice=row.practice, name="x", role="nurse", invited_by=cast.ade, starts_on=row.starts_on,
            expires_at=row.expires_at, **{"credential": "RN", **spoilt},
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()


# Changing and leaving -------------------------------------------------------------------------------------------


def change(client, member, **typed):
    return send(client, f"/people/{member.pk}/role/", **typed)


def end(client, member, on, reason="Moved away."):
    return send(client, f"/people/{member.pk}/end/", ends_on=on.isoformat(), reason=reason)


def test_a_role_changes_from_a_day_on_and_not_before(ade, cast):
    monday = today(cast) + timedelta(days=7)
    assert (
        change(ade, cast.luis, role="lead_nurse", credential="RN", starts_on=monday.isoformat()).status_code
        == 303
    )
    rows = list(Membership.objects.filter(user=cast.luis.user).order_by("starts_on"))
    assert [(m.role, m.credential, m.ends_on) for m in rows] == [
        ("nurse", "LPN", monday),
        ("lead_nurse", "RN", None),
    ]
    at_monday = Membership.objects.filter(user=cast.luis.user).on(monday).get()
    assert at_monday == rows[1]
    assert "To come" in ade.get(PEOPLE).content.decode()


def test_a_role_that_began_today_can_be_corrected_today(ade, cast):
    assert (
        change(ade, cast.luis, role="nurse", credential="RN", starts_on=today(cast).isoformat()).status_code
        == 303
    )
    now = Membership.objects.filter(user=cast.luis.user).on(today(cast)).get()
    assert (
        change(ade, now, role="biller", credential="", starts_on=today(cast).isoformat()).status_code == 303
    )
    assert Membership.objects.filter(user=cast.luis.user).on(today(cast)).get().role == Role.BILLER


def test_ended_today_the_next_request_is_refused_the_clock_stops_and_the_draft_stays(ade, cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    rosa = Client()
    rosa.force_login(cast.rosa.user)
    assert rosa.get(f"/sessions/{entry.pk}/").status_code == 200
    assert end(ade, cast.rosa, today(cast)).status_code == 303
    # Nowhere else at work: her sign-in is over, and no new one is let in.
    assert rosa.get(f"/sessions/{entry.pk}/")["Location"].startswith("/sign-in/")
    answer = Client().post("/sign-in/", {"username": "rosa@example.test", "password": factories.PASSWORD})
    assert answer.status_code == 200
    running = Clock.objects.get(entry=entry)
    assert (running.state, running.pause_reason) == (ClockState.PAUSED, "no longer logs time here")
    assert TimeEntry.objects.get(pk=entry.pk).status == Status.DRAFT
    assert "Moved away." in [row.history_change_reason for row in Membership.history.filter(id=cast.rosa.pk)]
    assert "Rosa Nguyen" in ade.get(PEOPLE, {"show": "left"}).content.decode()


def test_who_leaves_one_practice_goes_on_in_the_other(ade, cast):
    invite(ade, cast, name="Dan Elsewhere", email="dan@example.test", role="biller", credential="")
    dan = Client()
    dan.force_login(cast.dan.user)
    dan.post(f"/{link()}")
    here = Membership.objects.get(practice=cast.practice, user=cast.dan.user)
    running = clock.start_session(cast.nora, by=cast.dan, at=timezone.now())
    assert end(ade, here, today(cast)).status_code == 303
    assert dan.get(f"/sessions/{running.pk}/").status_code == 200
    assert Clock.objects.get(entry=running).state == ClockState.RUNNING
    assert User.objects.get(pk=cast.dan.user_id).is_active


def later(cast, days: int):
    """Just after midnight in the practice, so many days from now."""
    return midnight(today(cast) + timedelta(days=days), tz=cast.practice.tz) + timedelta(seconds=1)


def test_an_end_that_was_set_before_stops_the_clock_and_closes_the_account_on_its_day(ade, cast):
    assert end(ade, cast.rosa, today(cast) + timedelta(days=2)).status_code == 303
    day = later(cast, 2)
    with time_machine.travel(day - timedelta(seconds=5)) as clock_hand:
        entry = clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
        follow_ended_roles()
        assert Clock.objects.get(entry=entry).state == ClockState.RUNNING
        clock_hand.move_to(day)
        for _ in range(2):
            follow_ended_roles()
        running = Clock.objects.get(entry=entry)
        assert (running.state, running.pause_reason) == (ClockState.PAUSED, "no longer logs time here")
    user = User.objects.get(pk=cast.rosa.user_id)
    assert not user.is_active
    assert user.history.count() == 2
    assert user.history.first().actor_label == "system: ended roles"


def test_a_worker_that_stood_still_for_days_closes_the_account_then(ade, cast):
    end(ade, cast.rosa, today(cast) + timedelta(days=2))
    with time_machine.travel(later(cast, 8)):
        follow_ended_roles()
    assert not User.objects.get(pk=cast.rosa.user_id).is_active


def test_who_goes_on_in_another_role_keeps_clock_and_account(ade, cast):
    monday = today(cast) + timedelta(days=2)
    change(ade, cast.rosa, role="lead_nurse", credential="RN", starts_on=monday.isoformat())
    day = later(cast, 2)
    with time_machine.travel(day - timedelta(seconds=5)) as clock_hand:
        entry = clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
        clock_hand.move_to(day)
        follow_ended_roles()
        assert Clock.objects.get(entry=entry).state == ClockState.RUNNING
    assert User.objects.get(pk=cast.rosa.user_id).is_active


def test_an_account_with_a_role_to_come_stays_open_even_if_that_has_an_end(ade, cast):
    member = cast.rosa
    starts_on = today(cast) + timedelta(days=5)
    there = factories.saved(
        Membership(
            practice=cast.elsewhere, user=member.user, role=Role.BILLER, staff_kind="none",
            starts_on=starts_on, ends_on=starts_on + timedelta(days=90),
        )
    )  # fmt: skip
    end(ade, member, today(cast))
    assert User.objects.get(pk=member.user_id).is_active
    assert not Membership.objects.filter(pk=there.pk).at(timezone.now()).exists()


def test_a_role_taken_back_before_it_began_keeps_nobody_from_coming_again(ade, cast):
    end(ade, cast.rosa, today(cast))
    invite(
        ade,
        cast,
        name="Rosa Nguyen",
        email="rosa@example.test",
        starts_on=(today(cast) + timedelta(days=9)).isoformat(),
    )
    accept(link())
    to_come = Membership.objects.get(user=cast.rosa.user, practice=cast.practice, ends_on=None)
    assert (
        "already works here"
        in invite(ade, cast, name="Rosa Nguyen", email="rosa@example.test").content.decode()
    )
    end(ade, to_come, today(cast))
    assert not User.objects.get(pk=cast.rosa.user_id).is_active
    assert invite(ade, cast, name="Rosa Nguyen", email="rosa@example.test").status_code == 303
    assert accept(link()).status_code == 303
    assert Membership.objects.filter(user=cast.rosa.user).at(timezone.now()).count() == 1


def test_who_left_comes_back_by_a_new_invitation(ade, cast):
    end(ade, cast.rosa, today(cast))
    invite(ade, cast, name="Rosa Nguyen", email="rosa@example.test")
    assert accept(link()).status_code == 303
    user = User.objects.get(email="rosa@example.test")
    assert (user.is_active, user.pk, user.check_password(PASSWORD)) == (True, cast.rosa.user_id, True)


def test_the_last_administrator_cannot_go_and_nobody_changes_her_own_role(ade, cast):
    for answer in (
        change(ade, cast.ade, role="nurse", credential="RN", starts_on=today(cast).isoformat()),
        end(ade, cast.ade, today(cast)),
    ):
        assert answer.status_code == 422
        assert "This is your own role." in answer.content.decode()
    other = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    abe = Client()
    abe.force_login(other.user)
    assert end(abe, cast.ade, today(cast) + timedelta(days=1)).status_code == 303
    ade.force_login(cast.ade.user)
    refused = change(
        ade, other, role="biller", credential="", starts_on=(today(cast) + timedelta(days=1)).isoformat()
    )
    assert refused.status_code == 422
    assert "would have no administrator" in refused.content.decode()
    with pytest.raises(Refused, match="would have no administrator"):
        acts.end_role(other, ends_on=today(cast) + timedelta(days=1), by=cast.ade, at=timezone.now())


@pytest.mark.parametrize("who", ["rosa", "lena", "ana", "cora", "omar"])
def test_nobody_else_sees_or_changes_people(who, cast, client):
    client.force_login(cast.user(who))
    assert client.get(PEOPLE).status_code == 403
    assert invite(client, cast).status_code == 403
    assert end(client, cast.luis, today(cast)).status_code == 403


def test_another_practices_people_are_not_there(ade, cast):
    assert "Dan Elsewhere" not in ade.get(PEOPLE).content.decode()
    assert ade.get(f"/people/{cast.dan.pk}/role/").status_code == 404
    assert end(ade, cast.dan, today(cast)).status_code == 404


def test_a_role_taken_back_stands_under_left_without_buttons(ade, cast):
    end(ade, cast.rosa, today(cast))
    later_ = factories.saved(
        Membership(
            practice=cast.practice, user=cast.luis.user, role=Role.BILLER, staff_kind="none",
            starts_on=today(cast) + timedelta(days=30), ends_on=today(cast) + timedelta(days=30),
        )
    )  # fmt: skip
    assert f"/people/{later_.pk}/role/" not in ade.get(PEOPLE).content.decode()
    assert ade.get(PEOPLE, {"show": "left"}).content.decode().count("Luis Ortiz") == 1
    answer = change(ade, later_, role="biller", starts_on=today(cast).isoformat())
    assert (answer.status_code, "no longer works here in this role" in answer.content.decode()) == (422, True)


def test_a_role_to_come_does_not_begin_while_another_holds(ade, cast):
    monday = today(cast) + timedelta(days=7)
    change(ade, cast.luis, role="lead_nurse", credential="RN", starts_on=monday.isoformat())
    to_come = Membership.objects.get(user=cast.luis.user, ends_on=None)
    early = change(
        ade, to_come, role="lead_nurse", credential="RN", starts_on=(monday - timedelta(days=1)).isoformat()
    )
    assert (early.status_code, "Another role holds until" in early.content.decode()) == (422, True)
    now = Membership.objects.get(user=cast.luis.user, ends_on=monday)
    assert (
        change(ade, now, role="nurse", credential="RN", starts_on=today(cast).isoformat()).status_code == 303
    )
    assert (
        change(ade, to_come, role="nurse", credential="RN", starts_on=monday.isoformat()).status_code == 303
    )


def test_who_logs_no_time_any_more_is_followed_as_who_left(ade, cast):
    entry = clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    assert change(ade, cast.rosa, role="biller", starts_on=today(cast).isoformat()).status_code == 303
    running = Clock.objects.get(entry=entry)
    assert (running.state, running.pause_reason) == (ClockState.PAUSED, "no longer logs time here")
    told = Notice.objects.filter(kind="left_drafts")
    assert {notice.recipient for notice in told} == {cast.lena.user, cast.ana.user}
    assert User.objects.get(pk=cast.rosa.user_id).is_active


def test_who_leaves_twice_is_told_of_twice(ade, cast):
    clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())
    end(ade, cast.rosa, today(cast))
    back = factories.saved(
        Membership(
            practice=cast.practice, user=cast.rosa.user, role=Role.NURSE, credential="RN",
            staff_kind="clinical_staff", starts_on=today(cast) + timedelta(days=30),
        )
    )  # fmt: skip
    assert Notice.objects.filter(kind="left_drafts").count() == 2
    back.ends_on = back.starts_on + timedelta(days=5)
    back.save()
    with time_machine.travel(later(cast, 35)):
        follow_ended_roles()
    assert Notice.objects.filter(kind="left_drafts").count() == 4


def test_an_account_that_closes_while_its_person_accepts_is_opened_by_the_link(ade, cast):
    invite(ade, cast, name="Dan Elsewhere", email="dan@example.test")
    address, row = link(), Invitation.objects.get()
    dan = cast.dan.user
    User.objects.get(pk=dan.pk).save()
    there = Membership.objects.get(pk=cast.dan.pk)
    there.ends_on = cast.elsewhere.today()
    there.save()
    with acting("system: ended roles"):
        acts.follow_ended_role(there, at=timezone.now())
    with pytest.raises(Refused, match="Your account was closed meanwhile"):
        acts.accept(row, user=dan, at=timezone.now())
    assert accept(address).status_code == 303
    assert User.objects.get(pk=dan.pk).is_active


# Of another employer --------------------------------------------------------------------------------------------

OUTSIDE = {"employer": "Carestaff Test Inc."}


def test_a_nurse_of_another_employer_has_a_supervisor_who_is_named_everywhere(ade, cast):
    assert invite(ade, cast, **OUTSIDE, supervised_by=str(cast.ana.pk)).status_code == 303
    words = "of Carestaff Test Inc., supervised by Ana Rivera, MD"
    assert words in ade.get(PEOPLE, {"show": "invited"}).content.decode()
    assert accept(link()).status_code == 303
    member = Membership.objects.get(user__email="nina@example.test")
    assert (member.employer, member.supervised_by) == ("Carestaff Test Inc.", cast.ana)
    assert words in ade.get(PEOPLE).content.decode()
    form = ade.get(f"/people/{member.pk}/role/").content.decode()
    assert f'<option value="{cast.ana.pk}" selected' in form
    cast.ana.ends_on = today(cast)
    cast.ana.save()
    assert "Supervisor left" in ade.get(PEOPLE).content.decode()
    cast.ana.ends_on = today(cast) + timedelta(days=1)
    cast.ana.save()
    assert "Supervisor left" not in ade.get(PEOPLE).content.decode()


def test_a_supervisor_who_left_is_not_taken_over_and_another_credential_is_no_leaving(ade, cast):
    invite(
        ade,
        cast,
        **OUTSIDE,
        supervised_by=str(cast.ana.pk),
        starts_on=(today(cast) + timedelta(days=9)).isoformat(),
    )
    address = link()
    cast.ana.ends_on = today(cast) + timedelta(days=9)
    cast.ana.save()
    refused = accept(address)
    assert (refused.status_code, "no longer works here on that day" in refused.content.decode()) == (
        409,
        True,
    )
    cast.ana.ends_on = today(cast) + timedelta(days=10)
    cast.ana.save()
    assert accept(address).status_code == 303
    cast.ana.ends_on = today(cast)
    cast.ana.save()
    factories.saved(
        Membership(
            practice=cast.practice, user=cast.ana.user, role=Role.QHP, credential="DO", staff_kind="qhp",
            npi="1234567893", starts_on=today(cast),
        )
    )  # fmt: skip
    assert "Supervisor left" not in ade.get(PEOPLE).content.decode()


def test_who_is_employed_elsewhere_from_a_day_on_has_a_role_of_its_own_from_then(ade, cast):
    monday = today(cast) + timedelta(days=7)
    typed = {"role": "nurse", "credential": "LPN", "starts_on": monday.isoformat(), **OUTSIDE}
    assert change(ade, cast.luis, **typed, supervised_by=str(cast.ana.pk)).status_code == 303
    rows = Membership.objects.filter(user=cast.luis.user).order_by("starts_on")
    assert [(m.employer, m.ends_on) for m in rows] == [("", monday), ("Carestaff Test Inc.", None)]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        (OUTSIDE, "Choose who supervises: clinical staff of another employer"),
        ({"employer": " ", "supervised_by": "ana"}, "Enter the employer, or choose nobody"),
        ({**OUTSIDE, "supervised_by": "lena"}, "Choose a physician, NP or PA who works here."),
        ({**OUTSIDE, "supervised_by": "dan"}, "Choose a physician, NP or PA who works here."),
        (
            {"employer": "C" * 121, "supervised_by": "ana"},
            "The employer must be 120 characters or fewer. It has 121",
        ),
    ],
)
def test_supervision_that_is_missing_or_wrong_is_named_and_what_was_typed_stays(typed, words, ade, cast):
    if "supervised_by" in typed:
        typed = {**typed, "supervised_by": str(getattr(cast, typed["supervised_by"]).pk)}
    answer = invite(ade, cast, **typed)
    page = answer.content.decode()
    assert (answer.status_code, words in page, 'value="Nina New"' in page) == (422, True, True)
    assert not Invitation.objects.exists()


def test_a_biller_or_a_physician_of_another_employer_needs_no_supervisor(ade, cast):
    assert invite(ade, cast, **OUTSIDE, role="biller", credential="").status_code == 303


@transaction.atomic
def saved_and_checked(row) -> None:
    """Keys within the practice are looked at when a transaction ends: here at once."""
    row.save()
    connection.check_constraints()


def test_around_the_form_the_database_refuses_supervision_that_is_none(cast, ade):
    """By a nurse, by herself, of the practice's own people, of nobody, by somebody of another practice."""
    own = {"practice": cast.practice, "role": Role.NURSE, "credential": "RN", "staff_kind": "clinical_staff"}
    days = {"starts_on": factories.LONG_AGO - timedelta(days=9), "ends_on": factories.LONG_AGO}
    far = Membership.objects.get(user__name="Dr Far")
    for spoilt in (
        {"employer": "C", "supervised_by": cast.lena},
        {"employer": "C", "supervised_by": cast.ana, "user": cast.ana.user},
        {"employer": "", "supervised_by": cast.ana},
        {"employer": "C"},
        {"employer": "C", "supervised_by": far},
    ):
        row = Membership(**{"user": cast.rosa.user, **own, **days, **spoilt})
        with pytest.raises(IntegrityError):
            saved_and_checked(row)
    with pytest.raises(Refused, match="Nobody supervises herself"):
        acts.change_role(
            cast.ana, role="nurse", credential="RN", npi="", employer="C", supervised_by=cast.ana,
            starts_on=today(cast), by=cast.ade, at=timezone.now(),
        )  # fmt: skip


# The list -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "stale"), [(29, False), (30, True)])
def test_who_was_not_here_for_30_days_is_pointed_out(days, stale, ade, cast):
    at = timezone.now() - timedelta(days=days)
    for member in Membership.objects.filter(practice=cast.practice):
        SignInEvent.objects.create(
            practice=cast.practice, actor_id=member.user_id, actor_label=member.label, request_id=uuid4(),
            kind=SignInKind.SIGNED_IN, at=at,
        )  # fmt: skip
    page = ade.get(PEOPLE).content.decode()
    # The administrator is here now.
    assert page.count("30+ days") == (6 if stale else 0)


def test_the_list_costs_the_same_for_few_and_many(ade, cast):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert ade.get(PEOPLE).status_code == 200
        return len(caught)

    few = queries()
    for number in range(20):
        factories.membership(
            cast.practice, f"Extra {number}", Role.BILLER, email=f"extra{number}@example.test"
        )
    assert queries() == few


def test_the_roles_are_told_in_verbs(ade):
    page = ade.get(PEOPLE).content.decode()
    assert "What can each role do?" in page
    assert "sign orders and plans" in page
