"""When it is done: behind the commit, each minute, once on each local day, and by the command."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command

from boards import tasks
from boards.models import PatientMark, PatientSummary
from boards.proof import differing
from boards.refresh import mark, rebuild
from dispatch import outbox
from dispatch.models import Notice, Slot
from foundation.practice_scope import nowhere
from tests import factories

# 23:59 and 00:01 in New York, on the last day of March and the first of April.
BEFORE, AFTER = datetime(2026, 4, 1, 3, 59, tzinfo=UTC), datetime(2026, 4, 1, 4, 1, tzinfo=UTC)
APRIL, MAY = datetime(2026, 4, 1).date(), datetime(2026, 5, 1).date()


def run_at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), nowhere():
        tasks.refresh_marked()


def months_of(cast) -> set:
    return set(PatientSummary.objects.filter(practice=cast.practice).values_list("month", flat=True))


def test_the_next_month_is_there_before_it_begins(cast):
    run_at(BEFORE)
    assert months_of(cast) == {datetime(2026, 3, 1).date(), APRIL}
    run_at(AFTER)
    assert months_of(cast) == {datetime(2026, 3, 1).date(), APRIL}, (
        "nobody signed in March, and it can be closed"
    )


def test_each_local_day_looks_at_everybody_once(cast):
    run_at(BEFORE)
    PatientSummary.objects.filter(patient=cast.jane).update(seconds=60)
    PatientMark.objects.all().delete()
    run_at(BEFORE)
    assert PatientSummary.objects.filter(patient=cast.jane, seconds=60).exists()
    run_at(AFTER)
    assert not PatientSummary.objects.filter(patient=cast.jane, seconds=60).exists()


def test_the_relay_rings_when_somebody_is_marked_and_only_then(cast, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.refresh_marked, "apply_async", lambda **how: rung.append(how))
    monkeypatch.setattr(tasks, "_rung_at", -tasks.LONGEST)
    monkeypatch.setattr(tasks, "_pause", tasks.BETWEEN)
    outbox.ring_besides()
    outbox.ring_besides()
    assert len(rung) == 1
    PatientMark.objects.all().delete()
    monkeypatch.setattr(tasks, "_rung_at", -tasks.LONGEST)
    outbox.ring_besides()
    assert len(rung) == 1


def test_the_command_finds_what_differs_and_makes_it_anew(cast, capsys):
    now = datetime.now(UTC)
    rebuild(cast.practice, at=now)
    call_command("rebuild_boards", "--check", "--practice", "maple")
    # What no other row contradicts is known to the rules alone.
    PatientSummary.objects.filter(patient=cast.jane).update(payer="nobody")
    with pytest.raises(CommandError, match=f"1 rows differ.*{cast.jane.pk}"):
        call_command("rebuild_boards", "--check", "--practice", "maple")
    call_command("rebuild_boards", "--practice", "maple")
    call_command("rebuild_boards", "--check", "--practice", "maple")
    said = capsys.readouterr().out
    assert "maple: 2 of 2 patients" in said
    assert "maple: 1 rows changed" in said
    notice = Notice.objects.get(kind="rebuild")
    assert (notice.recipient, notice.text) == (
        cast.user("ade"),
        "The boards were made again: 2 patients, 1 rows were different.",
    )
    assert notice.email
    with pytest.raises(CommandError, match="no practice"):
        call_command("rebuild_boards", "--practice", "oak")


def check_at(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False), nowhere():
        tasks.check_rows()


def test_once_a_day_who_differs_is_found_told_of_and_mended(cast):
    check_at(AFTER)
    assert not Slot.objects.filter(job__startswith="boards-check").exists(), "Nobody was looked at yet."
    run_at(AFTER)
    PatientMark.objects.all().delete()
    PatientSummary.objects.filter(patient=cast.jane).update(payer="nobody")
    check_at(AFTER)
    notice = Notice.objects.get(kind="boards-check")
    assert notice.recipient == cast.user("ade")
    assert notice.email
    assert notice.text == (
        "The figures of one patient on the boards were not as the records say. They are made again."
    )
    assert set(PatientMark.objects.values_list("patient_id", flat=True)) == {cast.jane.pk}
    check_at(AFTER + timedelta(hours=1))
    assert Notice.objects.filter(kind="boards-check").count() == 1, "A day is checked once."
    run_at(AFTER)
    assert not PatientSummary.objects.filter(payer="nobody").exists()


def test_a_check_that_was_cut_off_comes_again_and_one_that_finds_nothing_tells_nobody(cast, monkeypatch):
    run_at(AFTER)
    PatientMark.objects.all().delete()

    def dies(practice, *, at):
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr("boards.daily_check.differing", dies)
        with pytest.raises(KeyboardInterrupt):
            check_at(AFTER)
    assert not Slot.objects.filter(job__startswith="boards-check").exists()
    check_at(AFTER)
    assert Slot.objects.filter(job__startswith="boards-check").count() == 2
    assert not Notice.objects.filter(kind="boards-check").exists()


def test_while_everybody_waits_to_be_looked_at_nothing_is_checked(cast):
    run_at(AFTER)
    mark(cast.practice, [None])
    check_at(AFTER)
    assert not Slot.objects.filter(job=f"boards-check:{cast.practice.pk}").exists()


def test_two_practices_are_figured_apart(cast):
    factories.readings(cast.nora, cast.practice.today(), 1)
    run_at(datetime.now(UTC))
    rows = PatientSummary.objects.filter(patient=cast.nora)
    assert {row.practice_id for row in rows} == {cast.elsewhere.pk}


def test_before_the_days_look_at_everybody_yesterdays_rows_are_no_difference(cast):
    """What begins with a day of the calendar leaves no mark before the task comes; what was figured today counts."""
    now = datetime.now(UTC)
    rebuild(cast.practice, at=now)
    PatientSummary.objects.filter(patient=cast.jane).update(payer="nobody")
    tomorrow = now + timedelta(days=1)
    assert differing(cast.practice, at=now) == [cast.jane.pk]
    assert differing(cast.practice, at=tomorrow) == []
    tasks.begin_day(cast.practice, at=tomorrow)
    assert differing(cast.practice, at=tomorrow) == [], "Everybody is marked."
    PatientMark.objects.all().delete()
    assert cast.jane.pk in differing(cast.practice, at=tomorrow)
