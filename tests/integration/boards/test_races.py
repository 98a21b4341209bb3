"""Writers, and who figures anew, at the same moment: nobody waits for a writer, and no mark is lost."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Event, Thread

import pytest
from django.db import connection, transaction

from boards import refresh
from boards.models import PatientMark, PatientSummary
from foundation.context import acting
from tests import factories
from tests.databases import as_owner
from tests.faults.trials import at_once, trials
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
    figure = refresh._differences

    def slowly(*given, **named):
        found = figure(*given, **named)
        read.set()
        assert written.wait(10)
        return found

    def write():
        assert read.wait(10)
        factories.readings(cast.jane, day(2), 1, systolic=HIGH)
        written.set()

    monkeypatch.setattr(refresh, "_differences", slowly)
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
            refresh._hold([cast.jane.pk])
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
    assert refresh.differing(cast.practice, at=MID_MARCH) == []
