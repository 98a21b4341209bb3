"""Where a service was given, as its claim says it."""

from patients.models import Site
from payers.codes import PLACES_OF_SERVICE
from payers.models import Payer

OFFICE = "11"


def place_of_service(site: Site | None, payer: Payer | None) -> str:
    """The payer's own code, where it asks for one; else that of the patient's site on the day; else the office.

    `site`: from `patients.sites.SiteBook.on(patient, day of service)`.
    """
    if payer and payer.place_of_service:
        return payer.place_of_service
    return site.place_of_service if site else OFFICE


def place_in_full(site: Site | None, payer: Payer | None) -> str:
    """`22 On-campus outpatient hospital, North Clinic`"""
    code = place_of_service(site, payer)
    words = f"{code} {PLACES_OF_SERVICE[code]}"
    return f"{words}, {site}" if site else words
