"""Writers, and who figures anew, at the same moment: nobody waits for a writer, and no mark is lost."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
import time_machine
from django.db import connection, transaction

from billing.claims.acts import approve
from billing.models import Claim
from boards import locks, proof, refresh
from boards import outdated as outdated_module
from boards.locks import hold_free
from boards.models import PatientMark, PatientSummary, SavedView
from boards.proof import differing
from boards.saved_views import save_view
from foundation.context import acting
from tests import factories
from tests.databases import as_owner
from tests.faults.trials import at_once, trials
from tests.integration.billing.months import APRIL_5, close_march, guides_example
from tests.integration.boards.test_refresh import MARCH, MID_MARCH, settle_all

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
HIGH = 190


def day(number: int) -> date:
    return date(2026, 3, 1) + timedelta(days=number)


def severity(patient) -> int:
    return PatientSummary.objects.get(patient=patient, month=MARCH).severity


def in_thread(act) -> Thread:
    def run():
        try:
            with acting("system: trial"):
                act()
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    return thread


def test_two_writers_of_one_patient_do_not_wait_for_each_other(cast):
    factories.cuff_of(cast.jane)
    both = Barrier(2, timeout=10)

    def write(number: int):
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '3s'")
            factories.readings(cast.jane, day(number), 1)
            both.wait()

    assert at_once([lambda: write(1), lambda: write(2)]) == [None, None]
    assert PatientMark.objects.filter(patient_id=cast.jane.pk).count() >= 2


def test_what_a_writer_commits_after_the_figures_were_read_stays_marked(cast, monkeypatch):
    settle_all(cast.practice)
    factories.readings(cast.jane, day(1), 1)
    read, written = Event(), Event()
    figure = refresh.differences

    def slowly(*given, **named):
        found = figure(*given, **named)
        read.set()
        assert written.wait(10)
        return found

    def write():
        assert read.wait(10)
        factories.readings(cast.jane, day(2), 1, systolic=HIGH)
        written.set()

    monkeypatch.setattr(refresh, "differences", slowly)
    writer = in_thread(write)
    assert refresh.settle(cast.practice, at=MID_MARCH)
    writer.join()
    assert severity(cast.jane) == 0
    assert PatientMark.objects.filter(patient_id=cast.jane.pk).exists()
    settle_all(cast.practice)
    assert severity(cast.jane) > 0


def test_a_writer_who_has_not_committed_keeps_her_mark(cast):
    """She changed the row before it was figured, and commits after: her mark is seen only then."""
    settle_all(cast.practice)
    written, figured = Event(), Event()

    def write():
        with transaction.atomic():
            factories.readings(cast.jane, day(2), 1, systolic=HIGH)
            written.set()
            assert figured.wait(10)

    writer = in_thread(write)
    assert written.wait(10)
    refresh.refresh(cast.practice, [cast.jane.pk], at=MID_MARCH)
    figured.set()
    writer.join()
    assert severity(cast.jane) == 0
    settle_all(cast.practice)
    assert severity(cast.jane) > 0


def test_who_is_being_figured_is_passed_by(cast):
    settle_all(cast.practice)
    factories.readings(cast.jane, day(1), 1)
    held, done = Event(), Event()

    def hold():
        with transaction.atomic():
            locks.hold([cast.jane.pk])
            held.set()
            assert done.wait(10)

    holder = in_thread(hold)
    assert held.wait(10)
    assert refresh.settle(cast.practice, at=MID_MARCH) == 0
    done.set()
    holder.join()
    assert refresh.settle(cast.practice, at=MID_MARCH) == 1


def test_who_dies_between_figures_and_commit_loses_no_mark(cast, monkeypatch):
    settle_all(cast.practice)
    factories.readings(cast.jane, day(1), 1, systolic=HIGH)
    save = refresh._save

    def dying(rows):
        save(rows)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()

        def kill():
            with as_owner() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [pid])

        in_thread(kill).join()

    monkeypatch.setattr(refresh, "_save", dying)
    assert refresh.settle(cast.practice, at=MID_MARCH) == 0
    connection.close()
    monkeypatch.undo()
    assert severity(cast.jane) == 0
    assert PatientMark.objects.filter(patient_id=cast.jane.pk).exists()
    settle_all(cast.practice)
    assert severity(cast.jane) > 0


def test_after_any_number_of_both_every_row_is_as_its_sources_say(cast):
    for person in (cast.jane, cast.max):
        factories.cuff_of(person)
    rounds = trials(60)

    def write(person, offset: int):
        for number in range(rounds):
            taken = datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(hours=number)
            factories.readings(
                person, taken.date(), 1, hour=(taken.hour + offset) % 24, systolic=120 + number % 3 * 40
            )

    def figure():
        for _ in range(rounds):
            refresh.settle(cast.practice, at=MID_MARCH)
            refresh.fresh(cast.practice, MARCH, at=MID_MARCH)

    found = at_once([lambda: write(cast.jane, 0), lambda: write(cast.max, 1), figure, figure])
    assert found == [None] * 4
    settle_all(cast.practice)
    assert not PatientMark.objects.filter(practice=cast.practice).exists()
    assert differing(cast.practice, at=MID_MARCH) == []


def test_a_page_that_looks_at_outdated_claims_holds_their_patients(cast, monkeypatch):
    """Else it could write what it read before a change over what the task read after it, with no mark left."""
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    mark = PatientMark(practice=cast.practice, patient_id=cast.jane.pk)
    mark.save()
    free, look = [], outdated_module.outdated

    def slowly(claims):
        free.extend(at_once([lambda: settle_once(cast)]))
        return look(claims)

    monkeypatch.setattr(outdated_module, "outdated", slowly)
    with time_machine.travel(APRIL_5, tick=False):
        list(outdated_module.outdated_claims(cast.practice, MARCH))
    assert free == [[]], "The task passed her by."


def settle_once(cast) -> list:
    with transaction.atomic():
        return hold_free([cast.jane.pk])


def test_two_tabs_make_no_view_too_many(cast):
    for number in range(19):
        save_view(f"View {number}", "show=silent", by=cast.rosa, at=MID_MARCH)
    acts = [
        lambda name=name: save_view(name, "show=drafts", by=cast.rosa, at=MID_MARCH)
        for name in ("A", "B", "C")
    ]
    done = at_once(acts)
    assert sorted(type(each).__name__ for each in done) == ["Refused", "Refused", "SavedView"], done
    assert SavedView.objects.filter(user=cast.rosa.user).count() == 20


def test_what_is_marked_while_it_is_compared_is_no_difference(cast, monkeypatch):
    now = datetime.now(UTC)
    refresh.rebuild(cast.practice, at=now)
    compare, free = proof.differences, []

    def slowly(*given, **named):
        found = compare(*given, **named)
        free.extend(at_once([lambda: settle_once(cast)]))
        return found

    PatientSummary.objects.filter(patient=cast.jane).update(payer="nobody")
    refresh.mark(cast.practice, [cast.jane.pk])
    monkeypatch.setattr(proof, "differences", slowly)
    assert differing(cast.practice, at=now) == []
    assert free == [[]], "Nobody works a mark off between the comparison and the look at marks."
