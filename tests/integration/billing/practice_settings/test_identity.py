"""The practice's identity from a day on: on the form, in the database, and on the claims of each day of service."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.identities import IdentityBook, identity_on
from accounts.models import PracticeIdentity
from billing.practice_settings.effects import effects, lines_between
from tests.factories import LONG_AGO
from tests.integration.billing.months import MARCH
from tests.integration.billing.practice_settings.conftest import exported, send, text_of

FORM = "/practice/identity/"
TODAY = date(2026, 4, 5)
OTHER_NPI = "1245319599"
TYPED = {
    "starts_on": "2026-04-05",
    "name": "Maple Medical Group",
    "npi": OTHER_NPI,
    "tax_id": "123456789",
    "taxonomy": " 207r00000x",
    "address": "1 Lake Road",
    "city": "Cedar Lake",
    "state": "il",
    "zip_code": "606010001",
    "phone": "",
    "why": "We became a group.",
    "version": 1,
}


def rows(cast) -> list[PracticeIdentity]:
    return IdentityBook(cast.practice).rows


def numbers(cast) -> dict[str, str]:
    return {code: row["practice_npi"] for code, row in exported(cast).items()}


# Setting --------------------------------------------------------------------------------------------------------


def test_a_new_identity_is_a_row_of_its_own_with_its_reason(admin, cast):
    assert send(admin, FORM, **TYPED).status_code == 303
    before, now = rows(cast)
    assert (before.npi, before.starts_on, now.starts_on) == ("1234567893", LONG_AGO, TODAY)
    assert (now.tax_id, now.taxonomy, now.state, now.zip_code) == (
        "12-3456789",
        "207R00000X",
        "IL",
        "60601-0001",
    )
    assert now.history.get().history_change_reason == now.why == "We became a group."
    assert now.history.get().history_user_id == cast.ade.user_id


def test_each_day_has_the_identity_that_began_last_and_days_before_the_first_have_that(cast):
    where = cast.practice
    (first,) = rows(cast)
    then = PracticeIdentity(practice=where, starts_on=TODAY, name="n", npi=OTHER_NPI, why="w")
    then.save()
    days = [
        LONG_AGO - timedelta(days=1),
        LONG_AGO,
        TODAY - timedelta(days=1),
        TODAY,
        TODAY + timedelta(days=900),
    ]
    assert [identity_on(where, day) for day in days] == [first, first, first, then, then]


def test_the_page_lists_what_was_what_is_and_what_is_to_come(admin, cast):
    send(admin, FORM, **TYPED)
    send(admin, FORM, **TYPED | {"starts_on": "2026-06-01", "name": "Maple Later", "version": 2})
    page = text_of(admin.get("/practice/"))
    places = [
        page.index(words) for words in ("To come", "Maple Later", "Now", "Maple Medical Group", "Before")
    ]
    assert places == sorted(places)
    assert "From 05-Apr-2026 until 01-Jun-2026" in page
    assert "We became a group." in page


@pytest.mark.parametrize(("who", "edits"), [("ade", True), ("cora", False), ("omar", False)])
def test_billers_and_auditors_read_it(client, cast, who, edits):
    client.force_login(cast.user(who))
    page = text_of(client.get("/practice/"))
    assert "1234567893" in page
    assert ("Change from a day on" in page) is edits
    assert "1987654328" not in page, "the other practice’s"


def test_the_same_first_day_corrects_that_version(admin, cast):
    page = text_of(admin.get(f"{FORM}?starts_on={LONG_AGO}"))
    assert f'value="{LONG_AGO}"' in page
    assert send(admin, FORM, **TYPED | {"starts_on": LONG_AGO.isoformat()}).status_code == 303
    (row,) = rows(cast)
    assert (row.npi, row.version, row.history.count()) == (OTHER_NPI, 2, 2)


@pytest.mark.parametrize("asked", ["2026-13-45", "yesterday", "2026-02-03"])
def test_a_day_without_a_version_proposes_one_from_today(admin, cast, asked):
    assert 'value="2026-04-05"' in text_of(admin.get(f"{FORM}?starts_on={asked}"))


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("tax_id", "12345678"),
        ("taxonomy", "207R"),
        ("zip_code", "60601"),
        ("state", "Illinois"),
        ("npi", "1234567890"),
        ("npi", "12345678931"),
        ("name", " "),
        ("why", ""),
        ("starts_on", "31 Feb"),
    ],
)
def test_a_wrong_code_is_refused_at_its_field_and_by_the_database(admin, cast, field, typed):
    answer = send(admin, FORM, **{**TYPED, field: typed})
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in text_of(answer)
    assert "We became a group." in text_of(answer) or field == "why", "nothing typed is lost"
    (row,) = rows(cast)
    if field != "starts_on" and typed != "1234567890":
        setattr(row, field, typed)
        with pytest.raises(DatabaseError), transaction.atomic():
            row.save()


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (TODAY - timedelta(days=733), 422),
        (TODAY - timedelta(days=732), 303),
        (TODAY + timedelta(days=366), 303),
        (TODAY + timedelta(days=367), 422),
    ],
)
def test_it_begins_within_two_years_back_and_one_ahead(admin, cast, day, status):
    answer = send(admin, FORM, **TYPED | {"starts_on": day.isoformat()})
    assert answer.status_code == status
    assert status == 303 or "Choose a day from 03-Apr-2024 to 06-Apr-2027." in text_of(answer)


def test_a_stale_form_is_told_and_can_be_sent_again(admin, cast):
    send(admin, FORM, **TYPED)
    answer = send(admin, FORM, **TYPED | {"city": "Pine"})
    assert answer.status_code == 409
    assert "This was changed on another screen" in text_of(answer)
    assert 'value="Pine"' in text_of(answer)
    assert 'name="version" value="2"' in text_of(answer)
    assert send(admin, FORM, **TYPED | {"city": "Pine", "version": 2}).status_code == 303
    assert rows(cast)[-1].city == "Pine"


def test_what_is_so_already_is_not_set_again(admin, cast):
    send(admin, FORM, **TYPED)
    answer = send(admin, FORM, **TYPED | {"starts_on": "2026-05-01", "version": 2})
    assert answer.status_code == 422
    assert "On 01-May-2026 this is the practice’s identity already." in text_of(answer)


def test_pressed_twice_it_is_set_once(admin, cast):
    pressed = {**TYPED, "operation_id": str(uuid4())}
    assert [admin.post(FORM, pressed).status_code for _ in range(2)] == [303, 303]
    assert len(rows(cast)) == 2


def test_one_version_a_day_around_the_form(cast):
    with pytest.raises(DatabaseError), transaction.atomic():
        PracticeIdentity(practice=cast.practice, starts_on=LONG_AGO, name="n", npi=OTHER_NPI, why="w").save()


# On claims ------------------------------------------------------------------------------------------------------


def test_a_claim_says_who_the_practice_was_on_its_day_of_service(admin, approved):
    assert numbers(approved)["99457"] == "1234567893"
    send(admin, FORM, **TYPED)
    assert set(numbers(approved).values()) == {"1234567893"}, "March is over"
    send(admin, FORM, **TYPED | {"starts_on": "2026-03-12", "version": 2, "npi": "1987654328"})
    assert set(numbers(approved).values()) == {"1987654328"}, (
        "one for the claim, whose window ended on 11 March"
    )
    row = exported(approved)["99457"]
    assert (row["practice_npi"], row["practice_name"], row["practice_tax_id"], row["practice_zip"]) == (
        "1987654328",
        "Maple Medical Group",
        "12-3456789",
        "60601-0001",
    )


@pytest.mark.parametrize(("day", "says"), [("2026-03-31", OTHER_NPI), ("2026-04-01", "1234567893")])
def test_every_line_says_who_the_practice_is_on_the_claims_last_day(admin, approved, day, says):
    send(admin, FORM, **TYPED | {"starts_on": day})
    assert len(numbers(approved)) > 1
    assert set(numbers(approved).values()) == {says}


# Before it is saved ---------------------------------------------------------------------------------------------


def look(admin, **more) -> str:
    answer = (
        send(admin, FORM, **TYPED, look="1", **more)
        if not more
        else send(admin, FORM, **{**TYPED, **more}, look="1")
    )
    assert answer.status_code == 200
    return text_of(answer)


def test_looking_says_which_claims_would_change_and_saves_nothing(admin, approved):
    page = look(admin, starts_on="2026-03-31")
    assert "<b>March 2026:</b> 1 claim not exported yet will say this identity." in page
    assert 'value="Maple Medical Group"' in page
    assert len(rows(approved)) == 1
    assert "No claim that is decided would be written differently." in look(admin, starts_on="2026-04-01")


def test_what_was_exported_is_named(admin, approved):
    exported(approved)
    number = approved.jane.claims.get().number
    page = look(admin, starts_on="2026-03-31")
    assert f"no claim waits for its export. <br>Exported before: {number}. It went out with the old;" in page
    answer = send(admin, FORM, **TYPED | {"starts_on": "2026-03-31"})
    assert "1 claim exported before went out with the old." in text_of(admin.get(answer.url))


def test_a_version_in_between_changes_the_days_up_to_the_next(admin, approved):
    send(admin, FORM, **TYPED | {"starts_on": "2026-03-20"})
    other = {"npi": "1987654328", "version": 2}
    assert "No claim that is decided" in look(admin, starts_on="2026-03-11", **other)
    assert "March 2026" in look(admin, starts_on="2026-03-21", **other)


def test_a_first_version_that_begins_earlier_counts_for_all_days_before(admin, approved):
    book = IdentityBook(approved.practice)
    assert book.window(LONG_AGO) == (date.min, None)
    assert book.window(LONG_AGO + timedelta(days=1)) == (LONG_AGO + timedelta(days=1), None)
    assert "March 2026" in look(admin, starts_on="2025-01-01")


def test_it_is_counted_by_one_query(approved):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        (march,) = effects(approved.practice, lines_between(approved.practice, MARCH, None))
    assert len(asked) == 1
    assert (march.month, march.waiting, march.exported) == (MARCH, 1, ())
    assert effects(approved.elsewhere, lines_between(approved.elsewhere, MARCH, None)) == []


def test_more_than_ten_are_named_and_counted(approved):
    (march,) = effects(approved.practice, lines_between(approved.practice, MARCH, None))
    many = type(march)(MARCH, 0, tuple(f"RPM-{n}" for n in range(12)))
    assert (len(many.named), many.not_named) == (10, 2)
