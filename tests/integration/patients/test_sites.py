"""Where a patient is cared for: asked at enrolling where several sites are open, moved on her record, seen in lists."""

import re
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients import merging
from patients.models import Enrollment, Patient, PatientSite, Site
from patients.sites import SiteBook, move_patient, patients_at, site_key
from tests.factories import LONG_AGO, saved
from tests.integration.patients.merged import merged, second_jane
from tests.integration.patients.test_enroll import NEW, least

CASELOAD = "/patients/"


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def today(cast) -> date:
    return cast.practice.today()


def site(where, name: str, *, main: bool = False, starts_on: date = LONG_AGO) -> Site:
    return saved(
        Site(practice=where, name=name, main=main, starts_on=starts_on, place_of_service="11", why="Opened.")
    )


@pytest.fixture
def office(cast) -> Site:
    return site(cast.practice, "Office", main=True)


@pytest.fixture
def clinic(cast, office) -> Site:
    return site(cast.practice, "Clinic")


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def at(patient, day) -> Site | None:
    return SiteBook(patient.practice, [patient.pk]).on(patient.pk, day)


# Enrolling ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sites", [0, 1])
def test_with_one_site_or_none_nobody_is_asked(rosa, cast, today, sites):
    for _ in range(sites):
        site(cast.practice, "Office", main=True)
    assert 'id="id_site"' not in text_of(rosa.get(NEW))
    assert rosa.post(NEW, least()).status_code == 303
    assert not PatientSite.objects.exists()
    assert str(at(Patient.objects.get(mrn="T-0100"), today)) == ("Office" if sites else "None")


def test_where_several_are_open_one_is_selected(rosa, cast, clinic, today):
    answer = rosa.post(NEW, least())
    assert (answer.status_code, "Select the site" in text_of(answer)) == (422, True)
    assert not Patient.objects.filter(mrn="T-0100").exists()
    assert rosa.post(NEW, least(site=clinic.pk)).status_code == 303
    row = PatientSite.objects.get()
    assert (row.site, row.starts_on) == (clinic, date(2026, 1, 5))


def test_the_main_site_needs_no_row(rosa, cast, office, clinic):
    assert rosa.post(NEW, least(site=office.pk)).status_code == 303
    assert not PatientSite.objects.exists()


def test_a_site_that_opened_after_she_was_enrolled_has_her_from_its_first_day(rosa, cast, office):
    new = site(cast.practice, "New", starts_on=date(2026, 2, 1))
    assert rosa.post(NEW, least(site=new.pk)).status_code == 303
    patient = Patient.objects.get(mrn="T-0100")
    assert [at(patient, date(2026, month, 1)) for month in (1, 2)] == [office, new]


def test_an_ended_site_or_another_practices_is_not_offered(rosa, cast, office, clinic):
    far = site(cast.elsewhere, "Far", main=True)
    site(cast.practice, "Third")
    clinic.ends_on, clinic.why = date(2026, 1, 1), "Given up."
    clinic.save()
    page = text_of(rosa.get(NEW))
    assert [str(each.pk) in page for each in (office, clinic, far)] == [True, False, False]
    for other in (clinic, far):
        assert rosa.post(NEW, least(site=other.pk)).status_code == 422


def test_who_comes_back_is_asked_where_her_site_ended(rosa, cast, office, clinic, today):
    episode = Enrollment.objects.get(patient=cast.jane)
    episode.ended_on, episode.end_reason = today - timedelta(days=9), "moved away"
    episode.save()
    office.ends_on, office.why = today - timedelta(days=5), "Given up."
    saved(
        PatientSite(
            practice=cast.practice, patient=cast.max, site=clinic, starts_on=today - timedelta(days=9)
        )
    )
    office.save()
    again = {"operation_id": str(uuid4()), "started_on": today.isoformat()}
    assert rosa.post(reverse("patients:enrollment_new", args=[cast.jane.pk]), again).status_code == 303
    assert at(cast.jane, today) == clinic


# Moving ---------------------------------------------------------------------------------------------------------


def move(client, patient, to: Site | str, day: date, **more):
    form = {"operation_id": str(uuid4()), "site": getattr(to, "pk", to), "starts_on": day.isoformat(), **more}
    return client.post(reverse("patients:site_change", args=[patient.pk]), form)


def test_she_moves_on_a_day_and_the_same_day_corrects_it(rosa, cast, office, clinic, today):
    third = site(cast.practice, "Third")
    pressed = {"operation_id": str(uuid4())}
    assert [move(rosa, cast.jane, clinic, today, **pressed).status_code for _ in range(2)] == [303, 303]
    assert [at(cast.jane, today - timedelta(days=1)), at(cast.jane, today)] == [office, clinic]
    assert move(rosa, cast.jane, third, today).status_code == 303
    row = PatientSite.objects.get()
    assert (row.site, row.version, row.history.count()) == (third, 2, 2)
    page = text_of(rosa.get(reverse("patients:enrollment", args=[cast.jane.pk])))
    assert "Third" in page
    assert "Change site" in page


def test_when_a_move_is_refused(rosa, cast, office, clinic, today):
    later = site(cast.practice, "Later", starts_on=today + timedelta(days=10))
    for to, day, sentence in (
        (office, today, "the patient is at Office already"),
        (later, today + timedelta(days=9), "Later is open from"),
        (clinic, today + timedelta(days=367), "between the date of birth and a year from today"),
        (clinic, cast.jane.born_on - timedelta(days=1), "between the date of birth"),
        ("", today, "Select the site"),
    ):
        answer = move(rosa, cast.jane, to, day)
        assert (answer.status_code, sentence in text_of(answer)) == (422, True), sentence
    assert not PatientSite.objects.exists()
    assert move(rosa, cast.jane, later, today + timedelta(days=10)).status_code == 303
    assert move(rosa, cast.jane, clinic, today + timedelta(days=366)).status_code == 303


def test_with_one_site_there_is_nothing_to_change(rosa, cast, office, today):
    page = text_of(rosa.get(reverse("patients:enrollment", args=[cast.jane.pk])))
    assert "Change site" not in page
    answer = move(rosa, cast.jane, office, today)
    assert (answer.status_code, "This practice has one site or none" in text_of(answer)) == (422, True)


def test_a_record_that_was_merged_moves_nowhere(rosa, cast, office, clinic, today):
    twin = second_jane(cast)
    merged(twin, cast.jane, by=cast.lena)
    answer = move(rosa, twin, clinic, today)
    assert (answer.status_code, "This record was merged into that of" in text_of(answer)) == (422, True)


def test_the_book_and_the_database_say_the_same(cast, office, clinic, today):
    """For each of some days around a move, a site's first day, and a move that is taken back by a later one."""
    new = site(cast.practice, "New", starts_on=today)
    for patient, to, day in (
        (cast.jane, clinic, today - timedelta(days=5)),
        (cast.jane, new, today),
        (cast.jane, office, today + timedelta(days=3)),
        (cast.max, new, today + timedelta(days=1)),
    ):
        move_patient(patient, to, starts_on=day, by=cast.rosa, at=timezone.now())
    book = SiteBook(cast.practice, [cast.jane.pk, cast.max.pk])
    for day in (LONG_AGO - timedelta(days=1), LONG_AGO, *(today + timedelta(days=n) for n in range(-6, 5))):
        told = Patient.objects.for_practice(cast.practice).annotate(key=site_key(cast.practice.pk, "pk", day))
        assert {row.pk: row.key for row in told} == {
            pk: (found := book.on(pk, day)) and found.pk for pk in (cast.jane.pk, cast.max.pk)
        }
        for found in (office, clinic, new):
            here = {pk for pk in (cast.jane.pk, cast.max.pk) if book.on(pk, day) == found}
            assert set(patients_at(found, day).values_list("pk", flat=True)) == here


# The caseload ---------------------------------------------------------------------------------------------------


def test_merging_says_where_each_record_is_and_only_where_they_differ(cast, office, clinic, today):
    twin = second_jane(cast)
    assert merging.together(twin, cast.jane) == []
    move_patient(twin, clinic, starts_on=today, by=cast.rosa, at=timezone.now())
    (point,) = merging.together(twin, cast.jane)
    assert point.told(cast.rosa).words.startswith(
        f"It is at {clinic}, the other at {office}, which stays: change"
    )
    assert point.told(cast.rosa).url == reverse("patients:site_change", args=[cast.jane.pk])
    assert (point.told(cast.ade).words[-11:], point.told(cast.ade).url) == ("which stays", "")
    move_patient(cast.jane, clinic, starts_on=today, by=cast.rosa, at=timezone.now())
    assert merging.together(twin, cast.jane) == []


def shown(client, query="") -> list[str]:
    page = client.get(CASELOAD + query)
    return sorted(str(row.patient) for row in page.context["page"].object_list)


def test_the_caseload_shows_and_filters_by_site_where_there_are_several(rosa, cast, office, clinic, today):
    move_patient(cast.max, clinic, starts_on=today, by=cast.rosa, at=timezone.now())
    page = text_of(rosa.get(CASELOAD))
    for name in ("Office", "Clinic"):
        assert len(re.findall(rf"\b{name}\b", page)) == 2, "in the choice and at one patient"
    assert shown(rosa, f"?site={clinic.pk}") == ["ROE, Max"]
    assert shown(rosa, f"?site={office.pk}") == ["DOE, Jane"]
    assert shown(rosa, "?site=nonsense") == ["DOE, Jane", "ROE, Max"]
    counters = dict(rosa.get(f"{CASELOAD}?site={clinic.pk}").context["board"].counters)
    assert max(counters.values()) <= 1, "the counters count this site’s patients"
    assert shown(rosa, f"?site={clinic.pk}&show=no-contact") == ["ROE, Max"]


def test_with_one_site_the_caseload_shows_none(rosa, cast, office):
    assert "Office" not in text_of(rosa.get(CASELOAD))


def test_sites_cost_the_caseload_two_queries(rosa, cast, office):
    def asked() -> int:
        rosa.get(CASELOAD)
        with CaptureQueriesContext(connection) as queries:
            rosa.get(CASELOAD)
        return len(queries)

    one = asked()
    for n in range(5):
        site(cast.practice, f"Site {n}")
    assert asked() == one + 1
