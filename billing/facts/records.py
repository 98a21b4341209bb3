"""The records behind a patient-month's facts, by id: sessions, contacts, reading days, papers."""

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from billing.facts.patient_month import (
    PatientRows,
    first_order,
    management_on_merged,
    served_until,
    setup_row,
    standing_consent,
)
from timelogs.counting.plans import UnderPlan, under_plans

ReadingDay = tuple[str, str]
"""(device id, ISO day): a day on which that device sent a reading by itself."""


@dataclass(frozen=True, slots=True)
class Session:
    """A signed session's counted time in the month, exactly; `microseconds_30_days` as 99091 counts it."""

    id: str
    seconds: int
    microseconds: int
    microseconds_30_days: int
    staff_kind: str
    plan: str | None = None
    """The version of the care plan under which it was worked."""


@dataclass(frozen=True, slots=True)
class Records:
    """What one patient's month rests on, by id. `left_out` are seconds that do not count: {"id", "seconds", "why"}.

    `plans` are the versions of the care plan under which the counted time was worked, with its seconds: {"id",
    "number", "effective_on", "seconds"}, the first three None where no plan was on record. `windows` is {last day:
    reading days of each device}, `month` and `first_window` are reading days likewise. `merges`: by which merge this
    record bills the month no more; `billed_on_merged`: management codes that a record merged into it was billed for.
    """

    sessions: tuple[Session, ...] = ()
    contacts: tuple[str, ...] = ()
    chats: tuple[str, ...] = ()
    left_out: tuple[dict[str, Any], ...] = ()
    month: tuple[ReadingDay, ...] = ()
    windows: dict[date, tuple[ReadingDay, ...]] = field(default_factory=dict)
    first_window: tuple[ReadingDay, ...] = ()
    papers: dict[str, str] = field(default_factory=dict)
    plans: tuple[dict[str, Any], ...] = ()
    served_until: date | None = None
    merges: tuple[str, ...] = ()
    billed_on_merged: tuple[str, ...] = ()

    def stored(self) -> dict[str, Any]:
        """What is kept whatever comes out, as plain JSON values. Reading days are kept where they are cited."""
        return {
            "sessions": [asdict(each) for each in self.sessions],
            "contacts": list(self.contacts),
            "chats": list(self.chats),
            "left_out": list(self.left_out),
            "papers": self.papers,
            "plans": list(self.plans),
            "served_until": self.served_until.isoformat() if self.served_until else None,
            **({"merges": list(self.merges)} if self.merges else {}),
            **({"billed_on_merged": list(self.billed_on_merged)} if self.billed_on_merged else {}),
        }


def records_of(rows: PatientRows) -> Records:
    """The records of one patient's month."""
    total, setup = rows.total, setup_row(rows)
    papers = {"consent": standing_consent(rows), "order": first_order(rows), "setup": setup}
    return Records(
        sessions=tuple(
            Session(
                str(s.entry_id),
                s.counted_seconds,
                s.microseconds,
                s.microseconds_30_days,
                str(s.staff_kind),
                str(s.entry.care_plan_id) if s.entry.care_plan_id else None,
            )
            for s in total.by_entry
            if s.microseconds
        ),
        contacts=tuple(map(str, total.live_contact_entries)),
        chats=tuple(map(str, total.live_chat_entries)),
        left_out=tuple(
            {"id": str(share.entry_id), "seconds": seconds, "why": slug}
            for share in total.by_entry
            for seconds, slug, _ in share.not_counted
        ),
        month=_days(rows.month_days),
        windows={window.ends_on: _days(window.devices) for window in rows.windows},
        first_window=_days(rows.first_window),
        plans=tuple(_plan(under) for under in under_plans(total, {plan.pk: plan for plan in rows.plans})),
        papers={name: str(row.pk) for name, row in papers.items() if row},
        served_until=served_until(rows),
        merges=tuple(str(merge.pk) for merge in rows.merges),
        billed_on_merged=tuple(management_on_merged(rows)),
    )


def _plan(under: UnderPlan) -> dict[str, Any]:
    since = under.effective_on.isoformat() if under.effective_on else None
    return {
        "id": str(under.plan_id) if under.plan_id else None,
        "number": under.number,
        "effective_on": since,
        "seconds": under.seconds,
    }


def _days(devices: dict) -> tuple[ReadingDay, ...]:
    found = [(str(device), day.isoformat()) for device, days in devices.items() for day in days]
    return tuple(sorted(found, key=lambda pair: (pair[1], pair[0])))
