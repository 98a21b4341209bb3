"""Every policy of a practice as its page shows it: what holds, what it departs from, who set it and why."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import PolicySetting
from accounts.policy_specs import POLICIES, Group, PolicySpec, is_per_payer
from accounts.practice_policies import setting_words
from billing.practice_policies.changes import WHOLE_PRACTICE, first_month
from payers.selectors import in_order, payer_names


@dataclass(frozen=True, slots=True)
class Laid:
    """One value that somebody set, in words."""

    words: str
    departs: bool
    starts_on: date
    counts_from: date | None
    by: str
    at: datetime | None
    why: str
    as_practice: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for the practice or for one payer. `now` is None where nothing was set for it yet.

    `own` says whether a payer has a value of its own, today or to come, which can be ended.
    """

    payer: str
    scope: str
    now: Laid | None
    to_come: tuple[Laid, ...]
    earlier: tuple[Laid, ...]
    words: str
    departs: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A policy with its standing for the practice and for each payer that has a value of its own."""

    key: str
    spec: PolicySpec
    default: str
    per_payer: bool
    standings: tuple[Standing, ...]

    @property
    def departs(self) -> bool:
        return any(each.departs for each in self.standings)

    @property
    def chosen(self) -> bool:
        """Whether anybody ever set it, for whomever."""
        return any(each.now or each.to_come for each in self.standings)


def policy_groups(practice, *, today: date) -> list[tuple[Group, list[Shown]]]:
    """[(group, its policies)], from three queries."""
    shown = _shown(practice, POLICIES, today=today)
    return [(group, [each for each in shown if each.spec.group is group]) for group in Group]


def policy_shown(practice, key: str, *, today: date) -> Shown:
    """One policy."""
    return _shown(practice, [key], today=today)[0]


def _shown(practice, keys: Iterable[str], *, today: date) -> list[Shown]:
    rows = PolicySetting.objects.for_practice(practice).filter(key__in=list(keys)).order_by("starts_on")
    by_key: dict[str, dict[str, list[Laid]]] = defaultdict(lambda: defaultdict(list))
    signatures = _signatures(practice)
    for row in rows:
        by_key[row.key][row.payer].append(_laid(row, signatures.get(row.pk)))
    names = payer_names(practice)
    return [_one(key, by_key[key], names, today=today) for key in keys]


def _signatures(practice) -> dict:
    """{row: (who, when)} of the moment each was set."""
    history = PolicySetting.history.model.objects.filter(practice=practice, history_type="+")
    return {pk: (who, at) for pk, who, at in history.values_list("id", "actor_label", "recorded_at")}


def _laid(row: PolicySetting, signature: tuple[str, datetime] | None) -> Laid:
    spec = POLICIES[row.key]
    who, at = signature or ("", None)
    return Laid(
        words=setting_words(row),
        departs=not row.as_practice and row.value != spec.default,
        starts_on=row.starts_on,
        counts_from=first_month(row.key, row.starts_on),
        by=who,
        at=at,
        why=row.why,
        as_practice=row.as_practice,
    )


def _one(key: str, by_payer: dict[str, list[Laid]], names: Mapping[str, str], *, today: date) -> Shown:
    spec = POLICIES[key]
    default = spec.words(spec.default)
    whole = _standing("", WHOLE_PRACTICE, by_payer.get("", []), default, False, today=today)
    own = [
        _standing(payer, names[payer], by_payer[payer], whole.words, whole.departs, today=today)
        for payer in in_order(filter(None, by_payer), names)
    ]
    return Shown(key, spec, default, is_per_payer(key), (whole, *own))


def _standing(
    payer: str, scope: str, laid: list[Laid], words: str, departs: bool, *, today: date
) -> Standing:
    """`words` and `departs` are what holds where nothing was set, or where a payer's own value ended."""
    begun = [each for each in laid if each.starts_on <= today]
    now = begun[-1] if begun else None
    value = now if now and not now.as_practice else None
    return Standing(
        payer=payer,
        scope=scope,
        now=now,
        to_come=tuple(each for each in laid if each.starts_on > today),
        earlier=tuple(reversed(begun[:-1])),
        words=value.words if value else words,
        departs=value.departs if value else departs,
        own=bool(payer) and not laid[-1].as_practice,
    )
