"""Rows with a history: signed, versioned, whole, never in bulk, never deleted."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.models import Membership, User
from accounts.permissions import Role
from audit.invariants import broken
from foundation import context
from foundation.context import ActorKind, acting, because
from foundation.refusals import Refused, StaleRow, Undeletable, UnsignedChange
from foundation.tracked import bulk_create_tracked, lock
from patients.models import OfficeVisit, Patient
from tests import factories
from tests.factories import saved

DAY = factories.LONG_AGO


@pytest.fixture
def unsigned():
    """Nobody acts: as in a thread or a script that forgot to say."""
    token = context._current.set(None)
    yield
    context._current.reset(token)


def newest(row):
    return row.history.latest()


def test_a_save_writes_who_when_why_and_in_which_request(cast):
    with (
        acting("Rosa Nguyen, RN", kind=ActorKind.PERSON, actor_id=cast.rosa.user_id) as actor,
        because("  moved  "),
    ):
        cast.jane.phone = "555"
        cast.jane.save()
    line = newest(cast.jane)
    assert (line.actor_label, line.actor_kind, line.history_user_id) == (
        "Rosa Nguyen, RN",
        "person",
        cast.rosa.user_id,
    )
    assert (line.history_change_reason, line.request_id) == ("moved", actor.request_id)
    assert line.recorded_at is not None
    assert line.transaction_id > 0
    assert line.practice_id == cast.practice.pk


def test_the_databases_clock_tells_two_saves_of_one_transaction_apart(cast):
    for phone in ("1", "2"):
        cast.jane.phone = phone
        cast.jane.save()
    second, first = cast.jane.history.order_by("-history_id")[:2]
    assert second.recorded_at > first.recorded_at
    assert second.transaction_id == first.transaction_id


def test_the_reason_does_not_stick(cast):
    with because("late entry"):
        cast.jane.save()
    cast.jane.save()
    assert newest(cast.jane).history_change_reason == ""


def test_nobody_cannot_write(cast, unsigned):
    cast.jane.phone = "555"
    with pytest.raises(UnsignedChange):
        cast.jane.save()
    with pytest.raises(UnsignedChange):
        bulk_create_tracked([OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=DAY)])
    cast.jane.refresh_from_db()
    assert cast.jane.phone == ""


def test_a_person_without_a_context_cannot_be_made(db, unsigned):
    with pytest.raises(UnsignedChange):
        User.objects.create_user("a@example.test", "A", "x")
    assert not User.objects.exists()


def test_when_the_history_cannot_be_written_the_row_is_not_changed(cast, monkeypatch):
    monkeypatch.setattr("foundation.tracked._sign", lambda row, actor: None)
    monkeypatch.setattr(
        Patient.history.model, "save", lambda *a, **k: (_ for _ in ()).throw(IntegrityError("no history"))
    )
    cast.jane.phone = "555"
    with pytest.raises(IntegrityError):
        cast.jane.save()
    assert Patient.objects.get(pk=cast.jane.pk).phone == ""
    assert cast.jane.version == 1


def test_each_save_is_the_next_version_and_history_says_which(cast):
    for _ in range(3):
        cast.jane.save()
    assert cast.jane.version == 4
    assert list(cast.jane.history.order_by("history_id").values_list("version", flat=True)) == [1, 2, 3, 4]


def test_who_read_earlier_overwrites_nothing(cast):
    mine, theirs = Patient.objects.get(pk=cast.jane.pk), Patient.objects.get(pk=cast.jane.pk)
    theirs.phone = "their number"
    theirs.save()
    mine.phone = "my number"
    with pytest.raises(StaleRow) as stale:
        mine.save()
    assert stale.value.status == 409
    assert mine.version == 1
    assert Patient.objects.get(pk=cast.jane.pk).phone == "their number"
    assert cast.jane.history.count() == 2


def test_a_partial_save_is_made_whole(cast):
    """History copies every column, so a partial save would record values that were never stored."""
    cast.jane.phone, cast.jane.language = "555", "Spanish"
    cast.jane.save(update_fields=["phone"])
    stored = Patient.objects.get(pk=cast.jane.pk)
    assert (stored.phone, stored.language) == ("555", "Spanish")


def test_bulk_writes_and_deletion_are_refused(cast):
    rows = Patient.objects.all()
    for act in (
        lambda: rows.update(phone="1"),
        lambda: rows.bulk_create([]),
        lambda: rows.bulk_update([], ["phone"]),
        lambda: rows.delete(),
        lambda: cast.jane.delete(),
        lambda: cast.jane.coverages.update(plan_name="x"),
        lambda: User.objects.filter(pk=cast.rosa.user_id).update(name="x"),
    ):
        with pytest.raises(Undeletable):
            act()


def test_an_expression_never_passes_history_by(cast):
    """`F()` fails in the history's copy; the row's own change falls with it."""
    setup = cast.jane_enrolled.care_plans.get()
    setup.number = F("number") + 1
    with pytest.raises((ValueError, TypeError)):
        setup.save()
    setup.refresh_from_db()
    assert setup.number == 1


def test_many_new_rows_have_their_history(cast):
    with because("import"):
        rows = bulk_create_tracked([OfficeVisit(practice=cast.practice, patient=cast.jane, visited_on=DAY)])
    line = newest(rows[0])
    assert (line.history_type, line.history_change_reason, line.actor_label) == (
        "+",
        "import",
        "system: test",
    )


def test_the_password_is_in_no_history(cast):
    fields = {f.name for f in User.history.model._meta.get_fields()}
    assert "password" not in fields


def test_a_person_who_leaves_stays_the_author(cast):
    with acting("Rosa Nguyen, RN", kind=ActorKind.PERSON, actor_id=cast.rosa.user_id):
        cast.jane.save()
    user = cast.rosa.user
    user.is_active = False
    user.save()
    assert newest(cast.jane).history_user_id == cast.rosa.user_id
    with pytest.raises(Undeletable):
        user.delete()


def test_a_lock_reads_the_row_again(cast):
    stale = Patient.objects.get(pk=cast.jane.pk)
    cast.jane.phone = "555"
    cast.jane.save()
    assert lock(stale).phone == "555"


@pytest.mark.breaks_invariants
def test_a_write_around_history_is_seen(cast):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE patients_patient SET phone = '666' WHERE id = %s", [cast.jane.pk])
    assert broken() == {"history-agrees:patients.patient": [str(cast.jane.pk)]}


@pytest.mark.django_db(transaction=True)
def test_of_many_savers_at_once_one_wins_and_all_others_are_told():
    practice = factories.practice("Maple", "maple")
    patient = factories.patient(practice, "Doe", "Jane", mrn="1", born_on=DAY)
    start, told = threading.Barrier(8), []

    def save(number: int):
        mine = Patient.objects.get(pk=patient.pk)
        mine.phone = str(number)
        start.wait()
        try:
            with acting(f"nurse {number}"):
                mine.save()
            told.append("saved")
        except StaleRow:
            told.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["saved"] + ["stale"] * 7
    stored = Patient.objects.get(pk=patient.pk)
    assert (stored.version, newest(stored).actor_label) == (2, f"nurse {stored.phone}")


def save_at_once(row) -> None:
    """Saves, and has the deferred keys looked at now instead of at the commit."""
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("problem", ["practice", "membership"])
def test_the_database_refuses_a_row_that_points_into_another_practice(cast, problem):
    wrong = {
        "practice": lambda: OfficeVisit(practice=cast.practice, patient=cast.nora, visited_on=DAY),
        "membership": lambda: cast.jane_enrolled.orders.model(
            practice=cast.practice, enrollment=cast.jane_enrolled, text="x", **factories.signed(cast.dan, DAY)
        ),
    }[problem]()
    with pytest.raises(IntegrityError, match="_same"), transaction.atomic():
        save_at_once(wrong)


def test_one_person_has_one_role_at_a_time_in_a_practice(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        saved(
            Membership(
                practice=cast.practice,
                user=cast.rosa.user,
                role=Role.BILLER,
                staff_kind="none",
                starts_on=DAY,
            )
        )


def test_an_mrn_with_a_sign_that_has_no_width_is_not_stored(cast):
    cast.jane.mrn = "T-0001\u200b"
    with pytest.raises(Refused, match="holds an invisible sign") as refusal:
        cast.jane.save()
    assert refusal.value.field == "mrn"


def test_a_text_with_a_direction_mark_is_not_stored_whichever_way_it_comes(cast):
    cast.jane.phone = "555\u202e1234"
    with pytest.raises(Refused, match="Phone holds an invisible sign") as refusal:
        cast.jane.save()
    assert refusal.value.field == "phone"
    with pytest.raises(Refused, match="Mrn|MRN"):
        bulk_create_tracked(
            [Patient(practice=cast.practice, family_name="Coe", given_name="Ann", mrn="\u2066T-9")]
        )
