"""The main job in a browser, on real processes: log, alert, close, review, approve, export, look back."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from dispatch.models import OutboxMessage
from tests import factories
from tests.cast import make_cast
from tests.faults.processes import Process, empty_broker, wait_until
from timelogs.models import TimeEntry

real_now = time_machine.escape_hatch.time.time
pytestmark = pytest.mark.django_db(transaction=True)
WORKER = (
    "celery",
    "-A",
    "rpmportal",
    "worker",
    "-c",
    "1",
    "-Q",
    "interactive,close",
    "--without-gossip",
    "--without-mingle",
    "-l",
    "ERROR",
)


@pytest.fixture
def stage():
    """The cast, the readings of 20 days of March, a real relay and a real worker."""
    cast = make_cast()
    factories.readings(cast.jane, date(2026, 3, 1), 20)
    factories.readings(cast.max, date(2026, 3, 1), 20)
    empty_broker()
    processes = [Process("manage", "relay", "--idle", "0.2").start(), Process(*WORKER).start()]
    yield cast
    for process in processes:
        process.kill()
        print(process.said())


def settled() -> None:
    wait_until(lambda: not OutboxMessage.objects.filter(done_at=None).exists(), "the outbox was not drained")


def log_session(page: Page, patient, *, day: date, starts: str, minutes: int, call: bool) -> None:
    """One past session through the pages: its time, then the note, then signed."""
    page.goto(f"/patients/{patient.pk}/sessions/new/")
    page.locator("#id_day").fill(f"{day:%Y-%m-%d}")
    page.get_by_label("Started at").fill(starts)
    page.locator("#id_minutes").fill(str(minutes))
    page.get_by_label("Why is this entered later?").fill("The calls of the morning, entered at noon.")
    page.get_by_role("button", name="Go on to the note").click()
    page.get_by_label("I reviewed these readings").check()
    if call:
        choose(page, "Who", "Patient")
        choose(page, "How", "Phone")
        page.get_by_label("It took").fill(str(minutes))
        choose(page, "Topics", "Readings")
        page.get_by_label("What was said").fill(
            f"On {day:%-d %B} she says she salts less and takes the evening dose at eight."
        )
    else:
        choose(page, "Who", "No contact")
    choose(page, "Decision", "No change")
    page.get_by_label("Reason or detail").fill(
        f"Pressure within goal on most days up to {day:%-d %B}; the plan stays."
    )
    page.get_by_role("button", name="Sign and finish").click()
    expect(page.get_by_text("Signed by").first).to_be_visible()
    # Outside the travelled time the session has expired: a page left open would soon leave for the sign-in page.
    page.goto("about:blank")


def choose(page: Page, group: str, option: str) -> None:
    page.get_by_role("group", name=group, exact=True).get_by_text(option, exact=True).click()


def log_the_guides_month(nurse: Callable[[], Page], patient, *, calls: bool) -> None:
    week_one, week_three = date(2026, 3, 3), date(2026, 3, 17)
    shift = 0 if calls else 3
    for hour, day, starts, minutes, call in [
        (18, week_one, "09:00", 6, False),
        (19, week_one, "09:10", 4, True),
        (18, week_three, "09:00", 5, False),
        (19, week_three, "09:10", 7, True),
    ]:
        at = f"{int(starts[:2]) + shift:02d}{starts[2:]}"
        with time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tick=True):
            log_session(nurse(), patient, day=day, starts=at, minutes=minutes, call=call and calls)
            settled()


def test_the_guides_example_from_the_first_minute_to_the_csv_row(stage, open_window, sign_in, shot):
    cast = stage
    window, biller = open_window(), open_window()
    log_the_guides_month(lambda: sign_in(window, cast.rosa), cast.jane, calls=True)
    log_the_guides_month(lambda: sign_in(window, cast.rosa), cast.max, calls=False)
    assert [
        e.cumulative_seconds for e in TimeEntry.objects.filter(patient=cast.jane).order_by("signed_at")
    ] == [360, 600, 900, 1320]

    with time_machine.travel(datetime(2026, 4, 2, 14, tzinfo=UTC), tick=True):
        sign_in(biller, cast.cora)
        the_biller_has_one_alert_a_line(biller, cast)
        the_biller_closes_march(biller)
        number = the_biller_approves_jane(biller, cast, shot)
        max_is_held_for_want_of_a_live_contact(biller)
        assert_csv_row(biller, number)
        the_auditor_sees_it_all(sign_in(open_window(), cast.omar), shot)


def the_biller_has_one_alert_a_line(page: Page, cast) -> None:
    page.goto("/inbox/")
    for minutes in (10, 20):
        expect(page.locator("main").get_by_text(f"DOE, Jane reached {minutes} min")).to_have_count(1)
    expect(page.locator("main").get_by_text("DOE, Jane reached 40 min")).to_have_count(0)


def the_biller_closes_march(page: Page) -> None:
    page.goto("/billing/2026-03/")
    page.get_by_role("link", name="Close month").click()
    page.get_by_role("textbox").last.fill("March 2026")
    page.get_by_role("button", name="Close the month").click()
    settled()
    expect(page.get_by_text("Done").first).to_be_visible()


def the_biller_approves_jane(page: Page, cast, shot) -> str:
    page.goto("/billing/2026-03/queue/")
    page.get_by_role("link", name="DOE, Jane", exact=True).click()
    expect(page.get_by_text("99457 × 1")).to_be_visible()
    expect(page.get_by_text("Live contact", exact=True).locator("visible=true").first).to_be_visible()
    expect(page.get_by_text("22 min counted")).to_be_visible()
    shot(page, "story-claim")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved").first).to_be_visible()
    page.goto("/billing/2026-03/queue/?state=approved")
    expect(page.get_by_role("link", name="DOE, Jane", exact=True)).to_be_visible()
    return cast.jane.mrn


def max_is_held_for_want_of_a_live_contact(page: Page) -> None:
    page.goto("/billing/2026-03/queue/?state=attention")
    page.get_by_role("link", name="ROE, Max", exact=True).click()
    expect(page.get_by_text("live contact", exact=False).first).to_be_visible()
    expect(page.get_by_text("Held", exact=True).first).to_be_visible()


def assert_csv_row(page: Page, mrn: str) -> None:
    with page.expect_download() as download:
        page.goto("/billing/2026-03/queue/?state=approved")
        page.get_by_role("link", name="Export CSV").click()
    rows = list(csv.DictReader(io.StringIO(download.value.path().read_text(encoding="utf-8-sig"))))
    codes = {row[key] for row in rows for key in row if key.lower() == "code"}
    assert "99457" in codes
    assert all(mrn in row.values() for row in rows)


def the_auditor_sees_it_all(page: Page, shot) -> None:
    # The database's clock, which stamps the history, does not travel.
    page.goto(f"/history/?since=2026-01-01&until={date.fromtimestamp(real_now()):%Y}-12-31")
    shot(page, "story-history")
    for who in ("Rosa Nguyen, RN", "Cora Biller"):
        page.get_by_label("Who").select_option(label=who)
        page.get_by_role("button", name="Show").click()
        expect(page.locator("table").get_by_text(who).first).to_be_visible()


def test_the_compliant_note_is_recorded_field_by_field_and_reads_back(stage, open_window, sign_in):
    """Readings of 14 days, range 132-158/82-96, 6 days above target, a call about salt and missed doses, 12 minutes."""
    cast = stage
    pressures = [
        (132, 82),
        (158, 96),
        (134, 83),
        (150, 90),
        (133, 82),
        (149, 91),
        (134, 84),
        (151, 92),
        (133, 83),
        (146, 90),
        (134, 82),
        (155, 94),
        (133, 82),
        (134, 84),
    ]
    patient = factories.patient(cast.practice, "Poe", "Pat", mrn="T-0003", born_on=date(1951, 3, 3))
    factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
    goal = patient.target_ranges.get()
    goal.high, goal.second_high = 140, 88
    goal.save()
    for offset, (high, low) in enumerate(pressures):
        factories.readings(patient, date(2026, 3, 4 + offset), 1, systolic=high, diastolic=low)
    with time_machine.travel(datetime(2026, 3, 17, 20, tzinfo=UTC), tick=True):
        page = sign_in(open_window(), cast.rosa)
        page.goto(f"/patients/{patient.pk}/sessions/new/")
        page.locator("#id_day").fill("2026-03-17")
        page.get_by_label("Started at").fill("10:00")
        page.locator("#id_minutes").fill("12")
        page.get_by_label("Why is this entered later?").fill("Entered right after the call.")
        page.get_by_role("button", name="Go on to the note").click()
        for fact in ("14 readings", "14 days", "132–158", "82–96", "6 days"):
            expect(page.get_by_text(fact, exact=False).first).to_be_visible()
        page.get_by_label("I reviewed these readings").check()
        page.get_by_label("What you saw in them").fill(
            "Readings above target on 6 days, mostly in the evening."
        )
        choose(page, "Who", "Patient")
        choose(page, "How", "Phone")
        page.get_by_label("It took").fill("7")
        for topic in ("Medicines", "Salt and diet"):
            choose(page, "Topics", topic)
        page.get_by_label("What was said").fill(
            "Discussed evening salt and when to take the medicine. Reports an occasional missed evening dose."
        )
        choose(page, "Decision", "Care plan updated")
        page.get_by_label("Reason or detail").fill("Reinforced the medication schedule. Updated care plan.")
        page.get_by_role("button", name="Sign and finish").click()
        for words in (
            "17-Mar-2026",
            "POE, Pat",
            "132–158",
            "82–96",
            "6 days",
            "Readings above target on 6 days, mostly in the evening.",
            "Patient",
            "Phone",
            "Salt and diet",
            "Medicines",
            "Reports an occasional missed evening dose.",
            "Care plan updated",
            "Reinforced the medication schedule.",
            "12 min",
            "Rosa Nguyen, RN",
        ):
            expect(page.get_by_text(words, exact=False).first).to_be_visible()


def test_a_label_with_minutes_cannot_be_signed_and_the_page_says_why(stage, open_window, sign_in):
    cast = stage
    with time_machine.travel(datetime(2026, 3, 17, 20, tzinfo=UTC), tick=True):
        page = sign_in(open_window(), cast.rosa)
        page.goto(f"/patients/{cast.jane.pk}/sessions/new/")
        page.locator("#id_day").fill("2026-03-17")
        page.get_by_label("Started at").fill("10:00")
        page.locator("#id_minutes").fill("20")
        page.get_by_label("Why is this entered later?").fill("Entered at noon.")
        page.get_by_role("button", name="Go on to the note").click()
        page.get_by_label("Reason or detail").fill("RPM management - 20 min")
        page.get_by_role("button", name="Sign and finish").click()
        expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
        expect(page).to_have_title("Error: Session with DOE, Jane · RPM Portal")
        choose(page, "Who", "No contact")
        choose(page, "Decision", "No change")
        page.get_by_label("I reviewed these readings").check()
        page.get_by_role("button", name="Sign and finish").click()
        expect(
            page.get_by_text("“RPM management - 20 min” is no description", exact=False).first
        ).to_be_visible()
        expect(page.get_by_label("Reason or detail")).to_have_value("RPM management - 20 min")
    assert TimeEntry.objects.get().status == "draft"
