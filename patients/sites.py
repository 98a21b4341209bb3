"""At which site a patient is cared for, on any day; and moving her to another."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce

from accounts.models import Membership
from foundation.refusals import Refused, refuse_if
from foundation.tracked import lock
from patients.merges import MergedRecord, merge_of
from patients.models import Patient, PatientSite, Site
from patients.services import save_unless_taken

AHEAD = timedelta(days=366)


class SiteBook:
    """The sites of a practice, and where these of its patients are on any day, from two queries however many."""

    def __init__(self, practice, people: Iterable[UUID] = ()) -> None:
        self.sites = list(Site.objects.for_practice(practice).order_by("-main", "name"))
        self._by_key = {site.pk: site for site in self.sites}
        self._practice = practice
        self._moves: dict[UUID, list[tuple[date, UUID]]] = defaultdict(list)
        self.look_up(people)

    def look_up(self, people: Iterable[UUID]) -> None:
        """Know these patients too."""
        if self.several and (people := list(people)):
            rows = PatientSite.objects.for_practice(self._practice).filter(patient__in=people)
            rows = rows.order_by("starts_on").values_list("patient_id", "starts_on", "site_id")
            for patient_id, starts_on, site_id in rows:
                self._moves[patient_id].append((starts_on, site_id))

    @property
    def several(self) -> bool:
        """Only then is anybody asked, and anything shown."""
        return len(self.sites) > 1

    @property
    def main(self) -> Site | None:
        return self.sites[0] if self.sites else None

    def named(self, key: str) -> Site | None:
        """The site that an address asks for, where there are several."""
        return next((site for site in self.sites if self.several and str(site.pk) == key), None)

    def open_on(self, day: date) -> list[Site]:
        return [site for site in self.sites if site.is_open_on(day)]

    def on(self, patient_id: UUID, day: date) -> Site | None:
        """Where she is on the day: by her own latest row, else at the main site from its first day on."""
        moved = [site_id for starts_on, site_id in self._moves[patient_id] if starts_on <= day]
        if moved:
            return self._by_key[moved[-1]]
        return self.main if self.main and self.main.starts_on <= day else None


def site_key(practice_id: UUID, patient: str, day: date | str) -> Coalesce:
    """`SiteBook.on` as SQL: the key of the site on a day, for a row with this path to its patient's key.

    `day`: a date, or the path to one.
    """
    on = OuterRef(day) if isinstance(day, str) else day
    moves = PatientSite.objects.for_practice(practice_id).filter(patient=OuterRef(patient), starts_on__lte=on)
    main = Site.objects.for_practice(practice_id).filter(main=True, starts_on__lte=on)
    latest = moves.order_by("-starts_on").values("site_id")[:1]
    return Coalesce(Subquery(latest), Subquery(main.values("pk")[:1]), output_field=UUIDField())


def patients_at(site: Site, day: date) -> QuerySet[Patient]:
    """Who is at the site on the day, enrolled or not."""
    rows = Patient.objects.for_practice(site.practice_id)
    return rows.alias(at=site_key(site.practice_id, "pk", day)).filter(at=site.pk)


def not_over(practice, today: date) -> QuerySet[Site]:
    """Open sites and those to come: what a patient may be moved to."""
    rows = Site.objects.for_practice(practice).filter(Q(ends_on=None) | Q(ends_on__gt=today))
    return rows.order_by("-main", "name")


# When it may ------------------------------------------------------------------------------------------------


def why_not_open(site: Site, day: date) -> str | None:
    if site.is_open_on(day):
        return None
    until = f" until {site.ends_on:%-d %b %Y}" if site.ends_on else ""
    return f"{site} is open from {site.starts_on:%-d %b %Y}{until}. Choose one of its days"


def why_not_move(patient: Patient, site: Site, starts_on: date, *, today: date) -> str | None:
    if not patient.born_on <= starts_on <= today + AHEAD:
        return "The day must be between the date of birth and a year from today"
    if why := why_not_open(site, starts_on):
        return why
    if SiteBook(patient.practice, [patient.pk]).on(patient.pk, starts_on) == site:
        return f"On {starts_on:%-d %b %Y} the patient is at {site} already"
    return None


# Doing it ---------------------------------------------------------------------------------------------------


@transaction.atomic
def move_patient(
    patient: Patient, site: Site, *, starts_on: date, by: Membership, at: datetime
) -> PatientSite:
    """From the day on she is cared for at the site, until her next move. The same first day corrects it.

    The site is held: it does not end meanwhile.
    """
    if merge := merge_of(patient):
        raise MergedRecord(merge)
    site = lock(site)
    refuse_if(why_not_move(patient, site, starts_on, today=patient.practice.today(at)), field="starts_on")
    own = {"practice": patient.practice, "patient": patient, "starts_on": starts_on}
    row = PatientSite.objects.filter(**own).first() or PatientSite(**own)
    row.site = site
    save_unless_taken(row, "A move on that day is already recorded. Reload the page", field="starts_on")
    return row


def settle(patient: Patient, site: Site | None, *, on: date, by: Membership, at: datetime) -> None:
    """Where somebody who is being enrolled is cared for. Where one site is open nobody is asked."""
    book = SiteBook(patient.practice, [patient.pk])
    site = site or _only(book, today=patient.practice.today(at))
    if site is None:
        return
    day = max(on, site.starts_on)
    if book.on(patient.pk, day) == site:
        # Said already; held all the same, so that it does not end under her enrollment.
        refuse_if(why_not_open(lock(site), day), field="site")
        return
    try:
        move_patient(patient, site, starts_on=day, by=by, at=at)
    except Refused as refusal:
        raise Refused(refusal.message, field="site") from refusal


def _only(book: SiteBook, *, today: date) -> Site | None:
    open_now = book.open_on(today)
    if len(open_now) > 1:
        raise Refused("Select the site", field="site")
    return open_now[0] if open_now else None
