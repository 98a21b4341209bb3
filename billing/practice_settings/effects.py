"""Which claims would be written differently: counted by month, with one query, before anything is saved."""

from dataclasses import dataclass
from datetime import date

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from billing.models import Claim, ClaimLine, ClaimState, Release

MOST_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class MonthEffect:
    """A month's claims that a change touches. Those exported before went out with the old, and are named."""

    month: date
    waiting: int
    exported: tuple[str, ...]

    @property
    def named(self) -> tuple[str, ...]:
        return self.exported[:MOST_NUMBERS]

    @property
    def not_named(self) -> int:
        return len(self.exported) - len(self.named)


def lines_between(practice, since: date, until: date | None) -> QuerySet[ClaimLine]:
    """Standing lines with a date of service in `[since, until)`."""
    lines = ClaimLine.objects.for_practice(practice).filter(standing=True, service_on__gte=since)
    return lines.filter(service_on__lt=until) if until else lines


def last_lines_between(practice, since: date, until: date | None) -> QuerySet[ClaimLine]:
    """Of each claim the lines on its last date of service, by which it says who the practice is."""
    later = ClaimLine.objects.filter(
        claim=OuterRef("claim"), standing=True, service_on__gt=OuterRef("service_on")
    )
    return lines_between(practice, since, until).exclude(Exists(later))


def effects(practice, lines: QuerySet[ClaimLine]) -> list[MonthEffect]:
    """By month: the claims of these lines that are not exported yet, and those that are."""
    sent = Q(Exists(Release.objects.filter(claim=OuterRef("pk")))) | Q(state=ClaimState.EXPORTED)
    claims = Claim.objects.for_practice(practice).filter(Exists(lines.filter(claim=OuterRef("pk"))))
    rows = (
        claims.annotate(sent=sent)
        .order_by()
        .values("period__month")
        .annotate(
            waiting=Count("pk", filter=Q(sent=False)),
            numbers=ArrayAgg("number", filter=Q(sent=True), order_by="number", default=[]),
        )
        .order_by("period__month")
    )
    return [MonthEffect(row["period__month"], row["waiting"], tuple(row["numbers"])) for row in rows]


def in_words(found: list[MonthEffect]) -> str:
    """What was touched, for the message after saving; empty where nothing was."""
    waiting, exported = sum(e.waiting for e in found), sum(len(e.exported) for e in found)
    said = [f"{_claims(waiting)} not exported yet will say so."] if waiting else []
    if exported:
        said.append(f"{_claims(exported)} exported before went out with the old.")
    return " ".join(said)


def _claims(count: int) -> str:
    return f"{count} claim{'' if count == 1 else 's'}"
