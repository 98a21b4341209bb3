"""Readings a second, over HTTP, against bare COPY: `./dev bench bench/intake.py`. The last line is the figures as JSON.

The same values go three ways: by COPY into a table of the same columns and keys, without history, rules or answers; by
`take`, as every entrance calls it; and as FHIR bundles of 100 to the web server with its usual processes. The
95th percentile is of one such bundle, from the first byte sent to the last one read, one after the other.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic, perf_counter, sleep

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PATIENTS, ENTRIES = 100, 100
BUNDLES = 60
AIM_P95 = 2.0
CODES = {
    "blood_pressure": ("85354-9", "mm[Hg]"),
    "weight": ("29463-7", "kg"),
    "glucose": ("2339-0", "mg/dL"),
    "spo2": ("59408-5", "%"),
}
VALUES = {"blood_pressure": (128, 78), "weight": (84, None), "glucose": (112, None), "spo2": (95, None)}


def values_of(practice, count: int, *, from_: datetime) -> list:
    """One value each two minutes, of one device after the other, at moments of which there are none yet."""
    from decimal import Decimal

    from monitoring.readings.incoming import Incoming
    from patients.models import MEASURES, DeviceAssignment

    held = DeviceAssignment.objects.for_practice(practice).filter(ends_on=None, device__automatic=True)
    rows = list(held.select_related("device", "patient").order_by("device__serial"))
    found = []
    for place in range(count):
        given = rows[place % len(rows)]
        measure = str(MEASURES[given.device.kind][0])
        first, second = VALUES[measure]
        moment = from_ + timedelta(minutes=2 * (place // len(rows)))
        second = None if second is None else Decimal(second)
        told = {
            "serial": given.device.serial,
            "mrn": given.patient.mrn,
            "identifier": f"{from_:%d%H%M}-{place}",
        }
        found.append(Incoming(measure, Decimal(first), moment, second, **told))
    return found


def observation(value) -> dict:
    code, unit = CODES[value.measure]
    what = {"system": "http://loinc.org", "code": code}

    def quantity(number) -> dict:
        return {"value": float(number), "unit": unit, "system": "http://unitsofmeasure.org", "code": unit}

    def part(code: str, number) -> dict:
        return {"code": {"coding": [{**what, "code": code}]}, "valueQuantity": quantity(number)}

    measured = {"valueQuantity": quantity(value.value)}
    if value.second_value is not None:
        measured = {"component": [part("8480-6", value.value), part("8462-4", value.second_value)]}
    return {
        "resourceType": "Observation",
        "status": "final",
        "identifier": [{"system": "urn:bench", "value": value.identifier}],
        "code": {"coding": [what]},
        "subject": {"identifier": {"value": value.mrn}},
        "device": {"identifier": {"value": value.serial}},
        "effectiveDateTime": value.taken_at.isoformat(),
        **measured,
    }


def bundle(values) -> bytes:
    entries = [
        {"resource": observation(value), "request": {"method": "POST", "url": "Observation"}}
        for value in values
    ]
    return json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries}).encode()


def by_copy(values) -> float:
    """Readings a second by COPY into a table of the same columns, keys and indexes."""
    from django.db import connection, transaction

    from monitoring.models import Reading

    columns = [field.column for field in Reading._meta.concrete_fields]
    rows = list(Reading.objects.order_by("pk").values_list(*columns)[: len(values)])
    named = ", ".join(columns)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bare (LIKE monitoring_reading INCLUDING ALL) ON COMMIT DROP")
        began = perf_counter()
        with cursor.copy(f"COPY bare ({named}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return len(rows) / (perf_counter() - began)


def by_take(practice, values) -> float:
    from monitoring.readings.taking import take

    began = perf_counter()
    for some in chunks(values):
        told = {"entrance": "fhir", "sender": "bench", "at": values[-1].taken_at + timedelta(days=1)}
        take(some, practice=practice, all_or_none=True, **told)
    return len(values) / (perf_counter() - began)


def chunks(values) -> list:
    return [values[start : start + ENTRIES] for start in range(0, len(values), ENTRIES)]


@contextmanager
def web_server() -> Iterator[int]:
    """The web server as it runs in production, on a port of this machine."""
    from devtools.ports import free_port

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py"]
    env = {**os.environ, "PROCESS": "web", "ALLOWED_HOSTS": "127.0.0.1", "HTTPS": "0"}
    server = subprocess.Popen(
        [*command, "--bind", f"127.0.0.1:{port}", "--log-level", "error"], cwd=ROOT, env=env
    )
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def _wait_for(port: int) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            sleep(0.1)
    raise SystemExit("The web server did not start.")


BUSY = 503


def posted(port: int, token: str, body: bytes) -> float:
    """Seconds until a bundle was taken in, sent again where the server was busy; raises if an entry was not created."""
    began = perf_counter()
    while (answer := _sent(port, token, body))[0] == BUSY:
        sleep(0.1)
    status, content = answer
    states = [entry["response"]["status"][:3] for entry in json.loads(content).get("entry", [])]
    if status != 200 or states != ["201"] * ENTRIES:
        raise SystemExit(f"/fhir: {status} {content[:400]!r}")
    return perf_counter() - began


def _sent(port: int, token: str, body: bytes) -> tuple[int, bytes]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/fhir+json"}
    one = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        one.request("POST", "/fhir", body, headers)
        answer = one.getresponse()
        return answer.status, answer.read()
    finally:
        one.close()


def over_http(practice, token: str, bundles: int, from_: datetime) -> dict[str, float]:
    values = values_of(practice, 2 * bundles * ENTRIES, from_=from_)
    bodies = [bundle(some) for some in chunks(values)]
    with web_server() as port:
        taken = sorted(posted(port, token, body) for body in bodies[:bundles])
        began = perf_counter()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda body: posted(port, token, body), bodies[bundles:]))
        rate = bundles * ENTRIES / (perf_counter() - began)
    p95 = taken[max(0, -(-len(taken) * 95 // 100) - 1)]
    return {"http_per_second": rate, "bundle_median": taken[len(taken) // 2], "bundle_p95": p95}


def report(practice, bundles: int) -> None:
    from accounts.models import Membership
    from authentication.models import Scope
    from authentication.tokens import acts

    at = datetime.now().astimezone().replace(second=0, microsecond=0)
    admin = Membership.objects.for_practice(practice).filter(role="administrator").first()
    scopes = [scope for scope in Scope.values if scope.startswith("readings")]
    until = {"at": at, "expires_at": at + timedelta(days=1), "per_minute": 600}
    _, token = acts.make(practice, name="bench", scopes=scopes, by=admin, **until)
    values = values_of(practice, bundles * ENTRIES, from_=at - timedelta(days=6))
    found = {"take_per_second": by_take(practice, values), "copy_per_second": by_copy(values)}
    print(f"COPY {found['copy_per_second']:,.0f}/s, take {found['take_per_second']:,.0f}/s", flush=True)
    found |= over_http(practice, token, bundles, at - timedelta(days=4))
    print(
        f"HTTP {found['http_per_second']:,.0f}/s; a bundle of {ENTRIES}: median {found['bundle_median']:.2f} s, "
        f"p95 {found['bundle_p95']:.2f} s (aim {AIM_P95} s)"
    )
    figures = {name: round(value, 3) for name, value in found.items()}
    head = {"bench": "intake", "bundles": bundles, "entries": ENTRIES, "aim_p95": AIM_P95}
    print(json.dumps({**head, "met": found["bundle_p95"] <= AIM_P95, **figures}))


def main() -> None:
    import django
    from django.core.management import call_command

    asked = argparse.ArgumentParser()
    asked.add_argument("--patients", type=int, default=PATIENTS)
    asked.add_argument("--bundles", type=int, default=BUNDLES)
    given, _ = asked.parse_known_args()
    os.environ["DEMO"] = "1"
    django.setup()
    from bench import world
    from foundation.context import acting
    from foundation.practice_scope import in_practice

    call_command("migrate", verbosity=0)
    practice = world.fill(given.patients, processes=os.cpu_count() or 1)
    with acting("system: bench"), in_practice(practice):
        report(practice, given.bundles)


if __name__ == "__main__":
    main()
