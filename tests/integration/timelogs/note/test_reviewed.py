"""Data reviewed: filled from readings, kept as signed, and shown beside what the readings are now."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from foundation.refusals import Refused
from monitoring import selectors, services
from monitoring.models import Reading, Source
from monitoring.ranges import Ranges
from patients.models import Measure
from tests import factories
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import GOOD_NOTE, form_of, started, text_of
from timelogs.models import ReviewedReadings, Status, TimeEntry
from timelogs.note import drafts
from timelogs.note.reviewed import MOST_DAYS, ReadingsChanged, news
from timelogs.pages.reviewed import lines
from timelogs.signing.amend import amend
from timelogs.signing.sign import NotReady, sign

pytestmark = pytest.mark.django_db

MARCH = date(2026, 3, 1)
TENTH = datetime(2026, 3, 10, 16, tzinfo=UTC)


def pressure(person, taken, systolic=128, diastolic=78, **more) -> Reading:
    fields = {
        "practice": person.practice, "patient": person, "device": factories.cuff_of(person),
        "measure": Measure.BLOOD_PRESSURE, "value": Decimal(systolic), "second_value": Decimal(diastolic),
        "source": Source.AUTOMATIC, "taken_at": taken, "received_at": taken,
        "day": taken.astimezone(person.tz).date(),
    }  # fmt: skip
    return factories.saved(Reading(**{**fields, **more}))


def weight(person, taken, kilos=80) -> Reading:
    scale = factories.saved(factories.Device(practice=person.practice, serial="S-1", kind="scale"))
    return pressure(person, taken, kilos, measure=Measure.WEIGHT, device=scale, second_value=None)


def draft(cast, at=TENTH, **note) -> TimeEntry:
    starts_at = at - timedelta(minutes=20)
    entry = drafts.log_past(cast.jane, starts_at=starts_at, seconds=600, reason="Later.", by=cast.rosa, at=at)
    return drafts.save_draft(entry, note={**CALL, **note}, version=entry.version, by=cast.rosa, at=at)


def signed(entry, by, at=TENTH) -> TimeEntry:
    return sign(entry, version=entry.version, by=by, at=at)


# Filled -----------------------------------------------------------------------------------------------------------


def test_the_database_counts_as_the_pages_do(cast):
    """What SQL counts of a month is what is counted of its rows one by one, to the digest."""
    for offset, (high, low) in enumerate([(130, 80), (131, 80), (158, 96), (129, 81), (99, 60)]):
        pressure(cast.jane, datetime(2026, 3, 2 + offset, 13, tzinfo=UTC), high, low)
    pressure(cast.jane, datetime(2026, 3, 4, 20, tzinfo=UTC), 150, 90, source=Source.TYPED, device=None)
    pressure(cast.jane, datetime(2026, 3, 4, 21, tzinfo=UTC), 250, 140, excluded_reason="Her son's")
    weight(cast.jane, datetime(2026, 3, 5, 13, tzinfo=UTC))
    until = date(2026, 3, 31)
    rows = Reading.objects.filter(patient=cast.jane, excluded_reason="").select_related("device")
    by_hand = selectors.summarize(rows, Ranges.of(cast.practice, [cast.jane.pk]), MARCH, until)
    assert [s for s in selectors.summaries(cast.jane, MARCH, until) if s.count] == by_hand
    cuff = by_hand[0]
    assert (cuff.count, cuff.out_of_range, cuff.days_out_of_range, cuff.days_above) == (5, 3, 3, 3)


def test_the_first_session_is_about_two_weeks(cast):
    entry = draft(cast)
    assert (entry.data_from, entry.data_until) == (date(2026, 2, 25), date(2026, 3, 10))


def test_the_next_is_about_the_days_since_the_last_signed_one(cast):
    signed_session(
        cast.jane, by=cast.luis, starts_at=datetime(2026, 3, 6, 15, tzinfo=UTC), seconds=600, **CALL
    )
    assert draft(cast).data_from == date(2026, 3, 6)


def test_drafts_and_later_sessions_are_not_the_last(cast):
    later = datetime(2026, 3, 12, 15, tzinfo=UTC)
    signed_session(cast.jane, by=cast.luis, starts_at=later, seconds=600, **CALL)
    draft(cast, TENTH - timedelta(days=3))
    assert draft(cast).data_from == date(2026, 2, 25)


@pytest.mark.parametrize(("ago", "days"), [(88, 89), (89, 90), (90, 90)])
def test_after_a_long_silence_it_is_about_ninety_days(cast, ago, days):
    then = TENTH - timedelta(days=ago)
    signed_session(cast.jane, by=cast.rosa, starts_at=then, seconds=600, at=then + timedelta(hours=1), **CALL)
    entry = draft(cast)
    assert (entry.data_until - entry.data_from).days + 1 == days <= MOST_DAYS


def test_readings_taken_after_she_looked_are_not_among_those_shown(cast):
    pressure(cast.jane, TENTH)
    pressure(cast.jane, TENTH + timedelta(seconds=1))
    assert [fact["count"] for fact in draft(cast).data_facts] == [1]


# Between the look and the signature --------------------------------------------------------------------------------


def test_a_reading_that_came_is_named_and_in_range_keeps_nobody_from_signing(cast):
    pressure(cast.jane, TENTH - timedelta(hours=2))
    entry = draft(cast)
    pressure(cast.jane, TENTH + timedelta(minutes=5), 130, 80)
    assert news(entry) == "1 reading more since you looked"
    done = signed(entry, cast.rosa, TENTH + timedelta(minutes=9))
    assert [row.readings for row in done.reviewed.all()] == [1]


def test_one_out_of_range_is_looked_at_first(cast):
    entry = draft(cast)
    pressure(cast.jane, TENTH + timedelta(minutes=5), 131, 80)
    with pytest.raises(ReadingsChanged, match="1 reading more since you looked, out of range"):
        signed(entry, cast.rosa, TENTH + timedelta(minutes=9))
    again = drafts.show_readings(entry, by=cast.rosa, at=TENTH + timedelta(minutes=9))
    assert again.data_reviewed is False
    note = {"data_reviewed": True}
    again = drafts.save_draft(again, note=note, version=again.version, by=cast.rosa, at=TENTH)
    assert signed(again, cast.rosa, TENTH + timedelta(minutes=9)).reviewed.get().out_of_range == 1


def test_what_she_was_shown_and_is_no_more_is_looked_at_again(cast):
    pressure(cast.jane, TENTH - timedelta(hours=3))
    reading = pressure(cast.jane, TENTH - timedelta(hours=2))
    entry = draft(cast)
    services.exclude(reading, reason="Her son's", by=cast.rosa, at=TENTH)
    with pytest.raises(ReadingsChanged, match="1 reading fewer since you looked"):
        signed(entry, cast.rosa)
    assert not ReviewedReadings.objects.exists()
    assert TimeEntry.objects.get(pk=entry.pk).status == Status.DRAFT


def test_a_late_one_from_before_she_looked_is_looked_at_first(cast):
    entry = draft(cast)
    pressure(cast.jane, TENTH - timedelta(hours=2))
    with pytest.raises(ReadingsChanged):
        signed(entry, cast.rosa)


def test_without_the_tick_nothing_is_asked_and_nothing_kept(cast):
    entry = draft(cast, data_reviewed=False, no_data_reason="The call was about her moving house.")
    pressure(cast.jane, TENTH - timedelta(hours=2), 190, 110)
    assert list(signed(entry, cast.rosa).reviewed.all()) == []


def test_the_page_says_it_and_a_second_press_signs(cast, client):
    client.force_login(cast.user("rosa"))
    now = datetime.now(UTC)
    entry = started(cast.jane, cast.rosa, now - timedelta(minutes=2))
    pressure(cast.jane, now - timedelta(minutes=1), 190, 110)
    assert "1 reading more since you looked" in text_of(client.get(f"/sessions/{entry.pk}/"))
    answer = client.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE))
    assert answer.status_code == 422
    said = text_of(answer)
    assert "1 reading more since you looked, out of range. Look at them" in said
    assert "1 reading on 1 day, 190/110 mmHg" in said
    assert "She forgets the evening dose" in said
    entry.refresh_from_db()
    assert client.post(f"/sessions/{entry.pk}/sign/", form_of(entry, **GOOD_NOTE)).status_code == 303


def test_show_them_fills_the_draft_and_takes_the_tick_back(cast, client):
    client.force_login(cast.user("rosa"))
    now = datetime.now(UTC)
    entry = started(cast.jane, cast.rosa, now - timedelta(minutes=2))
    pressure(cast.jane, now - timedelta(minutes=1))
    sent = form_of(entry, **GOOD_NOTE, show_readings="1")
    assert client.post(f"/sessions/{entry.pk}/autosave/", sent).status_code == 303
    entry.refresh_from_db()
    assert ([fact["count"] for fact in entry.data_facts], entry.data_reviewed) == ([1], False)
    assert entry.said == GOOD_NOTE["said"]


# Measures ----------------------------------------------------------------------------------------------------------


def test_what_she_leaves_out_is_not_kept(cast):
    pressure(cast.jane, TENTH - timedelta(hours=2))
    weight(cast.jane, TENTH - timedelta(hours=2))
    done = signed(draft(cast, data_left_out=["weight"]), cast.rosa)
    assert [row.measure for row in done.reviewed.all()] == ["blood_pressure"]


def test_everything_left_out_is_no_review(cast):
    weight(cast.jane, TENTH - timedelta(hours=2))
    with pytest.raises(Refused, match="Everything is left out"):
        signed(draft(cast, data_left_out=["weight", "blood_pressure"]), cast.rosa)


@pytest.mark.parametrize(
    ("days", "name", "says"),
    [
        ({"data_from": None}, "data_from", "Enter the first day of the readings that you reviewed."),
        ({"data_until": None}, "data_until", "Enter the last day of the readings that you reviewed."),
        ({"data_until": date(2026, 3, 7)}, "data_until", "on or after the first"),
        ({"data_until": date(2026, 3, 8)}, "", ""),
    ],
)
def test_what_was_reviewed_has_its_days_in_order(cast, days, name, says):
    """Without them nothing would be kept of what she signed for."""
    factories.cuff_of(cast.jane)
    pressure(cast.jane, datetime(2026, 3, 8, 15, tzinfo=UTC))
    entry = draft(cast, **{"data_from": date(2026, 3, 8), **days})
    if not name:
        assert signed(entry, cast.rosa).reviewed.count() == 1
        return
    with pytest.raises(NotReady) as refused:
        signed(entry, cast.rosa)
    assert [(p.field, says in p.message) for p in refused.value.problems] == [(name, True)]
    assert not ReviewedReadings.objects.filter(entry=entry).exists()


def test_the_choice_is_offered_where_there_is_one(cast, client):
    client.force_login(cast.user("rosa"))
    now = datetime.now(UTC)
    entry = started(cast.jane, cast.rosa, now)
    assert "Tick what you did not review" not in text_of(client.get(f"/sessions/{entry.pk}/"))
    weight(cast.jane, now - timedelta(minutes=1))
    entry = drafts.show_readings(entry, by=cast.rosa, at=now)
    said = text_of(client.get(f"/sessions/{entry.pk}/"))
    assert "Tick what you did not review" in said
    assert 'value="weight"' in said
    assert 'value="glucose"' not in said


# As signed, and now ------------------------------------------------------------------------------------------------


def test_an_exclusion_after_the_signature_shows_both(cast, client):
    client.force_login(cast.user("rosa"))
    pressure(cast.jane, TENTH - timedelta(days=1))
    wrong = pressure(cast.jane, TENTH - timedelta(hours=2), 158, 96)
    done = signed(draft(cast), cast.rosa)
    assert [line.now for line in lines(done)] == [""]
    services.exclude(wrong, reason="Cuff on the sleeve", by=cast.luis, at=TENTH)
    (line,) = lines(done)
    assert line.text == "2 readings on 2 days, 128–158/78–96 mmHg, 1 day above range"
    assert line.now == "1 reading on 1 day, 128/78 mmHg"
    (why,) = line.because
    assert "(158/96 mmHg) was excluded" in why
    assert why.endswith(": Cuff on the sleeve")
    for page in (f"/sessions/{done.pk}/", f"/sessions/{done.pk}/addendum/"):
        said = text_of(client.get(page))
        assert "(as signed)" in said
        assert "As it is now:</b> 1 reading on 1 day" in said
        assert "Cuff on the sleeve" in said


def test_one_that_came_late_and_a_changed_range_are_told_too(cast):
    pressure(cast.jane, TENTH - timedelta(hours=3))
    done = signed(draft(cast), cast.rosa)
    pressure(cast.jane, TENTH - timedelta(hours=2))
    (line,) = lines(done)
    assert "(128/78 mmHg) came on" in line.because[0]
    goal = cast.jane.target_ranges.get()
    goal.high = Decimal(120)
    goal.save()
    other = signed(draft(cast, TENTH + timedelta(days=1)), cast.rosa, TENTH + timedelta(days=1))
    goal.high = Decimal(140)
    goal.save()
    (line,) = lines(other)
    assert line.because == ("the range was changed",)


def test_another_patients_readings_change_nothing(cast):
    pressure(cast.jane, TENTH - timedelta(hours=3))
    done = signed(draft(cast), cast.rosa)
    pressure(cast.max, TENTH - timedelta(hours=2))
    assert [line.now for line in lines(done)] == [""]


def test_a_correction_of_the_words_keeps_what_was_reviewed(cast):
    wrong = pressure(cast.jane, TENTH - timedelta(hours=2), 158, 96)
    done = signed(draft(cast), cast.rosa)
    services.exclude(wrong, reason="Her son's", by=cast.luis, at=TENTH)
    later = TENTH + timedelta(hours=2)
    new = amend(
        done, note={"said": "She said she skips lunch."}, seconds=None, reason="Words", by=cast.rosa, at=later
    )
    assert new.reviewed.get().readings == 1
    assert [line.now for line in lines(new)] == ["no readings"]


def test_a_correction_about_other_days_is_filled_anew(cast):
    pressure(cast.jane, TENTH - timedelta(days=20))
    done = signed(draft(cast), cast.rosa)
    note, later = {"data_from": date(2026, 2, 10)}, TENTH + timedelta(hours=2)
    new = amend(done, note=note, seconds=None, reason="More days", by=cast.rosa, at=later)
    assert new.reviewed.get().readings == 1


# The database --------------------------------------------------------------------------------------------------------


@pytest.fixture
def row(cast):
    """What the signature of a draft would keep, and no more."""
    pressure(cast.jane, TENTH - timedelta(hours=2))
    entry = draft(cast)
    return ReviewedReadings(
        practice=cast.practice, entry=entry, patient=cast.jane, device=factories.cuff_of(cast.jane),
        measure="blood_pressure", since=entry.data_from, until=entry.data_until, seen_at=entry.data_seen_at,
        readings=1, days=1, out_of_range=0, days_out_of_range=0, days_above=0, low=128, high=128, second_low=78,
        second_high=78, digest=entry.data_facts[0]["digest"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "typed",
    [{"readings": 2}, {"high": 129}, {"out_of_range": 1}, {"digest": "0" * 64}, {"measure": "weight"}],
)
def test_no_figure_is_typed(cast, row, typed):
    for name, value in typed.items():
        setattr(row, name, value)
    with pytest.raises(ReadingsChanged):
        row.save()


def test_it_is_of_the_sessions_own_patient_days_and_moment(cast, row):
    for typed in (
        {"patient": cast.max}, {"since": MARCH}, {"until": date(2026, 3, 9)}, {"seen_at": TENTH + timedelta(hours=1)}
    ):  # fmt: skip
        before = {name: getattr(row, name) for name in typed}
        for name, value in typed.items():
            setattr(row, name, value)
        with pytest.raises(IntegrityError, match="does not say"), transaction.atomic():
            row.save()
        for name, value in before.items():
            setattr(row, name, value)
    row.save()


def test_nothing_is_added_to_what_is_signed_and_nothing_in_it_changes(cast, row):
    done = signed(row.entry, cast.rosa)
    kept = done.reviewed.get()
    kept.readings = 2
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        kept.save()
    row.entry, row.measure = done, "weight"
    with pytest.raises(IntegrityError, match="does not say"), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "kept"),
    [
        (date(2026, 2, 1), date(2026, 2, 25), False),
        (date(2026, 2, 1), date(2026, 2, 26), True),
        (date(2026, 3, 10), None, True),
        (date(2026, 3, 11), None, False),
    ],
)
def test_a_silent_device_is_one_that_she_had_in_these_days(cast, row, starts_on, ends_on, kept):
    scale = factories.saved(factories.Device(practice=cast.practice, serial="S-2", kind="scale"))
    own = {"practice": cast.practice, "patient": cast.jane, "enrollment": cast.jane_enrolled, "device": scale}
    factories.saved(factories.DeviceAssignment(**own, starts_on=starts_on, ends_on=ends_on))
    silent = ReviewedReadings(
        practice=cast.practice, entry=row.entry, patient=cast.jane, device=scale, measure="weight", since=row.since,
        until=row.until, seen_at=row.seen_at, readings=0, days=0, out_of_range=0, days_out_of_range=0, days_above=0,
        digest="",
    )  # fmt: skip
    if kept:
        silent.save()
        return
    with pytest.raises(ReadingsChanged), transaction.atomic():
        silent.save()


@pytest.mark.parametrize(
    ("since", "until"),
    [("NULL", "'2026-03-10'"), ("'2026-03-10'", "NULL"), ("NULL", "NULL"), ("'2026-03-10'", "'2026-03-09'")],
)
def test_what_is_signed_as_reviewed_has_its_days_in_order(cast, row, since, until):
    """Around the form: by SQL, at the moment of the signature."""
    signature = "signed_at = now(), seconds_signed = 600, cumulative_seconds = 600, signature = 'x', signed_label = 'R'"
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="reviewed_readings_are_of_days_in_order"),
    ):
        cursor.execute(
            f"UPDATE timelogs_timeentry SET status = 'signed', {signature}, version = version + 1,"
            f" data_reviewed = true, data_from = {since}, data_until = {until} WHERE id = %s",
            [row.entry.pk],
        )


def test_the_session_page_asks_once_for_what_came(cast, client, django_assert_max_num_queries):
    client.force_login(cast.user("rosa"))
    entry = started(cast.jane, cast.rosa)
    with django_assert_max_num_queries(1):
        news(entry)
    assert client.get(f"/sessions/{entry.pk}/").status_code == 200
