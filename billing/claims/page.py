"""What stands behind one claim: each line with its why, what was refused, and the sessions that suffice."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q

from billing import rules
from billing.decisions.decide import outcome
from billing.decisions.evidence import Cited
from billing.decisions.explain import CodeExplanation, Sentence, explain, warning_in_words
from billing.facts.places import place_in_full
from billing.facts.remarks import NOTES
from billing.labels import BY_HAND, hold_words
from billing.models import Claim, ClaimLine
from foundation.months import on_the_clock
from patients.models import CarePlan, Order
from patients.sites import SiteBook
from payers.selectors import payer_name, payer_of
from timelogs.counting.contacts import contact_moment
from timelogs.counting.evidence import Mix
from timelogs.counting.plans import plan_in_words
from timelogs.counting.totals import REASONS, month_total
from timelogs.models import Concurrence, Method, Party, TimeEntry


@dataclass(frozen=True, slots=True)
class LineProof:
    """One line, in words. `label` is our own short name of the code."""

    line: ClaimLine
    label: str
    because: str
    sentences: tuple[Sentence, ...]
    holds: tuple[str, ...]
    rests_on: tuple[str, ...]
    """The records that suffice for a released line, in words."""
    by_rule: bool
    """Whether the rules release it, whatever people decided by hand."""
    under: tuple[str, ...]
    """The versions of the care plan under which its sessions were worked."""
    place: str
    """Where it was given, as its claim says it."""


@dataclass(frozen=True, slots=True)
class SessionProof:
    """A session of the month: what of it counts, what does not and why, and its contact in words."""

    entry: TimeEntry
    seconds: int
    left_out: tuple[tuple[int, str], ...]
    contact: str
    live: bool
    beside: tuple[str, ...]
    """Why it counts beside another person's session, and who decided that; as it stood at the decision."""
    under: str
    """The version of the care plan under which it was worked; empty where it counts nothing."""


@dataclass(frozen=True, slots=True)
class Proof:
    lines: tuple[LineProof, ...]
    refused: tuple[CodeExplanation, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    sessions: tuple[SessionProof, ...]
    windows: tuple[dict, ...]
    counted_seconds: int
    known_by: Mix
    """Its seconds by class of evidence; empty where the month holds other time by now than was decided on."""
    payer: str
    order: str
    """Whose order the month rests on, and how it was signed; empty without one."""
    plans: tuple[tuple[int, str], ...]
    """(counted seconds, the version of the care plan under which they were worked), as decided."""
    before: str
    """What the superseded decision came to, in words; empty if this is the first, or comes to the same."""

    @property
    def released_in_words(self) -> str:
        return self._in_words(released=True)

    @property
    def held_in_words(self) -> str:
        return self._in_words(released=False)

    def _in_words(self, *, released: bool) -> str:
        """`99453 × 1, 99454 × 1`"""
        return ", ".join(f"{p.line.code} × {p.line.units}" for p in self.lines if p.line.released == released)


def proof_of(claim: Claim) -> Proof:
    """Everything the claim page prints, from the stored decision; sessions are looked up by the ids it names."""
    selection = claim.selection
    facts = rules.parse_facts(selection.facts)
    told = explain(selection.decision, facts)
    sessions = _sessions(claim)
    return Proof(
        lines=_lines(claim, told, sessions),
        refused=tuple(each for each in told if each.status == "refused"),
        warnings=tuple(warning_in_words(slug) for slug in selection.decision["warnings"]),
        notes=tuple(NOTES[slug] for slug in selection.evidence.get("notes", ())),
        sessions=sessions,
        windows=tuple(
            {"starts_on": w.starts_on, "ends_on": w.ends_on, "days": facts.days_of(w)}
            for w in facts.device_windows
        ),
        counted_seconds=facts.counted_seconds,
        known_by=_known_by(claim, facts.counted_seconds),
        payer=payer_name(claim.practice, claim.payer),
        order=_order(claim),
        plans=_plans(claim),
        before=_before(claim),
    )


def _order(claim: Claim) -> str:
    key = claim.selection.evidence.get("papers", {}).get("order")
    orders = Order.objects.for_practice(claim.practice).select_related("signed_by__user", "seen_by__user")
    if key is None or (order := orders.filter(pk=UUID(key)).first()) is None:
        return ""
    told = f"Order of {order.signed_on:%d-%b-%Y} by {order.signed_by}: {order.how_signed}."
    if order.withdrawn_at is None:
        return told
    withdrawn_on = claim.practice.today(order.withdrawn_at)
    return f"{told} It was withdrawn on {withdrawn_on:%d-%b-%Y}: {order.withdraw_reason}"


def _plans(claim: Claim) -> tuple[tuple[int, str], ...]:
    rows = claim.selection.evidence.get("plans", ())
    plans = CarePlan.objects.for_practice(claim.practice).exclude(withdrawn_at=None)
    keys = [UUID(row["id"]) for row in rows if row["id"]]
    withdrawn = {str(plan.pk): _withdrawn(claim, plan) for plan in plans.filter(pk__in=keys)}
    return tuple((row["seconds"], _plan_in_words(row) + withdrawn.get(row["id"], "")) for row in rows)


def _withdrawn(claim: Claim, plan: CarePlan) -> str:
    withdrawn_on = claim.practice.today(plan.withdrawn_at)
    return f" (withdrawn on {withdrawn_on:%d-%b-%Y}: {plan.withdraw_reason})"


def _plan_in_words(row: dict[str, Any]) -> str:
    since = row["effective_on"]
    return plan_in_words(row["number"], date.fromisoformat(since) if since else None)


def _known_by(claim: Claim, decided: int) -> Mix:
    total = month_total(claim.patient, claim.period.month)
    return total.known_by if total.seconds == decided else ()


def _lines(claim: Claim, told: list[CodeExplanation], sessions) -> tuple[LineProof, ...]:
    by_key = {(each.code, each.status == "released"): each for each in told}
    cited = [Cited.read(each) for each in claim.selection.evidence.get("lines", ())]
    rests_on = {
        (each.code, each.service_on): (_rests_on(each, sessions), _under(each, sessions)) for each in cited
    }
    lines = claim.lines.filter(standing=True).order_by("code", "service_on", "-released")
    sites, payer = SiteBook(claim.practice, [claim.patient_id]), payer_of(claim.practice, claim.payer)
    waits = defaultdict(list)
    for hold in claim.holds.filter(lifted_at=None).exclude(code="").exclude(slug=BY_HAND).order_by("slug"):
        waits[hold.code].append(hold_words(hold.slug, hold.reason))
    return tuple(
        # What the rules release may still wait, by a hold that is not theirs; what they hold may be forced.
        _line(
            line,
            by_key.get((line.code, line.released)) or by_key[line.code, not line.released],
            rests_on,
            waits,
            place_in_full(sites.on(claim.patient_id, line.service_on), payer),
        )
        for line in lines
    )


def _line(line: ClaimLine, told: CodeExplanation, rests_on, waits, place: str) -> LineProof:
    held = () if line.released else tuple(waits[line.code])
    key = (line.code, line.service_on.isoformat())
    enough, under = rests_on.get(key, ((), ()))
    by_rule = told.status == "released"
    return LineProof(line, told.label, told.because, told.sentences, held, enough, by_rule, under, place)


def _rests_on(cited: Cited, sessions: tuple[SessionProof, ...]) -> tuple[str, ...]:
    """`2 sessions: 3 Mar 09:00 (06:00), 17 Mar 09:10 (07:00)`, and so on: what suffices for one line."""
    by_id = {str(each.entry.pk): each for each in sessions}
    timed = [by_id[pk] for pk in cited.sessions if pk in by_id]
    timed.sort(key=lambda each: each.entry.started_at)
    worked = ", ".join(f"{_when(each.entry)} ({on_the_clock(each.seconds)})" for each in timed)
    talks = ", ".join(by_id[pk].contact for pk in cited.contacts if pk in by_id)
    days = [date.fromisoformat(day) for _, day in cited.readings]
    said = [
        worked and f"{_counted(len(timed), 'session')}: {worked}",
        talks and f"{_counted(len(cited.contacts), 'live contact')}: {talks}",
        days and f"{_counted(len(days), 'reading day')}: {_span(days)}",
        cited.setup and "The set-up with its note",
    ]
    return tuple(filter(None, said))


def _under(cited: Cited, sessions: tuple[SessionProof, ...]) -> tuple[str, ...]:
    """Under which versions of the care plan the cited sessions were worked, each once."""
    return tuple(dict.fromkeys(s.under for s in sessions if str(s.entry.pk) in cited.sessions and s.under))


def _span(days: list[date]) -> str:
    first, last = min(days), max(days)
    return f"{first:%-d %b}" if first == last else f"{first:%-d %b} to {last:%-d %b}"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def _when(entry: TimeEntry) -> str:
    return f"{entry.started_at.astimezone(entry.practice.tz):%-d %b %H:%M}"


def _sessions(claim: Claim) -> tuple[SessionProof, ...]:
    evidence = claim.selection.evidence
    seconds = {UUID(row["id"]): row["seconds"] for row in evidence["sessions"]}
    live = set(map(UUID, evidence["contacts"]))
    left_out: dict[UUID, list] = {}
    for row in evidence["left_out"]:
        left_out.setdefault(UUID(row["id"]), []).append((row["seconds"], REASONS.get(row["why"], row["why"])))
    entries = TimeEntry.objects.for_practice(claim.practice).filter(pk__in={*seconds, *live, *left_out})
    beside = _beside(claim, seconds)
    under = _under_by_session(evidence)
    return tuple(
        SessionProof(
            entry,
            seconds.get(entry.pk, 0),
            tuple(left_out.get(entry.pk, ())),
            _contact(entry),
            entry.pk in live,
            tuple(beside.get(entry.pk, ())),
            under.get(entry.pk, ""),
        )
        for entry in entries.select_related("author__user").order_by("started_at", "pk")
    )


def _under_by_session(evidence: dict[str, Any]) -> dict[UUID, str]:
    plans = {row["id"]: _plan_in_words(row) for row in evidence.get("plans", ())}
    return {UUID(row["id"]): plans.get(row.get("plan"), "") for row in evidence["sessions"]}


def _beside(claim: Claim, counted: Collection[UUID]) -> dict[UUID, list[str]]:
    """{session: why it counts beside another}, by the decisions that stood when the claim was decided."""
    at = claim.selection.decided_at
    stood = Q(ended_at=None) | Q(ended_at__gt=at)
    rows = Concurrence.objects.for_practice(claim.practice).filter(
        stood, entry__in=counted, other__in=counted, decided_at__lte=at
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows.select_related("decided_by__user").order_by("decided_at"):
        when = row.decided_at.astimezone(claim.practice.tz)
        for pk in (row.entry_id, row.other_id):
            found[pk].append(f"{row.reason} {row.decided_by.label}, {when:%d-%b-%Y %H:%M}")
    return found


def _contact(entry: TimeEntry) -> str:
    """`Phone with patient, 17 Mar 10:10`, in the practice's time."""
    if entry.party in {"", Party.NONE}:
        return "No contact"
    when = contact_moment(entry).astimezone(entry.practice.tz)
    if entry.method == Method.NO_ANSWER:
        return f"{entry.get_method_display()}, {when:%-d %b %H:%M}"
    whom = entry.get_party_display().lower()
    return f"{entry.get_method_display() or 'Contact'} with {whom}, {when:%-d %b %H:%M}"


def _before(claim: Claim) -> str:
    earlier = claim.selection.supersedes
    if earlier is None or outcome(earlier.decision, earlier.payer) == outcome(
        claim.selection.decision, claim.selection.payer
    ):
        return ""
    return codes_in_words(earlier.decision)


def codes_in_words(decision: dict) -> str:
    """`99454 × 1, 99457 × 1; held: 99453 × 1`, or `nothing`."""
    released = ", ".join(f"{code} × {units}" for code, units in decision["released"].items())
    held = ", ".join(f"{code} × {units}" for code, units in decision["held_units"].items())
    return (
        "; held: ".join(filter(None, [released, held]))
        if released
        else (f"held: {held}" if held else "nothing")
    )
