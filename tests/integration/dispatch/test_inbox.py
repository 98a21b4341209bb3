"""One's own inbox, and nobody else's."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from dispatch.inbox import FOLDED_FROM, PAGE
from dispatch.models import Notice, Operation
from dispatch.notices import notify, withdraw


def tell(
    cast, who: str, cause: str = "cause", text: str = "DOE, Jane reached 20 min.", *, kind: str = "threshold"
) -> Notice:
    user = cast.user(who)
    practice = getattr(cast, who).practice
    notify(practice, [user], kind=kind, cause=cause, text=text, url="/styleguide/", email=False)
    return Notice.objects.get(recipient=user, cause=cause)


def shown(answer) -> list[Notice]:
    return [notice for group in answer.context["groups"] for notice in group.notices]


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
    assert [n.text for n in shown(first)][0] == f"Notice number {PAGE + 2}."
    older = cora.get(f"/inbox/?before={first.context['older']}")
    assert [n.text for n in shown(older)] == [
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
    assert len(shown(answer)) == 1


def test_what_a_notice_says_is_text_and_never_markup(cast, cora):
    tell(cast, "cora", text="<script>alert(1)</script>")
    assert "<script>alert" not in cora.get("/inbox/").content.decode()


def told(cast, count: int, *, who: str = "cora", kind: str = "threshold") -> list[Notice]:
    return [tell(cast, who, f"{kind}-{n}", f"Demo {kind} {n}", kind=kind) for n in range(count)]


def mark_all(client, notices, *, operation=None, **changed):
    ends = {"oldest": notices[0].pk, "newest": notices[-1].pk, "kind": notices[0].kind} | changed
    return client.post("/inbox/read/", {"operation_id": str(operation or uuid4()), **ends})


@pytest.mark.parametrize(("count", "folded"), [(FOLDED_FROM - 1, False), (FOLDED_FROM, True)])
def test_many_of_one_kind_on_one_day_are_one_line(count, folded, cast, cora):
    told(cast, count)
    page = cora.get("/inbox/").content.decode()
    assert (f"{count} alerts: a patient&#x27;s month reached a line" in page) == folded
    assert page.count('class="line"') == count


def test_other_kinds_and_other_days_are_not_folded_with_them(cast, cora):
    told(cast, 2)
    told(cast, 2, kind="close")
    old = told(cast, 2, kind="question")
    Notice.objects.filter(pk=old[0].pk).update(created_at=timezone.now() - timedelta(days=2))
    assert (
        "<summary" not in cora.get("/inbox/").content.decode().partition("<main")[2].partition("</main>")[0]
    )


def test_all_of_a_line_are_marked_at_once_and_what_came_since_is_not(cast, cora):
    notices = told(cast, 5)
    other = tell(cast, "cora", "other", kind="close")
    late = tell(cast, "cora", "late")
    operation = uuid4()
    for _ in range(2):
        assert mark_all(cora, notices, operation=operation).status_code == 303
    waiting = set(Notice.objects.filter(read_at=None).values_list("pk", flat=True))
    assert waiting == {other.pk, late.pk}


def test_nobody_elses_are_marked_with_them(cast, cora):
    told(cast, 4)
    rosas = told(cast, 4, who="rosa")
    doras = told(cast, 4, who="dora")
    assert mark_all(cora, rosas).status_code == mark_all(cora, doras).status_code == 303
    assert not Notice.objects.exclude(read_at=None).exists()


@pytest.mark.parametrize(
    "changed", [{"oldest": ""}, {"newest": "x"}, {"newest": 10**30}, {"oldest": 0}, {"kind": ""}]
)
def test_a_page_that_was_not_sent_whole_marks_nothing_and_says_so(changed, cast, cora):
    answer = mark_all(cora, told(cast, 4), **changed)
    assert answer.status_code == 422
    assert "Mark all read" in answer.content.decode()
    assert not Notice.objects.exclude(read_at=None).exists()


def test_the_auditor_marks_nothing(cast, client):
    client.force_login(cast.user("omar"))
    assert mark_all(client, told(cast, 4)).status_code == 403
