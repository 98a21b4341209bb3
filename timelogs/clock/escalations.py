"""Sessions in which an escalation is worked on: started from it, with its readings in the note, and linked to it."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Min

from accounts.models import Membership
from escalations.models import Escalation
from escalations.owners import nurse_of
from escalations.selectors import last_answers
from foundation.refusals import refuse_if
from patients.models import Patient
from timelogs.clock.acts import start_session
from timelogs.locks import hold_entry
from timelogs.models import EscalationWork, Status, TimeEntry
from timelogs.note import fields
from timelogs.policies import why_not_change


@nurse_of
def last_signer(patient: Patient) -> Iterable[Membership]:
    """Who signed the latest session of hers."""
    rows = TimeEntry.objects.for_practice(patient.practice).filter(patient=patient, status=Status.SIGNED)
    last = rows.select_related("author__user").order_by("-started_at").first()
    return [last.author] if last else []


@transaction.atomic
def start_about(escalation: Escalation, *, by: Membership, at: datetime, switch: bool = False) -> TimeEntry:
    """A session with her whom it is about; the one that runs already, if it is hers. Raises as `start_session` does."""
    entry = start_session(escalation.patient, by=by, at=at, switch=switch)
    return work_on(entry, escalation, by=by, at=at)


@transaction.atomic
def work_on(entry: TimeEntry, escalation: Escalation, *, by: Membership, at: datetime) -> TimeEntry:
    """Link one's own draft. Where nothing was written yet, it begins with what was found, back to its first reading."""
    entry = hold_entry(entry)
    refuse_if(why_not_change(entry, by=by))
    row = {"practice": entry.practice, "entry": entry, "escalation": escalation}
    if EscalationWork.objects.filter(**row).exists():
        return entry
    EscalationWork(**row).save()
    if not entry.data_note:
        first = escalation.attached.aggregate(day=Min("reading__day"))["day"] or entry.data_from
        since = min(first, entry.data_from) if entry.data_from else None
        fields.write(entry, {"data_note": escalation.says, "data_from": since}, at=at)
        entry.save()
    return entry


def carry_over(old: TimeEntry, new: TimeEntry) -> None:
    """What the amended version is about."""
    for row in EscalationWork.objects.filter(entry=old):
        EscalationWork(practice=new.practice, entry=new, escalation_id=row.escalation_id).save()


def worked_on_in(entry: TimeEntry) -> list[Escalation]:
    """With what a clinician answered last, as `answered`."""
    rows = EscalationWork.objects.filter(entry=entry).select_related("escalation__owner__user")
    found = [row.escalation for row in rows.order_by("escalation__opened_at")]
    answers = last_answers(found)
    for row in found:
        row.answered = answers.get(row.pk)
    return found


def sessions_about(escalation: Escalation) -> list[TimeEntry]:
    """The newest version of each, the first first; discarded drafts left out."""
    ids = EscalationWork.objects.filter(escalation=escalation).values("entry")
    rows = TimeEntry.objects.for_practice(escalation.practice_id).filter(pk__in=ids)
    rows = rows.exclude(status__in=[Status.AMENDED, Status.DISCARDED])
    return list(rows.select_related("author__user").order_by("started_at"))
