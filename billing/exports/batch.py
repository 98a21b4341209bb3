"""Frozen rows of an export, gathered from approved claims. Exporters read these and no table."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet

from accounts.identities import IdentityBook
from accounts.models import PracticeIdentity
from billing.claims.queue import claims_of
from billing.claims.staleness import outdated
from billing.facts.patient_month import DEVICE_CODES, coverage_on, episode_in
from billing.facts.places import place_of_service
from billing.models import Claim, ClaimLine, ClaimState, CodeSelection
from billing.rules import rulesets
from foundation.months import last_day
from patients.models import Coverage, Diagnosis, Enrollment, Site
from patients.sites import SiteBook
from payers.models import Payer
from payers.selectors import payers_of

MOST_DIAGNOSES = 4


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One released line of an approved claim, everything as text but dates. Empty means unknown."""

    practice_npi: str
    month: str
    claim_number: str
    line_number: int
    line_control: str
    patient_mrn: str
    patient_last: str
    patient_first: str
    birth_date: date
    payer_id: str
    """As claims to the payer name it; its name in the portal's addresses until somebody entered one."""
    member_id: str
    code: str
    code_label: str
    units: int
    service_from: date
    service_to: date
    place_of_service: str
    diagnoses: tuple[str, ...]
    rendering_npi: str
    status: str
    rules_version: str
    approved_by: str
    approved_at: str
    forced_by: str
    """Who asked and who confirmed that a held line is claimed; empty where the rules release it."""
    practice_name: str
    practice_tax_id: str
    practice_taxonomy: str
    practice_address: str
    practice_city: str
    practice_state: str
    practice_zip: str
    practice_phone: str
    site: str
    """Where the patient was cared for on the day of service; empty in a practice without sites."""


@dataclass(frozen=True, slots=True)
class Approved:
    """The lines that an export holds, and how many approved claims it leaves out: the record changed after them."""

    lines: QuerySet[ClaimLine]
    left_out: int


def approved_lines(practice, month: date, site: Site | None = None) -> Approved:
    """Released lines of approved claims that a fresh decision bears out; of one site's patients, or of all."""
    claims = claims_of(practice, month, site).filter(state=ClaimState.APPROVED)
    stale = outdated(list(claims.select_related("selection", "period", "practice")))
    lines = ClaimLine.objects.for_practice(practice).filter(claim__in=claims, standing=True, released=True)
    lines = lines.exclude(claim__in=list(stale))
    return Approved(lines.order_by("claim__number", "code", "service_on"), len(stale))


def export_lines(practice, month: date, approved: Approved | None = None) -> list[ExportLine]:
    """Every line to export, in order of claim number and code; the same set gives the same rows."""
    approved = approved or approved_lines(practice, month)
    lines = list(
        approved.lines.select_related(
            "claim__patient",
            "claim__practice",
            "claim__selection",
            "claim__approved_by__user",
            "force__asked_by__user",
            "force__confirmed_by__user",
        )
    )
    people = {line.claim.patient_id for line in lines}
    episodes = _episodes(practice, people)
    coverages = _coverages(practice, people)
    diagnoses = _diagnoses(practice, episodes)
    identities, sites = IdentityBook(practice), SiteBook(practice, people)
    days = _last_days({line.claim_id for line in lines})
    payers = {payer.slug: payer for payer in payers_of(practice)}
    numbers: dict[UUID, int] = defaultdict(int)
    rows = []
    for line in lines:
        numbers[line.claim_id] += 1
        patient_id = line.claim.patient_id
        episode = _episode_on(episodes[patient_id], line.service_on) or episode_in(
            episodes[patient_id], month
        )
        coverage = coverage_on(coverages[patient_id], _covered_on(line.claim.selection, month))
        codes = diagnoses[episode.pk] if episode else ()
        where = _where(
            identities.on(days[line.claim_id]),
            sites.on(patient_id, line.service_on),
            payers.get(line.claim.payer),
        )
        rows.append(_row(where, month, line, numbers[line.claim_id], episode, coverage, tuple(codes)))
    return rows


def _row(
    where: dict[str, str], month: date, line: ClaimLine, number: int, episode, coverage, diagnoses
) -> ExportLine:
    claim: Claim = line.claim
    return ExportLine(
        month=f"{month:%Y-%m}",
        claim_number=claim.number,
        line_number=number,
        line_control=f"{claim.number}-{number:02d}",
        patient_mrn=claim.patient.mrn,
        patient_last=claim.patient.family_name,
        patient_first=claim.patient.given_name,
        birth_date=claim.patient.born_on,
        member_id=coverage.member_id if coverage else "",
        code=line.code,
        code_label=_label(claim.selection.ruleset, line.code),
        units=line.units,
        service_from=_service_from(line),
        service_to=line.service_on,
        diagnoses=diagnoses[:MOST_DIAGNOSES],
        rendering_npi=episode.supervising.npi if episode and episode.supervising else "",
        status=claim.get_state_display(),
        rules_version=claim.selection.ruleset,
        approved_by=claim.approved_by.label,
        approved_at=claim.approved_at.astimezone(claim.practice.tz).isoformat(timespec="seconds"),
        forced_by=f"{line.force.asked_by.label}; {line.force.confirmed_by.label}" if line.force else "",
        **where,
    )


def _where(identity: PracticeIdentity, site: Site | None, payer: Payer | None) -> dict[str, str]:
    """Who the practice is on the claim, who pays, and where the service was given: by the line's field names."""
    return {
        "practice_npi": identity.npi,
        "practice_name": identity.name,
        "practice_tax_id": identity.tax_id,
        "practice_taxonomy": identity.taxonomy,
        "practice_address": identity.address,
        "practice_city": identity.city,
        "practice_state": identity.state,
        "practice_zip": identity.zip_code,
        "practice_phone": identity.phone,
        "payer_id": (payer.payer_id or payer.slug) if payer else "",
        "place_of_service": place_of_service(site, payer),
        "site": site.name if site else "",
    }


def _last_days(claims: set[UUID]) -> dict[UUID, date]:
    """Each claim's last date of service. A claim has one billing provider, who the practice is on that day."""
    lines = ClaimLine.objects.filter(claim__in=claims, standing=True)
    return dict(lines.order_by().values_list("claim").annotate(Max("service_on")))


def _service_from(line: ClaimLine) -> date:
    """A device line serves its whole window; every other line one day."""
    for window in line.claim.selection.facts["device_windows"]:
        if line.code in DEVICE_CODES and window["ends_on"] == line.service_on.isoformat():
            return date.fromisoformat(window["starts_on"])
    return line.service_on


def _label(ruleset_id: str, code: str) -> str:
    return next((ruleset.label(code) for ruleset in rulesets() if ruleset.id == ruleset_id), "")


def _episodes(practice, people) -> dict[UUID, list[Enrollment]]:
    rows = (
        Enrollment.objects.for_practice(practice)
        .filter(patient__in=people)
        .select_related("supervising")
        .order_by("started_on")
    )
    found = defaultdict(list)
    for row in rows:
        found[row.patient_id].append(row)
    return found


def _episode_on(episodes: list[Enrollment], day: date) -> Enrollment | None:
    """The enrollment that a service of that day belongs to."""
    return next(
        (e for e in episodes if e.started_on <= day and (e.ended_on is None or e.ended_on > day)), None
    )


def _covered_on(selection: CodeSelection, month: date) -> date:
    """The day by which the payer was found: the month's last, or the last of service."""
    until = selection.evidence.get("served_until")
    return date.fromisoformat(until) if until else last_day(month)


def _coverages(practice, people) -> dict[UUID, list[Coverage]]:
    found = defaultdict(list)
    for row in Coverage.objects.for_practice(practice).filter(patient__in=people).order_by("starts_on"):
        found[row.patient_id].append(row)
    return found


def _diagnoses(practice, episodes) -> dict[UUID, list[str]]:
    rows = (
        Diagnosis.objects.for_practice(practice)
        .filter(enrollment__in=[e for of_one in episodes.values() for e in of_one], withdrawn=False)
        .order_by("position")
    )
    found = defaultdict(list)
    for enrollment_id, code in rows.values_list("enrollment_id", "code"):
        found[enrollment_id].append(code)
    return found
