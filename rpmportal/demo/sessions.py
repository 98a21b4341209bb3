"""Rows of sessions: drafts and their time in bulk, then each signed by its author, in order of signing."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.models import Membership
from accounts.practice_policies import POLICIES
from foundation.months import months_between
from foundation.tracked import bulk_create_tracked
from monitoring.models import Reading
from monitoring.ranges import Ranges
from monitoring.selectors import summaries, summarize
from patients.models import CarePlan, Enrollment, TargetRange
from patients.plans import plan_among
from rpmportal.demo import notes
from rpmportal.demo.cases import Case
from rpmportal.demo.diary import Contact, Session
from rpmportal.demo.people import Team, signed_by
from rpmportal.demo.readings import Kit
from rpmportal.demo.stage import TZ, Stage
from timelogs.counting import counted
from timelogs.intervals import seconds as span_seconds
from timelogs.models import (
    Activity,
    Clock,
    ClockState,
    CountedInterval,
    Evidence,
    PatientMonth,
    SegmentSource,
    Status,
    TimeEntry,
    TimeSegment,
)
from timelogs.note.fields import digest
from timelogs.note.reviewed import FIRST_DAYS, rows_of

LATE, VERY_LATE = POLICIES["late_flag_days"].default, POLICIES["late_approval_days"].default


@dataclass(slots=True, eq=False)
class Written:
    """A session and its rows."""

    case: Case
    session: Session
    entry: TimeEntry
    segments: list[TimeSegment]

    @property
    def signed_at(self) -> datetime:
        return self.session.signed_at or self.session.ends_at + timedelta(
            seconds=20 + self.entry.pk.int % 100
        )


@dataclass
class Shelf:
    """What a note is written from, by the patient's number."""

    stage: Stage
    team: Team
    kits: dict[int, Kit]
    episodes: dict[int, Enrollment]
    readings: dict[int, list[Reading]]
    ranges: dict


def shelf(stage: Stage, team: Team, kits, episodes, readings) -> Shelf:
    practice = next(iter(team.values())).practice
    rows = Ranges(tuple(TargetRange.objects.for_practice(practice).order_by("starts_on"))).by_patient()
    return Shelf(stage, team, kits, episodes, readings, rows)


def write(kept: Shelf, sessions: Sequence[tuple[Case, Session]]) -> list[Written]:
    """Every session, signed; in order of signing."""
    written = [_draft(kept, case, session) for case, session in sessions]
    by_author = defaultdict(list)
    for each in written:
        by_author[each.session.author].append(each)
    for author, theirs in by_author.items():
        with signed_by(kept.team[author]):
            _save_drafts(theirs)
    written.sort(key=lambda each: (each.signed_at, each.entry.pk))
    _sign_all(kept, written)
    return written


def _draft(kept: Shelf, case: Case, session: Session) -> Written:
    kit, author = kept.kits[case.number], kept.team[session.author]
    facts = _facts(kept, case, session)
    rng = kept.stage.random(case.path, "note", session.starts_at)
    entry = TimeEntry(
        practice=kit.patient.practice,
        patient=kit.patient,
        enrollment=kept.episodes[case.number],
        author=author,
        started_at=session.starts_at,
        data_from=session.day - timedelta(days=FIRST_DAYS - 1),
        data_until=session.day,
        data_facts=facts,
        data_seen_at=session.starts_at,
        **notes.compose(session, case, facts, rng),
    )
    return Written(case, session, entry, list(_segments(entry, session, author)))


def _facts(kept: Shelf, case: Case, session: Session) -> list[dict]:
    """The two weeks of readings as they stood when the session began."""
    kit, since = kept.kits[case.number], session.day - timedelta(days=FIRST_DAYS - 1)
    rows = [
        r
        for r in kept.readings[case.number]
        if since <= r.day <= session.day and r.taken_at <= session.starts_at
    ]
    if {device.pk for device in kit.devices} <= {row.device_id for row in rows}:
        return [
            summary.as_json() for summary in summarize(rows, kept.ranges[kit.patient.pk], since, session.day)
        ]
    return [s.as_json() for s in summaries(kit.patient, since, session.day, seen=session.starts_at)]


def _segments(entry: TimeEntry, session: Session, author: Membership) -> Iterable[TimeSegment]:
    by_hand = session.by_hand
    source, evidence = (
        (SegmentSource.MANUAL, Evidence.MANUAL) if by_hand else (SegmentSource.CLOCK, Evidence.OBSERVED)
    )
    for activity, start, end in session.spans():
        yield TimeSegment(
            practice=entry.practice,
            entry=entry,
            staff=author.user,
            activity=_WHAT_THE_CALL_WAS.get(session.contact, activity)
            if activity == Activity.CONTACT
            else activity,
            during=DateTimeTZRange(start, end),
            source=source,
            evidence=evidence,
            reason=session.late_reason,
        )


_WHAT_THE_CALL_WAS = {Contact.VOICEMAIL: Activity.ATTEMPT, Contact.DEVICE_HELP: Activity.TECHNICAL_HELP}


def _save_drafts(theirs: Sequence[Written]) -> None:
    bulk_create_tracked([each.entry for each in theirs])
    bulk_create_tracked([segment for each in theirs for segment in each.segments])
    Clock.objects.bulk_create(_clock(each) for each in theirs if not each.session.by_hand)
    bulk_create_tracked([_plan(each) for each in theirs if each.session.new_plan])
    bulk_create_tracked([row for each in theirs for row in rows_of(each.entry)])


def _clock(each: Written) -> Clock:
    return Clock(
        entry=each.entry,
        practice=each.entry.practice,
        staff=each.entry.author.user,
        state=ClockState.ENDED,
        heartbeat_at=each.session.ends_at,
        input_at=each.session.ends_at,
    )


def _plan(each: Written) -> CarePlan:
    return CarePlan(
        practice=each.entry.practice,
        enrollment=each.entry.enrollment,
        number=2,
        effective_on=each.session.day,
        review_by=each.session.day + timedelta(days=90),
        goals=f"{each.case.condition.measure.label}: {each.case.condition.goal_words}.",
        actions=each.session.new_plan,
        author=each.entry.author,
        session_id=each.entry.pk,
        signed_by=each.entry.enrollment.supervising,
        signed_on=each.session.day,
        signed_at=each.session.ends_at,
    )


def _sign_all(kept: Shelf, written: Sequence[Written]) -> None:
    """Sign each, with the month's total as it stood then, and set what the months count."""
    months, touched = _months(written), defaultdict(list)
    for each in written:
        _conclude(each)
        for key in _keys(each):
            touched[key].append(each)
    shares = {key: _shares(months[key], theirs) for key, theirs in touched.items()}
    plans = _plans(written)
    for each in written:
        each.entry.care_plan = plan_among(plans[each.entry.enrollment_id], each.session.day)
        each.entry.cumulative_seconds = _cumulative(each, touched[_keys(each)[0]], shares[_keys(each)[0]])
        with signed_by(kept.team[each.session.author]):
            each.entry.save()
    CountedInterval.objects.bulk_create(
        [
            _interval(months[key], share, touched[key][-1].signed_at)
            for key, found in shares.items()
            for share in found
        ],
        batch_size=1000,
    )


def _plans(written: Sequence[Written]) -> dict[UUID, list[CarePlan]]:
    found = defaultdict(list)
    for plan in CarePlan.objects.filter(enrollment__in={each.entry.enrollment_id for each in written}):
        found[plan.enrollment_id].append(plan)
    return found


def _keys(each: Written) -> list[tuple]:
    """(patient's number, month) of each month that the session's time touches."""
    span = (each.session.starts_at, each.session.ends_at)
    return [(each.case.number, month) for month in months_between(*span, tz=TZ)]


def _months(written: Sequence[Written]) -> dict[tuple, PatientMonth]:
    """The rows of every month that somebody's time touches."""
    patients = {each.case.number: each.entry.patient for each in written}
    keys = sorted({key for each in written for key in _keys(each)})
    rows = [PatientMonth(**PatientMonth.fields_for(patients[number], month)) for number, month in keys]
    return dict(zip(keys, bulk_create_tracked(rows), strict=True))


def _conclude(each: Written) -> None:
    """The draft becomes final, as `timelogs.signing` does it, without its locks: nobody else is here."""
    entry, spans = each.entry, [(start, end) for _, start, end in each.session.spans()]
    days = (each.signed_at.astimezone(TZ).date() - each.session.day).days
    entry.late, entry.needs_approval = days > LATE, days > VERY_LATE
    entry.status, entry.signed_at, entry.signed_label = Status.SIGNED, each.signed_at, entry.author.label
    entry.seconds_signed, entry.signature = span_seconds(spans), digest(entry, spans)


def _shares(month: PatientMonth, theirs: Sequence[Written]) -> list[counted.Share]:
    """What the month counts, by the one law of counting."""
    entries = [each.entry for each in theirs if counted.counts(each.entry)]
    return counted.derive(month, entries, [segment for each in theirs for segment in each.segments])


def _cumulative(each: Written, theirs: Sequence[Written], shares: Iterable[counted.Share]) -> int:
    """The month's total at signing: a second goes to whoever signed it first, so what came later takes nothing away."""
    so_far = {other.entry.pk for other in theirs[: theirs.index(each) + 1]}
    return span_seconds(share.span for share in shares if share.segment.entry_id in so_far)


def _interval(month: PatientMonth, share: counted.Share, at: datetime) -> CountedInterval:
    return CountedInterval(
        practice_id=month.practice_id,
        patient_month=month,
        patient_id=month.patient_id,
        staff_id=share.segment.staff_id,
        entry_id=share.segment.entry_id,
        segment=share.segment,
        staff_kind=share.segment.entry.author.staff_kind,
        during=DateTimeTZRange(*share.span),
        stood_from=at,
    )
