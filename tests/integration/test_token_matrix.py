"""Every address that programs ask × every kind of token, and every sign-in. One that is not in the table fails."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from authentication.models import Scope
from authentication.tokens import acts
from patients.models import Coverage
from tests import factories
from tests.architecture.walk import every_route, methods_of, table_of
from tests.tokens import Program, token

READ, WRITE = Scope.PATIENTS_READ, Scope.PATIENTS_WRITE
READINGS, SEND, DEVICES = Scope.READINGS_READ, Scope.READINGS_WRITE, Scope.DEVICES_READ
FHIR = {
    "interchange:fhir_patients": {"GET": READ, "POST": WRITE},
    "interchange:fhir_patients_search": {"POST": READ},
    "interchange:fhir_patient": {"GET": READ, "PUT": WRITE},
    "interchange:fhir_coverages": {"GET": READ, "POST": WRITE},
    "interchange:fhir_coverages_search": {"POST": READ},
    "interchange:fhir_coverage": {"GET": READ},
    "interchange:fhir_observations": {"GET": READINGS, "POST": SEND},
    "interchange:fhir_observations_search": {"POST": READINGS},
    "interchange:fhir_observation": {"GET": READINGS, "PUT": SEND},
    "interchange:fhir_observation_history": {"GET": READINGS},
    "interchange:fhir_observation_version": {"GET": READINGS},
    "interchange:fhir_devices": {"GET": DEVICES},
    "interchange:fhir_devices_search": {"POST": DEVICES},
    "interchange:fhir_device": {"GET": DEVICES},
    "interchange:fhir_bundle": {"POST": SEND},
}
TABLE = {
    # Of an HL7 message its kind says which of the two it needs.
    "interchange:hl7_v2": {"POST": (WRITE, SEND)},
    **FHIR,
    **{f"{name}_slash": asks for name, asks in FHIR.items()},
}


def routes():
    return [r for r in every_route() if hasattr(r.view, "scope")]


@pytest.fixture
def ids(cast) -> dict:
    (reading,) = factories.readings(cast.jane, date(2026, 1, 5), 1)
    return {
        "patient_id": cast.jane.pk,
        "coverage_id": Coverage.objects.get(patient=cast.jane).pk,
        "reading_id": reading.pk,
        "version": 1,
        "device_id": reading.device_id,
    }


def asked(client, route, ids: dict) -> dict[str, int]:
    """method → status; with nothing in the body, which is as good as what would be refused for its contents."""
    address = reverse(route.name, kwargs={place: ids[place] for place in route.places})
    return {m: client.generic(m, address).status_code for m in TABLE[route.name]}


def test_every_address_stands_in_the_table_with_its_methods():
    assert {r.name: methods_of(r) - {"HEAD"} for r in routes()} == {n: set(asks) for n, asks in TABLE.items()}


def test_no_sign_in_opens_an_address_of_programs(cast, ids):
    let_in = []
    for member in (None, cast.rosa, cast.lena, cast.ana, cast.cora, cast.omar, cast.ade, cast.dan):
        client = Client()
        if member:
            client.force_login(member.user)
        for route in routes():
            let_in += [f"{route.name} {m}: {s}" for m, s in asked(client, route, ids).items() if s != 401]
    assert not let_in, table_of(let_in)


@pytest.mark.parametrize("kind", ["ended", "expired", "elsewhere's network"])
def test_a_token_that_is_not_good_opens_none(cast, ids, kind):
    at = timezone.now()
    more = {"expired": {"at": at - timedelta(days=31)}, "elsewhere's network": {"networks": ["192.0.2.0/24"]}}
    row, written = token(cast.ade, **more.get(kind, {}))
    if kind == "ended":
        acts.end(row, why="test", by=cast.ade, at=at + timedelta(seconds=1))
    for route in routes():
        assert set(asked(Program(written), route, ids).values()) == {401}, route.name


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_opens_what_it_says_and_nothing_else(cast, ids, scope):
    program = Program(token(cast.ade, scope, per_minute=600)[1])
    wrong = []
    for route in routes():
        for method, status in asked(program, route, ids).items():
            needed = TABLE[route.name][method]
            if (status == 403) == (scope in needed if isinstance(needed, tuple) else scope == needed):
                wrong.append(f"{route.name} {method}: {status}")
    assert not wrong, table_of(wrong)


def test_another_practices_rows_are_not_there(cast, ids):
    far = factories.membership(cast.elsewhere, "Far Admin", "administrator", email="far-admin@example.test")
    program = Program(token(far, per_minute=600)[1])
    for route in (r for r in routes() if r.places):
        assert set(asked(program, route, ids).values()) == {404}, route.name
    found = program.get(reverse("interchange:fhir_patients")).json()
    assert [e["resource"]["id"] for e in found["entry"]] == [str(cast.nora.pk)]
