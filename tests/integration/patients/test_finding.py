"""One finder for all pages, and no name in any address."""

import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection

from patients import selectors
from tests import factories
from tests.architecture.walk import ROOT

FREE_TEXT = r"""<input(?![^>]*type=["'](hidden|date|radio|checkbox)["'])|<textarea|{% crispy"""


def found(cast, text: str) -> list[str]:
    return [str(person) for person in selectors.find(cast.practice, text)]


@pytest.mark.parametrize(
    "text",
    [
        "LARCH",
        "larch",
        "emo-lar",
        "Zoe Larch",
        "larch zoe",
        "Larch, Zoë",
        "Ångstrøm",
        "angstrøm zoe",
        "t-0777",
        "0777",
    ],
)
def test_any_part_of_a_name_in_any_order_without_accents(cast, text):
    factories.patient(cast.practice, "Demo-Larch Ångstrøm", "Zoë", mrn="T-0777", born_on=date(1950, 1, 2))
    assert found(cast, text) == ["DEMO-LARCH ÅNGSTRØM, Zoë"]


@pytest.mark.parametrize("text", ["1948-05-12", "5/12/1948", "12 May 1948", "doe 5/12/1948"])
def test_a_date_of_birth_as_people_type_it(cast, text):
    assert found(cast, text) == ["DOE, Jane"]


def test_a_search_reads_the_patients_of_its_practice_and_no_others(cast):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = selectors.find(cast.practice, "larch").explain()
    assert "Index Cond: (practice_id = " in plan
    assert "Seq Scan" not in plan


@pytest.mark.parametrize("url", ["/history/", "/history/access/"])
def test_the_history_finds_them_alike_and_keeps_names_out_of_its_address(cast, client, url):
    client.force_login(cast.omar.user)
    answer = client.post(url, {"look_for": "oe", "since": "2026-01-01", "until": "2026-03-01"})
    assert answer.status_code == 303
    assert "oe" not in answer.url.partition("?")[2].replace(str(cast.jane.pk), "").replace(
        str(cast.max.pk), ""
    )
    assert {str(cast.jane.pk), str(cast.max.pk)} == set(
        parse_qs(urlsplit(answer.url).query)["patient"][0].split(",")
    )
    page = client.get(answer.url).content.decode()
    assert "DOE, Jane and 1 more" in page
    none = client.post(url, {"look_for": "nobody of this name"})
    assert "Nobody who fits" in client.get(none.url).content.decode()
    again = client.post(url, {"patient": str(cast.jane.pk), "who": "system"})
    assert parse_qs(urlsplit(again.url).query) == {"patient": [str(cast.jane.pk)], "who": ["system"]}


def test_dates_the_wrong_way_round_are_said(cast, client):
    client.force_login(cast.omar.user)
    page = client.get("/history/?since=2026-03-01&until=2026-01-01").content.decode()
    assert "From is after To: these dates are the wrong way round." in page


def test_no_form_that_goes_into_an_address_can_hold_a_name():
    """A form that is sent by GET has no field of free text. What the filter of readings offers is chosen from lists."""
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        for form in re.findall(r"<form\b[^>]*method=[\"']get[\"'].*?</form>", path.read_text(), re.I | re.S):
            if path.name != "styleguide.html" and re.search(FREE_TEXT, form):
                found.append(str(path.relative_to(ROOT)))
    assert not found
