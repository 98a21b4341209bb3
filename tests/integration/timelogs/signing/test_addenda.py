"""Addenda and attestations: words after a signature, which no gate keeps out and which change nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import DatabaseError, IntegrityError, connection, transaction

from audit.models import AccessEvent
from billing.claims import staleness
from billing.decisions.decide import decide
from billing.facts.gather import gather
from billing.models import Claim
from dispatch.models import OutboxMessage
from foundation.refusals import Refused, StaleRow
from patients.models import Order
from tests.factories import saved
from tests.integration.billing.months import APRIL_5, MARCH, NINE, close_march, guides_example
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import text_of
from timelogs.clock import acts as clock
from timelogs.counting.totals import month_total
from timelogs.models import Addition, AdditionKind, Period, Status, TimeEntry
from timelogs.signing import addenda
from timelogs.signing.addenda import add_addendum, attest, digest, statement
from timelogs.signing.amend import amend
from timelogs.signing.sign import sign
from timelogs.signing.void import void

pytestmark = pytest.mark.django_db

TEXT = "The daughter rang on Thursday: the second cuff was hers, and two of the readings were too."
LATER = NINE + timedelta(days=40)


@pytest.fixture
def recorded(cast) -> TimeEntry:
    return signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=720, **CALL)


@pytest.fixture
def closed(cast, recorded) -> Period:
    return shut(cast)


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(LATER, tick=True):
        yield


def shut(cast, state: str = "closed") -> Period:
    period = Period.objects.get(practice=cast.practice, month=MARCH)
    period.state, period.cut_off_at = state, APRIL_5
    return saved(period)


def attested(entry, by, at=LATER) -> Addition:
    return attest(entry, seen=statement(entry, by=by), by=by, at=at)


def sent(**typed) -> dict:
    return {"operation_id": str(uuid4()), **typed}


def visit(client, cast, who):
    client.force_login(cast.user(who))
    return client


# Addenda ----------------------------------------------------------------------------------------------------


def test_an_addendum_is_signed_with_name_moment_and_digest(cast, recorded):
    row = add_addendum(recorded, text=f"  {TEXT}\n", version=recorded.version, by=cast.rosa, at=LATER)
    row = Addition.objects.get(pk=row.pk)
    assert (row.kind, row.text, row.wording) == (AdditionKind.ADDENDUM, TEXT, "")
    assert (row.signed_label, row.signed_at, row.signature) == ("Rosa Nguyen, RN", LATER, digest(row))
    assert row.history.get().history_change_reason == "addendum to a signed session"


@pytest.mark.parametrize("changed", ["text", "signed_label", "signed_at"])
def test_the_digest_covers_words_name_and_moment(cast, recorded, changed):
    row = add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    other = {"text": "x", "signed_label": "Somebody, MD", "signed_at": NINE}[changed]
    setattr(row, changed, other)
    assert digest(row) != row.signature


@pytest.mark.parametrize("state", ["closing", "closed"])
def test_a_shut_month_takes_an_addendum_and_stays_as_it_was(cast, recorded, state):
    shut(cast, state)
    before, messages = month_total(cast.jane, MARCH), OutboxMessage.objects.count()
    add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    attested(recorded, cast.rosa)
    now = TimeEntry.objects.get(pk=recorded.pk)
    assert month_total(cast.jane, MARCH) == before
    assert (now.version, now.signature, now.status) == (recorded.version, recorded.signature, Status.SIGNED)
    assert OutboxMessage.objects.count() == messages


def test_no_claim_moves_for_an_addendum(cast):
    entries = guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    for entry in entries:
        add_addendum(entry, text=TEXT, by=cast.rosa, at=LATER)
        attested(entry, cast.rosa)
    fresh = decide(gather(cast.practice, MARCH, [cast.jane.pk])[cast.jane.pk])
    assert fresh.digest == claim.selection.digest
    assert staleness.why_outdated(claim) is None


def test_a_colleague_adds_under_her_own_name(cast, recorded):
    row = add_addendum(recorded, text=TEXT, by=cast.ana, at=LATER)
    assert (row.signed_label, row.author) == ("Ana Rivera, MD", cast.ana)
    assert TimeEntry.objects.get(pk=recorded.pk).signed_label == "Rosa Nguyen, RN"


def test_a_voided_session_takes_one_an_amended_version_does_not(cast, recorded):
    new = amend(recorded, note={}, seconds=600, reason="Wrong end", by=cast.rosa, at=LATER)
    with pytest.raises(Refused, match="Add your addendum to the version that replaced it"):
        add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    void(new, reason="Wrong patient", by=cast.rosa, at=LATER)
    assert add_addendum(new, text=TEXT, by=cast.rosa, at=LATER)


def test_a_draft_takes_none(cast):
    draft = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    with pytest.raises(Refused, match="not signed yet. Write it in the note"):
        add_addendum(draft, text=TEXT, by=cast.rosa, at=LATER)
    clock.discard(draft, reason="Twice", by=cast.rosa, at=LATER)
    with pytest.raises(Refused, match="was discarded"):
        add_addendum(draft, text=TEXT, by=cast.rosa, at=LATER)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write what you add"),
        (" \n ", "Write what you add"),
        ("Forgot this", "is no description"),
        ("RPM management - 20 min", "is no description"),
        ("RPM " + "." * 3990 + " 20", "is no description"),
        ("word " * 801, "must be 4,000 characters or less"),
    ],
)
def test_an_addendum_says_something_and_can_be_read(cast, recorded, text, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        add_addendum(recorded, text=text, by=cast.rosa, at=LATER)
    assert refusal.value.field == "text"


def test_the_longest_text_fits(cast, recorded):
    assert add_addendum(recorded, text="words " * 666 + "word", by=cast.rosa, at=LATER)


def test_they_stand_in_the_order_of_the_lock_and_after_the_signature(cast, recorded):
    first = add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    second = add_addendum(recorded, text=TEXT + " Again.", by=cast.luis, at=NINE)
    assert second.signed_at > first.signed_at > recorded.signed_at
    assert addenda.additions_of([recorded]) == [first, second]


def test_the_same_words_of_the_same_person_stand_once(cast, recorded):
    add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    with pytest.raises(Refused, match="the same words"):
        add_addendum(recorded, text=TEXT + " ", by=cast.rosa, at=LATER)
    assert add_addendum(recorded, text=TEXT, by=cast.luis, at=LATER)


def test_a_session_that_changed_meanwhile_is_looked_at_again(cast, recorded):
    opened_at = recorded.version
    void(recorded, reason="Wrong patient", by=cast.rosa, at=LATER)
    with pytest.raises(StaleRow, match="Look at it again"):
        add_addendum(recorded, text=TEXT, version=opened_at, by=cast.rosa, at=LATER)


# Attestations -----------------------------------------------------------------------------------------------


def test_an_attestation_keeps_its_wording_and_the_moment_it_was_given(cast, recorded):
    row = attested(recorded, cast.rosa)
    assert (row.kind, row.wording, row.signed_at) == (AdditionKind.ATTESTATION, addenda.WORDING, LATER)
    for part in (
        "I, Rosa Nguyen, RN, attest",
        "03-Mar-2026, 09:00",
        "DOE, Jane, MRN T-0001",
        "as Rosa Nguyen, RN, accurately",
    ):
        assert part in row.text


def test_an_attestation_is_the_authors_of_a_standing_session_and_once(cast, recorded):
    with pytest.raises(Refused, match="Only its author"):
        attested(recorded, cast.luis)
    attested(recorded, cast.rosa)
    with pytest.raises(Refused, match=r"You attested this session on 12-Apr-2026\. Once is enough"):
        attested(recorded, cast.rosa)
    new = amend(recorded, note={}, seconds=600, reason="Wrong end", by=cast.rosa, at=LATER)
    with pytest.raises(Refused, match="amended cannot be attested"):
        attested(recorded, cast.rosa)
    void(new, reason="Wrong patient", by=cast.rosa, at=LATER)
    with pytest.raises(Refused, match="voided cannot be attested"):
        attested(new, cast.rosa)


def test_a_draft_is_signed_not_attested(cast):
    draft = clock.start_session(cast.jane, by=cast.rosa, at=NINE)
    with pytest.raises(Refused, match="Sign it"):
        attested(draft, cast.rosa)


def test_only_the_wording_that_was_read_is_signed(cast, recorded, monkeypatch):
    read = statement(recorded, by=cast.rosa)
    monkeypatch.setattr(addenda, "_STATEMENT", "I, {name}, attest something else.")
    with pytest.raises(StaleRow, match="Read it again"):
        attest(recorded, seen=read, by=cast.rosa, at=LATER)


def test_an_order_has_nowhere_to_be_attested():
    keys = {f.related_model for f in Addition._meta.local_fields if f.is_relation}
    assert TimeEntry in keys
    assert Order not in keys


# Around the services ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", ["UPDATE timelogs_addition SET text = 'x'", "DELETE FROM timelogs_addition"]
)
def test_what_was_added_is_only_ever_added(cast, recorded, change):
    add_addendum(recorded, text=TEXT, by=cast.rosa, at=LATER)
    for role in ("rpm_app", "rpm_owner"):
        with pytest.raises(DatabaseError):
            by_sql(f"SET LOCAL ROLE {role}; {change}")
    row = Addition.objects.get()
    row.text = "Other words."
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save()


def by_sql(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def row_of(cast, entry, **more) -> Addition:
    given = {"kind": "addendum", "text": TEXT, "signed_at": LATER, "signature": "x", "signed_label": "R"}
    return Addition(practice=cast.practice, entry=entry, **{**given, "author": cast.rosa, **more})


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"signature": ""},
        {"signed_label": ""},
        {"text": "x" * 4001},
        {"wording": "2026-01"},
        {"kind": "attestation"},
    ],
)
def test_the_database_refuses_a_row_that_is_not_whole(cast, recorded, wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        row_of(cast, recorded, **wrong).save()


def test_the_database_refuses_a_second_attestation(cast, recorded):
    attested(recorded, cast.rosa)
    with pytest.raises(IntegrityError, match="one_attestation_per_session"), transaction.atomic():
        row_of(cast, recorded, kind="attestation", wording="2026-01").save()


def test_the_database_refuses_what_follows_no_signature(cast, recorded):
    draft = clock.start_session(cast.max, by=cast.rosa, at=NINE + timedelta(hours=1))
    early = {"signed_at": recorded.signed_at}
    others = {"kind": "attestation", "wording": "2026-01", "author": cast.luis}
    for entry, more in ((draft, {}), (recorded, early), (recorded, others)):
        with pytest.raises(IntegrityError, match="nothing can be added"), transaction.atomic():
            row_of(cast, entry, **more).save()


def test_the_database_refuses_another_practices_author(cast, recorded):
    row_of(cast, recorded, author=cast.dan).save()
    with pytest.raises(IntegrityError, match="same"):
        by_sql("SET CONSTRAINTS ALL IMMEDIATE")
    transaction.set_rollback(True)


# The pages --------------------------------------------------------------------------------------------------


def test_a_click_or_two_signs_one_addendum_that_the_session_shows(cast, recorded, closed, client):
    visit(client, cast, "rosa")
    address = f"/sessions/{recorded.pk}/addendum/"
    assert "Rosa Nguyen, RN" in text_of(client.get(address))
    form = sent(text=TEXT, version=recorded.version)
    answers = [client.post(address, form) for _ in range(2)]
    assert [(a.status_code, a["Location"]) for a in answers] == [(303, f"/sessions/{recorded.pk}/")] * 2
    row = Addition.objects.get()
    page = text_of(client.get(f"/sessions/{recorded.pk}/"))
    assert "<b>Addendum</b> by Rosa Nguyen, RN, 12-Apr-2026, 10:00" in page
    assert TEXT in page
    assert f"/history/addition/{row.pk}/" in page
    assert TEXT in text_of(visit(client, cast, "omar").get(f"/history/addition/{row.pk}/"))
    listed = text_of(client.get("/history/?since=2020-01-01&until=2099-01-01&record=addition"))
    assert "Added to a session Addendum of 12-Apr-2026 10:00" in listed


def test_a_refused_addendum_keeps_its_words(cast, recorded, client):
    address = f"/sessions/{recorded.pk}/addendum/"
    visit(client, cast, "rosa")
    empty = client.post(address, sent(text="", version=recorded.version))
    assert (empty.status_code, "Write what you add" in text_of(empty)) == (422, True)
    short = client.post(address, sent(text="Forgot this", version=recorded.version))
    assert short.status_code == 422
    assert text_of(short).count("is no description") == 2
    assert "Forgot this</textarea>" in text_of(short)


def test_words_for_a_version_that_was_replaced_meanwhile_are_kept_and_shown_the_way(cast, recorded, client):
    opened_at = recorded.version
    new = amend(recorded, note={}, seconds=600, reason="Wrong end", by=cast.rosa, at=LATER)
    visit(client, cast, "rosa")
    answer = client.post(f"/sessions/{recorded.pk}/addendum/", sent(text=TEXT, version=opened_at))
    page = text_of(answer)
    assert answer.status_code == 422
    assert TEXT in page
    assert f"/sessions/{new.pk}/addendum/" in page
    assert client.get(f"/sessions/{recorded.pk}/addendum/").status_code == 422


def test_after_a_stale_refusal_the_next_click_signs(cast, recorded, client):
    opened_at = recorded.version
    void(recorded, reason="Wrong patient", by=cast.rosa, at=LATER)
    visit(client, cast, "rosa")
    address = f"/sessions/{recorded.pk}/addendum/"
    answer = client.post(address, sent(text=TEXT, version=opened_at))
    now = TimeEntry.objects.get(pk=recorded.pk).version
    assert answer.status_code == 409
    assert TEXT in text_of(answer)
    assert f'name="version" value="{now}"' in text_of(answer)
    assert client.post(address, sent(text=TEXT, version=now)).status_code == 303


def test_an_addendum_to_an_earlier_version_is_read_on_every_version(cast, recorded, client):
    add_addendum(recorded, text=TEXT, by=cast.luis, at=LATER)
    new = amend(recorded, note={}, seconds=600, reason="Wrong end", by=cast.rosa, at=LATER)
    add_addendum(new, text="And the cuff was sent back to us.", by=cast.rosa, at=LATER)
    visit(client, cast, "cora")
    for entry in (recorded, new):
        page = text_of(client.get(f"/sessions/{entry.pk}/"))
        assert page.index("to version 1 · not the session’s author") < page.index("to version 2")


def test_an_attestation_is_read_and_signed_beside_the_signature(cast, recorded, client):
    visit(client, cast, "rosa")
    address = f"/sessions/{recorded.pk}/attest/"
    read = statement(recorded, by=cast.rosa)
    assert f'<blockquote class="statement">{read}' in text_of(client.get(address))
    wrong = client.post(address, sent(seen="I attest nothing."))
    assert (wrong.status_code, Addition.objects.count()) == (409, 0)
    form = sent(seen=read)
    assert [client.post(address, form).status_code for _ in range(2)] == [303, 303]
    page = text_of(client.get(f"/sessions/{recorded.pk}/"))
    assert "<b>Attestation</b> of Rosa Nguyen, RN, 12-Apr-2026, 10:00" in page
    assert read in page
    assert f"/sessions/{recorded.pk}/attest/" not in page
    assert client.get(address).status_code == 422


@pytest.mark.parametrize(
    ("who", "addendum", "attestation"),
    [("rosa", 200, 200), ("luis", 200, 403), ("lena", 200, 403), ("ana", 200, 403)]
    + [("cora", 403, 403), ("omar", 403, 403), ("ade", 403, 403), ("dan", 404, 404), ("dora", 403, 403)],
)
def test_who_may_add(cast, recorded, client, who, addendum, attestation):
    visit(client, cast, who)
    assert client.get(f"/sessions/{recorded.pk}/addendum/").status_code == addendum
    assert client.get(f"/sessions/{recorded.pk}/attest/").status_code == attestation
    if addendum != 404:
        return
    assert client.post(f"/sessions/{recorded.pk}/addendum/", sent(text=TEXT)).status_code == 404
    assert not Addition.objects.exists()


def test_the_buttons_are_for_who_may(cast, recorded, client):
    for who, adds, attests in (("rosa", True, True), ("luis", True, False), ("cora", False, False)):
        page = text_of(visit(client, cast, who).get(f"/sessions/{recorded.pk}/"))
        assert ("Add an addendum" in page, ">Attest<" in page) == (adds, attests), who


def test_opening_the_page_is_an_access(cast, recorded, client):
    visit(client, cast, "rosa").get(f"/sessions/{recorded.pk}/addendum/")
    assert AccessEvent.objects.filter(route="timelogs:session_addendum", patient_id=cast.jane.pk).exists()


@pytest.mark.parametrize("act", ["amend", "void"])
def test_a_closed_month_offers_the_addendum_before_and_after_the_click(cast, recorded, closed, client, act):
    visit(client, cast, "rosa")
    address = f"/sessions/{recorded.pk}/{act}/"
    way_on = f'<a href="/sessions/{recorded.pk}/addendum/">Add an addendum</a>'
    sentence = "March 2026 is closed. You can add an addendum without time"
    page = text_of(client.get(address))
    assert sentence in page
    assert way_on in page
    note = {"data_reviewed": "on", "party": "none", "action": "no_change", "action_detail": "The plan stays."}
    form = sent(reason="Wrong end", minutes="12", effect_seen="720", version=recorded.version, **note)
    answer = client.post(address, {**form, "late_reason": recorded.late_reason})
    assert answer.status_code == 422
    assert text_of(answer).count(sentence) == 2
    assert way_on in text_of(answer)


def test_a_draft_in_a_closed_month_is_not_sent_to_an_addendum(cast, closed):
    draft = clock.start_session(cast.max, by=cast.rosa, at=NINE + timedelta(hours=1))
    with pytest.raises(Refused) as refusal:
        sign(draft, version=None, by=cast.rosa, at=NINE + timedelta(hours=2))
    assert "addendum" not in refusal.value.message
