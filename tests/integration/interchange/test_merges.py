"""A40: another system calls two numbers one person's. It waits for somebody; nothing is merged by itself."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Notice
from foundation.context import acting
from intake.models import AskedMerge, Candidate, Standing
from intake.selectors import open_asked_merges
from interchange.hl7.adt import MOST_MERGES
from patients import merging
from patients.duplicates import say_two_people
from patients.models import Merge, Patient
from tests.integration.interchange.adt import adt, pid, sent
from tests.integration.patients.merged import merged, second_jane
from tests.integration.timelogs.pages import text_of

JANE = pid("T-0001", "Doe", "Jane", "19480512")


def a40(*mrgs: str, key: str = "M-1") -> bytes:
    return adt(
        *(segment for mrg in mrgs for segment in (JANE, f"MRG|{mrg}^^^RIVERBEND^MR")), event="A40", key=key
    )


def test_it_waits_for_a_person_and_merges_nothing(cast):
    twin = second_jane(cast)
    before = Patient.history.count()
    assert sent(cast, a40("T-0009")) == ("AA", "The merge waits for a decision")
    row = AskedMerge.objects.get()
    assert (row.duplicate, row.remaining, row.sender) == (twin, cast.jane, "Riverbend EHR")
    assert not Merge.objects.exists()
    assert Patient.history.count() == before
    told = Notice.objects.filter(kind="asked-merge")
    assert {notice.recipient_id for notice in told} == {cast.lena.user_id, cast.ade.user_id}
    assert told[0].url == reverse("patients:merge", args=[twin.pk, cast.jane.pk])
    assert "Jane" not in told[0].text


def test_of_several_merges_each_is_done_for_its_own_person(cast):
    """The second one's number is new here: that person waits as a likely double, not the first one again."""
    second_jane(cast)
    moved = [pid("N-5", "Smith", "Max", cast.max.born_on.strftime("%Y%m%d")), "MRG|T-0002^^^RIVERBEND^MR"]
    content = adt(JANE, "MRG|T-0009^^^RIVERBEND^MR", *moved, event="A40")
    code, told = sent(cast, content)
    assert (code, told.split(". ")[0]) == ("AA", "The merge waits for a decision")
    assert "Waits for a decision" in told or "Taken in" in told
    assert Candidate.objects.filter(about="N-5").exists() or Patient.objects.filter(mrn="N-5").exists()


@pytest.mark.parametrize("many", [MOST_MERGES, MOST_MERGES + 1])
def test_a_message_asks_for_so_many_merges_and_no_more(cast, many):
    code, _ = sent(cast, a40(*(f"X-{number}" for number in range(many))))
    assert code == ("AA" if many == MOST_MERGES else "AE")


@pytest.mark.parametrize("unseen", ["\x00", "\\X00\\", "\x1b"])
def test_a_number_with_signs_that_cannot_be_seen_is_refused_for_good(cast, unseen):
    """As a fault of ours it would be sent again for ever, and stop what is behind it."""
    for content in (a40(f"T-00{unseen}"), adt(pid(f"N{unseen}"))):
        code, told = sent(cast, content)
        assert (code, "signs that cannot be seen" in told) == ("AE", True)


def test_sent_again_or_by_another_message_it_waits_once(cast):
    second_jane(cast)
    for key in ("M-1", "M-1", "M-2"):
        assert sent(cast, a40("T-0009", key=key))[1] == "The merge waits for a decision"
    assert AskedMerge.objects.count() == 1
    assert Notice.objects.filter(kind="asked-merge").count() == 2


def test_once_merged_there_is_nothing_to_do_and_undone_it_is_open_again(cast):
    twin = second_jane(cast)
    sent(cast, a40("T-0009"))
    row = merged(twin, cast.jane, by=cast.lena)
    assert not open_asked_merges(cast.practice).exists()
    assert sent(cast, a40("T-0009", key="2")) == ("AA", "Already one record, nothing to do")
    with acting(cast.lena.label):
        merging.undo(row, reason="Wrong", by=cast.lena, at=timezone.now())
    assert open_asked_merges(cast.practice).count() == 1


def test_who_was_said_to_be_two_people_is_not_asked_about_again(cast):
    twin = second_jane(cast)
    sent(cast, a40("T-0009"))
    with acting(cast.lena.label):
        say_two_people(twin, cast.jane, reason="Cousins", by=cast.lena, at=timezone.now())
    assert not open_asked_merges(cast.practice).exists()
    assert sent(cast, a40("T-0009", key="2")) == ("AA", "The merge was decided before")


def test_a_message_under_the_number_of_a_merged_record_is_about_the_one_that_remains(cast):
    merged(second_jane(cast), cast.jane, by=cast.lena)
    assert sent(cast, adt(pid("T-0009", "Doe", "Jane", "19480512"), event="A08")) == (
        "AA",
        "Already here, nothing to do",
    )


@pytest.mark.parametrize(
    ("mrg", "told"),
    [
        ("N-77", "Nobody has the number before, nothing to do"),
        ("T-0001", "Already one record, nothing to do"),
    ],
)
def test_where_there_are_not_two_records_nothing_is_asked(cast, mrg, told):
    assert sent(cast, a40(mrg)) == ("AA", told)
    assert not AskedMerge.objects.exists()


def test_a_number_that_is_to_remain_and_is_new_waits_as_a_likely_double(cast):
    content = adt(pid("T-0555", "Doe", "Jane", "19480512"), "MRG|T-0001", event="A40")
    assert sent(cast, content) == (
        "AA",
        "Waits for a decision. Likely a patient who is here under another MRN",
    )
    assert Candidate.objects.get().standing == Standing.DOUBLE


def test_several_pairs_in_one_message(cast):
    second_jane(cast)
    content = a40("T-0009", "N-77")
    assert sent(cast, content)[1] == (
        "The merge waits for a decision. Nobody has the number before, nothing to do"
    )


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (adt(JANE, event="A40"), "The message has no PID segment with an MRG behind it"),
        (adt("MRG|T-0009", event="A40"), "The message has no PID segment with an MRG behind it"),
        (adt(JANE, "MRG|1~2", event="A40"), "MRG-1 gives several medical record numbers"),
        (adt(JANE, "MRG|", event="A40"), "MRG-1 gives no medical record number"),
    ],
)
def test_what_names_no_two_numbers_is_refused(cast, content, told):
    code, text = sent(cast, content)
    assert (code, text.startswith(told)) == ("AE", True)


@pytest.mark.parametrize(
    ("bad", "name"),
    [({"sender": ""}, "asked_merge_says_by_whom"), ({"same": True}, "asked_merge_is_of_two_records")],
)
def test_the_database_refuses_what_asks_nothing(cast, bad, name):
    other = cast.jane if bad.pop("same", False) else cast.max
    own = {"practice": cast.practice, "duplicate": other, "remaining": cast.jane, "sender": "EHR"}
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        AskedMerge.objects.create(**{**own, **bad}, asked_at=timezone.now())


def test_who_may_merge_is_led_to_it_and_others_are_told_who_may(cast):
    twin = second_jane(cast)
    sent(cast, a40("T-0009"))
    for member, leads in ((cast.lena, True), (cast.rosa, False)):
        client = Client()
        client.force_login(member.user)
        page = text_of(client.get(reverse("intake:arrivals")))
        assert (reverse("patients:merge", args=[twin.pk, cast.jane.pk]) in page) == leads
        assert ("A lead nurse or administrator decides" in page) != leads
        assert ("From other systems, to decide" in text_of(client.get("/patients/"))) == leads
