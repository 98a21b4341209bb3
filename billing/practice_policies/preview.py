"""What setting a policy would change, before it is set. Reads only, and a bounded number of patient-months at once."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accounts.models import PolicySetting
from billing.models import Claim, ClaimState
from billing.practice_policies.beside import Beside, beside
from billing.practice_policies.changes import PolicyGiven, check, check_rows
from billing.practice_policies.comparison import Came, Pair, compared
from billing.practice_policies.reach import candidates, decides_claims, example_month, open_months
from patients.models import Patient

# Patient-months that one request calculates, twice each; the rest is asked for by the next.
AT_ONCE = 150
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Cursor:
    """After which patient-month to go on, and how many up to it would change. It travels in a button of the page."""

    month: date
    patient_id: UUID
    changed: int

    def __str__(self) -> str:
        return f"{self.month:%Y-%m-%d}:{self.patient_id}:{self.changed}"


def cursor_of(text: str) -> Cursor | None:
    """What a button of the page before sent; anything else begins anew."""
    try:
        day, patient_id, changed = text.split(":")
        return Cursor(date.fromisoformat(day), UUID(patient_id), int(changed[:6]))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class MonthCount:
    """Of one month: how many patients the policy could concern, were looked at, and would come out otherwise."""

    month: date
    concerned: int
    looked_at: int
    changed: int


@dataclass(frozen=True, slots=True)
class Row:
    """One patient-month that would change. `back`: its approved claim would be reviewed again.

    `number` stands for the patient where names are not shown.
    """

    month: date
    number: int
    patient: Patient
    claim: Claim | None
    before: Came
    after: Came

    @property
    def back(self) -> bool:
        return self.claim is not None and self.claim.state == ClaimState.APPROVED


@dataclass(frozen=True, slots=True)
class Effect:
    """What a policy would change. `first` to `last` of `concerned` patient-months were looked at here.

    `example`: no month that has begun would be calculated with it, so one is shown as if it had held then.
    `exported`: claims among them that would come out otherwise, but went out and stay as they are.
    """

    decides: bool
    example: bool
    months: tuple[MonthCount, ...]
    rows: tuple[Row, ...]
    first: int
    changed_before: int
    exported: int
    raised: int
    withdrawn: int
    beside: Beside
    end: Cursor | None

    @property
    def concerned(self) -> int:
        return sum(each.concerned for each in self.months)

    @property
    def looked_at(self) -> int:
        return sum(each.looked_at for each in self.months)

    @property
    def last(self) -> int:
        return self.first + self.looked_at - 1

    @property
    def changed(self) -> int:
        return sum(each.changed for each in self.months)

    @property
    def changed_so_far(self) -> int:
        return self.changed_before + self.changed

    @property
    def left(self) -> int:
        return self.concerned - self.last

    @property
    def next_count(self) -> int:
        return min(self.left, AT_ONCE)


def preview(practice, given: PolicyGiven, *, after: Cursor | None = None, at: datetime) -> Effect:
    """Raises `Refused` where the policy could not be set. Patient-months that come after the cursor are looked at."""
    today = practice.today(at)
    check(practice, given, today=today)
    check_rows(practice, given)
    decides = decides_claims(given.key)
    row = _unsaved(practice, given, given.starts_on)
    months = open_months(practice, row, today=today) if decides else []
    example = decides and not months
    if example:
        month = example_month(practice, today=today)
        months, row = ([month], _unsaved(practice, given, month)) if month else ([], row)
    return _effect(practice, row, months, given, after, decides=decides, example=example, at=at)


def _unsaved(practice, given: PolicyGiven, starts_on: date) -> PolicySetting:
    value = None if given.as_practice else given.value
    return PolicySetting(
        practice=practice,
        key=given.key,
        value=value,
        payer=given.payer,
        as_practice=given.as_practice,
        starts_on=starts_on,
        why=given.why,
    )


def _effect(practice, row, months, given, after, *, decides: bool, example: bool, at: datetime) -> Effect:
    chosen, first = _next(practice, row, months, after)
    pairs = [
        p for month, (_, ids) in chosen.items() if ids for p in compared(practice, month, ids, row, at=at)
    ]
    claims = _claims(practice, pairs)
    otherwise = [pair for pair in pairs if pair.changed]
    changed = [p for p in otherwise if not _is_exported(claims.get((p.month, p.patient_id)))]
    of_month = Counter(pair.month for pair in changed)
    return Effect(
        decides=decides,
        example=example,
        months=tuple(
            MonthCount(month, concerned, len(ids), of_month[month])
            for month, (concerned, ids) in chosen.items()
        ),
        rows=tuple(_rows(practice, changed[:SHOWN], claims)),
        first=first,
        changed_before=after.changed if after else 0,
        exported=len(otherwise) - len(changed),
        raised=sum(len(pair.after.lines_reached - pair.before.lines_reached) for pair in pairs),
        withdrawn=sum(len(pair.before.lines_reached - pair.after.lines_reached) for pair in pairs),
        beside=beside(practice, given, row, at=at),
        end=Cursor(pairs[-1].month, pairs[-1].patient_id, len(changed) + (after.changed if after else 0))
        if pairs
        else None,
    )


def _next(
    practice, row, months: Sequence[date], after: Cursor | None
) -> tuple[dict[date, tuple[int, list[UUID]]], int]:
    """({month: (how many it concerns, whom to look at)}, the number of the first of them)."""
    chosen: dict[date, tuple[int, list[UUID]]] = {}
    first, room = 1, AT_ONCE
    for month in months:
        everybody = candidates(practice, month, row)
        concerned, rest = everybody.count(), everybody
        if after and month < after.month:
            first, rest = first + concerned, everybody.none()
        elif after and month == after.month:
            first += everybody.filter(pk__lte=after.patient_id).count()
            rest = everybody.filter(pk__gt=after.patient_id)
        ids = list(rest.values_list("pk", flat=True)[:room]) if room else []
        chosen[month], room = (concerned, ids), room - len(ids)
    return chosen, first


def _claims(practice, pairs: Sequence[Pair]) -> dict[tuple[date, UUID], Claim]:
    ids = {pair.patient_id for pair in pairs if pair.changed}
    months = {pair.month for pair in pairs}
    rows = Claim.objects.for_practice(practice).filter(patient__in=ids, period__month__in=months)
    return {(claim.period.month, claim.patient_id): claim for claim in rows.select_related("period")}


def _is_exported(claim: Claim | None) -> bool:
    return claim is not None and claim.state == ClaimState.EXPORTED


def _rows(practice, pairs: Sequence[Pair], claims):
    patients = Patient.objects.for_practice(practice).in_bulk([pair.patient_id for pair in pairs])
    numbers = {
        patient_id: number for number, patient_id in enumerate(dict.fromkeys(p.patient_id for p in pairs), 1)
    }
    for pair in pairs:
        claim = claims.get((pair.month, pair.patient_id))
        number = numbers[pair.patient_id]
        yield Row(pair.month, number, patients[pair.patient_id], claim, pair.before, pair.after)
