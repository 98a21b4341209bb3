"""The addresses of hubs × whatever is wrong with a message: each is refused the same, and nothing is written."""

import json
import time
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accounts.permissions import Role
from authentication.tokens.expiring import AHEAD
from dispatch.models import Notice
from foundation.context import acting
from foundation.refusals import Refused
from interchange.hubs import acts, policies
from interchange.hubs.signatures import header
from interchange.models import SECRET_LASTS, Hub, HubRefusal, HubSecret, Received
from interchange.tasks import remind_of_expiring_secrets
from monitoring.models import Reading
from tests import factories
from tests.architecture.walk import every_route
from tests.hubs import HubSender, hub, reading
from tests.integration.interchange.test_hubs import message
from tests.tokens import Program, token

MINUTE = timedelta(minutes=1)
NOT_GOOD = "This address and signature are not good here."


def ended(cast, cloud):
    acts.end(cloud.row, why="Test", by=cast.ade, at=timezone.now())


def replaced(cast, cloud):
    acts.change_secret(cloud.row, overlap=timedelta(0), by=cast.ade, at=timezone.now())


def elsewhere(cast, cloud):
    far = factories.membership(
        cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-admin@example.test"
    )
    cloud.row = hub(far)[0]


def unknown(cast, cloud):
    cloud.row = Hub(key="nobody22")


def wrong(cast, cloud):
    cloud.secret = "rpmhub_" + "x" * 43


WRONG = {ended: "ended", replaced: "expired", elsewhere: "signature", unknown: None, wrong: "signature"}


@pytest.mark.parametrize("what", WRONG, ids=lambda what: what.__name__)
def test_what_is_not_good_is_refused_the_same(cast, what):
    cloud = HubSender(*hub(cast.ade))
    with acting(cast.ade.label):
        what(cast, cloud)
    answer = cloud.send(message())
    assert (answer.status_code, answer.json()["message"]) == (401, NOT_GOOD)
    assert answer["WWW-Authenticate"].startswith("X-Signature")
    assert list(HubRefusal.objects.values_list("why", flat=True)) == ([WRONG[what]] if WRONG[what] else [])
    assert not Reading.objects.exists()
    assert not Received.objects.exists()


def test_a_secret_lasts_a_year(cast):
    at = timezone.now()
    over = HubSender(*hub(cast.ade, name="Over", at=at - SECRET_LASTS - timedelta(minutes=1)))
    still = HubSender(*hub(cast.ade, name="Still", at=at - SECRET_LASTS + timedelta(minutes=1)))
    assert [cloud.send(message()).status_code for cloud in (over, still)] == [401, 200]
    assert HubRefusal.objects.get().why == "expired"


def test_without_a_signature_or_with_something_else_nobody_comes_in(cast):
    cloud = HubSender(*hub(cast.ade))
    assert cloud.send(message(), signed="").status_code == 401
    for signed in ("x", "t=1", f"v1={'0' * 64}", "Bearer x"):
        assert cloud.send(message(), signed=signed).status_code == 401
    program = Program(token(cast.ade)[1])
    assert program.generic("POST", cloud.address, b"{}", content_type="application/json").status_code == 401
    for member in (cast.rosa, cast.ade, cast.omar):
        client = Client()
        client.force_login(member.user)
        answer = client.generic("POST", cloud.address, b"{}", content_type="application/json")
        assert answer.status_code == 401
    assert not Reading.objects.exists()


def test_only_a_post(cast):
    cloud = HubSender(*hub(cast.ade))
    for method in ("GET", "PUT", "DELETE", "PATCH", "HEAD"):
        assert cloud.generic(method, cloud.address).status_code == 405


def test_a_hub_reaches_its_own_practice_alone(cast):
    """The device is Max's here; a hub of the other practice finds nobody who has it."""
    far = factories.membership(
        cast.elsewhere, "Far Admin", Role.ADMINISTRATOR, email="far-admin@example.test"
    )
    cloud = HubSender(*hub(far))
    answer = cloud.send(message(reading(device="CUFF-T-0002")))
    assert (answer.status_code, answer.json()["outcomes"]) == (202, {"parked": 1})
    assert not Reading.objects.exists()


def test_who_does_not_run_the_practice_any_more_signs_nothing(cast):
    abe = factories.membership(cast.practice, "Abe Admin", Role.ADMINISTRATOR, email="abe@example.test")
    cloud = HubSender(*hub(abe))
    assert cloud.send(message()).status_code == 200
    with acting(cast.ade.label):
        abe.ends_on = cast.practice.today() - timedelta(days=1)
        abe.starts_on = abe.ends_on - timedelta(days=30)
        abe.save()
    assert cloud.send(message()).status_code == 401
    assert HubRefusal.objects.get().why == "maker"
    with acting(cast.ade.label):
        cloud.secret = acts.change_secret(cloud.row, overlap=timedelta(0), by=cast.ade, at=timezone.now())
    assert cloud.send(message()).status_code == 200, "Another administrator made the secret anew."


def test_the_address_of_a_hub_is_the_only_one_that_asks_a_signature():
    assert [r.address for r in every_route() if getattr(r.view, "by_signature", False)] == [
        "hubs/<slug:key>/"
    ]


@pytest.mark.parametrize(("left", "heard"), [(AHEAD + MINUTE, 0), (AHEAD, 1), (MINUTE, 1), (-MINUTE, 0)])
def test_who_may_make_secrets_hears_once_that_one_expires(cast, left, heard):
    row, _ = hub(cast.ade, at=timezone.now() - SECRET_LASTS + left)
    for _ in range(2):
        remind_of_expiring_secrets()
    notices = Notice.objects.filter(kind="hub-secret-expiry")
    assert (
        list(notices.values_list("recipient__name", "withdrawn_at")) == [(cast.ade.user.name, None)] * heard
    )
    with acting(cast.ade.label):
        acts.change_secret(row, overlap=timedelta(days=1), by=cast.ade, at=timezone.now())
    remind_of_expiring_secrets()
    assert not notices.filter(withdrawn_at=None).exists()
    assert notices.count() == heard


def test_half_a_body_is_refused_and_writes_nothing(cast):
    cloud = HubSender(*hub(cast.ade))
    body = json.dumps(message()).encode()
    signed = {"X-Signature": header(cloud.secret, body, int(time.time()))}
    answer = cloud.generic(
        "POST", cloud.address, body, "application/json", headers=signed, CONTENT_LENGTH=str(len(body) + 1),
        **{"wsgi.input": BytesIO(body)},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "The body came only in part. Send it again.",
    )
    assert not Reading.objects.exists()


# What the database refuses -------------------------------------------------------------------------------------


def test_the_secret_is_sealed_and_stands_in_no_history(cast):
    row, secret = hub(cast.ade)
    kept = HubSecret.objects.get(hub=row)
    assert secret not in kept.secret
    assert not hasattr(kept.history.get(), "secret")


@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (Hub, {"key": "other222"}),
        (Hub, {"vendor": "cellular"}),
        (Hub, {"name": "Other"}),
        (HubSecret, {"secret": "other"}),
        (HubSecret, {"good_until": timezone.now() + timedelta(days=366, hours=1)}),
    ],
)
def test_what_a_hub_is_never_changes(cast, model, changes):
    hub(cast.ade, at=timezone.now() - timedelta(days=30))
    row = model.objects.get()
    for name, value in changes.items():
        setattr(row, name, value)
    with acting(cast.ade.label), pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_so_many_hubs_and_no_more(cast, monkeypatch):
    monkeypatch.setattr(policies, "MOST_OPEN", 2)
    hub(cast.ade, name="1")
    with pytest.raises(Refused, match="A hub named “1” is there already"):
        hub(cast.ade, name="1")
    row, _ = hub(cast.ade, name="2")
    with pytest.raises(Refused, match="There are 2 hubs already"):
        hub(cast.ade, name="3")
    with acting(cast.ade.label):
        acts.end(row, why="Test", by=cast.ade, at=timezone.now())
    hub(cast.ade, name="2")


def test_two_signatures_under_one_header(cast):
    cloud = HubSender(*hub(cast.ade))
    body, t = json.dumps(message()).encode(), int(time.time())
    right = header(cloud.secret, body, t)
    assert cloud.send(body, signed=f"{right},v1={'0' * 64}").status_code == 200
