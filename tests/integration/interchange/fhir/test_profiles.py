"""Everything that is emitted, read by a validator of others that knows profiles: Medplum's, run by Node.js."""

import json
import os
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from devtools.assets import NODE
from interchange.fhir.codes import US_CORE
from tests import factories
from tests.integration.interchange.fhir.measured import amount, bundle, identified, observed, pressure, pulse
from tests.integration.interchange.fhir.sent import Sender, ida, medicare, of_mrn
from tests.integration.patients.merged import merged, second_jane

ROOT = Path(__file__).parents[4]
SCRIPT = ROOT / "tests" / "validators" / "fhir.mjs"
VITAL = "http://hl7.org/fhir/StructureDefinition/"
# US Core's own where the validator has them, else those of the vital signs that US Core stands on.
PROFILES = {
    "us-core-patient": f"{US_CORE}patient",
    "us-core-blood-pressure": f"{US_CORE}blood-pressure",
    "us-core-heart-rate": f"{VITAL}heartrate",
    "us-core-pulse-oximetry": f"{VITAL}oxygensat",
    "us-core-body-weight": f"{VITAL}bodyweight",
    "us-core-body-temperature": f"{VITAL}bodytemp",
    "us-core-respiratory-rate": f"{VITAL}resprate",
}


def judged(pairs: list) -> list[list[str]]:
    """Of each (resource, profile) what is wrong with it."""
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    node = shutil.which("node", path=path)
    assert node, "Node.js is needed: ./dev brings it where npm is not installed."
    told = json.dumps(pairs)
    done = subprocess.run(
        [node, SCRIPT], input=told, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def with_profiles(data: dict) -> list:
    """The resource by itself, and by each profile that it claims; and what a bundle holds."""
    claimed = [PROFILES[url.rpartition("/")[2]] for url in data.get("meta", {}).get("profile", [])]
    found = [[data, url] for url in ("", *claimed)]
    for entry in data.get("entry", []):
        for inner in (entry.get("resource"), entry.get("response", {}).get("outcome")):
            found += with_profiles(inner) if inner else []
    return found


def every_shape(cast) -> list[dict]:
    hub = Sender(cast.ade, name="Hub", per_minute=600)
    readings = [
        pressure(pulse=71),
        pressure("21.1", "12.8", unit="kPa", key="a-2", effectiveDateTime="2026-01-06T08:12:00-05:00"),
        *(
            observed(code, value=amount(value, unit), serial="", **identified(code))
            for code, value, unit in (
                ("59408-5", 97, "%"),
                ("3141-9", 187.4, "[lb_av]"),
                ("8331-1", 98.6, "[degF]"),
                ("9279-1", 16, "/min"),
                ("15074-8", 6.4, "mmol/L"),
            )
        ),
        pulse(effectiveDateTime="2026-01-07T08:12:00-05:00", status="corrected"),
    ]
    answers = [hub.post(data) for data in (*readings, ida(), medicare(of_mrn("N-1")))]
    answers.append(hub.post({**readings[0], "status": "entered-in-error"}))
    assert {answer.status_code for answer in answers} == {200, 201}
    merged(twin := second_jane(cast), cast.jane, by=cast.ade)
    factories.readings(cast.jane, date(2026, 1, 10), 2)
    first = answers[0]["Location"].removeprefix("http://testserver")
    answers += [
        hub.post(bundle(pulse(), pulse(serial="NOBODYS"), pulse(7100))),
        hub.post(bundle(pulse(), kind="transaction")),
        hub.post(bundle(pulse(serial="NOBODYS"), kind="transaction")),
        hub.post(pulse(serial="NOBODYS")),
        hub.get(f"/fhir/Patient/{twin.pk}"),
        *(hub.get(f"{first}{more}") for more in ("", "/_history", "/_history/1")),
        *(
            hub.get(f"/fhir/{kind}")
            for kind in ("Observation", "Observation?_count=1", "Observation?_count=0")
        ),
        *(hub.get(f"/fhir/{kind}") for kind in ("Patient", "Device", "metadata", "Nothing")),
        hub.get(f"/fhir/Coverage?beneficiary={cast.jane.pk}"),
    ]
    return [answer.json() for answer in answers]


@pytest.mark.django_db
def test_everything_emitted_holds_to_r4_and_to_the_profiles_it_claims(cast):
    pairs = [pair for data in every_shape(cast) for pair in with_profiles(data)]
    kinds = {data["resourceType"] for data, _ in pairs}
    assert kinds == {
        "Observation", "Patient", "Coverage", "Device", "Bundle", "OperationOutcome", "CapabilityStatement"
    }  # fmt: skip
    assert {url for _, url in pairs} == {"", *PROFILES.values()}
    wrong = [
        (data["resourceType"], url, issues)
        for (data, url), issues in zip(pairs, judged(pairs), strict=True)
        if issues
    ]
    assert not wrong


def test_the_validator_sees_what_is_missing():
    half = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "shoe": 42}
    plain, vital = judged([[half, ""], [half, PROFILES["us-core-blood-pressure"]]])
    assert any("shoe" in issue for issue in plain)
    assert any("Observation.subject" in issue for issue in vital)
