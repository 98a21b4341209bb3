"""The practice's payers: added, changed, retired and taken into use again; by the page, and around it in SQL."""

from threading import Barrier, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Practice
from foundation.context import acting
from foundation.refusals import Refused
from payers import acts, selectors
from payers.codes import FILED_UNDER, FILING_CODES, PlanKind
from payers.models import Payer
from tests import factories
from tests.integration.timelogs.pages import text_of

ACME = {
    "name": "Acme Health",
    "kind": "commercial",
    "filing_code": "12",
    "payer_id": " acme1 ",
    "accepts_replacement": "on",
    "device_dates": "last_day",
    "place_of_service": "10",
    "usage": "production",
}


@pytest.fixture
def ade(cast, client):
    client.force_login(cast.ade.user)
    return client


def send(client, path: str, **typed):
    return client.post(path, {"operation_id": str(uuid4()), **typed})


def of(cast, slug: str = "medicaid") -> Payer:
    return Payer.objects.get(practice=cast.practice, slug=slug)


def fields(**more) -> acts.PayerFields:
    return acts.PayerFields(**{"name": "Acme", "kind": "commercial", "filing_code": "CI", **more})


# Adding ----------------------------------------------------------------------------------------------------------


def test_a_payer_is_added_with_what_its_claims_need(cast, ade):
    assert send(ade, "/payers/new/", **ACME).status_code == 303
    row = of(cast, "acme-health")
    assert (row.payer_id, row.accepts_replacement, row.usage) == ("ACME1", True, "production")
    assert row.history.get().actor_label == "Ade Admin"
    page = text_of(ade.get("/payers/"))
    for said in ("Acme Health was added.", "ACME1", "Production claims", "Takes replacements and voids."):
        assert said in page


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"name": " "}, "name", "Enter the name of the payer."),
        ({"name": "medicare PART B"}, "name", "Medicare Part B is in the list already."),
        ({"kind": ""}, "kind", "Select the kind of plan."),
        ({"kind": "dental"}, "kind", "Select one of the values of: kind of plan."),
        (
            {"filing_code": "MB"},
            "filing_code",
            "Commercial is filed under CI, 11, 12, 13, 14, 15, BL, FI, HM or ZZ.",
        ),
        ({"filing_code": ""}, "filing_code", "Choose one of them."),
        ({"kind": "self_pay"}, "filing_code", "Self-pay has no claim filing code"),
        ({"kind": "medicare", "filing_code": "16"}, "filing_code", "Medicare Part B is filed under MB."),
        ({"payer_id": "A"}, "payer_id", "must be 2 to 20 letters and digits"),
        ({"payer_id": "A-77"}, "payer_id", "must be 2 to 20 letters and digits"),
        ({"payer_id": "A" * 21}, "payer_id", "20"),
        ({"payer_id": ""}, "payer_id", "Claims in production need the payer id."),
        ({"place_of_service": "99"}, "place_of_service", "Select one of the values of: place of service."),
        ({"usage": "later"}, "usage", "Select one of the values of: claims are sent as."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(cast, ade, typed, field, sentence):
    answer = send(ade, "/payers/new/", **{**ACME, **typed})
    page = text_of(answer)
    assert (answer.status_code, sentence in page) == (422, True), page
    assert f'href="#id_{field}"' in page
    assert typed.get("name", "Acme Health").strip() in page
    assert Payer.objects.for_practice(cast.practice).count() == len(acts.USUAL)


def test_each_kind_of_plan_has_its_filing_codes_and_the_database_holds_them(cast):
    pairs = [(kind, code) for kind in PlanKind for code in ["", *FILING_CODES]]
    for number, (kind, code) in enumerate(pairs):
        where = {"practice": cast.elsewhere, "name": f"Payer {number}", "slug": f"payer-{number}"}
        row = Payer(**where, kind=kind, filing_code=code)
        if code in FILED_UNDER[kind]:
            row.save()
            continue
        with pytest.raises(IntegrityError, match="payer_is_filed_under_its_kind"), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Blue & Gold, Inc.", "blue-gold-inc"),
        ("None", "none-2"),
        ("Medicaid!", "medicaid-2"),
        ("保険", "payer"),
        ("A" * 80, "a" * 45),
        ("__x__", "x"),
        ("a_b", "a-b"),
    ],
)
def test_the_slug_is_made_of_the_name_and_of_nobody_else(cast, name, slug):
    assert acts.add(cast.practice, fields(name=name)).slug == slug


def test_a_second_press_adds_nothing(cast, ade):
    same = {"operation_id": str(uuid4()), **ACME}
    assert [ade.post("/payers/new/", same).status_code for _ in range(2)] == [303, 303]
    assert Payer.objects.filter(name="Acme Health").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_one_name_at_once_one_does(cast):
    barrier, found = Barrier(2), []

    def one():
        practice = Practice.objects.get(pk=cast.practice.pk)
        barrier.wait()
        with acting("test"):
            try:
                found.append(acts.add(practice, fields(name="Acme")))
            except Refused as refusal:
                found.append(refusal.message)
        connection.close()

    threads = [Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(each, Payer) for each in found) == [False, True]
    assert Payer.objects.filter(practice=cast.practice, name="Acme").count() == 1


# The usual ones --------------------------------------------------------------------------------------------------


def test_a_practice_without_payers_adds_the_usual_ones_at_one_press(db, client):
    where = factories.practice("New", "new", payers=False)
    admin = factories.membership(where, "Ada", "administrator", email="ada@new.test")
    client.force_login(admin.user)
    page = text_of(client.get("/payers/"))
    assert "No payer yet." in page
    assert "Add the usual payers" in page
    assert send(client, "/payers/usual/").status_code == 303
    assert {row.slug: row.filing_code for row in selectors.payers_of(where)} == {
        "medicare": "MB",
        "medicare-advantage": "16",
        "medicaid": "MC",
        "commercial": "CI",
    }
    assert "Add the usual payers" not in text_of(client.get("/payers/"))
    refused = send(client, "/payers/usual/")
    assert (refused.status_code, "has payers already" in text_of(refused)) == (422, True)
    assert Payer.objects.for_practice(where).count() == 4


# Changing --------------------------------------------------------------------------------------------------------


def change(client, row: Payer, **changed):
    typed = {
        "name": row.name,
        "kind": row.kind,
        "filing_code": row.filing_code,
        "payer_id": row.payer_id,
        "device_dates": row.device_dates,
        "place_of_service": row.place_of_service,
        "usage": row.usage,
        "version": row.version,
        "reason": "The clearinghouse’s letter.",
        **changed,
    }
    return send(client, f"/payers/{row.pk}/change/", **typed)


def test_a_change_keeps_its_reason_and_the_slug(cast, ade):
    row = of(cast)
    assert change(ade, row, name="TennCare", payer_id="tn001").status_code == 303
    now = of(cast)
    assert (now.name, now.payer_id, now.slug, now.version) == ("TennCare", "TN001", "medicaid", 2)
    assert now.history.first().history_change_reason == "The clearinghouse’s letter."
    assert selectors.payer_name(cast.practice, "medicaid") == "TennCare"


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"reason": ""}, 422, "Give the reason of the change."),
        ({}, 422, "Nothing was changed."),
        ({"name": "Medicare Part B"}, 422, "Medicare Part B is in the list already."),
        ({"usage": "production"}, 422, "Claims in production need the payer id."),
        ({"payer_id": "TN1", "version": 7}, 409, "changed on another screen"),
    ],
)
def test_a_change_that_is_refused_changes_nothing(cast, ade, changed, status, sentence):
    answer = change(ade, of(cast), **changed)
    assert (answer.status_code, sentence in text_of(answer)) == (status, True), text_of(answer)
    assert of(cast).version == 1


def test_another_spelling_of_its_own_name_is_a_change(cast, ade):
    assert change(ade, of(cast), name="MEDICAID").status_code == 303


# Retiring --------------------------------------------------------------------------------------------------------


def test_a_payer_is_retired_and_used_again_each_with_its_reason(cast, ade):
    row = of(cast)
    assert send(ade, f"/payers/{row.pk}/retire/", reason="Contract over.", version=1).status_code == 303
    assert of(cast).retired
    assert "Use again…" in text_of(ade.get("/payers/"))
    twice = send(ade, f"/payers/{row.pk}/retire/", reason="Contract over.", version=2)
    assert (twice.status_code, "is retired already" in text_of(twice)) == (422, True)
    assert send(ade, f"/payers/{row.pk}/restore/", reason="New contract.", version=1).status_code == 409
    assert send(ade, f"/payers/{row.pk}/restore/", reason="New contract.", version=2).status_code == 303
    reasons = list(row.history.order_by("version").values_list("history_change_reason", flat=True))
    assert reasons[1:] == ["Contract over.", "New contract."]
    again = send(ade, f"/payers/{row.pk}/restore/", reason="New contract.", version=3)
    assert (again.status_code, "is in use already" in text_of(again)) == (422, True)


# Around the pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignment", "constraint"),
    [
        ("slug = 'other'", "slug of payer"),
        ("name = '  '", "payer_has_a_name"),
        ("name = 'MEDICARE part b'", "one_payer_per_name"),
        ("payer_id = 'a1'", "payer_id_has_its_shape"),
        ("usage = 'production'", "production_has_a_payer_id"),
        ("usage = 'later'", "payer_settings_are_known"),
        ("device_dates = ''", "payer_settings_are_known"),
        ("place_of_service = '99'", "payer_place_is_known"),
        ("filing_code = 'MB'", "payer_is_filed_under_its_kind"),
        ("kind = 'dental'", "payer_is_filed_under_its_kind"),
    ],
)
def test_the_database_refuses_what_no_page_writes(cast, assignment, constraint):
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE payers_payer SET {assignment} WHERE id = %s", [of(cast).pk])


@pytest.mark.parametrize("slug", ["none", "", "Upper", "-x", "a b"])
def test_the_database_refuses_a_slug_of_another_shape(cast, slug):
    with pytest.raises(IntegrityError, match="payer_slug_has_its_shape"), transaction.atomic():
        Payer(practice=cast.practice, name="X", slug=slug, kind="self_pay").save()


# Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("ade", 200), ("cora", 200), ("omar", 200), ("rosa", 403)])
def test_the_list_is_for_who_sees_settings(cast, client, who, status):
    client.force_login(cast.user(who))
    answer = client.get("/payers/")
    assert answer.status_code == status
    assert ("Add a payer" in text_of(answer)) == (who == "ade")


@pytest.mark.parametrize("act", ["change", "retire", "restore"])
def test_another_practices_payer_is_not_there(cast, ade, act):
    row = Payer.objects.get(practice=cast.elsewhere, slug="medicaid")
    assert send(ade, f"/payers/{row.pk}/{act}/", reason="r", version=1).status_code == 404
    row.refresh_from_db()
    assert row.version == 1


def test_each_practice_has_names_and_slugs_of_its_own(cast):
    acts.add(cast.practice, fields(name="Acme"))
    assert acts.add(cast.elsewhere, fields(name="Acme")).slug == "acme"


def test_the_list_asks_the_same_however_many_payers(cast, ade):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert ade.get(reverse("payers:payers")).status_code == 200
        return len(queries)

    asked()
    before = asked()
    for number in range(5):
        acts.add(cast.practice, fields(name=f"Acme {number}"))
    assert asked() == before
