"""What is done about payers: added, changed, retired, taken into use again. One transaction and one name each."""

from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Practice
from foundation.refusals import StaleRow, refuse_if
from foundation.tracked import bulk_create_tracked, lock
from payers import policies
from payers.codes import DeviceDates, PlanKind, Usage
from payers.models import NO_PAYER, Payer


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerFields:
    """What the practice says of a payer. Its slug is made of its first name and never changes."""

    name: str
    kind: str
    filing_code: str
    payer_id: str = ""
    accepts_replacement: bool = False
    device_dates: str = DeviceDates.RANGE
    place_of_service: str = ""
    usage: str = Usage.TEST


# What most practices bill: added at one press, completed one by one.
USUAL = {
    "medicare": PayerFields(name="Medicare Part B", kind=PlanKind.MEDICARE, filing_code="MB"),
    "medicare-advantage": PayerFields(
        name="Medicare Advantage", kind=PlanKind.MEDICARE_ADVANTAGE, filing_code="16"
    ),
    "medicaid": PayerFields(name="Medicaid", kind=PlanKind.MEDICAID, filing_code="MC"),
    "commercial": PayerFields(name="Commercial plan", kind=PlanKind.COMMERCIAL, filing_code="CI"),
}


@transaction.atomic
def add(practice: Practice, given: PayerFields) -> Payer:
    """A payer of the practice. Two who add one of the same name wait for each other."""
    lock(practice)
    refuse_if(policies.why_not_name(practice, given.name), field="name")
    _refuse(given)
    payer = Payer(practice=practice, slug=_free_slug(practice, given.name), **asdict(given))
    payer.save()
    return payer


@transaction.atomic
def add_usual(practice: Practice) -> list[Payer]:
    """The usual payers, to a practice that has none yet."""
    lock(practice)
    here = Payer.objects.for_practice(practice).exists()
    refuse_if("The practice has payers already. Add others one by one." if here else None)
    return bulk_create_tracked(usual_payers(practice))


def usual_payers(practice: Practice) -> list[Payer]:
    """Rows, not saved yet."""
    return [Payer(practice=practice, slug=slug, **asdict(given)) for slug, given in USUAL.items()]


@transaction.atomic
def change(payer: Payer, given: PayerFields, *, version: int | None) -> Payer:
    """Claims made from now on go by it; files that were exported before keep what they said."""
    lock(payer.practice)
    payer = _current(payer, version)
    refuse_if(policies.why_not_change(payer, asdict(given)))
    refuse_if(policies.why_not_name(payer.practice, given.name, but=payer), field="name")
    _refuse(given)
    for name, value in asdict(given).items():
        setattr(payer, name, value)
    payer.save()
    return payer


@transaction.atomic
def retire(payer: Payer, *, version: int | None = None) -> Payer:
    """No new coverage names it. Coverages that stand, their policies and claims stay."""
    payer = _current(payer, version)
    refuse_if(policies.why_not_retire(payer))
    payer.retired = True
    payer.save()
    return payer


@transaction.atomic
def restore(payer: Payer, *, version: int | None = None) -> Payer:
    payer = _current(payer, version)
    refuse_if(policies.why_not_restore(payer))
    payer.retired = False
    payer.save()
    return payer


def _current(payer: Payer, version: int | None) -> Payer:
    payer = lock(payer)
    if version is not None and payer.version != version:
        raise StaleRow
    return payer


def _refuse(given: PayerFields) -> None:
    refuse_if(policies.why_not_filed(given.kind, given.filing_code), field="filing_code")
    refuse_if(policies.why_not_production(given.usage, given.payer_id), field="payer_id")


def _free_slug(practice: Practice, name: str) -> str:
    """Of the name; with a number where another payer has it, or where it would say that there is none."""
    taken = {NO_PAYER, *Payer.objects.for_practice(practice).values_list("slug", flat=True)}
    plain = slugify(name)[:45].strip("-_").replace("_", "-") or "payer"
    numbered = (f"{plain}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (plain, *numbered) if slug not in taken)
