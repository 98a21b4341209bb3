"""Changes in words, gathered into acts: what one person did in one request."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db.models import OuterRef, Subquery

from audit.filters import Filters
from audit.formatting import EMPTY, in_text, names_of, raw
from audit.keyset import Key, Position, count, keys
from audit.registry import Names, Presentation, by_slug, people

PAGE = 20
# Rows read at a time; one request with more than this is a bulk act and is skipped over.
SCAN = 100
# A bulk act shows its first few changes; the rest is a page of its own.
FIRST_FEW = 5
WHOLE_UP_TO = 8
ROUNDS = 12
# The one kind of record that is saved while it is typed.
DRAFTS = "timeentry"
SHORT = 90
# A change shows this many fields in the list; its own page shows them all.
FIELDS = 6


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, from → to, in words. `before` is empty text for a new record."""

    label: str
    before: str
    after: str

    @property
    def short(self) -> bool:
        return len(self.before) <= SHORT and len(self.after) <= SHORT and "\n" not in self.before + self.after


@dataclass(frozen=True, slots=True)
class Change:
    """One history row as a person reads it."""

    kind: str
    slug: str
    row_id: UUID
    name: str
    patient_id: UUID | None
    patient: str
    at: datetime
    who: str
    reason: str
    request_id: UUID
    history_id: int
    previous_id: int | None
    created: bool
    fields: tuple[FieldChange, ...]

    @property
    def first_fields(self) -> tuple[FieldChange, ...]:
        return self.fields if len(self.fields) <= FIELDS + 1 else self.fields[:FIELDS]

    @property
    def more_fields(self) -> int:
        return len(self.fields) - len(self.first_fields)


@dataclass(frozen=True, slots=True)
class Act:
    """The changes of one request by one actor, newest first. `total` counts them all, `changes` holds the shown.

    `saves`: how many requests are told as one change, because they saved one draft within one minute.
    """

    request_id: UUID
    changes: tuple[Change, ...]
    total: int
    saves: int = 1

    @property
    def more(self) -> int:
        return self.total - len(self.changes)

    @property
    def latest(self) -> Change:
        return self.changes[0]

    @property
    def reason(self) -> str:
        return next((change.reason for change in self.changes if change.reason), "")


@dataclass(frozen=True, slots=True)
class ActPage:
    """`older` and `newer` are the positions to go on from, None at either end."""

    acts: tuple[Act, ...]
    older: Position | None
    newer: Position | None

    @property
    def patient_ids(self) -> set[UUID]:
        return {c.patient_id for act in self.acts for c in act.changes if c.patient_id}


def page_of_acts(
    practice, filters: Filters, *, older: Position | None = None, newer: Position | None = None
) -> ActPage:
    """One page of acts, newest first. A request of its own (`filters.request`) is shown change by change."""
    walk = _Walk(practice, filters, after=newer or older, newer=newer is not None)
    walk.fill()
    groups = [sorted(rows, key=_order, reverse=True) for rows in walk.groups.values()]
    shown = sorted(groups, key=lambda rows: _order(rows[0]), reverse=True)
    acts = _acts(practice, shown, totals=walk.totals(), flat=filters.request is not None)
    if filters.request is None:
        acts = fold_saves(acts)
    first, last = (shown[0][0].position, walk.last_position()) if shown else (None, None)
    if newer:
        oldest = min((rows[-1] for rows in shown), key=_order, default=None)
        return ActPage(acts, oldest and oldest.position, walk.last_position() if walk.more else None)
    return ActPage(acts, last if walk.more else None, first if older else None)


def _order(key: Key) -> tuple:
    return key.at, key.slug, key.history_id


class _Walk:
    """Goes through the rows in one direction until a page of acts is begun, stepping over bulk requests."""

    def __init__(self, practice, filters: Filters, *, after: Position | None, newer: bool):
        self.practice, self.filters, self.newer = practice, filters, newer
        self.after = after
        self.groups: dict[tuple, list[Key]] = {}
        self.bulk: set[UUID] = set(after.beside) if after else set()
        self.known_bulk = set(self.bulk)
        self.more = False

    def fill(self) -> None:
        for _ in range(ROUNDS):
            rows = keys(
                self.practice, self.filters, after=self.after, newer=self.newer, without=self.bulk, limit=SCAN
            )
            if not self._take(rows) or len(rows) < SCAN:
                return
            if self.filters.request is None:
                self._step_over_bulk()
        self.more = True

    def _take(self, rows: list[Key]) -> bool:
        """False when the page is full."""
        for key in rows:
            group = (key.slug, key.history_id) if self.filters.request else (key.request_id, key.who)
            if group not in self.groups and len(self.groups) == PAGE:
                self.more = True
                return False
            self.groups.setdefault(group, []).append(key)
            self.after = key.position
        return True

    def _step_over_bulk(self) -> None:
        for rows in self.groups.values():
            if len(rows) >= SCAN // 2:
                self.bulk.add(rows[0].request_id)

    def last_position(self) -> Position | None:
        return replace(self.after, beside=tuple(sorted(self.bulk))) if self.after else None

    def totals(self) -> dict[UUID, int]:
        """The size of each bulk request met here, counted up to a limit."""
        met = self.bulk - self.known_bulk
        return {request: count(self.practice, replace(self.filters, request=request)) for request in met}


def _acts(practice, groups: list[list[Key]], *, totals: dict[UUID, int], flat: bool) -> tuple[Act, ...]:
    shown = [rows if len(rows) <= WHOLE_UP_TO else rows[:FIRST_FEW] for rows in groups]
    told = tell(practice, [key for rows in shown for key in rows])
    return tuple(
        Act(
            some[0].request_id,
            tuple(told[key.slug, key.history_id] for key in some),
            len(rows) if flat else max(len(rows), totals.get(some[0].request_id, 0)),
        )
        for rows, some in zip(groups, shown, strict=True)
    )


def fold_saves(acts: Iterable[Act]) -> tuple[Act, ...]:
    """One act for neighboring saves of one draft within one minute, from the first to the last."""
    runs = groupby(acts, key=_draft_and_minute)
    return tuple(act for key, run in runs for act in (run if key is None else [_folded(list(run))]))


def _draft_and_minute(act: Act) -> tuple | None:
    """None for what is not a lone save of a draft."""
    change = act.latest
    if act.total > 1 or change.slug != DRAFTS or change.created or change.reason:
        return None
    return change.row_id, change.who, change.at.replace(second=0, microsecond=0)


def _folded(run: list[Act]) -> Act:
    newest, oldest = run[0].latest, run[-1].latest
    fields: dict[str, FieldChange] = {}
    for act in reversed(run):
        for field in act.latest.fields:
            first = fields.get(field.label, field)
            fields[field.label] = FieldChange(field.label, first.before, field.after)
    left = tuple(field for field in fields.values() if field.before != field.after)
    change = replace(newest, previous_id=oldest.previous_id, fields=left)
    return Act(newest.request_id, (change,), len(run), saves=len(run))


def tell(practice, wanted: Iterable[Key]) -> dict[tuple[str, int], Change]:
    """Each row in words, with the row before it. At most two queries a table, and one for each kind of name."""
    by_table: dict[str, list[int]] = defaultdict(list)
    for key in wanted:
        by_table[key.slug].append(key.history_id)
    pairs = [pair for slug, ids in by_table.items() for pair in _with_previous(by_slug(slug), ids)]
    return {(c.slug, c.history_id): c for c in changes_of(practice, pairs)}


def _with_previous(
    presentation: Presentation, ids: list[int]
) -> list[tuple[Presentation, object, object | None]]:
    """(presentation, row, the row before it or None)."""
    table = presentation.history._default_manager
    before = table.filter(id=OuterRef("id"), history_id__lt=OuterRef("history_id")).order_by("-history_id")
    rows = list(
        table.filter(history_id__in=ids).annotate(before_id=Subquery(before.values("history_id")[:1]))
    )
    earlier = table.in_bulk([row.before_id for row in rows if row.before_id], field_name="history_id")
    return [(presentation, row, earlier.get(row.before_id)) for row in rows]


def changes_of(practice, pairs: list[tuple[Presentation, object, object | None]]) -> list[Change]:
    rows = [row for _, *both in pairs for row in both if row is not None]
    names, patients = names_of(practice, rows), _patients(practice, pairs)
    return [
        _change(p, row, before, names, patients.get((p.slug, row.history_id))) for p, row, before in pairs
    ]


def _change(
    presentation: Presentation, row, before, names: Names, patient: tuple[UUID, str] | None
) -> Change:
    created = row.history_type == "+"
    return Change(
        kind=presentation.label,
        slug=presentation.slug,
        row_id=row.id,
        name=presentation.name(row, names),
        patient_id=patient[0] if patient else None,
        patient=patient[1] if patient else "",
        at=row.recorded_at,
        who=row.actor_label,
        reason=row.history_change_reason or "",
        request_id=row.request_id,
        history_id=row.history_id,
        previous_id=before.history_id if before else None,
        created=created,
        fields=differences(presentation, before, row, names),
    )


def differences(
    presentation: Presentation, before, after, names: Names, *, whole: bool = False
) -> tuple[FieldChange, ...]:
    """The fields whose value differs (all of them if `whole`). Of a new record those that were filled in."""
    found = []
    for field in presentation.fields():
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(after, field.attname)
        words = in_text(field, old, names) if before is not None else "", in_text(field, new, names)
        if old != new and words[0] == words[1] and before is not None:
            words = _told_apart(field, old, words[0]), _told_apart(field, new, words[1])
        if whole or (old != new and (before is not None or words[1] != EMPTY)):
            found.append(FieldChange(presentation.label_of(field), *words))
    return tuple(found)


def _told_apart(field, value, words: str) -> str:
    """Two values that read alike: rows of one name by their ids, anything else as it is stored."""
    return f"{words} ({str(value)[:8]})" if field.is_relation else raw(value)


def _patients(practice, pairs) -> dict[tuple[str, int], tuple[UUID, str]]:
    """Whose record each row is: (slug, history id) → (patient id, name)."""
    ids: dict[tuple[str, int], UUID] = {}
    by_key: dict[type, dict[tuple[str, int], UUID]] = defaultdict(dict)
    for presentation, row, _ in pairs:
        place = presentation.slug, row.history_id
        match presentation.patient_path():
            case ("id",):
                ids[place] = row.id
            case (key,):
                ids[place] = getattr(row, f"{key}_id")
            case (key, "patient"):
                by_key[presentation.model._meta.get_field(key).related_model][place] = getattr(
                    row, f"{key}_id"
                )
    for model, places in by_key.items():
        owners = dict(
            model._default_manager.filter(pk__in=set(places.values())).values_list("pk", "patient_id")
        )
        ids |= {place: owners[pk] for place, pk in places.items() if pk in owners}
    names = people().names(practice, set(ids.values())) if ids else {}
    return {place: (pk, names.get(pk, "")) for place, pk in ids.items()}
