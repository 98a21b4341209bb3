"""The command palette: what it finds for whom, and what it writes down."""

import re
from datetime import date
from html import unescape

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from audit.models import AccessEvent
from tests import factories
from tests.integration.billing.months import close_march, guides_example
from timelogs.clock import acts as clock
from timelogs.models import TimeEntry

PALETTE = "/find/"
OPTION = re.compile(r'<div role="option".*?</div>', re.DOTALL)


@pytest.fixture
def ask(client, cast):
    """`ask("rosa", "doe")`: the lines as read, spaces folded."""

    def lines(who: str, text: str) -> list[str]:
        client.force_login(cast.user(who))
        page = client.post(PALETTE, {"q": text}).content.decode()
        read = (re.sub(r"<[^>]+>", " ", option) for option in OPTION.findall(page))
        return [" ".join(unescape(line).split()) for line in read]

    return lines


def another(cast, family: str, given: str, *, mrn: str = ""):
    """A patient who is not enrolled."""
    return factories.patient(
        cast.practice, family, given, mrn=mrn or f"{family}-{given}", born_on=date(1950, 1, 1)
    )


JANE = "DOE, Jane born 12-May-1948 · F · MRN T-0001"


@pytest.mark.parametrize(
    "text",
    ["doe", "JANE", "Doe, Jane", "T-0001", "1948-05-12", "12-May-1948", "12 may 1948", "5/12/1948"]
    + ["5-12-1948", "May 12, 1948", "may 12 1948", "doe 5/12/1948", " doe "],
)
def test_a_patient_is_found_by_name_mrn_or_birthday(ask, text):
    assert ask("rosa", text)[:2] == [JANE, "Start session for DOE, Jane"]


@pytest.mark.parametrize("text", ["zzz", "1900-01-01", "%%", "__", "'; --", "doe 1944-02-01", "Noe", "nora"])
def test_who_is_not_here_is_not_found(ask, text):
    assert ask("rosa", text) == []


def test_one_letter_finds_no_patient(ask):
    assert not [line for line in ask("rosa", "d") if "DOE" in line]


def test_names_that_begin_so_come_before_names_that_hold_it(ask, cast):
    for family in ("Ames", "Mesa"):
        another(cast, family, "Zoe")
    assert [line.split(",")[0] for line in ask("rosa", "mes")] == ["MESA", "AMES"]


def test_many_patients_are_told_apart_before_anything_starts(ask, client, cast):
    for number in range(10):
        another(cast, "Poe", f"Pat{number}")
    lines = ask("rosa", "poe")
    assert len(lines) == 8
    assert not [line for line in lines if line.startswith("Start")]
    page = client.post(PALETTE, {"q": "poe"}).content.decode()
    assert "More patients match: type more of the name" in page
    assert "data-sure" not in page


def test_start_and_log_before_a_name_ask_for_that_act(ask, cast):
    assert ask("rosa", "start doe") == ["Start session for DOE, Jane born 12-May-1948 · F · MRN T-0001"]
    assert ask("rosa", "LOG doe") == ["Log past session for DOE, Jane born 12-May-1948 · F · MRN T-0001"]
    another(cast, "Gone", "Gil")
    assert [line.split()[0] for line in ask("rosa", "start gone")] == ["GONE,"]
    assert ask("rosa", "gone")[0].startswith("GONE, Gil Not enrolled")


def test_the_line_that_starts_is_the_charts_own_button(ask, client, cast):
    ask("rosa", "start doe")
    page = client.post(PALETTE, {"q": "start doe"}).content.decode()
    address, operation = re.search(r'data-post="([^"]+)" data-operation="([^"]+)"', page).groups()
    assert address == reverse("timelogs:session_start", args=[cast.jane.pk])
    for _ in range(2):
        assert client.post(address, {"operation_id": operation}).status_code == 303
    assert TimeEntry.objects.filter(patient=cast.jane).count() == 1
    clock.start_session(cast.max, by=cast.luis, at=timezone.now())
    assert client.post(address, {"operation_id": "nonsense"}).status_code == 422


ONLY_CARE = ("Start session", "Log past session", "Enroll patient", "Import readings", "My sessions")


@pytest.mark.parametrize("who", ["rosa", "lena", "ana"])
def test_care_is_offered_to_who_cares(ask, who):
    lines = "\n".join(ask(who, ""))
    for command in ONLY_CARE:
        assert command in lines
    for command in ("Go to Queue", "Go to Month", "Close", "Go to History", "Access log", "Policies"):
        assert command not in lines


@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_nobody_else_is_offered_care(ask, who):
    for text in ("", "doe", "start doe", "log doe", "start", "enroll"):
        lines = "\n".join(ask(who, text))
        assert not [command for command in ONLY_CARE if command in lines], text


def test_the_administrator_finds_no_patient_and_no_claim(ask, cast):
    guides_example(cast)
    close_march(cast)
    for text in ("doe", "T-0001", "1948-05-12", "RPM-202603"):
        assert ask("ade", text) == []
    assert "Go to Closed months" in ask("ade", "")
    assert not AccessEvent.objects.filter(route="palette").exists()


def test_claims_are_found_by_number_and_by_patient_for_who_may_see_them(ask, cast):
    guides_example(cast)
    close_march(cast)
    claim = cast.jane.claims.get()
    line = f"DOE, Jane, March 2026 {claim.number} · {claim.get_state_display()}"
    for who in ("cora", "omar"):
        assert ask(who, claim.number) == [line]
        assert ask(who, "doe") == [JANE, line]
    for who in ("rosa", "lena", "ana"):
        assert ask(who, claim.number) == []
    for stranger in ("dan", "dora"):
        assert ask(stranger, claim.number) == []


def test_another_practices_patients_are_not_found(ask):
    for who in ("dan", "dora"):
        for text in ("doe", "jane", "1948-05-12", "max", "start doe"):
            assert ask(who, text) == []
    assert [line.split(",")[0] for line in ask("dora", "T-0001")] == ["NOE"]


def test_commands_show_their_keys_until_those_are_off(ask, client):
    assert "Go to Caseload G C" in ask("rosa", "")
    assert ask("rosa", "keyb") == ["Keyboard shortcuts ?"]
    client.cookies["letters"] = "off"
    assert "Go to Caseload" in ask("rosa", "")


def test_the_clocks_commands_follow_the_clock(ask, cast):
    assert not [line for line in ask("rosa", "") if "clock" in line]
    now = timezone.now()
    entry = clock.start_session(cast.jane, by=cast.rosa, at=now)
    assert ask("rosa", "clock") == ["To the running clock T", "Pause the running clock"]
    clock.pause(entry, by=cast.rosa, at=now)
    assert ask("rosa", "clock") == ["To the paused clock T", "Resume the paused clock"]
    assert ask("luis", "clock") == []
    assert "Jane" not in "".join(ask("rosa", "clock"))


def test_whose_names_were_shown_is_written_down(ask, cast):
    ask("rosa", "doe")
    rows = AccessEvent.objects.filter(action="list", route="palette")
    assert list(rows.values_list("patient_id", "actor_id")) == [(cast.jane.pk, cast.rosa.user_id)]


def test_a_claim_found_by_number_is_written_down_too(ask, cast):
    guides_example(cast)
    close_march(cast)
    ask("cora", cast.jane.claims.get().number)
    rows = AccessEvent.objects.filter(action="list", route="palette")
    assert list(rows.values_list("patient_id", flat=True)) == [cast.jane.pk]


def test_nothing_typed_comes_to_stand_in_an_address(ask, client, cast):
    ask("rosa", "doe")
    assert client.get(PALETTE, {"q": "doe"}).status_code == 405
    page = client.post(PALETTE, {"q": "doe"}).content.decode()
    addresses = re.findall(r'data-(?:url|post)="([^"]+)"', page)
    assert addresses
    assert not [a for a in addresses if "doe" in a.lower() or "jane" in a.lower() or "?" in a]


def test_a_name_is_text_and_nothing_else(ask, client, cast):
    another(cast, "<script>x</script>", "\"'><b data-url='/x'>", mrn="&lt;1")
    ask("rosa", "<script>")
    page = client.post(PALETTE, {"q": "<script>"}).content.decode()
    assert "&lt;SCRIPT&gt;" in page
    assert "<script" not in page.lower()
    assert "<b data-url" not in page
    assert "&amp;lt;1" in page


@pytest.mark.parametrize("text", ["\0", "a\0b", "x" * 5000, "²", "0001-01-01", "9999-12-31", "9" * 30])
def test_anything_may_be_typed(client, cast, text):
    for member in (cast.rosa, cast.cora, cast.ade):
        client.force_login(member.user)
        assert client.post(PALETTE, {"q": text}).status_code == 200


def test_without_a_role_or_a_token_there_is_no_answer(cast, client):
    assert client.post(PALETTE, {"q": "doe"}, headers={"HX-Request": "true"}).status_code == 401
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.rosa.user)
    assert strict.post(PALETTE, {"q": "doe"}).status_code == 403
    cast.rosa.ends_on = cast.practice.today()
    cast.rosa.save()
    client.force_login(cast.rosa.user)
    assert client.post(PALETTE, {"q": "doe"}).status_code == 403


def test_every_line_leads_where_its_reader_may_go(ask, client, cast):
    guides_example(cast)
    close_march(cast)
    for role in ("rosa", "lena", "ana", "cora", "omar", "ade"):
        for text in ("", "doe", "log doe"):
            ask(role, text)
            page = client.post(PALETTE, {"q": text}).content.decode()
            for address in re.findall(r'data-url="([^"]+)"', page):
                assert client.get(address).status_code == 200, (role, address)
    assert Role(cast.ade.role) == Role.ADMINISTRATOR


def test_more_patients_take_no_more_queries(ask, client, cast):
    counts = []
    for size in (1, 6):
        for number in range(size):
            someone = another(cast, "Poe", f"Pat{size}{number}")
            factories.enrollment(someone, clinician=cast.ana, taken_by=cast.rosa)
        ask("rosa", "poe")
        cache.clear()
        with CaptureQueriesContext(connection) as queries:
            client.post(PALETTE, {"q": "poe"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15


def test_it_says_how_much_was_found(ask, client):
    ask("rosa", "")
    for text, words in (
        ("", "20 commands"),
        ("keyb", "1 command"),
        ("doe", "2 results"),
        ("zzz", "Nothing found"),
    ):
        assert f'data-says="{words}' in client.post(PALETTE, {"q": text}).content.decode()
