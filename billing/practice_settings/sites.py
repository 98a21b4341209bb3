"""The practice's sites: when one may be added, corrected or ended, and doing it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from billing.models import ClaimLine
from billing.practice_settings.effects import MonthEffect, effects, lines_between
from foundation.context import because
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import bulk_create_tracked, lock
from patients.models import Enrollment, Patient, PatientSite, Site
from patients.services import save_unless_taken
from patients.sites import SiteBook, patients_at, site_key, why_not_open

BACK = timedelta(days=2 * 366)
AHEAD = timedelta(days=366)
TAKEN = "Another site of the practice has this name."


@dataclass(frozen=True, slots=True)
class SiteGiven:
    """A site as somebody describes it: `values` by the names of the row's fields."""

    starts_on: date
    values: dict[str, str]
    why: str


@dataclass(frozen=True, slots=True)
class EndGiven:
    ends_on: date
    goes_on_at: Site | None
    why: str


# When it may ------------------------------------------------------------------------------------------------


def why_not_start(starts_on: date, *, today: date, site: Site | None = None) -> str | None:
    if site and starts_on == site.starts_on:
        return None
    if not today - BACK <= starts_on <= today + AHEAD:
        return f"Choose a day from {today - BACK:%d-%b-%Y} to {today + AHEAD:%d-%b-%Y}."
    if site and site.ends_on and starts_on >= site.ends_on:
        return f"The site ended on {site.ends_on:%d-%b-%Y}. Choose a day before."
    first = PatientSite.objects.filter(site=site).order_by("starts_on").first() if site else None
    if first and first.starts_on < starts_on:
        return f"Patients are there from {first.starts_on:%d-%b-%Y} on. Choose that day or one before."
    return None


def why_not_end(site: Site, given: EndGiven, *, today: date) -> str | None:
    if site.ends_on:
        return f"{site} ended on {site.ends_on:%d-%b-%Y} already."
    if not max(site.starts_on + timedelta(days=1), today - BACK) <= given.ends_on <= today + AHEAD:
        return f"Choose a day after {site.starts_on:%d-%b-%Y}, its first, and at most a year from today."
    return None


def why_not_left(site: Site, given: EndGiven) -> str | None:
    """Nobody is left at a site that ended."""
    if given.goes_on_at:
        return why_not_open(given.goes_on_at, given.ends_on)
    if not (count := people_left(site, given.ends_on).count()):
        return None
    there = f"{_patients(count)} at {site} on {given.ends_on:%d-%b-%Y} or later."
    return f"{there} Select where they go on, or have them moved first."


def _patients(count: int) -> str:
    return "1 patient is" if count == 1 else f"{count} patients are"


def people_left(site: Site, day: date) -> QuerySet[Patient]:
    """Who is cared for at the site on the day, or comes to it later."""
    enrolled = Enrollment.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day), patient=OuterRef("pk"))
    comes = PatientSite.objects.filter(patient=OuterRef("pk"), site=site, starts_on__gte=day)
    there = Q(pk__in=patients_at(site, day).values("pk")) & Exists(enrolled)
    return Patient.objects.for_practice(site.practice_id).filter(there | Exists(comes))


# What would change ------------------------------------------------------------------------------------------


def touched(practice, given: SiteGiven, *, site: Site | None, today: date) -> list[MonthEffect]:
    """The claims that would say another site or place of service. Raises `Refused` where it may not be."""
    refuse_if(why_not_start(given.starts_on, today=today, site=site), field="starts_on")
    return effects(practice, _lines(practice, given, site))


def _lines(practice, given: SiteGiven, site: Site | None) -> QuerySet[ClaimLine]:
    lines = lines_between(practice, date.min, None)
    lines = lines.alias(at=site_key(practice.pk, "claim__patient_id", "service_on"))
    none = Q(pk=None)
    if site is None:
        # The first site is everybody's.
        first = not Site.objects.for_practice(practice).exists()
        return lines.filter(Q(at=None, service_on__gte=given.starts_on) if first else none)
    said = (site.name, site.place_of_service)
    renamed = said != (given.values["name"], given.values["place_of_service"])
    days = sorted([site.starts_on, given.starts_on])
    moved = Q(Q(at=None) | Q(at=site.pk), service_on__gte=days[0], service_on__lt=days[1])
    return lines.filter((Q(at=site.pk) if renamed else none) | (moved if site.main else none))


# Doing it ---------------------------------------------------------------------------------------------------


@transaction.atomic
def add_site(practice, given: SiteGiven, *, at: datetime) -> Site:
    """A new site; the first is the main one, where everybody is of whom nothing else is said."""
    lock(practice)
    refuse_if(why_not_start(given.starts_on, today=practice.today(at)), field="starts_on")
    main = not Site.objects.for_practice(practice).exists()
    return _saved(Site(practice=practice, main=main), given)


@transaction.atomic
def correct_site(site: Site, given: SiteGiven, *, version: int | None, at: datetime) -> Site:
    """Name, address, place of service and first day, for all of the site's days."""
    site = _held(site, version)
    refuse_if(why_not_start(given.starts_on, today=site.practice.today(at), site=site), field="starts_on")
    same = all(getattr(site, name) == value for name, value in given.values.items())
    refuse_if(
        "Nothing was changed. Change a field, or go back."
        if same and site.starts_on == given.starts_on
        else None
    )
    return _saved(site, given)


def _held(site: Site, version: int | None) -> Site:
    held = lock(site)
    if version is not None and held.version != version:
        raise StaleRow
    return held


def _saved(site: Site, given: SiteGiven) -> Site:
    for name, value in given.values.items():
        setattr(site, name, value)
    site.starts_on, site.why = given.starts_on, given.why
    with because(given.why):
        save_unless_taken(site, TAKEN, field="name")
    return site


@transaction.atomic
def end_site(site: Site, given: EndGiven, *, version: int | None, by: Membership, at: datetime) -> Site:
    """From the day on the site is no more; whoever is there goes on at another one."""
    site = _held(site, version)
    if given.goes_on_at:
        lock(given.goes_on_at)
    refuse_if(why_not_end(site, given, today=site.practice.today(at)), field="ends_on")
    refuse_if(why_not_left(site, given), field="goes_on_at")
    with because(given.why):
        if given.goes_on_at:
            _move_all(site, given.goes_on_at, given.ends_on)
        site.ends_on, site.why = given.ends_on, given.why
        site.save()
    return site


def _move_all(site: Site, other: Site, day: date) -> None:
    """Planned moves to the site become moves to the other; everybody else has one from the day on."""
    people = list(people_left(site, day).values_list("pk", flat=True))
    there = set(patients_at(site, day).filter(pk__in=people).values_list("pk", flat=True))
    for row in PatientSite.objects.filter(site=site, starts_on__gte=day):
        row.site = other
        row.save()
    book = SiteBook(site.practice, there)
    own = {"practice": site.practice, "site": other, "starts_on": day}
    left = [pk for pk in people if pk in there and book.on(pk, day) == site]
    bulk_create_tracked([PatientSite(patient_id=pk, **own) for pk in left])
