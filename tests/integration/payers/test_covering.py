"""Coverages and policies name payers of the practice; a payer that was retired takes no new coverage."""

from contextlib import contextmanager
from datetime import date
from threading import Event, Thread
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import PolicySetting
from accounts.practice_policies import end_own_policy, set_policy
from foundation.context import acting
from foundation.refusals import Refused
from patients.completeness import missing_parts
from patients.models import Coverage, Patient
from patients.services import PayerGiven, change_coverage
from payers import acts
from payers.models import Payer
from tests.integration.timelogs.pages import text_of

MAY = date(2026, 5, 1)


@contextmanager
def keys_at_once():
    """The database looks at its keys after each statement, as it does at the end of a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        yield
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def of(practice, slug: str = "medicaid") -> Payer:
    return Payer.objects.get(practice=practice, slug=slug)


def cover(cast, payer: str, starts_on: date = MAY, **more) -> Coverage:
    given = PayerGiven(payer=payer, starts_on=starts_on, **more)
    return change_coverage(cast.jane, given, by=cast.rosa, at=None)


def only_elsewhere(cast) -> str:
    return acts.add(cast.elsewhere, acts.PayerFields(name="Acme", kind="commercial", filing_code="CI")).slug


# Unknown ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["acme", "none", ""])
def test_a_coverage_by_no_payer_of_the_practice_is_refused_by_the_act_and_by_the_database(cast, slug):
    only_elsewhere(cast)
    with pytest.raises(Refused, match="Select one of the practice’s payers") as refused:
        cover(cast, slug)
    assert refused.value.field == "payer"
    row = Coverage.objects.get(patient=cast.jane)
    row.payer = slug
    with pytest.raises(IntegrityError, match="coverage_names_a_payer_of_the_practice"), keys_at_once():
        row.save()


def test_a_policy_of_no_payer_of_the_practice_is_refused_by_the_database(cast):
    given = {"key": "unit_limit_99458", "starts_on": MAY, "why": "w"}
    slug = only_elsewhere(cast)
    with pytest.raises(IntegrityError, match="policy_names_a_payer_of_the_practice"), keys_at_once():
        set_policy(cast.practice, value=1, payer=slug, **given)
    with pytest.raises(IntegrityError, match="policy_names_a_payer_of_the_practice"), keys_at_once():
        end_own_policy(cast.practice, payer=slug, **given)
    set_policy(cast.elsewhere, value=1, payer=slug, **given)
    set_policy(cast.practice, value=1, **given)
    assert PolicySetting.objects.count() == 2


@pytest.mark.parametrize("payer", ["acme", "none", "Medicaid"])
def test_the_form_offers_the_practices_payers_alone(cast, client, payer):
    only_elsewhere(cast)
    client.force_login(cast.cora.user)
    address = f"/patients/{cast.jane.pk}/coverage/new/"
    assert "Acme" not in text_of(client.get(address))
    answer = client.post(address, {"operation_id": str(uuid4()), "payer": payer, "coverage_on": "2026-05-01"})
    assert (answer.status_code, "Select the payer" in text_of(answer)) == (422, True)


# Retired ---------------------------------------------------------------------------------------------------------


def test_a_retired_payer_takes_no_new_coverage_and_keeps_those_that_stand(cast):
    row = cover(cast, "medicaid", member_id="TN1")
    acts.retire(of(cast.practice))
    assert cover(cast, "medicaid", member_id="TN2").pk == row.pk
    with pytest.raises(Refused, match="Medicaid was retired and takes no new coverage"):
        cover(cast, "medicaid", date(2026, 6, 1))
    cover(cast, "commercial", date(2026, 6, 1))
    with pytest.raises(Refused, match="was retired"):
        cover(cast, "medicaid", date(2026, 6, 1))
    # Around the act.
    late = Coverage(practice=cast.practice, patient=cast.max, payer="medicaid", starts_on=MAY)
    with pytest.raises(DatabaseError, match="names a payer that was retired"), transaction.atomic():
        late.save()
    row = Coverage.objects.get(patient=cast.jane, payer="commercial")
    row.payer = "medicaid"
    with pytest.raises(DatabaseError, match="names a payer that was retired"), transaction.atomic():
        row.save()


def test_the_form_keeps_the_retired_payer_of_a_coverage_that_stands(cast, client):
    client.force_login(cast.cora.user)
    acts.retire(of(cast.practice, "medicare"))
    page = text_of(client.get(f"/patients/{cast.jane.pk}/coverage/new/"))
    assert '<option value="medicare" selected>' in page
    acts.retire(of(cast.practice))
    assert '<option value="medicaid"' not in text_of(client.get(f"/patients/{cast.jane.pk}/coverage/new/"))


@pytest.mark.django_db(transaction=True)
def test_a_payer_retired_at_the_same_moment_takes_no_coverage(cast):
    """The coverage was allowed when it was asked; the trigger waits for the retiring transaction, then refuses."""
    retired, found = Event(), []

    def covers():
        jane = Patient.objects.select_related("practice").get(pk=cast.jane.pk)
        with acting("test"):
            try:
                given = PayerGiven(payer="medicaid", starts_on=MAY)
                retired.wait(10)
                found.append(change_coverage(jane, given, by=cast.rosa, at=None))
            except Refused as refusal:
                found.append(refusal.message)
        connection.close()

    thread = Thread(target=covers)
    thread.start()
    with transaction.atomic():
        acts.retire(of(cast.practice))
        retired.set()
        # The other one has read the payer as it was, and now waits at its row.
        wait_until_somebody_waits()
    thread.join()
    assert found == ["Medicaid was retired and takes no new coverage. Select another payer."]
    assert not Coverage.objects.filter(payer="medicaid").exists()


def wait_until_somebody_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
    raise AssertionError("Nobody waited for the payer.")


# Kinds and names -------------------------------------------------------------------------------------------------


def test_the_number_of_any_payer_of_medicare_is_checked(cast):
    """By its kind, not by its slug: a practice may call it as it likes."""
    novitas = acts.add(cast.practice, acts.PayerFields(name="Novitas", kind="medicare", filing_code="MB"))
    with pytest.raises(Refused) as refused:
        cover(cast, novitas.slug, member_id="1EG4")
    assert refused.value.field == "member_id"
    row = Coverage.objects.get(patient=cast.jane)
    row.payer, row.member_id = novitas.slug, "1EG4"
    row.save()
    missing = missing_parts(cast.practice, [cast.jane.pk], date(2026, 3, 1))
    assert missing[cast.jane.pk] == ["Medicare number in its right form"]


def test_a_new_name_is_on_every_page_that_names_the_payer(cast, client):
    payer = of(cast.practice, "medicare")
    acts.change(payer, acts.PayerFields(name="Palmetto", kind="medicare", filing_code="MB"), version=1)
    client.force_login(cast.cora.user)
    for address in (
        f"/patients/{cast.jane.pk}/enrollment/",
        f"/patients/{cast.jane.pk}/coverage/new/",
        "/payers/",
    ):
        assert "Palmetto" in text_of(client.get(address)), address
