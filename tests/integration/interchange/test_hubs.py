"""What a hub sends: taken in once, of each value what became of it, and nothing of a person in any answer."""

import json
import logging
import re
import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authentication.models import ApiToken
from foundation.context import acting
from foundation.refusals import Refused
from interchange.hubs import acts
from interchange.hubs.signatures import header
from interchange.models import HubRefusal, HubUse, Received
from interchange.received import forget
from monitoring.models import ParkedReading, Reading
from tests.cast import make_cast
from tests.hubs import HubSender, heart, hub, reading
from tests.integration.interchange.fhir.measured import pulse
from tests.integration.interchange.fhir.sent import Sender
from tests.tokens import token


@pytest.fixture
def cloud(cast) -> HubSender:
    return HubSender(*hub(cast.ade))


def message(*rows, **more) -> dict:
    return {"readings": list(rows) or [reading(), heart()], **more}


def outcomes(answer) -> list[str]:
    return [each["outcome"] for each in answer.json()["readings"]]


def refusals() -> dict[str, int]:
    return dict(HubRefusal.objects.values_list("why", "count"))


def test_readings_are_taken_in_under_the_hubs_name(cast, cloud):
    answer = cloud.send(message())
    assert (answer.status_code, outcomes(answer)) == (200, ["added", "added"])
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    pressure = Reading.objects.get(measure="blood_pressure")
    assert (pressure.patient, pressure.value, pressure.second_value) == (cast.jane, 128, 82)
    assert answer.json()["readings"][0]["reading"] == str(pressure.pk)
    first = pressure.history.get()
    assert (first.actor_label, first.actor_kind) == ("hub: Cellular cloud", "token")
    use = HubUse.objects.get(hub=cloud.row)
    assert (use.used_at is not None, use.secret_number) == (True, 1)


def test_a_message_that_is_repeated_is_answered_as_before_and_does_nothing(cast, cloud):
    body, t = json.dumps(message()).encode(), int(time.time())
    first = cloud.send(body, t=t)
    reading_id = first.json()["readings"][0]["reading"]
    with acting(cast.ade.label):
        row = Reading.objects.get(pk=reading_id)
        row.excluded_reason = "Test"
        row.save()
    again = cloud.send(body, t=t)
    assert (again.status_code, again.json()) == (200, first.json()), "Word for word."
    assert (Reading.objects.count(), Received.objects.count()) == (2, 1)
    anew = cloud.send(body, t=t - 1)
    assert outcomes(anew) == ["repeated", "repeated"], (
        "Signed anew it is another message with the same values."
    )


def test_a_hub_and_a_token_of_one_name_have_identifiers_of_their_own(cast, cloud):
    """And no token is named as a hub is known."""
    # Of another second than what is sent below: the same message with the same signature is answered as before.
    cloud.send(message(heart(71, id="urn:x|1")), t=int(time.time()) - 1)
    by_token = Sender(cast.ade, name=cloud.row.name)
    later = pulse(
        72, identifier=[{"system": "urn:x", "value": "1"}], effectiveDateTime="2026-03-06T07:30:00-05:00"
    )
    answer = by_token.post(later)
    assert answer.status_code == 201
    rows = {row.sender: row.value for row in Reading.objects.all()}
    assert rows == {"hub: Cellular cloud": 71, "Cellular cloud": 72}
    assert outcomes(cloud.send(message(heart(71, id="urn:x|1")))) == ["repeated"]
    assert by_token.post(later).status_code == 200
    with pytest.raises(Refused, match="that of a hub"):
        token(cast.ade, name="hub: Cellular cloud")
    given = {
        name: getattr(by_token.row, name)
        for name in ("practice", "scopes", "made_by", "made_at", "expires_at")
    }
    past_the_form = ApiToken(name="hub: Cellular cloud", key="abcdefgh", digest="0" * 64, **given)
    with acting("test"), pytest.raises(IntegrityError, match="named_as_no_hub"), transaction.atomic():
        past_the_form.save()


def test_an_id_is_done_once_and_does_not_change(cloud):
    first = cloud.send(message(id="m-1"), t=int(time.time()) - 1)
    assert cloud.send(message(id="m-1")).json() == first.json()
    assert Received.objects.count() == 1
    other = cloud.send(message(heart(90, taken_at="2026-03-06T07:30:00-05:00"), id="m-1"))
    assert (other.status_code, other.json()["error"]) == (409, "conflict")
    assert Reading.objects.count() == 2


def test_the_ids_of_an_ended_hub_are_free_for_another_of_its_name(cast, cloud):
    cloud.send(message(id="m-1"))
    with acting(cast.ade.label):
        acts.end(cloud.row, why="Test", by=cast.ade, at=timezone.now())
    other = HubSender(*hub(cast.ade))
    answer = other.send(message(heart(90, taken_at="2026-03-06T07:30:00-05:00"), id="m-1"))
    assert (answer.status_code, outcomes(answer)) == (200, ["added"])


def test_what_nobody_has_waits_and_what_is_impossible_is_refused_beside_what_is_taken(cloud):
    answer = cloud.send(
        message(heart(), heart(device="XX-9"), heart(5, taken_at="2026-03-06T07:30:00-05:00"))
    )
    assert (answer.status_code, outcomes(answer)) == (202, ["added", "parked", "refused"])
    assert answer.json()["outcomes"] == {"added": 1, "parked": 1, "refused": 1}
    assert "XX-9" not in answer.content.decode()


def test_where_nothing_can_be_taken_in_nothing_is_kept(cloud):
    answer = cloud.send(message(heart(5), heart(unit="kg"), id="m-1"))
    assert (answer.status_code, outcomes(answer)) == (422, ["refused", "refused"])
    assert not Received.objects.exists()
    assert refusals() == {"content": 1}
    assert cloud.send(message(id="m-1")).status_code == 200, "Corrected, the id is free."


def test_a_value_is_corrected_and_taken_back(cloud):
    cloud.send(message(heart(71, id="r-1")))
    assert outcomes(cloud.send(message(heart(72, id="r-1", status="corrected")))) == ["corrected"]
    assert Reading.objects.get().value == 72
    assert outcomes(cloud.send(message(heart(72, id="r-1", status="error")))) == ["corrected"]
    assert Reading.objects.get().excluded_reason


def test_what_still_waits_is_taken_back(cloud):
    assert outcomes(cloud.send(message(heart(device="XX-9", id="r-1")))) == ["parked"]
    answer = cloud.send(message(heart(device="XX-9", id="r-1", status="error")))
    assert (answer.status_code, answer.json()["readings"]) == (
        200,
        [{"outcome": "corrected", "measure": "heart_rate"}],
    )
    assert ParkedReading.objects.get().state == "discarded"


def test_a_cellular_device_by_its_own_shape(cast):
    cloud = HubSender(*hub(cast.ade, vendor="cellular"))
    at = int(time.mktime((2026, 3, 5, 12, 30, 0, 0, 0, 0)) - time.timezone) * 1000
    body = {"messageId": "1", "imei": "CUFF-T-0001", "ts": at, "type": "bp", "battery": 80,
            "values": {"systolic": 128, "diastolic": 82, "pulse": 71}}  # fmt: skip
    assert outcomes(cloud.send(body)) == ["added", "added"]
    assert cloud.send(message()).status_code == 400


# Who is let in ------------------------------------------------------------------------------------------------


def test_two_secrets_are_good_for_as_long_as_was_chosen(cast, cloud):
    at, old = timezone.now(), cloud.secret
    with acting(cast.ade.label):
        cloud.secret = acts.change_secret(cloud.row, overlap=timedelta(days=7), by=cast.ade, at=at)
        assert cloud.send(message(id="1")).status_code == 200
        assert HubUse.objects.get().secret_number == 2
        assert HubSender(cloud.row, old).send(message(id="2")).status_code == 200
        newest = acts.change_secret(cloud.row, overlap=timedelta(0), by=cast.ade, at=timezone.now())
    statuses = [
        HubSender(cloud.row, each).send(message(id="3")).status_code for each in (old, cloud.secret, newest)
    ]
    assert statuses == [401, 401, 200]
    assert refusals() == {"expired": 2}


def test_a_signature_of_another_time_is_told_so(cloud):
    now = int(time.time())
    for t in (now - 330, now + 330):
        answer = cloud.send(message(), t=t)
        assert (answer.status_code, "5 minutes" in answer.json()["message"]) == (401, True)
    assert cloud.send(message(), t=now - 280).status_code == 200
    assert refusals() == {"time": 2}


def test_more_than_it_may_send_in_a_minute_is_told_to_wait(cast):
    cloud = HubSender(*hub(cast.ade, per_minute=2))
    answers = [cloud.send(message()) for _ in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert refusals() == {"limit": 1}


def test_who_guesses_is_stopped_and_a_good_signature_of_its_neighbor_is_not(cloud):
    for _ in range(60):
        assert cloud.send(message(), signed=f"t=1,v1={'0' * 64}").status_code == 401
    assert cloud.send(message(), signed=f"t=1,v1={'0' * 64}").status_code == 429
    assert cloud.send(message()).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status"), [("application/json; charset=utf-8", 200), ("text/plain", 415), ("", 415)]
)
def test_a_kind_of_content(cloud, kind, status):
    assert cloud.send(message(), kind=kind).status_code == status


def test_a_body_as_long_as_the_limit_is_read_and_a_longer_one_is_not(cloud):
    content = json.dumps(message()).encode()
    from django.conf import settings as django_settings

    filled = content + b" " * (django_settings.HUB_MAX_BYTES - len(content))
    assert cloud.send(filled).status_code == 200
    assert cloud.send(filled + b" ").status_code == 413


# Whatever comes -------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(min_size=1, max_size=40)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=6),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["readings", "id", "measure", "value", "device", "taken_at"]), inner
            )
        ),
        max_leaves=8,
    ).map(lambda body: json.dumps(body).encode())
)
def test_arbitrary_bodies_are_refused_and_write_nothing(cloud, content):
    answer = cloud.send(content)
    assert answer.status_code in {400, 422, 429}
    assert answer["Content-Type"] == "application/json"
    assert not Reading.objects.exists()
    assert not Received.objects.exists()


def test_a_fault_in_the_middle_leaves_nothing_and_is_counted(cloud, monkeypatch):
    def broken(*args, **kwargs):
        raise ValueError("DOE, Jane")

    cloud.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("interchange.received.Received.objects.create", broken)
        answer = cloud.send(message(id="m-1"))
    assert (answer.status_code, "Nothing was taken in" in answer.json()["message"]) == (500, True)
    assert "DOE" not in answer.content.decode()
    assert not Reading.objects.exists()
    assert refusals() == {"fault": 1}
    assert outcomes(cloud.send(message(id="m-1"))) == ["added", "added"]


def test_no_answer_and_no_log_holds_anything_of_a_person(cast, cloud, caplog):
    caplog.set_level(logging.DEBUG)
    said = [
        cloud.send(body).content.decode()
        for body in (
            message(heart(patient="T-0002")),
            message(heart(device="SECRET-7", patient="T-0001")),
            message(heart(device="", patient="MRN-404", typed=True)),
            message(heart(unit="Doe Jane")),
            message(heart(measure="Doe Jane")),
            {"Doe": "Jane"},
            b'{"Doe Jane',
        )
    ]
    logged = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert not re.search(r"Doe|Jane|T-000|SECRET|MRN-404|CUFF-T|rpmhub_", " ".join([*said, *logged]))


def test_answers_go_after_a_month(cloud):
    cloud.send(message(id="m-1"))
    at = timezone.now()
    assert forget(at=at + timedelta(days=29)) == 0
    assert forget(at=at + timedelta(days=30, minutes=1)) == 1
    assert outcomes(cloud.send(message(id="m-1"))) == ["repeated", "repeated"]


@pytest.mark.django_db(transaction=True)
def test_the_same_message_at_the_same_time_is_done_once():
    cast = make_cast()
    row, secret = hub(cast.ade)
    body, t = json.dumps(message(id="m-1")).encode(), int(time.time())
    answers = []

    def send():
        try:
            answers.append(HubSender(row, secret).send(body, signed=header(secret, body, t)))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert (Reading.objects.count(), Received.objects.count()) == (2, 1)
