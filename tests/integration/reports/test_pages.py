"""The reports' pages: what each role sees, the rows behind, files, and that nothing grows with the practice."""

import csv
import io
import re
from datetime import date

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from audit.models import AccessEvent
from billing.close.acts import reopen
from reports.tables import Kind
from tests import factories
from tests.cast import Cast, make_cast
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example
from tests.integration.reports.test_figures import TRIED, at, patients, worked
from tests.integration.test_nurses_see_no_money import found_in
from tests.integration.timelogs.notes import CALL
from timelogs.models import Period

MONTHLY = ("program", "time", "not_counted", "further", "unusual", "reaching")
TIME = ("time", "not_counted", "unusual", "reaching")
ROWS = ("sessions", "noted", "calls", "patients", "members", "unreached")


@pytest.fixture
def busy(db, worlds) -> Cast:
    return worlds.of(a_month)


@pytest.fixture
def ask(client, request):
    cast = request.getfixturevalue("busy" if "busy" in request.fixturenames else "cast")

    def ask(who: str, name: str, **given):
        client.force_login(getattr(cast, who).user)
        return client.get(reverse(f"reports:{name}", args=[] if name == "index" else [MARCH]), given)

    return ask


def page(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def links(html: str) -> list[str]:
    main = html[html.index("<main") : html.index("</main>")]
    return [link.replace("&amp;", "&") for link in re.findall(r'href="(/reports/[^"]*\?[^"]*)"', main)]


def a_month() -> Cast:
    """Counted, not counted, late, tried and answered; closed. Rosa's name would be a formula in a spreadsheet."""
    cast = make_cast()
    cast.rosa.user.name = "=HYPERLINK(1)"
    cast.rosa.user.save()
    guides_example(cast)
    worked(cast.max, cast.luis, at(4, 9), 300, TRIED)
    worked(cast.max, cast.rosa, at(4, 22), 2100, CALL, at=at(20, 9))
    close_march(cast)
    return cast


def test_months_before_the_first_that_has_an_address_lead_nowhere(cast, client):
    """Somebody typed 1999 for 2026."""
    episode = cast.jane.enrollments.get()
    episode.started_on = date(1999, 3, 1)
    episode.save()
    client.force_login(cast.cora.user)
    html = page(client.get("/reports/program/2000-01/"))
    assert "December 1999" in html
    behind = [link for link in links(html) if "/members/" in link]
    assert behind == ["/reports/members/2000-01/?what=enrolled"]


def test_the_list_names_what_each_role_may_see(ask, cast):
    for who, names in (
        ("lena", ["Staff time", "Unusual time", "Reaching patients", "Escalations"]),
        ("cora", ["Program", "Staff time", "Patients by minutes"]),
        ("ade", ["Program", "Staff time", "Escalations"]),
    ):
        html = page(ask(who, "index"))
        assert all(f">{name}</h2>" in html for name in names)
        assert (">Program</h2>" in html) == ("Program" in names)


@pytest.mark.parametrize("name", TIME)
def test_a_lead_nurse_sees_minutes_and_nothing_of_codes_or_money(ask, busy, name):
    assert found_in(page(ask("lena", name))) == []


@pytest.mark.parametrize("who", ["cora", "omar", "lena", "ade"])
def test_every_number_opens_its_rows(ask, busy, client, who):
    opened = 0
    for name in MONTHLY if who != "lena" else TIME:
        for link in links(page(ask(who, name))):
            if "file=" in link:
                continue
            html = page(client.get(link))
            assert '<tr><th scope="row">' in html, link
            assert ("DOE, Jane" in html or "ROE, Max" in html) == (who != "ade"), link
            opened += 1
    assert opened > 15


# What counts neither patients nor sessions nor claims, but opens what it is made of all the same, or stands beside it.
NO_ROWS = {("units", None), ("nights", "nights")}


def counted(tables) -> list[tuple[str, str, int, str]]:
    """Each count above nothing: its table and column, and the address that it opens."""
    return [
        (table.slug, column.name, cell.value, cell.url)
        for table in tables
        for line in table.lines
        for column, cell, _ in line
        if column.kind is Kind.COUNT and cell.value
        if not {(table.slug, None), (table.slug, column.name)} & NO_ROWS
    ]


@pytest.mark.parametrize(("state", "least"), [("closed", 31), ("open", 26)])
def test_every_count_opens_a_list_of_as_many(ask, busy, client, state, least):
    if state == "open":
        with time_machine.travel(APRIL_5, tick=True):
            reopen(Period.objects.get(month=MARCH), by=busy.ade, reason="A session was late.", at=APRIL_5)
    wrong, walked = [], 0
    for name in MONTHLY:
        answer = ask("cora", name)
        for table, column, value, url in counted(answer.context["tables"]):
            found = client.get(url).context["page"].paginator.count if url else None
            walked += 1
            if found != value:
                wrong.append(f"{name} {table} {column}: {value}, and {found} behind {url or 'no link'}")
    assert not wrong, "\n".join(wrong)
    assert walked >= least


def test_whose_names_are_listed_is_written_down(ask, busy):
    ask("cora", "members", what="enrolled")
    ask("ade", "sessions")
    routes = AccessEvent.objects.values_list("route", "patient_id")
    assert set(routes.filter(route__startswith="reports:")) == {
        ("reports:members", busy.jane.pk),
        ("reports:members", busy.max.pk),
    }


def test_an_administrator_sees_people_and_no_patient(ask, busy):
    html = page(ask("ade", "sessions"))
    assert "=HYPERLINK(1)" in html
    assert "DOE" not in html
    assert "/sessions/" not in html[html.index("<main") :].replace("/reports/sessions/", "")
    assert "Open claim" not in page(ask("ade", "program"))


@pytest.mark.parametrize("name", MONTHLY)
def test_files_have_the_pages_figures_and_begin_no_formula(ask, busy, name):
    files = re.findall(r'\?file=([\w-]+)"', page(ask("cora", name)))
    assert files
    for slug in files:
        answer = ask("cora", name, file=slug)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert f"{slug}-v1_2026-03.csv" in answer["Content-Disposition"]
        head, *rows = csv.reader(io.StringIO(answer.content.decode()))
        assert rows
        assert {len(row) for row in rows} == {len(head)}
        assert not [cell for row in rows for cell in row if cell.startswith("=")]
        assert "DOE" not in answer.content.decode()
    assert ask("cora", name, file="nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [("staff", "x"), ("why", "x"), ("day", "2026-02-30"), ("role", "\0"), ("night", "-1")],
)
def test_an_address_that_asks_for_nothing_known_is_no_page(ask, name, value):
    assert ask("cora", "sessions", **{name: value}).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "9999999", "x", "٣"])
def test_pages_beyond_the_last_show_the_first(ask, busy, number):
    for name, given in (("sessions", {}), ("members", {"what": "enrolled"}), ("unreached", {})):
        assert "<h1>" in page(ask("cora", name, page=number, **given))


def test_the_last_page_has_what_is_left(ask, cast):
    for number, patient in enumerate(patients(cast, 26)):
        worked(patient, cast.rosa, at(1 + number, 9), 60)
    html = page(ask("cora", "sessions", page=2))
    assert "Showing 26–26 of 26 sessions" in html
    assert html.count('<tr><th scope="row">') == 1


@pytest.mark.parametrize("month", ["2000-01", "2018-03", "2099-12"])
def test_months_without_rules_and_at_the_ends_of_time(client, cast, month):
    client.force_login(cast.cora.user)
    for name in (*MONTHLY, *ROWS):
        assert (
            client.get(
                f"/reports/{name.replace('_', '-').replace('further', 'minutes')}/{month}/", {"line": 10}
            ).status_code
            < 400
        )


def test_a_long_table_shows_its_first_rows_and_all_of_them_when_asked(ask, cast):
    """Twenty people are shown beside other tables; of twenty-one the page leads to all."""
    for number in range(21):
        who = factories.membership(
            cast.practice, f"Nurse {number:02}", Role.NURSE, "RN", email=f"n{number}@example.test"
        )
        if number == 20:
            assert "Show all" not in page(ask("cora", "time"))
        worked(cast.jane, who, at(2, 9 + number // 2, 20 * (number % 2)), 60 + number)
    html = page(ask("cora", "time"))
    assert html.count("Show all 21") == 2
    assert "Nurse 20" not in html
    assert f"{reverse('reports:time', args=[MARCH])}?all=person" in html
    whole = page(ask("cora", "time", all="person"))
    assert "Nurse 20" in whole
    assert "By week" not in whole
    assert len(ask("cora", "time", file="person").content.splitlines()) == 22
    assert ask("cora", "time", all="nothing").status_code == 404


def test_no_page_asks_more_for_more_patients(ask, cast):
    def asked() -> list[int]:
        counts = []
        for name, given in [(name, {}) for name in MONTHLY] + [
            ("sessions", {}), ("members", {"what": "enrolled"}), ("patients", {"band": "0"}), ("unreached", {}),
            ("noted", {"staff": cast.rosa.user_id, "what": "by_hand"}), ("calls", {"answered": "0"}),
        ]:  # fmt: skip
            with CaptureQueriesContext(connection) as queries:
                page(ask("cora", name, **given))
            counts.append(len(queries))
        return counts

    worked(cast.jane, cast.rosa, at(2, 9), 60, TRIED)
    asked()
    few = asked()
    for number, patient in enumerate(patients(cast, 5)):
        worked(patient, cast.rosa, at(3 + number, 9), 60, TRIED)
    # The first to look brings the boards' rows up to date.
    asked()
    assert asked() == few
    assert max(few) < 50


def test_a_chart_says_its_numbers_in_words_and_carries_no_style(ask, busy):
    html = page(ask("cora", "time"))
    (figure, *_) = re.findall(r"<figure.*?</figure>", html, re.S)
    assert 'role="img"' in figure
    assert "Luis Ortiz: " in figure
    assert "style=" not in html
    assert "<script>" not in html
