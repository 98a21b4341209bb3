"""What the month board and the queue show: counts, reasons, rows ready to print."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid4

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from billing.labels import TONES, hold_words
from billing.models import Claim, ClaimLine, ClaimState, Hold
from foundation.months import last_day, on_the_clock
from patients.models import Site
from patients.sites import SiteBook, site_key
from timelogs.counting.contacts import contact_moment
from timelogs.models import Period, TimeEntry

# The order of the queue's splits: what waits for a person first.
SPLITS = (ClaimState.READY, ClaimState.ATTENTION, ClaimState.ON_HOLD, ClaimState.APPROVED, ClaimState.NOTHING)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why claims wait: the hold, in words, and how many claims of the month it touches."""

    slug: str
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Split:
    state: ClaimState
    word: str
    tone: str
    count: int


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One claim as a row of the queue. `codes` are (code, units, released)."""

    claim: Claim
    codes: tuple[tuple[str, int, bool], ...]
    time: str
    days: int | None
    live: str
    holds: tuple[str, ...]
    tone: str
    site: str = ""
    operation_id: UUID = field(default_factory=uuid4)

    @property
    def may_be_approved(self) -> bool:
        """Whether the queue offers it: a claim with something held is opened first. The service decides."""
        return self.claim.state == ClaimState.READY


def period_of(practice, month: date) -> Period:
    """The period's row, or an unsaved open one: looking at a month makes no row."""
    return Period.objects.for_practice(practice).filter(month=month).first() or Period(
        practice=practice, month=month
    )


def reopenings(period: Period) -> list:
    """History rows of each re-opening, oldest first: the month's pages name them for ever."""
    return list(Period.history.filter(id=period.pk, state="reopened").order_by("history_id"))


def claims_of(practice, month: date, site: Site | None = None) -> QuerySet[Claim]:
    """The month's claims; of the patients who are at one site at its end, or of all."""
    rows = Claim.objects.for_practice(practice).filter(period__month=month)
    if site is None:
        return rows
    return rows.alias(at=site_key(site.practice_id, "patient_id", last_day(month))).filter(at=site.pk)


def find_claims(practice, text: str, patient_ids: Iterable[UUID]) -> QuerySet[Claim]:
    """Claims whose number holds the text, and the claims of these patients; the newest month first."""
    number = Q(number__icontains=text.replace("\x00", ""))
    rows = Claim.objects.for_practice(practice).filter(number | Q(patient__in=list(patient_ids)))
    return rows.select_related("patient", "period").order_by("-period__month", "number")


def splits(practice, month: date, site: Site | None = None) -> list[Split]:
    """Every state of the queue with its count, empty ones too."""
    counts = dict(claims_of(practice, month, site).order_by().values_list("state").annotate(n=Count("pk")))
    return [_split(state, counts.get(state, 0)) for state in SPLITS]


def _split(state: ClaimState, count: int) -> Split:
    return Split(state, ClaimState(state).label, TONES[state], count)


def hold_reasons(practice, month: date) -> list[Reason]:
    """Why claims wait, most frequent first."""
    standing = Hold.objects.for_practice(practice).filter(claim__period__month=month, lifted_at=None)
    rows = standing.order_by().values_list("slug").annotate(n=Count("claim", distinct=True))
    return _reasons(dict(rows))


def _reasons(counts: dict[str, int]) -> list[Reason]:
    rows = [Reason(slug, hold_words(slug), n) for slug, n in counts.items()]
    return sorted(rows, key=lambda reason: (-reason.count, reason.words))


@dataclass(frozen=True, slots=True)
class Preview:
    """What a close would come to now. Calculated, not stored."""

    splits: list[Split]
    reasons: list[Reason]

    @property
    def patients(self) -> int:
        return sum(split.count for split in self.splits)


# The queue --------------------------------------------------------------------------------------------------


def queue(
    practice, month: date, *, state: str = "", hold: str = "", code: str = "", site: Site | None = None
) -> QuerySet[Claim]:
    """The month's claims by state, hold reason, code and site, in order of the patient's name."""
    rows = claims_of(practice, month, site)
    if state:
        rows = rows.filter(state=state)
    if hold:
        rows = rows.filter(Exists(Hold.objects.filter(claim=OuterRef("pk"), slug=hold, lifted_at=None)))
    if code:
        rows = rows.filter(Exists(ClaimLine.objects.filter(claim=OuterRef("pk"), code=code, standing=True)))
    return with_parts(rows).order_by("patient__family_name", "patient__given_name", "pk")


def with_parts(rows: QuerySet[Claim]) -> QuerySet[Claim]:
    """Claims with patient, selection, standing lines and holds, in a constant number of queries."""
    return rows.select_related(
        "patient__practice", "selection", "period", "approved_by__user"
    ).prefetch_related(
        Prefetch(
            "lines",
            ClaimLine.objects.filter(standing=True).order_by("code", "service_on"),
            to_attr="standing_lines",
        ),
        Prefetch(
            "holds", Hold.objects.filter(lifted_at=None).order_by("code", "slug"), to_attr="standing_holds"
        ),
    )


def codes_in(practice, month: date) -> list[str]:
    """Codes that some claim of the month has a line for."""
    lines = ClaimLine.objects.for_practice(practice).filter(claim__period__month=month, standing=True)
    return list(lines.order_by("code").values_list("code", flat=True).distinct())


def queue_rows(practice, claims: Sequence[Claim]) -> list[QueueRow]:
    """The site is named where there are several: the patient's at the end of the month."""
    contacts = _contact_days(practice, claims)
    sites = SiteBook(practice, [claim.patient_id for claim in claims])
    rows = []
    for claim in claims:
        site = sites.on(claim.patient_id, last_day(claim.period.month)) if sites.several else None
        rows.append(_row(claim, contacts.get(claim.pk, []), site.name if site else ""))
    return rows


def _row(claim: Claim, contacts: list[date], site: str) -> QueueRow:
    facts = claim.selection.facts
    units: dict[tuple[str, bool], int] = defaultdict(int)
    for line in claim.standing_lines:
        units[line.code, line.released] += line.units
    return QueueRow(
        claim=claim,
        codes=tuple((code, n, released) for (code, released), n in sorted(units.items())),
        time=on_the_clock(facts["clinical_staff_seconds"] + facts["qhp_seconds"]),
        days=max((window["reading_days"] for window in facts["device_windows"]), default=None),
        live=f"{max(contacts):%-d %b}" if contacts else "",
        holds=tuple(dict.fromkeys(hold_words(hold.slug, hold.reason) for hold in claim.standing_holds)),
        tone=TONES[claim.state],
        site=site,
    )


def _contact_days(practice, claims: Iterable[Claim]) -> dict[UUID, list[date]]:
    """{claim: days of its live contacts}, from the sessions that its decision names."""
    of_entry = {UUID(pk): claim.pk for claim in claims for pk in claim.selection.evidence["contacts"]}
    found = defaultdict(list)
    for entry in TimeEntry.objects.for_practice(practice).filter(pk__in=list(of_entry)):
        found[of_entry[entry.pk]].append(practice.today(contact_moment(entry)))
    return found
