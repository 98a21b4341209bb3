"""The practice's sites: adding, correcting and ending one; what claims say of them; the database around the forms."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.facts.places import place_of_service
from billing.models import Claim
from patients.models import Enrollment, PatientSite, Site
from patients.sites import SiteBook, move_patient, patients_at
from payers.models import Payer
from tests.factories import LONG_AGO, saved
from tests.integration.billing.months import APRIL_5, MARCH
from tests.integration.billing.practice_settings.conftest import exported, send, text_of

NEW, TODAY = "/practice/sites/new/", date(2026, 4, 5)
TYPED = {
    "name": "North Clinic",
    "place_of_service": "22",
    "address": "2 North Road",
    "city": "Northtown",
    "state": "ma",
    "zip_code": "021100002",
    "starts_on": "2026-04-05",
    "why": "We opened it.",
}


def site(
    where, name: str, code: str = "11", *, main: bool = False, starts_on: date = LONG_AGO, **more
) -> Site:
    own = {"practice": where, "name": name, "place_of_service": code, "main": main, "starts_on": starts_on}
    return saved(Site(**own, why="Opened.", **more))


@pytest.fixture
def two(cast) -> tuple[Site, Site]:
    """Everybody is at the office but Max, who went to the hospital's clinic on 20 March."""
    office = site(cast.practice, "Office", main=True)
    clinic = site(cast.practice, "Clinic", "22")
    move_patient(cast.max, clinic, starts_on=date(2026, 3, 20), by=cast.rosa, at=APRIL_5)
    return office, clinic


def address(found: Site, *end: str) -> str:
    return reverse("billing:site_end" if end else "billing:site", args=[found.pk])


def typed(found: Site, **more) -> dict:
    names = ("name", "place_of_service", "address", "city", "state", "zip_code", "starts_on", "version")
    return {name: str(getattr(found, name)) for name in names} | {"why": "Typed wrongly."} | more


# Adding ---------------------------------------------------------------------------------------------------------


def test_the_first_site_is_the_main_one_and_the_second_is_not(admin, cast):
    assert send(admin, NEW, **TYPED).status_code == 303
    assert send(admin, NEW, **TYPED | {"name": "South Clinic"}).status_code == 303
    north, south = Site.objects.order_by("name")
    assert (north.main, south.main) == (True, False)
    assert (north.state, north.zip_code, north.place_of_service) == ("MA", "02110-0002", "22")
    assert north.history.get().history_change_reason == north.why == "We opened it."
    page = text_of(admin.get("/practice/"))
    assert "22 On-campus outpatient hospital" in page
    assert page.index("North Clinic") < page.index("South Clinic")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "Enter the name of the site."),
        ("place_of_service", "99", "Select one of the places of service."),
        ("place_of_service", "", "Select the place of service."),
        ("zip_code", "02110", "The ZIP must be nine digits"),
        ("state", "Mass", "The state must be two capital letters"),
        ("starts_on", "2026-02-30", "First day must be a real date"),
        ("starts_on", "2024-04-02", "Choose a day from 03-Apr-2024 to 06-Apr-2027."),
        ("starts_on", "2027-04-07", "Choose a day from 03-Apr-2024 to 06-Apr-2027."),
        ("why", "", "Give the reason of the change."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(admin, cast, field, value, sentence):
    answer = send(admin, NEW, **{**TYPED, field: value})
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)
    assert 'value="2 North Road"' in text_of(answer)
    assert not Site.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"place_of_service": "99"}, {"zip_code": "02110"}, {"state": "Mass"}, {"name": " "}, {"why": ""},
     {"ends_on": LONG_AGO}, {"main": True}, {"name": "OFFICE"}],
)  # fmt: skip
def test_the_database_refuses_it_around_the_form(cast, wrong):
    site(cast.practice, "Office", main=True)
    row = {"name": "Clinic", "place_of_service": "22", "starts_on": LONG_AGO, "why": "w", **wrong}
    with pytest.raises(DatabaseError), transaction.atomic():
        Site(practice=cast.practice, **row).save()


def test_two_sites_do_not_have_one_name_and_a_double_click_makes_one(admin, cast):
    pressed = {**TYPED, "operation_id": str(uuid4())}
    assert [admin.post(NEW, pressed).status_code for _ in range(2)] == [303, 303]
    assert Site.objects.count() == 1
    answer = send(admin, NEW, **TYPED | {"name": "north clinic"})
    assert (answer.status_code, "Another site of the practice has this name." in text_of(answer)) == (
        422,
        True,
    )


# On claims ------------------------------------------------------------------------------------------------------


def test_without_a_site_the_office_is_said_and_a_payers_own_place_goes_before_the_sites():
    clinic, any_place, at_home = Site(place_of_service="22"), Payer(), Payer(place_of_service="12")
    assert place_of_service(None, None) == place_of_service(None, any_place) == "11"
    assert place_of_service(clinic, None) == place_of_service(clinic, any_place) == "22"
    assert place_of_service(clinic, at_home) == place_of_service(None, at_home) == "12"


def places(cast, **asked) -> dict[str, tuple[str, str]]:
    rows = exported(cast, **asked)
    return {code: (row["place_of_service"], row["site"]) for code, row in rows.items()}


def test_a_line_says_the_site_of_its_day_of_service(approved):
    assert set(places(approved).values()) == {("11", "")}
    clinic = site(approved.practice, "Clinic", "22", main=True, starts_on=date(2026, 3, 12))
    assert places(approved)["99454"] == ("11", ""), "11 March: the clinic opened on the 12th"
    assert places(approved)["99457"] == ("22", "Clinic")
    home = site(approved.practice, "Visits", "12")
    move_patient(approved.jane, home, starts_on=date(2026, 3, 31), by=approved.rosa, at=APRIL_5)
    assert places(approved)["99457"] == ("12", "Visits")
    move_patient(approved.jane, clinic, starts_on=date(2026, 4, 1), by=approved.rosa, at=APRIL_5)
    assert places(approved)["99457"] == ("12", "Visits"), "what follows changes nothing of March"
    payer = Payer.objects.get(practice=approved.practice, slug="medicare")
    payer.place_of_service = "10"
    payer.save()
    assert places(approved)["99457"] == ("10", "Visits")


def test_the_export_names_the_payer_as_claims_to_it_do(approved):
    assert {row["payer_id"] for row in exported(approved).values()} == {"medicare"}
    payer = Payer.objects.get(practice=approved.practice, slug="medicare")
    payer.payer_id = "14212"
    payer.save()
    assert {row["payer_id"] for row in exported(approved).values()} == {"14212"}


def test_the_claims_page_says_the_place_of_each_line(client, approved):
    site(approved.practice, "Clinic", "22", main=True, starts_on=date(2026, 3, 12))
    client.force_login(approved.cora.user)
    page = text_of(client.get(reverse("billing:claim", args=[Claim.objects.get(patient=approved.jane).pk])))
    assert "Date of service 11-Mar-2026, place of service 11 Office." in page
    assert "Date of service 31-Mar-2026, place of service 22 On-campus outpatient hospital, Clinic." in page


# Correcting -----------------------------------------------------------------------------------------------------


def test_a_correction_holds_for_all_days_with_its_reason(admin, cast, two):
    _, clinic = two
    assert send(admin, address(clinic), **typed(clinic, place_of_service="19")).status_code == 303
    clinic.refresh_from_db()
    assert (clinic.place_of_service, clinic.why, clinic.version) == ("19", "Typed wrongly.", 2)
    assert clinic.history.first().history_change_reason == "Typed wrongly."


@pytest.mark.parametrize(
    ("more", "status", "sentence"),
    [
        ({}, 422, "Nothing was changed."),
        ({"name": "Office"}, 422, "Another site of the practice has this name."),
        ({"starts_on": "2026-03-21"}, 422, "Patients are there from 20-Mar-2026 on."),
        ({"starts_on": "2026-03-20"}, 303, ""),
        ({"version": "0", "city": "x"}, 409, "This was changed on another screen"),
    ],
)
def test_when_a_correction_is_refused(admin, two, more, status, sentence):
    answer = send(admin, address(two[1]), **typed(two[1], **more))
    assert (answer.status_code, sentence in text_of(answer)) == (status, True)


def test_a_first_day_behind_its_patients_is_refused_around_the_form(two):
    clinic = two[1]
    clinic.starts_on = date(2026, 3, 21)
    with pytest.raises(DatabaseError, match="patients before its first day"), transaction.atomic():
        clinic.save()


def look(admin, where: str, given: dict) -> str:
    answer = send(admin, where, **given, look="1")
    assert answer.status_code == 200, text_of(answer)
    return text_of(answer)


def test_looking_says_which_claims_would_say_another_place(admin, approved):
    march = "<b>March 2026:</b> 1 claim not exported yet will say this site."
    assert march in look(admin, NEW, TYPED | {"starts_on": "2026-03-31"})
    assert "No claim that is decided" in look(admin, NEW, TYPED | {"starts_on": "2026-04-01"})
    assert not Site.objects.exists()
    office = site(approved.practice, "Office", main=True, starts_on=date(2026, 3, 20))
    assert "No claim that is decided" in look(admin, NEW, TYPED | {"starts_on": "2026-03-01"}), "a second one"
    assert march in look(admin, address(office), typed(office, place_of_service="19"))
    assert march in look(admin, address(office), typed(office, starts_on="2026-03-11"))
    assert march in look(admin, address(office), typed(office, starts_on="2026-04-01"))
    assert "No claim that is decided" in look(admin, address(office), typed(office, starts_on="2026-03-12"))
    assert "No claim that is decided" in look(admin, address(office), typed(office, city="Other"))
    clinic = site(approved.practice, "Clinic", "22")
    assert "No claim that is decided" in look(admin, address(clinic), typed(clinic, name="Other"))


# Ending ---------------------------------------------------------------------------------------------------------


def ends(admin, found: Site, day: date, other: Site | None = None, **more):
    given = {"ends_on": day.isoformat(), "goes_on_at": other.pk if other else "", "why": "Given up.",
             "version": found.version, **more}  # fmt: skip
    return send(admin, address(found, "end"), **given)


def test_a_site_with_patients_does_not_end_and_the_sentence_counts_them(admin, cast, two):
    office, clinic = two
    assert "1 patient is cared for there today." in text_of(admin.get(address(clinic, "end")))
    answer = ends(admin, clinic, TODAY)
    assert answer.status_code == 422
    assert "1 patient is at Clinic on 05-Apr-2026 or later." in text_of(answer)
    before = ends(admin, clinic, date(2026, 3, 1))
    assert before.status_code == 422, "she comes to it later"
    assert "1 patient is at Office" in text_of(ends(admin, office, TODAY))
    assert not Site.objects.exclude(ends_on=None).exists()


def test_ended_with_another_its_patients_go_on_there(admin, cast, two):
    office, clinic = two
    planned = move_patient(cast.jane, clinic, starts_on=date(2026, 5, 1), by=cast.rosa, at=APRIL_5)
    assert ends(admin, clinic, date(2026, 4, 20), office).status_code == 303
    clinic.refresh_from_db()
    planned.refresh_from_db()
    assert (clinic.ends_on, planned.site) == (date(2026, 4, 20), office)
    book = SiteBook(cast.practice, [cast.max.pk, cast.jane.pk])
    assert [book.on(cast.max.pk, date(2026, 4, day)) for day in (19, 20)] == [clinic, office]
    assert (
        PatientSite.objects.get(patient=cast.max, site=office).history.get().history_change_reason
        == "Given up."
    )


def test_the_main_site_ends_like_any_other(admin, cast, two):
    office, clinic = two
    assert ends(admin, office, TODAY, clinic).status_code == 303
    book = SiteBook(cast.practice, [cast.jane.pk, cast.max.pk])
    assert book.on(cast.jane.pk, TODAY - timedelta(days=1)) == office
    assert {book.on(pk, TODAY) for pk in (cast.jane.pk, cast.max.pk)} == {clinic}


def test_who_is_no_longer_enrolled_does_not_keep_it_open(admin, cast, two):
    clinic = two[1]
    episode = Enrollment.objects.get(patient=cast.max)
    episode.ended_on, episode.end_reason = TODAY, "moved away"
    episode.save()
    assert ends(admin, clinic, TODAY - timedelta(days=1)).status_code == 422
    assert ends(admin, clinic, TODAY).status_code == 303


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        (LONG_AGO, "Choose a day after 01-Jan-2025, its first"),
        (TODAY + timedelta(days=367), "and at most a year from today."),
    ],
)
def test_the_day_of_its_end_is_after_its_first_and_within_a_year(admin, two, day, sentence):
    answer = ends(admin, two[1], day, two[0])
    assert (answer.status_code, sentence in text_of(answer)) == (422, True)


def test_an_ended_site_does_not_end_again_and_takes_nobody(admin, cast, two):
    office, clinic = two
    assert ends(admin, clinic, TODAY, office).status_code == 303
    clinic.refresh_from_db()
    assert "Clinic ended on 05-Apr-2026 already." in text_of(ends(admin, clinic, date(2026, 5, 1), office))
    answer = ends(admin, office, date(2026, 5, 1), clinic)
    assert "Select one of the practice’s open sites." in text_of(answer)
    with pytest.raises(DatabaseError, match="is not open"), transaction.atomic():
        saved(PatientSite(practice=cast.practice, patient=cast.jane, site=clinic, starts_on=TODAY))


def test_the_other_must_be_open_on_that_day(admin, cast, two):
    later = site(cast.practice, "Later", starts_on=date(2026, 5, 1))
    answer = ends(admin, two[1], date(2026, 4, 30), later)
    assert (answer.status_code, "Later is open from 1 May 2026" in text_of(answer)) == (422, True)
    assert ends(admin, two[1], date(2026, 5, 1), later).status_code == 303


def test_the_database_ends_no_site_under_its_patients(two):
    for found in two:
        found.ends_on = TODAY
        with pytest.raises(DatabaseError, match="has patients"), transaction.atomic():
            found.save()


def test_a_site_of_another_practice_is_not_there(admin, cast, two):
    far = site(cast.elsewhere, "Far", main=True)
    assert admin.get(address(far)).status_code == 404
    assert ends(admin, two[1], TODAY, far).status_code == 422
    saved(PatientSite(practice=cast.practice, patient=cast.jane, site=far, starts_on=TODAY))
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="_same"):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# The queue and its export ---------------------------------------------------------------------------------------


def queue(client, cast, **asked) -> str:
    client.force_login(cast.cora.user)
    return text_of(client.get(reverse("billing:queue", args=[MARCH]), {"state": "", **asked}))


def test_with_one_site_the_queue_shows_none(client, approved):
    site(approved.practice, "Office", main=True)
    page = queue(client, approved)
    assert 'id="site"' not in page
    assert "Office" not in page


def test_the_queue_shows_and_filters_by_the_site_at_the_months_end(client, approved, two):
    office, clinic = two
    page = queue(client, approved)
    assert "Office" in page
    assert "DOE, Jane" in queue(client, approved, site=office.pk)
    here = queue(client, approved, site=clinic.pk)
    assert ("DOE, Jane" in here, "ROE, Max" in here) == (False, True)
    assert "Nothing approved to export yet" in here
    assert "Export CSV: 1 approved claim" in queue(client, approved, site=office.pk)
    assert "DOE, Jane" in queue(client, approved, site="nonsense")


def test_an_export_of_one_site_takes_its_claims_alone(approved, two):
    office, clinic = two
    assert set(places(approved, site=office.pk).values()) == {("11", "Office")}
    assert Claim.objects.filter(releases__isnull=False).distinct().count() == 1
    move_patient(approved.jane, clinic, starts_on=date(2026, 3, 31), by=approved.rosa, at=APRIL_5)
    assert set(places(approved, site=clinic.pk)) == set(places(approved))
    book = SiteBook(approved.practice, [approved.jane.pk, approved.max.pk])
    assert {book.on(pk, date(2026, 3, 31)) for pk in (approved.jane.pk, approved.max.pk)} == {clinic}
    assert patients_at(clinic, date(2026, 3, 31)).count() == 2


def test_sites_cost_the_export_two_queries_however_many(client, approved, two):
    client.force_login(approved.cora.user)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            exported(approved)
        return len(queries)

    before = asked()
    for n in range(5):
        site(approved.practice, f"Site {n}")
    assert asked() == before
