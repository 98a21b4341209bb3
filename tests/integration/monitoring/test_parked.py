"""The page of parked readings: what waits and why, tried again, discarded, and emptied in the end."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.practice_scope import in_practice
from monitoring.models import ParkedReading, ParkedState, Reading
from monitoring.readings.incoming import Incoming, Status
from monitoring.readings.parking import KEPT, expire
from monitoring.tasks import empty_parked
from tests.integration.monitoring.test_taking import AT, NOW, TYPED, give_scale, outcomes, taken

WEIGHT = Incoming("weight", Decimal(86), AT, serial="SCALE-9", original="189.6 lb")
LIST = reverse("monitoring:parked")


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


def days(count: int, value: Incoming = WEIGHT) -> list[Incoming]:
    return [replace(value, taken_at=AT + timedelta(days=i)) for i in range(count)]


def act(name: str, row: ParkedReading) -> str:
    return reverse(f"monitoring:parked_{name}", args=[row.pk])


def sent(client, name: str, row: ParkedReading, **more):
    return client.post(act(name, row), {"operation_id": str(uuid4()), **more})


def first() -> ParkedReading:
    return ParkedReading.objects.order_by("first_at", "pk").first()


def said(answer) -> list[str]:
    return [str(message) for message in answer.wsgi_request._messages]


def test_the_list_is_by_device_with_its_reason_and_the_group_shows_each_value(rosa, cast):
    taken(cast, *days(3), replace(TYPED, mrn="T-9999"))
    page = rosa.get(LIST).content.decode()
    for words in ("Device SCALE-9", "Unknown device", "MRN T-9999", "Unknown patient", "hub one"):
        assert words in page
    (device,) = [group for group in rosa.get(LIST).context["page"].object_list if group["serial"]]
    assert device["count"] == 3
    group = rosa.get(reverse("monitoring:parked_group", args=[device["example"]])).content.decode()
    assert "86 kg" in group
    assert "sent as 189.6 lb" in group
    assert "Retry all 3" in group
    assert "T-9999" not in group


def test_a_retry_after_the_device_was_given_takes_all_of_it_in(rosa, cast):
    taken(cast, *days(3))
    give_scale(cast, "SCALE-9")
    answer = sent(rosa, "retry", first(), every="1")
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert Reading.objects.filter(patient=cast.jane, measure="weight", entrance="fhir").count() == 3
    rows = ParkedReading.objects.all()
    assert {(row.state, row.settled_by, row.incoming) for row in rows} == {
        (ParkedState.TAKEN, cast.rosa, None)
    }
    assert {row.reading.original for row in rows} == {"189.6 lb"}


def test_a_retry_of_one_leaves_the_others(rosa, cast):
    taken(cast, *days(3))
    give_scale(cast, "SCALE-9")
    sent(rosa, "retry", first())
    assert Reading.objects.count() == 1
    assert ParkedReading.objects.filter(state=ParkedState.WAITING).count() == 2


def test_what_still_fits_nobody_waits_on_with_its_reason_of_now(rosa, cast):
    taken(cast, *days(2))
    give_scale(cast, "SCALE-9", starts_on=date(2026, 1, 6))
    answer = sent(rosa, "retry", first(), every="1")
    left = ParkedReading.objects.get(state=ParkedState.WAITING)
    assert (left.reason, left.problem) == (
        "no_holder",
        "Device: Was with nobody that day. Record when the device was given",
    )
    assert said(answer)[-2:] == [
        "1 taken in.",
        "1 still parked. The list says why.",
    ]


def test_what_is_refused_on_a_retry_waits_until_somebody_discards_it(rosa, cast):
    taken(cast, replace(WEIGHT, measure="spo2", value=Decimal(93)))
    give_scale(cast, "SCALE-9")
    sent(rosa, "retry", first())
    assert "which a weight scale does not measure" in first().problem
    sent(rosa, "discard", first(), which="one", reason="Wrong kind of device")
    assert first().state == ParkedState.DISCARDED


def test_a_double_click_takes_in_once_and_a_settled_row_is_refused(rosa, cast):
    taken(cast, WEIGHT)
    give_scale(cast, "SCALE-9")
    row, form = first(), {"operation_id": str(uuid4())}
    assert [rosa.post(act("retry", row), form).status_code for _ in range(2)] == [303, 303]
    assert Reading.objects.count() == 1
    assert sent(rosa, "retry", row).status_code == 422
    stale = sent(rosa, "discard", row, which="one", reason="Too late")
    assert stale.status_code == 422
    assert "This value waits no more: taken in on" in stale.content.decode()
    assert rosa.get(reverse("monitoring:parked_group", args=[row.pk]))["Location"] == LIST


def test_what_was_discarded_stays_so_when_it_is_sent_again(rosa, cast):
    taken(cast, *days(2))
    answer = sent(rosa, "discard", first(), which="every", reason="A scale of the office")
    assert answer.status_code == 303
    rows = ParkedReading.objects.all()
    assert {(row.state, row.settled_by, row.settled_reason, row.incoming) for row in rows} == {
        (ParkedState.DISCARDED, cast.rosa, "A scale of the office", None)
    }
    assert outcomes(taken(cast, *days(2))) == ["parked", "parked"]
    assert not ParkedReading.objects.filter(state=ParkedState.WAITING).exists()


def test_a_discard_needs_its_reason(rosa, cast):
    taken(cast, WEIGHT)
    answer = sent(rosa, "discard", first(), which="one", reason="")
    assert answer.status_code == 422
    assert "Give the reason" in answer.content.decode()
    assert first().state == ParkedState.WAITING


@pytest.mark.parametrize(("age", "kept"), [(KEPT, True), (KEPT + timedelta(seconds=1), False)])
def test_it_is_kept_for_90_days_after_it_last_came(cast, age, kept):
    taken(cast, WEIGHT)
    with in_practice(cast.practice):
        expire(cast.practice, at=NOW + age)
    row = first()
    assert (row.state == ParkedState.WAITING, row.incoming is not None) == (kept, kept)


def test_what_was_emptied_waits_again_when_it_comes_again(cast):
    taken(cast, WEIGHT)
    empty_parked()
    assert (first().state, first().problem) == (ParkedState.EXPIRED, "")
    taken(cast, WEIGHT)
    assert (first().state, first().settled_at) == (ParkedState.WAITING, None)


def test_the_import_page_and_the_integrations_say_how_many_wait(client, cast):
    taken(cast, *days(2))
    for who, page in (("rosa", "monitoring:readings_import"), ("ade", "interchange:integrations")):
        client.force_login(cast.user(who))
        assert "2 readings that came for nobody here wait." in client.get(reverse(page)).content.decode()


@pytest.mark.parametrize("who", ["cora", "omar", "ade"])
def test_only_those_who_care_see_them(client, cast, who):
    taken(cast, WEIGHT)
    client.force_login(cast.user(who))
    for address in (LIST, act("group", first()), act("discard", first())):
        assert client.get(address).status_code == 403
    assert sent(client, "retry", first()).status_code == 403


def test_another_practice_finds_nothing(client, cast):
    taken(cast, WEIGHT)
    client.force_login(cast.user("dan"))
    assert "Nothing is parked" in client.get(LIST).content.decode()
    assert client.get(act("group", first())).status_code == 404
    assert sent(client, "retry", first()).status_code == 404
    assert sent(client, "discard", first(), which="one", reason="x").status_code == 404


def test_the_pages_ask_as_much_for_many_as_for_few(rosa, cast):
    asked = []
    for count in (2, 40):
        taken(cast, *(value for i in range(count) for value in days(2, replace(WEIGHT, serial=f"S-{i}"))))
        for address in (LIST, act("group", first())):
            with CaptureQueriesContext(connection) as queries:
                assert rosa.get(address).status_code == 200
            asked.append(len(queries))
    assert asked[:2] == asked[2:]


@pytest.mark.parametrize("together", [True, False])
def test_what_was_corrected_while_it_waited_is_not_set_back_by_what_was_sent_before(cast, together):
    final = replace(WEIGHT, identifier="w-1")
    corrected = replace(final, value=Decimal(91), original="", status=Status.CORRECTED)
    for values in [[final, corrected, final]] if together else [[final], [corrected], [final]]:
        taken(cast, *values)
    assert ParkedReading.objects.get().incoming["value"] == "91"
    taken(cast, replace(corrected, value=Decimal(92)))
    give_scale(cast, serial="SCALE-9")
    assert outcomes(taken(cast, replace(corrected, value=Decimal(92)))) == ["added"]
    assert str(Reading.objects.get().value) == "92.00"
