"""Each patient before there are rows: who, with what, since when, how diligent, and what is missing on purpose."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from rpmportal.demo.conditions import BY_SLUG, SHARES, Condition
from rpmportal.demo.names import FAMILIES, GIVEN
from rpmportal.demo.people import nurses
from rpmportal.demo.stage import Stage

HELPERS = {"F": ("daughter", "husband", "sister"), "M": ("wife", "son", "brother")}
PAYERS = (
    ("medicare", "Medicare Part B"),
    ("medicare-advantage", "Demo Advantage Plus"),
    ("commercial", "Demo Commercial PPO"),
)
_LETTERS, _EITHER = "ACDEFGHJKMNPQRTUVWXY", "0123456789ACDEFGHJKMNPQRTUVWXY"
_MBI = (
    "123456789",
    _LETTERS,
    _EITHER,
    "0123456789",
    _LETTERS,
    _EITHER,
    "0123456789",
    _LETTERS,
    _LETTERS,
    "0123456789",
    "0123456789",
)

LEAD_IN = 25


@dataclass(frozen=True, slots=True)
class Cover:
    payer: str
    plan: str
    since: date
    until: date | None = None


@dataclass(slots=True, kw_only=True)
class Case:
    """One patient to be. `lacks` names papers left out, `beside` what else goes on; `days` are reading days set
    by hand, which replace the ordinary ones from the first to the last of them."""

    number: int
    family: str
    given: str
    sex: str
    born_on: date
    condition: Condition
    started_on: date
    adherence: float
    nurse: str
    covers: Sequence[Cover]
    codes: tuple[str, ...]
    medicine: str
    helper: str
    zone: str = ""
    baseline: float | None = None
    lacks: frozenset[str] = frozenset()
    beside: tuple[str, ...] = ()
    consent_on: date | None = None
    visits: tuple[date, ...] = ()
    days: frozenset[date] | None = None
    silent_from: date | None = None
    typed: bool = False
    pulse: bool = False
    spare: bool = False
    mmol: bool = False
    night_owl: bool = False
    # The values of the days set, where they are given too: {day: (value, second)}.
    values: dict[date, tuple[int, int]] = field(default_factory=dict)

    @property
    def mrn(self) -> str:
        return f"DEMO-{self.number:04d}"

    @property
    def path(self) -> str:
        return f"patient-{self.number}"


def ordinary(stage: Stage, number: int) -> Case:
    """A patient like any other in the program."""
    rng = stage.random("case", number)
    slug = rng.choices(list(SHARES), weights=list(SHARES.values()))[0]
    sex = rng.choice("FFM")
    family = f"Demo-{FAMILIES[number * 7 % len(FAMILIES)]}"
    return case(
        stage, number, rng, family=family, given=rng.choice(GIVEN[sex]), sex=sex, condition=BY_SLUG[slug]
    )


def case(
    stage: Stage, number: int, rng: Random, *, family: str, given: str, sex: str, condition: Condition, **more
) -> Case:
    """A case with everything drawn that `more` does not say."""
    started_on = more.pop("started_on", None) or _start(stage, rng)
    payer = rng.choices(PAYERS, weights=(75, 17, 8))[0]
    drawn = {
        "born_on": date(rng.randint(1936, 1962), rng.randint(1, 12), rng.randint(1, 28)),
        "adherence": _adherence(rng),
        "nurse": rng.choice(nurses(stage.patients)),
        "covers": (Cover(*payer, started_on.replace(month=1, day=1)),),
        "codes": condition.codes,
        "medicine": rng.choice(condition.medicines),
        "helper": f"{rng.choice(GIVEN['F'] + GIVEN['M'])} {family}, {rng.choice(HELPERS[sex])}",
        "zone": "America/Chicago" if rng.random() < 0.05 else "",
        "pulse": rng.random() < 0.3,
        "visits": _visits(stage, rng),
    }
    own = {
        "number": number,
        "family": family,
        "given": given,
        "sex": sex,
        "condition": condition,
        "started_on": started_on,
    }
    return Case(**(own | drawn | more))


def _start(stage: Stage, rng: Random) -> date:
    """Most joined in the weeks before; every fourth in the months played, but not in the last week."""
    if rng.random() < 0.75:
        return stage.months[0] - timedelta(days=rng.randint(1, LEAD_IN))
    last = max((stage.until - stage.months[0]).days - 7, 1)
    return stage.months[0] + timedelta(days=rng.randrange(last))


def _adherence(rng: Random) -> float:
    if (chance := rng.random()) < 0.1:
        return 0.02 if chance < 0.03 else rng.uniform(0.12, 0.4)
    return rng.triangular(0.6, 0.98, 0.92)


def _visits(stage: Stage, rng: Random) -> tuple[date, ...]:
    days = stage.workdays(stage.months[0], stage.until)
    return (rng.choice(days),) if days and rng.random() < 0.2 else ()


def member_id(case: Case, payer: str, draw: Callable[[], Random]) -> str:
    """A number of the right shape; nobody's, as far as that can be."""
    rng = draw()
    if payer == "medicare":
        return "".join(rng.choice(letters) for letters in _MBI)
    return f"DEMO{case.number:04d}{rng.randrange(10**6):06d}"
