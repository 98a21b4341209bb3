"""What FHIR's own protocol has for every kind: pages, versions, preferences, formats."""

import gzip
import json

import pytest

from monitoring.models import Reading
from tests.integration.interchange.fhir.measured import bundle, pressure, pulse
from tests.integration.interchange.fhir.sent import Sender, issues


@pytest.fixture
def hub(cast) -> Sender:
    return Sender(cast.ade, name="Hub", per_minute=600)


def of(row: Reading) -> str:
    return f"/fhir/Observation/{row.pk}"


def correct(hub: Sender, row: Reading, systolic: int) -> None:
    data = hub.get(of(row)).json()
    data["component"][0]["valueQuantity"]["value"] = systolic
    assert hub.send("PUT", of(row), data).status_code == 200


def links(answer) -> dict[str, str]:
    return {one["relation"]: one["url"] for one in answer.json()["link"]}


def test_versions_come_by_pages(cast, hub):
    hub.post(pressure())
    row = Reading.objects.get()
    for value in (150, 152, 154):
        correct(hub, row, value)
    answer, seen = hub.get(f"{of(row)}/_history?_count=3"), []
    while True:
        found = answer.json()
        assert (found["type"], found["total"]) == ("history", 4)
        seen += [one["resource"]["meta"]["versionId"] for one in found["entry"]]
        if "next" not in links(answer):
            break
        answer = hub.get(links(answer)["next"])
    assert seen == ["4", "3", "2", "1"]
    assert "entry" not in hub.get(f"{of(row)}/_history?_count=0").json()
    since = Reading.history.get(id=row.pk, version=3).recorded_at.isoformat().replace("+", "%2B")
    assert hub.get(f"{of(row)}/_history?_since={since}").json()["total"] == 2


@pytest.mark.parametrize(
    "question", ["_since=yesterday", "_since=gt2026-01-05", "_count=x", "shoe=42", "_page=x"]
)
def test_another_question_about_versions_is_refused(cast, hub, question):
    hub.post(pressure())
    assert hub.get(f"{of(Reading.objects.get())}/_history?{question}").status_code == 400


def test_the_pages_of_one_readings_versions_are_none_of_another(cast, hub):
    hub.post(pressure())
    hub.post(pulse())
    first, other = Reading.objects.order_by("measure")
    correct(hub, first, 150)
    following = links(hub.get(f"{of(first)}/_history?_count=1"))["next"]
    assert hub.get(following.replace(str(first.pk), str(other.pk))).status_code == 400


def test_what_did_not_change_is_not_sent_again(cast, hub):
    hub.post(pressure())
    row = Reading.objects.get()
    for tag in ('W/"1"', '"1"', 'W/"7", W/"1"'):
        answer = hub.get(of(row), **{"If-None-Match": tag})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", 'W/"1"')
    assert hub.get(of(row), **{"If-None-Match": 'W/"2"'}).status_code == 200
    assert hub.get(f"/fhir/Patient/{cast.jane.pk}", **{"If-None-Match": 'W/"1"'}).status_code == 304


def test_unknown_parameters_are_passed_over_for_who_prefers_so(cast, hub):
    for at in ("08:12", "08:13"):
        hub.post(pulse(effectiveDateTime=f"2026-01-05T{at}:00-05:00"))
    question = f"patient={cast.jane.pk}&shoe=42&_count=1"
    assert hub.get(f"/fhir/Observation?{question}", Prefer="handling=strict").status_code == 400
    answer = hub.get(f"/fhir/Observation?{question}", Prefer="respond-async, handling=lenient")
    *found, note = answer.json()["entry"]
    assert (len(found), note["search"]["mode"]) == (1, "outcome")
    assert note["resource"]["issue"][0]["expression"] == ["shoe"]
    assert "shoe" not in links(answer)["self"]
    assert hub.get(links(answer)["next"]).status_code == 200, "Without preferring anything."
    wrong = hub.get("/fhir/Observation?date=yesterday", Prefer="handling=lenient")
    assert wrong.status_code == 400, "What is known and makes no sense is an error all the same."


@pytest.mark.parametrize("kind", ["Patient", "Observation", "Device", "Coverage"])
def test_each_kind_is_searched_by_a_form_too(cast, hub, kind):
    form, whose = "application/x-www-form-urlencoded", f"Patient/{cast.jane.pk}"
    asked = {"Patient": f"_id={cast.jane.pk}", "Coverage": f"beneficiary={whose}"}.get(
        kind, f"patient={whose}"
    )
    hub.post(pressure())
    for slash in ("", "/"):
        answer = hub.post(asked.encode(), f"/fhir/{kind}/_search{slash}", kind=form)
        assert answer.status_code == 200
        assert answer.json()["entry"][0]["resource"]["resourceType"] == kind
        assert hub.post(asked.encode(), f"/fhir/{kind}/_search{slash}", kind="text/plain").status_code == 415
    assert hub.get(f"/fhir/{kind}?{asked}&_count=0").json()["total"] >= 1
    assert hub.get(f"/fhir/{kind}?{asked}&_total=accurate").json()["total"] >= 1
    assert hub.get(f"/fhir/{kind}?{asked}&_total=often").status_code == 400


def test_what_is_asked_for_is_json_and_what_is_sent_is_not_packed(cast, hub):
    for good in ("json", "application/json", "application/fhir+json", "application/fhir%2Bjson"):
        assert hub.get(f"/fhir/Observation?_format={good}").status_code == 200
        assert hub.get(f"/fhir/metadata?_format={good}").status_code == 200
    for other in ("xml", "application/fhir%2Bxml", "ttl"):
        assert (
            hub.get(f"/fhir/Observation?_format={other}", Accept="application/fhir+json").status_code == 406
        )
    packed = gzip.compress(json.dumps(pressure()).encode())
    answer = hub.send("POST", "/fhir/Observation", packed, **{"Content-Encoding": "gzip"})
    assert (answer.status_code, "without a Content-Encoding" in answer.content.decode()) == (415, True)
    assert hub.send("HEAD", f"/fhir/Patient/{cast.jane.pk}").status_code == 200
    assert hub.send("OPTIONS", "/fhir/Observation").status_code == 405
    assert hub.send("DELETE", "/fhir/Observation").status_code == 405
    assert not Reading.objects.exists()


@pytest.mark.parametrize("name", ["effectiveDateTime", "issued", "effectiveInstant"])
@pytest.mark.parametrize("moment", [1767616320, 1767616320.5, True])
def test_a_number_is_no_moment(cast, hub, name, moment):
    wrong = pulse(**({"effectiveDateTime": None} if name == "effectiveInstant" else {}) | {name: moment})
    answer = hub.post(wrong)
    assert (answer.status_code, issues(answer)) == (400, [("value", f"Observation.{name}")])
    told = hub.post(bundle(wrong, pressure()))
    assert [one["response"]["status"][:3] for one in told.json()["entry"]] == ["400", "201"]
