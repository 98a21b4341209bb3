"""One's own inbox, and nobody else's."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.preferences import preferences_of
from dispatch import inbox
from dispatch.inbox import FOLDED_FROM, PAGE
from dispatch.models import Notice, Operation
from dispatch.notices import notify, withdraw


def tell(
    cast,
    who: str,
    cause: str = "cause",
    text: str = "DOE, Jane reached 20 min.",
    *,
    kind: str = "threshold",
    **more,
) -> Notice:
    user = cast.user(who)
    practice = getattr(cast, who).practice
    notify(practice, [user], kind=kind, cause=cause, text=text, url="/styleguide/", email=False, **more)
    return Notice.objects.get(recipient=user, cause=cause)


def shown(answer) -> list[Notice]:
    return [notice for notice, _ in answer.context["lines"]]


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
        tell(cast, "cora", f"c{number}", f"Notice number {number}.", fold=f"of number {number}")
    first = cora.get("/inbox/")
    assert [n.text for n in shown(first)][0] == f"Notice number {PAGE + 2}."
    older = cora.get(f"/inbox/?before={first.context['older']}")
    assert [n.text for n in shown(older)] == [
        "Notice number 2.",
        "Notice number 1.",
        "Notice number 0.",
    ]
    assert older.context["older"] is None


def test_what_is_urgent_is_on_the_first_page_however_old(cast, cora):
    urgent = [tell(cast, "cora", f"u{n}", f"Urgent {n}.", urgent=True) for n in range(2)]
    others = [tell(cast, "cora", f"c{n}", f"Notice {n}.", fold=f"of number {n}") for n in range(PAGE)]
    first = cora.get("/inbox/")
    assert shown(first) == [*reversed(urgent), *reversed(others[2:])]
    older = cora.get("/inbox/", {"before": str(first.context["older"])})
    assert shown(older) == [others[1], others[0]]
    assert older.context["older"] is None


def test_more_that_is_urgent_than_a_page_holds_goes_on_before_all_else(cast, cora):
    urgent = [tell(cast, "cora", f"u{n}", f"Urgent {n}.", urgent=True) for n in range(PAGE + 1)]
    newest = tell(cast, "cora", "c", "Not urgent.")
    first = cora.get("/inbox/")
    assert shown(first) == urgent[:0:-1]
    older = cora.get("/inbox/", {"before": str(first.context["older"])})
    assert shown(older) == [urgent[0], newest]


def test_what_is_done_stands_by_its_age_alone(cast, cora):
    old = tell(cast, "cora", "u", "Urgent.", urgent=True)
    new = tell(cast, "cora", "c", "Not urgent.")
    Notice.objects.update(read_at=timezone.now())
    assert shown(cora.get("/inbox/?tab=done")) == [new, old]
    text = cora.get("/inbox/?tab=done").content.decode().partition("<main")[2]
    assert text.index("Not urgent.") < text.index("Urgent.</p>")


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "²", "u", "u0", "U1", "uu1"])
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
    ends = {"oldest": notices[0].pk, "newest": notices[-1].pk, "kind": notices[0].kind}
    ends |= {"shown": timezone.now().isoformat()} | changed
    return client.post("/inbox/read/", {"operation_id": str(operation or uuid4()), **ends})


FOLD = "reached 20 min in October 2026"


@pytest.mark.parametrize(("count", "folded"), [(FOLDED_FROM - 1, False), (FOLDED_FROM, True)])
def test_many_that_say_the_same_are_one_line_that_opens(count, folded, cast, cora):
    for number in range(count):
        tell(cast, "cora", f"c{number}", f"DOE, Jane {number}", fold=FOLD, patient_id=cast.jane.pk)
    page = cora.get("/inbox/")
    words = f"{count} patients {FOLD}"
    assert (words in page.content.decode().partition("<main")[2]) == folded
    assert len(shown(page)) == (0 if folded else count)
    opened = cora.get("/inbox/", {"kind": "threshold", "fold": FOLD})
    assert len(shown(opened)) == count
    assert (opened.context["opened"] is not None) == folded


def test_a_folded_line_counts_all_and_opens_to_pages(cast, cora):
    for number in range(PAGE + 10):
        tell(cast, "cora", f"c{number}", fold=FOLD)
    page = cora.get("/inbox/")
    assert [fold.words for fold in page.context["folds"]] == [f"{PAGE + 10} patients {FOLD}"]
    opened = cora.get("/inbox/", {"kind": "threshold", "fold": FOLD})
    assert len(shown(opened)) == PAGE
    rest = cora.get("/inbox/", {"kind": "threshold", "fold": FOLD, "before": opened.context["older"]})
    assert len(shown(rest)) == 10
    assert f"Mark all {PAGE + 10} read" in rest.content.decode()


def test_other_kinds_and_other_words_are_not_folded_with_them(cast, cora):
    told(cast, 2)
    told(cast, 2, kind="close")
    tell(cast, "cora", "a", fold=FOLD)
    tell(cast, "cora", "b", fold=FOLD)
    page = cora.get("/inbox/")
    assert page.context["folds"] == []
    assert len(shown(page)) == 6


def test_what_is_urgent_is_folded_and_marked_with_nothing(cast, cora):
    urgent = [tell(cast, "cora", f"u{n}", kind="escalation", urgent=True) for n in range(FOLDED_FROM)]
    others = [tell(cast, "cora", f"o{n}", kind="escalation") for n in range(FOLDED_FROM)]
    page = cora.get("/inbox/")
    assert [fold.count for fold in page.context["folds"]] == [FOLDED_FROM]
    assert {notice.pk for notice in shown(page)} == {notice.pk for notice in urgent}
    opened = cora.get("/inbox/", {"kind": "escalation", "fold": ""})
    assert {notice.pk for notice in shown(opened)} == {notice.pk for notice in others}
    ends = {"oldest": urgent[0].pk, "newest": others[-1].pk, "shown": page.context["at"].isoformat()}
    form = {"operation_id": str(uuid4()), "kind": "escalation", "fold": "", **ends}
    assert cora.post("/inbox/read/", form).status_code == 303
    assert inbox.unread(cast.cora).urgent_count == inbox.unread(cast.cora).count == FOLDED_FROM


def test_a_line_that_nobody_folded_is_opened_as_all_that_waits(cast, cora):
    tell(cast, "cora")
    page = cora.get("/inbox/", {"kind": "threshold", "fold": "other words"})
    assert (page.context["opened"], len(shown(page))) == (None, 1)


def test_all_of_a_line_are_marked_at_once_and_what_came_since_is_not(cast, cora):
    notices = told(cast, 5)
    other = tell(cast, "cora", "other", kind="close")
    late = tell(cast, "cora", "late")
    again = {"operation": uuid4(), "shown": timezone.now().isoformat()}
    for _ in range(2):
        assert mark_all(cora, notices, **again).status_code == 303
    waiting = set(Notice.objects.filter(read_at=None).values_list("pk", flat=True))
    assert waiting == {other.pk, late.pk}


def test_of_a_line_those_that_came_back_since_the_page_was_shown_stay(cast, cora):
    """One woke by itself, one was brought back by hand, and one had come back before the page was made."""
    notices, now = told(cast, 6), timezone.now()
    by_itself, by_hand, before = notices[1], notices[2], notices[3]
    shown_at = now - timedelta(minutes=5)
    wakes = {by_itself: now - timedelta(minutes=1), by_hand: now + timedelta(hours=1), before: shown_at}
    for notice, until in wakes.items():
        Notice.objects.filter(pk=notice.pk).update(snoozed_until=until)
    assert post(cora, by_hand, "snooze", until="now").status_code == 303
    assert mark_all(cora, notices, shown=shown_at.isoformat()).status_code == 303
    left = set(Notice.objects.filter(read_at=None).values_list("pk", flat=True))
    assert left == {by_itself.pk, by_hand.pk}


def test_a_line_that_stands_again_is_not_read_by_a_page_that_did_not_show_it(cast, cora):
    notices, shown_at = told(cast, 4), timezone.now()
    notify(
        cast.practice,
        [cast.user("cora")],
        kind="threshold",
        cause=notices[1].cause,
        text="t",
        url="/",
        again=True,
    )
    withdraw(notices[1].cause, at=timezone.now())
    notify(
        cast.practice,
        [cast.user("cora")],
        kind="threshold",
        cause=notices[1].cause,
        text="t",
        url="/",
        again=True,
    )
    assert mark_all(cora, notices, shown=shown_at.isoformat()).status_code == 303
    assert list(Notice.objects.filter(read_at=None).values_list("pk", flat=True)) == [notices[1].pk]
    assert notices[1] in shown(cora.get("/inbox/"))


def test_the_page_says_to_the_microsecond_when_it_was_made(cast, cora):
    told(cast, FOLDED_FROM)
    page = cora.get("/inbox/")
    (sent,) = re.findall(r'name="shown" value="([^"]+)"', page.content.decode())
    assert datetime.fromisoformat(sent) == page.context["at"]


def test_nobody_elses_are_marked_with_them(cast, cora):
    told(cast, 4)
    rosas = told(cast, 4, who="rosa")
    doras = told(cast, 4, who="dora")
    assert mark_all(cora, rosas).status_code == mark_all(cora, doras).status_code == 303
    assert not Notice.objects.exclude(read_at=None).exists()


@pytest.mark.parametrize(
    "changed",
    [
        {"oldest": ""},
        {"newest": "x"},
        {"newest": 10**30},
        {"oldest": 0},
        {"kind": ""},
        {"shown": ""},
        {"shown": "then"},
    ],
)
def test_a_page_that_was_not_sent_whole_marks_nothing_and_says_so(changed, cast, cora):
    answer = mark_all(cora, told(cast, 4), **changed)
    assert answer.status_code == 422
    assert "Mark all read" in answer.content.decode()
    assert not Notice.objects.exclude(read_at=None).exists()


def test_the_auditor_marks_nothing(cast, client):
    client.force_login(cast.user("omar"))
    assert mark_all(client, told(cast, 4)).status_code == 403


# Read, done and snoozed ------------------------------------------------------------------------------------------


def post(client, notice, act: str, operation=None, **data):
    return client.post(f"/inbox/{notice.pk}/{act}/", {"operation_id": str(operation or uuid4()), **data})


def both_told(cast) -> tuple[Notice, Notice]:
    """The biller and the nurse are told of the same."""
    return tell(cast, "cora"), tell(cast, "rosa")


def test_what_one_has_done_the_others_see_and_keep(cast, client):
    coras, rosas = both_told(cast)
    client.force_login(cast.user("cora"))
    assert post(client, coras, "done").status_code == 303
    assert shown(client.get("/inbox/")) == []
    assert "done " in client.get("/inbox/?tab=done").content.decode()
    client.force_login(cast.user("rosa"))
    page = client.get("/inbox/")
    assert shown(page) == [rosas]
    text = " ".join(page.content.decode().split())
    assert "Acknowledged</span> by Cora Biller, " in text
    assert "1 other told" in text


def test_reading_is_ones_own_matter(cast, client):
    coras, _ = both_told(cast)
    client.force_login(cast.user("cora"))
    mark(client, coras)
    client.force_login(cast.user("rosa"))
    assert "Acknowledged" not in client.get("/inbox/").content.decode()


def test_done_twice_keeps_the_first_time(cast, cora):
    notice = tell(cast, "cora")
    post(cora, notice, "done")
    notice.refresh_from_db()
    first = notice.done_at
    post(cora, notice, "done")
    notice.refresh_from_db()
    assert notice.done_at == first


def test_another_practice_is_not_told_who_did_the_same_cause(cast, cora):
    tell(cast, "cora")
    theirs = tell(cast, "dora")
    Notice.objects.filter(pk=theirs.pk).update(done_at=timezone.now())
    assert "Acknowledged" not in cora.get("/inbox/").content.decode()


@pytest.mark.parametrize(
    ("now", "until", "back"),
    [
        ("2026-11-28T15:00Z", "hour", "2026-11-28T16:00Z"),
        ("2026-11-28T15:00Z", "hours", "2026-11-28T19:00Z"),
        ("2026-11-28T15:00Z", "tomorrow", "2026-11-29T13:00Z"),
        ("2026-11-28T15:00Z", "monday", "2026-11-30T13:00Z"),
        ("2026-11-30T15:00Z", "monday", "2026-12-07T13:00Z"),
        # The clocks change in the night between: eight o'clock is eight o'clock.
        ("2026-10-31T15:00Z", "tomorrow", "2026-11-01T13:00Z"),
        ("2026-03-07T15:00Z", "tomorrow", "2026-03-08T12:00Z"),
    ],
)
def test_a_snoozed_line_comes_back_by_itself(now, until, back, cast):
    at, again = datetime.fromisoformat(now), datetime.fromisoformat(back)
    notice = tell(cast, "cora")
    assert inbox.snooze(notice, until, at=at) == again
    just_before = again - timedelta(seconds=1)
    for moment, waits in ((just_before, 0), (again, 1)):
        assert (
            inbox.waiting(cast.cora, at=moment).count() == inbox.unread(cast.cora, at=moment).count == waits
        )
        assert inbox.snoozed(cast.cora, at=moment).count() == 1 - waits


def test_a_snoozed_line_is_under_its_tab_and_can_be_brought_back(cast, cora):
    notice = tell(cast, "cora")
    assert post(cora, notice, "snooze", until="hours").status_code == 303
    assert shown(cora.get("/inbox/")) == []
    snoozed = cora.get("/inbox/?tab=snoozed")
    assert shown(snoozed) == [notice]
    assert "comes back" in snoozed.content.decode()
    assert post(cora, notice, "snooze", until="now").status_code == 303
    assert shown(cora.get("/inbox/")) == [notice]


@pytest.mark.parametrize("over", ["read_at", "done_at", "withdrawn_at"])
@pytest.mark.parametrize("until", ["hour", "now"])
def test_what_is_under_done_is_neither_snoozed_nor_brought_back_and_it_is_said(until, over, cast, cora):
    notice = tell(cast, "cora")
    Notice.objects.filter(pk=notice.pk).update(**{over: timezone.now()})
    answer = post(cora, notice, "snooze", until=until)
    assert answer.status_code == 422
    assert inbox.OVER in answer.content.decode()
    notice.refresh_from_db()
    assert notice.snoozed_until is None


@pytest.mark.parametrize("until", ["", "never", "1"])
def test_until_when_is_one_of_the_choices(until, cast, cora):
    notice = tell(cast, "cora")
    assert post(cora, notice, "snooze", until=until).status_code == 422
    notice.refresh_from_db()
    assert notice.snoozed_until is None


@pytest.mark.parametrize("act", ["done", "snooze"])
def test_nobody_acts_on_a_notice_of_somebody_else(act, cast, cora):
    assert post(cora, tell(cast, "rosa"), act, until="hour").status_code == 404


# A role that changed ---------------------------------------------------------------------------------------------


def as_role(cast, role: str) -> None:
    cast.rosa.role, cast.rosa.staff_kind = role, "none"
    cast.rosa.save()


def test_notices_that_name_patients_go_with_the_right_to_see_charts(cast, client):
    named = tell(cast, "rosa", patient_id=cast.jane.pk)
    plain = tell(cast, "rosa", "other", "Nobody is named.", kind="arrivals")
    as_role(cast, "administrator")
    client.force_login(cast.user("rosa"))
    assert shown(client.get("/inbox/")) == [plain]
    assert inbox.unread(cast.rosa).count == 1
    assert "DOE" not in client.get("/inbox/?tab=done").content.decode()
    assert post(client, named, "done").status_code == 404


@pytest.mark.parametrize("kind", ["near", "close", "force"])
def test_what_belongs_to_billing_goes_with_the_right_to_see_the_month(kind, cast, client):
    tell(cast, "cora", kind=kind)
    client.force_login(cast.user("cora"))
    assert len(shown(client.get("/inbox/"))) == 1
    cast.cora.role, cast.cora.staff_kind, cast.cora.credential = "nurse", "clinical_staff", "RN"
    cast.cora.save()
    assert shown(client.get("/inbox/")) == []
    assert inbox.unread(cast.cora).count == 0


# The bell --------------------------------------------------------------------------------------------------------


def test_the_bell_merges_what_says_the_same_and_names_nobody(cast, cora):
    for number in range(5):
        tell(cast, "cora", f"c{number}", fold=FOLD, patient_id=cast.jane.pk)
    tell(cast, "cora", "urgent", kind="escalation", urgent=True, patient_id=cast.jane.pk)
    old = tell(cast, "cora", "old", kind="close")
    Notice.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=2))
    unread = inbox.unread(cast.cora)
    assert [(title, [line.words for line in lines]) for title, lines in unread.sections] == [
        ("Now", ["An escalation waits for you"]),
        ("Today", [f"5 patients {FOLD}"]),
        ("Earlier", ["A month was closed"]),
    ]
    page = cora.get("/inbox/bell/").content.decode()
    assert "DOE" not in page
    assert 'class="interrupt"' in page


def test_the_bell_says_nothing_new_where_nothing_is(cast, cora):
    notice = tell(cast, "cora")
    mark_now = inbox.unread(cast.cora).mark
    assert cora.get("/inbox/bell/", {"seen": mark_now}).status_code == 204
    tell(cast, "cora", "another")
    changed = cora.get("/inbox/bell/", {"seen": mark_now})
    assert changed.status_code == 200
    assert f"?seen={inbox.unread(cast.cora).mark}" in changed.content.decode()
    mark(cora, notice)
    assert inbox.unread(cast.cora).mark != mark_now


def test_only_what_is_urgent_interrupts_until_somebody_sees_to_it(cast, cora):
    tell(cast, "cora")
    assert 'class="interrupt"' not in cora.get("/inbox/").content.decode()
    urgent = tell(cast, "cora", "urgent", kind="escalation", urgent=True)
    assert 'class="interrupt"' in cora.get("/inbox/").content.decode()
    post(cora, urgent, "done")
    assert 'class="interrupt"' not in cora.get("/inbox/").content.decode()


def test_the_bell_counts_no_further_than_99_and_asks_once(cast, django_assert_num_queries):
    Notice.objects.bulk_create(
        Notice(
            practice=cast.practice,
            recipient=cast.user("cora"),
            kind="close",
            cause=f"n{n}",
            text="t",
            url="/",
        )
        for n in range(150)
    )
    with django_assert_num_queries(1):
        unread = inbox.unread(cast.cora)
    assert (unread.count, unread.words) == (100, "99+")


# How alerts are e-mailed -----------------------------------------------------------------------------------------


def test_a_person_chooses_how_her_alerts_come(cast, cora):
    page = cora.get("/inbox/settings/").content.decode()
    assert 'value="daily"' in page
    form = {"operation_id": str(uuid4()), "alert_emails": "at_once"}
    assert cora.post("/inbox/settings/", form).status_code == 303
    assert preferences_of(cast.user("cora")).alert_emails == "at_once"
    assert preferences_of(cast.user("cora")).history.count() == 1


@pytest.mark.parametrize("choice", ["", "weekly"])
def test_how_alerts_come_is_one_of_two(choice, cast, cora):
    answer = cora.post("/inbox/settings/", {"operation_id": str(uuid4()), "alert_emails": choice})
    assert answer.status_code == 422
    assert preferences_of(cast.user("cora")).alert_emails == "daily"


def test_the_database_takes_no_other_choice(cast):
    row = preferences_of(cast.user("cora"))
    row.alert_emails = "weekly"
    with pytest.raises(Exception, match="alert_emails_are_chosen"), transaction.atomic():
        row.save()
