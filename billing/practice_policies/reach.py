"""Which patient-months a policy could change: by its month, by its payer, by the records it is about."""

from datetime import date

from accounts.models import PolicySetting
from accounts.policy_specs import Group, Read
from accounts.practice_policies import POLICIES, PolicyBook, supposing
from billing.facts.gather import patients_of
from billing.practice_policies.changes import first_month
from billing.rules import NoRuleSet, ruleset_for
from foundation.months import last_day, next_month, previous_month
from patients.models import Coverage
from timelogs.counting import recount
from timelogs.models import Period, PeriodState

# Looked up by month, but only by the list before a close and by the report of unusual time.
_ADVICE = {"staff_daily_ceiling_minutes", "staff_weekly_ceiling_minutes"}


def decides_claims(key: str) -> bool:
    """Whether what is recorded already can come out otherwise by it."""
    spec = POLICIES[key]
    return spec.group in {Group.RULES, Group.FACTS} or (spec.read is not Read.THE_DAY and key not in _ADVICE)


def open_months(practice, row: PolicySetting, *, today: date) -> list[date]:
    """The months that have begun, are not decided and would be calculated with it; a re-opened one is not decided."""
    states = dict(Period.objects.for_practice(practice).values_list("month", "state"))
    decided = {month for month, state in states.items() if state in {PeriodState.CLOSING, PeriodState.CLOSED}}
    this = today.replace(day=1)
    since = first_month(row.key, row.starts_on) or next_month(this)
    month, found = max(since, min([*states, previous_month(this)])), []
    while month <= this:
        if month not in decided and _has_rules(month):
            found.append(month)
        month = next_month(month)
    return found


def example_month(practice, *, today: date) -> date | None:
    """For a policy of days to come: the last month that is over, or this one, as if it had held then already."""
    this = today.replace(day=1)
    known = (previous_month(this), this)
    return next((m for m in known if _has_rules(m) and patients_of(practice, m).exists()), None)


def _has_rules(month: date) -> bool:
    try:
        ruleset_for(month)
    except NoRuleSet:
        return False
    return True


def candidates(practice, month: date, row: PolicySetting):
    """Everybody of the month whom the policy could concern; nobody where it says what holds anyway."""
    patients = patients_of(practice, month)
    day = month if POLICIES[row.key].read is Read.FIRST_DAY else last_day(month)
    before = PolicyBook(practice, on=day).values(row.payer)[row.key]
    with supposing(row):
        if PolicyBook(practice, on=day).values(row.payer)[row.key] == before:
            return patients.none()
    if row.payer:
        covered = Coverage.objects.for_practice(practice).filter(payer=row.payer, starts_on__lte=day)
        return patients.filter(pk__in=covered.values("patient"))
    return _with_its_records(patients, practice, month, row.key)


def _with_its_records(patients, practice, month: date, key: str):
    if key == "attempts_counted":
        return patients.filter(pk__in=recount.with_attempts(practice, month))
    if key == "same_day_visit":
        return patients.filter(pk__in=recount.with_visits(practice, month))
    if key == "transcripts":
        return patients.filter(pk__in=recount.with_transcripts(practice))
    return patients
