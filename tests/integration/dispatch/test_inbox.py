"""One's own inbox, and nobody else's."""

from uuid import uuid4

import pytest
from django.utils import timezone

from dispatch.inbox import PAGE
from dispatch.models import Notice, Operation
from dispatch.notices import notify, withdraw


def tell(cast, who: str, cause: str = "cause", text: str = "DOE, Jane reached 20 min.") -> Notice:
    user = cast.user(who)
    practice = getattr(cast, who).practice
    notify(practice, [user], kind="threshold", cause=cause, text=text, url="/styleguide/", email=False)
    return Notice.objects.get(recipient=user, cause=cause)


def mark(client, notice, operation=None):
    return client.post(f"/inbox/{notice.pk}/read/", {"operation_id": str(operation or uuid4())})


@pytest.fixture
def cora(cast, client):
    client.force_login(cast.user("cora"))
    return client


@pytest.mark.parametrize("path", ["/inbox/", "/inbox/bell/"])
def test_the_auditor_has_no_inbox(path, cast, client):
    client.force_login(cast.user("omar"))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("whose", ["rosa", "dora"])
def test_a_notice_of_somebody_else_is_not_there(whose, cast, cora):
    notice = tell(cast, whose, text="NOE, Nora reached 10 min.")
    assert mark(cora, notice).status_code == 404
    assert "Nora" not in cora.get("/inbox/").content.decode()
    assert "Nora" not in cora.get("/inbox/bell/").content.decode()
    notice.refresh_from_db()
    assert notice.read_at is None


def test_marking_read_moves_the_line_to_done(cast, cora):
    notice = tell(cast, "cora")
    assert mark(cora, notice).status_code == 303
    assert "DOE, Jane" not in cora.get("/inbox/").content.decode()
    assert "DOE, Jane" in cora.get("/inbox/?tab=done").content.decode()


def test_a_double_click_marks_once_and_the_first_time_stands(cast, cora):
    notice, operation = tell(cast, "cora"), uuid4()
    assert mark(cora, notice, operation).status_code == 303
    notice.refresh_from_db()
    first = notice.read_at
    assert mark(cora, notice, operation).status_code == 303
    assert mark(cora, notice).status_code == 303
    notice.refresh_from_db()
    assert notice.read_at == first
    assert Operation.objects.filter(operation_id=operation).count() == 1


def test_marking_read_needs_a_post_with_its_operation(cast, cora):
    notice = tell(cast, "cora")
    assert cora.get(f"/inbox/{notice.pk}/read/").status_code == 405
    assert cora.post(f"/inbox/{notice.pk}/read/").status_code == 422


def test_what_no_longer_stands_is_done_and_struck_through(cast, cora):
    tell(cast, "cora", "gone")
    withdraw("gone", at=timezone.now())
    assert "DOE, Jane" not in cora.get("/inbox/").content.decode()
    done = cora.get("/inbox/?tab=done").content.decode()
    assert "no longer stands" in done
    assert "line withdrawn" in done


def test_the_newest_come_first_and_older_ones_are_a_link_away(cast, cora):
    for number in range(PAGE + 3):
        tell(cast, "cora", f"c{number}", f"Notice number {number}.")
    first = cora.get("/inbox/")
    assert [n.text for n in first.context["notices"]][0] == f"Notice number {PAGE + 2}."
    older = cora.get(f"/inbox/?before={first.context['older']}")
    assert [n.text for n in older.context["notices"]] == [
        "Notice number 2.",
        "Notice number 1.",
        "Notice number 0.",
    ]
    assert older.context["older"] is None


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²"])
def test_a_mangled_address_shows_the_first_page(before, cast, cora):
    tell(cast, "cora")
    answer = cora.get("/inbox/", {"before": before})
    assert answer.status_code == 200
    assert len(answer.context["notices"]) == 1


def test_what_a_notice_says_is_text_and_never_markup(cast, cora):
    tell(cast, "cora", text="<script>alert(1)</script>")
    assert "<script>alert" not in cora.get("/inbox/").content.decode()
