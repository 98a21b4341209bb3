"""The caseload: who is shown, in which order, to whom, at which cost."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from audit.models import AccessEvent
from boards.caseload import PER_PAGE, Show
from boards.models import SavedView
from boards.refresh import rebuild
from escalations import acts
from foundation.months import previous_month
from monitoring.days import strips
from monitoring.models import Reading
from patients.models import TargetRange
from tests import factories
from tests.integration.escalations.found import finding, opened, pressure
from tests.integration.timelogs.notes import CALL, signed_session
from timelogs.models import Period, PeriodState

CASELOAD = "/patients/"


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def names(client, query=""):
    page = client.get(CASELOAD + query)
    return [str(row.patient) for row in page.context["page"].object_list]


def found(client, text: str) -> list[str]:
    answer = client.post(CASELOAD, {"q": text})
    assert answer.status_code == 200
    return [str(row.patient) for row in answer.context["page"].object_list]


def test_who_is_out_of_range_comes_first(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.max, today, 1, hour=5, systolic=158)
    factories.readings(cast.jane, today, 1, hour=5, systolic=120)
    assert names(rosa) == ["ROE, Max", "DOE, Jane"]


def test_who_fell_silent_comes_before_who_did_not(rosa, cast):
    today = cast.practice.today()
    factories.readings(cast.jane, today - timedelta(days=3), 1, systolic=120)
    factories.readings(cast.max, today - timedelta(days=2), 1, systolic=120)
    assert names(rosa) == ["DOE, Jane", "ROE, Max"]
    assert names(rosa, "?show=silent") == ["DOE, Jane"]
    assert "No readings for 3 days" in rosa.get(CASELOAD).content.decode()


@pytest.mark.parametrize(
    ("ago", "days", "lost"), [(29, 14, True), (29, 15, False), (30, 15, False), (15, 1, False), (16, 1, True)]
)
def test_it_says_where_sixteen_days_can_no_longer_be_reached(rosa, cast, ago, days, lost):
    """On the last day one may be missing; the next window begins anew; and another patient's days are not hers."""
    today = cast.practice.today()
    factories.readings(cast.max, today - timedelta(days=9), 9)
    factories.readings(cast.jane, today - timedelta(days=ago), days)
    said = {str(row.patient): row.out_of_reach for row in rosa.get(CASELOAD).context["page"].object_list}
    words = f"{days} of 16 days with readings, 16 can no longer be reached"
    assert said == {"DOE, Jane": words if lost else "", "ROE, Max": ""}
    assert (f"This window: {words}" in rosa.get(CASELOAD).content.decode()) is lost


def test_windows_of_a_page_take_the_same_queries_however_many_run(rosa, cast, django_assert_num_queries):
    today = cast.practice.today()
    for people in ([cast.jane], [cast.jane, cast.max]):
        factories.readings(people[-1], today - timedelta(days=29), 14)
        with django_assert_num_queries(3):
            found = strips(cast.practice, [cast.jane.pk, cast.max.pk], today)
        assert {pk: strip.count for pk, strip in found.items()} == {person.pk: 14 for person in people}


def test_a_row_leads_to_what_is_open_about_her_and_to_escalating(rosa, cast):
    now = timezone.now()
    row = opened(cast.jane, now, severity="critical")
    opened(cast.jane, now + timedelta(minutes=1), cause="silence", measure="")
    page = rosa.get(CASELOAD).content.decode()
    assert page.count("1 open escalation") == 1
    assert reverse("escalations:escalation", args=[row.pk]) in page
    assert reverse("escalations:escalate", args=[cast.jane.pk]) in page
    opened(cast.jane, now + timedelta(minutes=2), measure="heart_rate")
    page = rosa.get(CASELOAD).content.decode()
    assert "2 open escalations" in page
    assert f"{reverse('chart', args=[cast.jane.pk])}#escalations" in page


def test_a_counter_is_a_filter_and_a_second_click_lifts_it(rosa, cast):
    factories.readings(cast.max, cast.practice.today(), 1, hour=5, systolic=158)
    page = rosa.get(CASELOAD + "?show=attention")
    assert [(str(show), count) for show, count in page.context["board"].counters][0] == ("attention", 1)
    assert 'aria-current="true"><b>1</b>' in page.content.decode()
    assert names(rosa, "?show=attention") == ["ROE, Max"]
    assert names(rosa, "?show=nonsense") == ["ROE, Max", "DOE, Jane"]


@pytest.mark.parametrize(
    "text", ["doe", "jane", "Doe, Jane", "T-0001", "1948-05-12", "12-May-1948", "12 may 1948", "5/12/1948"]
)
def test_a_patient_is_found_by_name_mrn_or_birthday(rosa, cast, text):
    assert found(rosa, text) == ["DOE, Jane"]


@pytest.mark.parametrize("text", ["zzz", "1900-01-01", "%", "_", "'; --", "\x00", "Noe"])
def test_who_is_not_here_is_not_found(rosa, cast, text):
    assert found(rosa, text) == [] or not text.strip("\x00")


def test_what_is_looked_for_stands_in_no_address(rosa, cast):
    assert len(names(rosa, "?q=doe")) == 2
    page = rosa.post(CASELOAD, {"q": "doe"}).content.decode()
    assert "Found for “doe”" in page
    assert "q=doe" not in page


@pytest.mark.parametrize(("count", "told"), [(25, False), (26, True)])
def test_many_found_are_cut_and_said_so(rosa, cast, count, told):
    for number in range(count):
        factories.patient(
            cast.practice, "Poe", f"Pat{number}", mrn=f"T-3{number:03}", born_on=date(1950, 1, 1)
        )
    page = rosa.post(CASELOAD, {"q": "poe"}).content.decode()
    assert ("The first 25 of 26. Type more of the name" in page) == told
    assert 'rel="next"' not in page


def test_who_left_is_found_by_name_only(rosa, cast):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = date(2025, 12, 1), "Moved"
    cast.jane_enrolled.save()
    assert names(rosa) == ["ROE, Max"]
    page = rosa.post(CASELOAD, {"q": "doe"}).content.decode()
    assert "Not enrolled" in page
    assert "Start session" not in page


def test_listing_is_written_down_for_each_patient_shown(rosa, cast):
    rosa.post(CASELOAD, {"q": "doe"})
    listed = AccessEvent.objects.filter(action="list", route="caseload")
    assert list(listed.values_list("patient_id", flat=True)) == [cast.jane.pk]


def test_a_reader_has_no_button(client, cast):
    for who in ("cora", "omar"):
        client.force_login(cast.user(who))
        page = client.get(CASELOAD).content.decode()
        assert "DOE, Jane" in page
        assert "Start session" not in page
        assert "Enroll patient" not in page


def test_the_administrator_sees_no_patient(client, cast):
    client.force_login(cast.ade.user)
    assert client.get(CASELOAD).status_code == 403
    assert "Doe" not in client.get("/").content.decode()


def test_nurses_see_no_code_and_no_money(rosa, cast):
    for page in (CASELOAD, reverse("chart", args=[cast.jane.pk])):
        text = rosa.get(page).content.decode()
        assert "9945" not in text
        assert "99470" not in text
        assert "$" not in text


@pytest.mark.parametrize(
    ("who", "where"),
    [("rosa", CASELOAD), ("lena", CASELOAD), ("ana", CASELOAD), ("omar", "/history/"), ("cora", "/billing/")],
)
def test_home_is_where_the_role_begins(client, cast, who, where):
    client.force_login(cast.user(who))
    assert client.get("/")["Location"].startswith(where)


def test_a_practice_twice_as_large_takes_the_same_queries(rosa, cast):
    counts = []
    factories.readings(cast.jane, cast.practice.today() - timedelta(days=29), 14)
    for size in (25, 100):
        _enroll(cast, up_to=size)
        rebuild(cast.practice, at=timezone.now())
        rosa.get(CASELOAD)
        cache.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert rosa.get(CASELOAD).context["page"].paginator.count == size + 2
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 52


def _enroll(cast, *, up_to):
    from patients.models import Enrollment, Patient

    have = Patient.objects.filter(practice=cast.practice, mrn__startswith="B-").count()
    today = cast.practice.today()
    people = [
        Patient(
            practice=cast.practice,
            family_name=f"Many{n:03}",
            given_name="A",
            mrn=f"B-{n}",
            born_on=date(1950, 1, 1),
            sex="F",
        )
        for n in range(have, up_to)
    ]
    factories.bulk_create_tracked(people)
    own = {"practice": cast.practice, "ordering": cast.ana, "supervising": cast.ana, "started_on": today}
    factories.bulk_create_tracked([Enrollment(id=uuid4(), patient=person, **own) for person in people])


def test_a_biller_begins_with_last_month_until_it_is_closed(client, cast):
    client.force_login(cast.cora.user)
    now = cast.practice.today().replace(day=1)
    last = previous_month(now)
    assert client.get("/")["Location"] == f"/billing/{now:%Y-%m}/"
    period = factories.saved(Period(practice=cast.practice, month=last))
    assert client.get("/")["Location"] == f"/billing/{last:%Y-%m}/"
    period.state, period.cut_off_at = PeriodState.CLOSED, timezone.now()
    period.save()
    assert client.get("/")["Location"] == f"/billing/{now:%Y-%m}/"


# In which order, and why ----------------------------------------------------------------------------------------


def whys(client, query="") -> dict[str, str]:
    return {str(row.patient): row.why for row in client.get(CASELOAD + query).context["page"].object_list}


def test_each_row_says_why_it_stands_there(rosa, cast):
    """Critical and unseen, then answered, then out of range, then silent, then the rest."""
    now, today = timezone.now(), cast.practice.today()
    people = {name: _enrolled(cast, name) for name in ("Ann", "Bea", "Cleo", "Dee")}
    row = opened(people["Ann"], at=now, severity="critical")
    asked = acts.escalate(
        people["Bea"], ask="More of it?", severity="warning", to=cast.ana, by=cast.rosa, at=now
    )
    acts.answer(asked, answer="continue", words="Go on.", version=asked.version, by=cast.ana, at=now)
    factories.readings(people["Cleo"], today, 1, hour=5, systolic=158)
    factories.readings(people["Dee"], today - timedelta(days=5), 1)
    for person in (cast.jane, cast.max):
        factories.readings(person, today, 1, hour=5)
    _talk(cast, cast.jane, days_ago=1)
    found = whys(rosa)
    assert list(found)[:4] == ["CARE, Ann", "CARE, Bea", "CARE, Cleo", "CARE, Dee"]
    assert [found[f"CARE, {name}"] for name in people] == [
        "Critical, and nobody has acknowledged it",
        "Your question was answered",
        "Out of range",
        "Silent",
    ]
    acts.acknowledge(row, version=row.version, by=row.owner, at=now)
    assert whys(rosa)["CARE, Ann"] == "Out of range", "acknowledged, it comes with what is out of range"


def test_what_somebody_saw_to_is_not_called_unseen(rosa, cast):
    now = timezone.now()
    goal = TargetRange.objects.get(patient=cast.max)
    goal.critical_high = 180
    goal.save()
    reading = pressure(cast.max, now, value=215)
    assert whys(rosa)["ROE, Max"] == "Critical, and nobody has acknowledged it"
    row = acts.open_or_merge(
        finding(cast.max, reading, at=now, severity="critical"), practice=cast.practice, at=now
    )
    acts.resolve(row, outcome="advised", by=cast.rosa, at=now)
    assert whys(rosa)["ROE, Max"] == "Out of range"
    pressure(cast.max, now + timedelta(seconds=1), value=216)
    assert whys(rosa)["ROE, Max"] == "Critical, and nobody has acknowledged it"


def test_another_persons_answer_is_not_mine(client, cast):
    now = timezone.now()
    asked = acts.escalate(cast.max, ask="More?", severity="warning", to=cast.ana, by=cast.rosa, at=now)
    acts.answer(asked, answer="continue", words="Go on.", version=asked.version, by=cast.ana, at=now)
    for who, words in (("rosa", "Your question was answered"), ("luis", "An escalation is open")):
        client.force_login(cast.user(who))
        assert whys(client)["ROE, Max"] == words


@pytest.mark.parametrize(
    ("seconds", "near"), [(359, False), (360, True), (599, True), (600, False), (959, False), (960, True)]
)
def test_near_a_line_from_four_minutes_before_it_until_it_is_reached(client, cast, seconds, near):
    _talked(cast, seconds)
    client.force_login(cast.user("cora"))
    assert names(client, "?show=near") == (["ROE, Max"] if near else [])
    page = client.get(CASELOAD).content.decode()
    assert "Within 4 min of a line" in page


@pytest.mark.parametrize(
    ("who", "told"), [("rosa", False), ("lena", False), ("ana", False), ("cora", True), ("omar", True)]
)
def test_who_can_write_time_is_not_shown_who_is_near_a_line(who, told, client, cast, frozen):
    """No counter, no filter, no reason and no place in the order: as with the alerts."""
    _talked(cast, 590)
    _talk(cast, cast.jane, days_ago=3)
    client.force_login(cast.user(who))
    page = client.get(CASELOAD)
    assert ("of a line" in page.content.decode()) is told
    assert ("show=near" in page.content.decode()) is told
    why = "Within 4 min of a line" if told else f"Last talked to on {cast.practice.today():%-d %b}"
    assert whys(client)["ROE, Max"] == why
    assert names(client)[0] == ("ROE, Max" if told else "DOE, Jane")
    near = client.get(CASELOAD, {"show": "near"})
    assert near.status_code == 200
    assert names(client, "?show=near") == (["ROE, Max"] if told else names(client))


def _talked(cast, seconds: int) -> None:
    """The nurse and Max, a short while ago."""
    starts_at, call = timezone.now() - timedelta(minutes=30), CALL | {"contact_seconds": 60}
    signed_session(cast.max, by=cast.rosa, starts_at=starts_at, seconds=seconds, **call)


def test_the_longest_without_contact_comes_first_of_the_rest(rosa, cast, frozen):
    _talk(cast, cast.jane, days_ago=1)
    assert names(rosa) == ["ROE, Max", "DOE, Jane"]
    assert whys(rosa)["ROE, Max"] == "No live contact so far"


@pytest.fixture
def frozen(cast):
    """Mid-month at noon: no month's end that changes the order, and today's readings of both in range."""
    noon = timezone.now().replace(day=15, hour=17, minute=0)
    with time_machine.travel(noon, tick=True):
        for person in (cast.jane, cast.max):
            factories.readings(person, cast.practice.today(), 1, hour=5)
        yield


def _enrolled(cast, given: str):
    person = factories.patient(cast.practice, "Care", given, mrn=f"C-{given}", born_on=date(1950, 1, 1))
    factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    return person


def _talk(cast, person, *, days_ago: int) -> None:
    at = timezone.now() - timedelta(days=days_ago, hours=1)
    signed_session(person, by=cast.rosa, starts_at=at, seconds=300, **CALL)


# Filters --------------------------------------------------------------------------------------------------------


def test_filters_narrow_rows_and_counters(rosa, client, cast):
    _talk(cast, cast.max, days_ago=0)
    assert names(rosa, "?whose=me") == ["ROE, Max"]
    assert sum(dict(rosa.get(CASELOAD + "?whose=me").context["board"].counters).values()) <= 3
    assert names(rosa, f"?clinician={cast.ana.user_id}&condition=hypertension&device=bp_cuff") != []
    for nothing in ("condition=kidneys", "device=scale", f"clinician={cast.lena.user_id}"):
        page = rosa.get(f"{CASELOAD}?{nothing}")
        assert "No patients match." in page.content.decode(), nothing
    client.force_login(cast.ana.user)
    assert len(names(client, "?whose=me")) == 2, "of a clinician: whom she supervises"


@pytest.mark.parametrize(
    "query",
    ["whose=x", "condition='", "device=%00", "clinician=99999999999", "clinician=²", "site=zz", "page=-1"],
)
def test_what_an_address_asks_that_is_not_known_asks_nothing(rosa, cast, query):
    assert len(names(rosa, "?" + query)) == 2


def test_a_page_beyond_the_last_is_the_last(rosa, cast):
    _enroll(cast, up_to=PER_PAGE)
    rebuild(cast.practice, at=timezone.now())
    assert len(names(rosa, "?page=1")) == PER_PAGE
    assert len(names(rosa, "?page=2")) == len(names(rosa, "?page=99")) == 2
    assert set(names(rosa, "?page=1")).isdisjoint(names(rosa, "?page=2"))


def test_before_the_figures_are_made_it_says_so(rosa, cast):
    _enroll(cast, up_to=PER_PAGE)
    page = rosa.get(CASELOAD)
    assert "The figures of this month are being put together" in page.content.decode()
    assert found(rosa, "doe") == ["DOE, Jane"]


# Whether it changed ---------------------------------------------------------------------------------------------


def test_a_line_says_how_many_rows_changed_and_names_nobody(rosa, cast):
    marks = rosa.get(CASELOAD).context["board"].marks
    quiet = rosa.get(f"/caseload/updates/?marks={marks}&page=1")
    assert quiet.content.decode().strip() == ""
    _talk(cast, cast.max, days_ago=0)
    told = rosa.get(f"/caseload/updates/?show=no-contact&whose=x&page=1&marks={marks}").content.decode()
    assert told.strip() == "", "of what this view shows, nothing is new: Max left it"
    told = rosa.get(f"/caseload/updates/?page=1&marks={marks}").content.decode()
    assert "1 update – show" in told
    assert f'href="{CASELOAD}?page=1"' in told
    assert "ROE" not in told


@pytest.mark.parametrize(
    ("hour", "minute", "silent"), [(23, 59, False), (0, 0, True), (3, 0, True)], ids=["before", "at", "after"]
)
def test_she_is_silent_from_her_own_midnight_on_in_the_counter_as_in_her_row(
    cast, client, hour, minute, silent
):
    """In Honolulu it is six hours earlier than in New York, in whose day the practice works."""
    cast.jane.time_zone = "Pacific/Honolulu"
    cast.jane.save()
    factories.readings(cast.jane, date(2026, 3, 10), 1)
    heard = Reading.objects.filter(patient=cast.jane).latest("taken_at").day
    midnight = datetime(heard.year, heard.month, heard.day, tzinfo=cast.jane.tz) + timedelta(days=3)
    moment = midnight.replace(hour=hour, minute=minute) - timedelta(days=hour > 12)
    with time_machine.travel(moment, tick=False):
        client.force_login(cast.user("rosa"))
        rebuild(cast.practice, at=moment)
        page = client.get(CASELOAD)
    rows = {row.patient.pk: row for row in page.context["rows"]}
    assert rows[cast.jane.pk].silent == silent
    assert dict(page.context["board"].counters)[Show.SILENT] == sum(row.silent for row in rows.values())


# Views that somebody keeps --------------------------------------------------------------------------------------


def save(client, name: str, query: str, **more):
    return client.post("/caseload/views/", {"operation_id": uuid4(), "name": name, "query": query, **more})


def test_a_view_is_kept_used_and_deleted(rosa, client, cast):
    answer = save(rosa, " My  Tuesday calls ", "show=no-contact&page=3&whose=me&evil=1")
    row = SavedView.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, CASELOAD + "?show=no-contact&whose=me")
    assert (row.name, row.query, row.user) == ("My Tuesday calls", "show=no-contact&whose=me", cast.rosa.user)
    page = rosa.get(answer["Location"]).content.decode()
    assert ">My Tuesday calls</a>" in page
    save(rosa, "My Tuesday calls", "show=silent")
    assert SavedView.objects.get().query == "show=silent", "the same name: changed"
    client.force_login(cast.luis.user)
    assert 'class="view-links"' not in client.get(CASELOAD).content.decode()
    gone = {"operation_id": uuid4()}
    assert client.post(f"/caseload/views/{row.pk}/delete/", gone).status_code == 404
    client.force_login(cast.rosa.user)
    assert client.post(f"/caseload/views/{row.pk}/delete/", {"operation_id": uuid4()}).status_code == 303
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("name", "query", "words"),
    [
        (" ", "show=silent", "Enter a name for the view"),
        ("x" * 41, "show=silent", "40 characters at most"),
        ("Everybody", "", "Choose a counter or a filter first"),
        ("Everybody", "page=2&show=nothing", "Choose a counter or a filter first"),
    ],
)
def test_what_is_no_view_is_refused_and_what_was_typed_stays(rosa, cast, name, query, words):
    answer = save(rosa, name, query)
    page = answer.content.decode()
    assert (answer.status_code, SavedView.objects.count()) == (422, 0)
    assert words in page
    assert f'value="{name}"' in page or not name.strip()


def test_a_counter_that_is_not_shown_to_her_makes_no_view(rosa, cast):
    assert save(rosa, "Near", "show=near").status_code == 422
    assert save(rosa, "Near", "show=near&q=").status_code == 422
    assert not SavedView.objects.exists()


def test_twenty_views_are_enough(rosa, cast):
    for number in range(20):
        save(rosa, f"View {number}", "show=silent")
    assert "You have 20 views. Delete one first" in save(rosa, "One more", "show=silent").content.decode()
    assert save(rosa, "View 3", "show=drafts").status_code == 303
    assert SavedView.objects.count() == 20


@pytest.mark.parametrize("bad", ["", "q", "show=doe jane", "show=x&<b>"])
def test_the_database_refuses_a_view_that_asks_nothing_or_names_somebody(cast, bad):
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(
            practice=cast.practice, user=cast.rosa.user, name="x", query=bad, saved_at=timezone.now()
        )
