"""A closed March whose claim is approved, in April, and its administrator."""

import csv
import io
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from billing.claims import acts as claim_acts
from billing.models import Claim
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.ade.user)
    return client


@pytest.fixture
def approved(cast):
    """Jane's claim of March: 99454 of 11 March, 99457 of 31 March."""
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim_acts.approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    return cast


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def exported(cast, **asked) -> dict[str, dict[str, str]]:
    """Takes March's export away: {code: its row}."""
    biller = Client()
    biller.force_login(cast.cora.user)
    answer = biller.get(reverse("billing:export_csv", args=[MARCH]), asked)
    assert answer.status_code == 200, text_of(answer)
    rows = csv.DictReader(io.StringIO(answer.content.decode()))
    return {row["code"]: row for row in rows}
