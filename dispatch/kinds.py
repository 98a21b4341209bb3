"""What work is called, and what a notice may be about: its headline, who may read it, when its e-mail goes out."""

from dataclasses import dataclass

from accounts.permissions import Permission


@dataclass(frozen=True, slots=True)
class Kind:
    """`needs`: whoever lost that permission since sees the notice no more. `daily`: e-mailed once a day together, but
    to people who chose to get each at once."""

    headline: str
    needs: Permission = Permission.INBOX
    daily: bool = False


BILLING = Permission.MONTH_VIEW
KINDS = {
    "threshold": Kind("A patient's month reached a line", daily=True),
    # Whoever can write time is not told how little is missing (docs/adr/0034).
    "near": Kind("A patient's month is near a line", needs=BILLING, daily=True),
    "no_contact": Kind("A patient's month has its minutes and no live contact", daily=True),
    "close": Kind("A month was closed", needs=BILLING),
    "second-count": Kind("Two counts of a patient's time do not agree"),
    "intake": Kind("A file of patients was taken in"),
    "asked-merge": Kind("Another system asks to merge two records"),
    "arrivals": Kind("Patients from another system wait for a decision"),
    "question": Kind("A question from billing"),
    "force": Kind("Somebody asks you to confirm a held line", needs=BILLING),
    "signature": Kind("Something waits for your signature"),
    "handover": Kind("A colleague handed you a draft"),
    "left_drafts": Kind("Somebody left drafts unsigned"),
    "returned": Kind("A paper came back unsigned"),
    "plan-review": Kind("A care plan is to be reviewed"),
    "token-expiry": Kind("A token of another system expires soon"),
    "hub-secret-expiry": Kind("A secret of a hub of devices expires soon"),
    "emergency": Kind("Somebody opened charts in an emergency"),
    "escalation": Kind("An escalation waits for you"),
    "escalation_top": Kind("Nobody is left to answer an escalation"),
    "rebuild": Kind("The boards were made again"),
    "boards-check": Kind("The daily check of the boards found something"),
    "invariants": Kind("The nightly check of the records found something"),
}
OTHER = Kind("Something new in your inbox")


def kind_of(name: str) -> Kind:
    return KINDS.get(name, OTHER)


# What the outbox has done, as administrators read it.
TOPICS = {
    "timelogs.time_changed": "Alerts after time was signed or changed",
    "patients.permission_changed": "Alerts after a consent, an order or a visit changed",
    "billing.close_chunk": "Closing a month",
    "billing.month_reopened": "Alerts after a month was re-opened",
    "intake.take_in": "Taking in patients from a file",
    "readings.taken": "Escalations after readings came",
    "staff.invited": "E-mails of invitations",
}


def topic_in_words(topic: str) -> str:
    return TOPICS.get(topic, topic.replace(".", ": ").replace("_", " ").capitalize())
