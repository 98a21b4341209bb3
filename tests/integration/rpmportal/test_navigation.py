"""What the frame shows to whom."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.permissions import Role
from dispatch.notices import notify
from tests import factories

NAV = {
    "rosa": ["Caseload", "Inbox", "Escalations", "Silent patients", "My sessions"],
    "lena": [
        "Caseload",
        "Inbox",
        "Escalations",
        "Silent patients",
        "My sessions",
        "Possible duplicates",
        "Reports",
    ],
    "ana": [
        "Caseload",
        "Inbox",
        "Escalations",
        "Silent patients",
        "To sign",
        "My sessions",
        "Range templates",
    ],
    "cora": [
        "Month",
        "Queue",
        "Patients",
        "Inbox",
        "Reports",
        "Practice",
        "Payers",
        "Policies",
        "Who answers",
    ],
    "omar": [
        "Month",
        "Queue",
        "Patients",
        "Reports",
        "Practice",
        "Payers",
        "Policies",
        "Who answers",
        "Integrations",
        "History",
        "Access log",
    ],
    "ade": [
        "Closed months",
        "Inbox",
        "Possible duplicates",
        "Reports",
        "People",
        "Practice",
        "Payers",
        "Policies",
        "Range templates",
        "Who answers",
        "Integrations",
        "System status",
        "Queues of work",
    ],
}


def page(client, path: str = "/styleguide/") -> str:
    return client.get(path).content.decode()


@pytest.mark.parametrize("who", NAV)
def test_each_role_sees_the_places_it_may_go_and_each_opens(who, cast, client):
    client.force_login(cast.user(who))
    nav = re.search(r"<nav class=\"shell-nav\".*?</nav>", page(client), re.DOTALL)[0]
    assert [words.strip() for words in re.findall(r">([^<>]+)</a>", nav)] == NAV[who]
    for address in re.findall(r'href="([^"]+)"', nav):
        assert client.get(address).status_code == 200, address


def test_the_page_one_is_on_is_marked_and_only_that(cast, client):
    client.force_login(cast.user("cora"))
    html = page(client, "/inbox/")
    marked = re.findall(r'<a href="([^"]+)" aria-current="page"[^>]*data-go', html)
    assert marked == ["/inbox/"]


def test_a_nurse_reads_no_money_words_in_her_frame(cast, client):
    client.force_login(cast.user("rosa"))
    header = re.search(r"<header.*?</header>", page(client), re.DOTALL)[0]
    for word in ("Month", "Queue", "$", "claim", "994"):
        assert word not in header


def test_only_who_logs_time_asks_for_a_clock(cast, client):
    client.force_login(cast.user("cora"))
    assert 'id="clock-pill"' not in page(client)
    client.force_login(cast.user("rosa"))
    assert 'id="clock-pill"' in page(client)


def test_the_bell_counts_unread_notices_of_this_practice_only(cast, client):
    for practice, cause in ((cast.practice, "a"), (cast.practice, "b"), (cast.elsewhere, "c")):
        notify(practice, [cast.user("cora")], kind="close", cause=cause, text="A month was closed.", url="/")
    client.force_login(cast.user("cora"))
    assert "Alerts, 2 unread" in page(client)


def test_past_ninety_nine_the_bell_stops_counting(cast, client):
    for number in range(101):
        notify(
            cast.practice,
            [cast.user("cora")],
            kind="close",
            cause=str(number),
            text="Closed.",
            url="/",
            email=False,
        )
    client.force_login(cast.user("cora"))
    assert "Alerts, 99+ unread" in page(client)


def test_times_are_the_practices(cast, client):
    notify(cast.practice, [cast.user("cora")], kind="close", cause="z", text="Closed.", url="/")
    client.force_login(cast.user("cora"))
    expected = (
        f"{timezone.now().astimezone(ZoneInfo('America/New_York')) - timedelta(seconds=1):%d-%b-%Y %H:}"
    )
    assert expected in page(client, "/inbox/")


def test_who_works_in_two_practices_may_switch(cast, client):
    rosa = cast.user("rosa")
    factories.saved(
        type(cast.rosa)(
            practice=cast.elsewhere,
            user=rosa,
            role=Role.BILLER,
            staff_kind="none",
            starts_on=factories.LONG_AGO,
        )
    )
    client.force_login(rosa)
    client.post("/practice/switch/", {"practice": str(cast.practice.pk)})
    assert "Elsewhere Practice" in page(client)
    client.post("/practice/switch/", {"practice": str(cast.elsewhere.pk)})
    html = page(client)
    assert "Queue" in html
    assert "Maple Test Practice" in html


def test_the_demo_says_that_it_is_one(cast, client, settings):
    settings.DEMO = True
    assert "Every patient here is made up" in client.get("/sign-in/").content.decode()
    settings.DEMO = False
    assert "made up" not in client.get("/sign-in/").content.decode()


def test_the_frame_of_a_person_without_a_role_here_still_shows(cast, client):
    stranger = factories.User(email="new@example.test", name="New Person")
    stranger.set_password("correct horse battery")
    stranger.save()
    client.force_login(stranger)
    assert client.get("/inbox/").status_code == 403
