"""What a practice may choose where the law leaves a choice: every policy as data, with its words."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.models import PER_PAYER
from accounts.policy_kinds import YES_NO, Choice, Codes, Diagnoses, Number


class Group(StrEnum):
    RULES = "Rules of billing"
    FACTS = "Facts"
    TIME = "Time"
    CARE = "Care plans"
    WATCHING = "Watching readings"
    ESCALATIONS = "Escalations"
    CLOSE = "Close"
    DUTIES = "Separation of duties"
    ACCESS = "Access"


class Read(StrEnum):
    """On which day a policy is looked up."""

    LAST_DAY = "On the last day of a month, for the whole month"
    FIRST_DAY = "On the first day of a month, for the whole month"
    THE_DAY = "On the day itself"


AS_THE_RULES_SAY = "as the rules say"


@dataclass(frozen=True, slots=True)
class PolicySpec:
    """`default` is the law's (or the safest) reading; `departs` says what another value gives up."""

    default: Any
    kind: Number | Choice | Diagnoses | Codes
    question: str
    departs: str
    group: Group
    read: Read

    def accepts(self, value: Any) -> bool:
        """A value of its kind; None only where that leaves the number to the rule set."""
        return self.kind.accepts(value) or (value is None and self.default is None)

    def words(self, value: Any) -> str:
        return AS_THE_RULES_SAY if value is None else self.kind.words(value)


def _rule(default: Any, kind, question: str, departs: str) -> PolicySpec:
    return PolicySpec(default, kind, question, departs, Group.RULES, Read.LAST_DAY)


def _fact(default: Any, kind, question: str, departs: str) -> PolicySpec:
    return PolicySpec(default, kind, question, departs, Group.FACTS, Read.LAST_DAY)


def _time(default: Any, kind, question: str, departs: str, read: Read = Read.THE_DAY) -> PolicySpec:
    return PolicySpec(default, kind, question, departs, Group.TIME, read)


def _watched(default: int, kind: Number, question: str, departs: str) -> PolicySpec:
    return PolicySpec(default, kind, question, departs, Group.WATCHING, Read.THE_DAY)


REPORTED = Choice({False: "allowed, and reported", True: "refused"})


def _duty(question: str, departs: str) -> PolicySpec:
    """A practice of three people could not work where all of these were refused; what is allowed is reported."""
    return PolicySpec(False, REPORTED, question, departs, Group.DUTIES, Read.THE_DAY)


_LONGER = "Longer lets it wait with one person before the next is asked."


def _escalation(default: int, kind: Number, question: str, departs: str) -> PolicySpec:
    return PolicySpec(default, kind, question, departs, Group.ESCALATIONS, Read.THE_DAY)


POLICIES: dict[str, PolicySpec] = {
    # Keys of the rules: handed to select_codes as they are.
    "unit_limit_99458": _rule(
        None,
        Number(0, 9, "unit"),
        "Units of 99458 a month, at most",
        "Can only lower the limit in effect.",
    ),
    "live_contact_per_unit": _rule(
        False, YES_NO, "One live contact for every unit?", "Stricter than the code."
    ),
    "live_chat_counts": _rule(
        False,
        YES_NO,
        "Does a real-time text chat count as live contact?",
        "The code speaks of real-time interactive communication; most payers read that as voice.",
    ),
    "dual_99091": _rule(
        "never",
        Choice({"never": "never", "cms_2021": "in the narrow cases of the 2021 final rule"}),
        "99091 beside the management codes?",
        "The 2021 final rule allowed it in narrow cases.",
    ),
    "device_days": _rule(
        "best_device",
        Choice({"best_device": "the best single device", "any_device": "all devices together"}),
        "Days of which devices are counted?",
        "Days of several devices put together are disputed.",
    ),
    "setup_min_days": _rule(
        None,
        Number(0, 30, "day"),
        "Reading days before 99453 is billed",
        "The rule set has its own number for each year.",
    ),
    "codes_not_covered": _rule(
        [],
        Codes(),
        "Codes of remote monitoring that the payer does not cover",
        "A line with such a code is held, and an add-on with its base; no other code takes its place.",
    ),
    # Keys of the facts: what is gathered for the rules.
    "device_window": _fact(
        "rolling_30",
        Choice(
            {
                "rolling_30": "30-day windows in a row, from the first reading",
                "calendar_month": "the last 30 days of each month",
            }
        ),
        "Which 30 days make a device window?",
        "Windows run from the first reading day; the last 30 days of each month are another reading, and in "
        "February they come less than 30 days after January's.",
    ),
    "covered_diagnoses": _fact(
        [],
        Diagnoses(),
        "Diagnoses for which the payer covers remote monitoring",
        "Some plans name a few; claims for other diagnoses are held.",
    ),
    "transcripts": _fact(
        "scan",
        Choice(
            {
                "scan": "with the scan of the paper attached",
                "any": "also without a scan",
                "never": "never: only the clinician’s own signature here",
            }
        ),
        "Does the transcript of a signed order release?",
        "Reviewers disregard an order whose signature they cannot see.",
    ),
    # Keys of time.
    "idle_minutes": _time(
        5,
        Number(1, 30, "minute"),
        "Minutes without input before the clock asks",
        "Longer lets unproven time in.",
    ),
    # A browser lets the pages it does not show speak once a minute: a single minute would pause whoever telephones.
    "lost_minutes": _time(
        3,
        Number(2, 15, "minute"),
        "Minutes without heartbeat before the clock pauses",
        "Longer lets unproven time in.",
    ),
    "long_session_minutes": _time(
        60,
        Number(15, 480, "minute"),
        "Minutes of one session after which the clock asks whether it goes on",
        "Longer lets a forgotten session run.",
    ),
    "max_session_minutes": _time(
        120, Number(10, 480, "minute"), "Minutes one session may last", "Longer sessions draw questions."
    ),
    "late_flag_days": _time(
        3,
        Number(0, 31, "day"),
        "Days after which an entry is marked late",
        "Reviewers speak of a couple of days.",
    ),
    "late_approval_days": _time(
        14,
        Number(0, 62, "day"),
        "Days after which a late entry needs approval",
        "Reviewers may disregard late time.",
    ),
    "second_person_approval": _time(
        False,
        YES_NO,
        "Must another person approve time entered by hand?",
        "Stricter than the law: time entered by hand waits for another person before it counts.",
    ),
    "attempts_counted": _time(
        False,
        YES_NO,
        "Do minutes of an unanswered call count?",
        "The guide counts only interactive time; an attempt reached nobody.",
        Read.FIRST_DAY,
    ),
    "concurrent_time": _time(
        "once",
        Choice({"once": "counted once", "reviewed": "both, where a reviewer says why"}),
        "The same minutes of two people with one patient",
        "Minutes of two people add up where they are not at the same time; most payers read that as a rule.",
    ),
    "staff_weekly_ceiling_minutes": _time(
        3000,
        Number(300, 10_080, "minute"),
        "Minutes of one person’s week past which the report of unusual time names it",
        "Higher lets weeks pass unseen that reviewers call impossible.",
        Read.LAST_DAY,
    ),
    "staff_daily_ceiling_minutes": _time(
        600,
        Number(60, 1440, "minute"),
        "Minutes of one person’s day past which the list before a close names it",
        "Higher lets days pass unseen that reviewers call impossible.",
        Read.LAST_DAY,
    ),
    "alert_lead_minutes": _time(
        4,
        Number(0, 9, "minute", zero="off"),
        "Minutes before 10, 20, 40, 60 and 80 from which billers are told that a month is near",
        "More tells them of months that stay below. Whoever logs time is never told how little is missing.",
    ),
    "alert_recipients": _time(
        "billers_and_workers",
        Choice(
            {
                "billers_and_workers": "billers, and who worked with the patient in the month",
                "and_lead_nurses": "the same, and lead nurses",
                "and_clinicians": "the same, lead nurses, and physicians, NPs and PAs",
                "billers": "billers alone",
            }
        ),
        "Who is told when a patient’s month reaches a line, or has its minutes and no live contact",
        "Who is not told sees the line on the chart and the caseload only. Billers are always told.",
    ),
    "same_day_visit": _time(
        "exclude_date",
        Choice({"exclude_date": "not counted", "count": "counted"}),
        "Minutes on the day of an office visit",
        "Counting them risks paying twice for one conversation.",
        Read.LAST_DAY,
    ),
    # Keys of care plans.
    "plan_review_days": PolicySpec(
        90,
        Number(7, 366, "day"),
        "Days after which a care plan is reviewed, where its author says no other day",
        "A plan that nobody looks at for long is hard to call active.",
        Group.CARE,
        Read.THE_DAY,
    ),
    # Keys of watching. What is off is not looked for.
    "range_review_days": _watched(
        90,
        Number(7, 366, "day"),
        "Days after which a target range is reviewed, where its author says no other day",
        "A range that nobody looks at for long alarms for values that are usual by now, or for none.",
    ),
    "weight_gain_grams": _watched(
        2000,
        Number(0, 20_000, "gram", zero="off"),
        "Weight gain that opens a warning",
        "More lets fluid gather longer unseen; less warns of meals and clothes.",
    ),
    "weight_gain_days": _watched(
        3,
        Number(1, 30, "day"),
        "Days within which that weight is gained",
        "Fewer miss a slow gain; more warn of a gain that is no fluid.",
    ),
    "repeated_readings": _watched(
        5,
        Number(0, 60, "reading", zero="off"),
        "Readings of a measure on one side of its range that open a warning together",
        "More lets a range be missed longer; fewer warn twice of what each reading warns of.",
    ),
    "repeated_days": _watched(
        7,
        Number(1, 31, "day"),
        "Days within which those readings are taken, the last one’s day with them",
        "More puts readings together that have little to do with each other.",
    ),
    "silent_days": _watched(
        3,
        Number(0, 30, "day", zero="off"),
        "Days without a reading from a device after which a patient is silent",
        "More loses reading days that nobody can make up for.",
    ),
    # Keys of escalations: by when whose it is takes the next step, before it is passed on.
    "escalation_critical_minutes": _escalation(
        60, Number(5, 1440, "minute"), "Minutes within which a critical escalation is answered", _LONGER
    ),
    "escalation_warning_hours": _escalation(
        24, Number(1, 168, "hour"), "Hours within which another escalation is answered", _LONGER
    ),
    "escalation_silence_hours": _escalation(
        72, Number(1, 336, "hour"), "Hours within which somebody asks after a silent patient", _LONGER
    ),
    "escalation_quiet_hours": _escalation(
        24,
        Number(0, 336, "hour"),
        "Hours after resolving a trend or silence before it is escalated anew",
        "Longer hides a trend that goes on, unless it becomes critical. A reading out of its range always escalates.",
    ),
    "silence_pause_days": _escalation(
        14,
        Number(1, 90, "day"),
        "Days for which a silent patient who asked for a pause is not asked after",
        "Longer loses reading days that nobody can make up for.",
    ),
    "old_reading_days": _escalation(
        7,
        Number(0, 365, "day", zero="off"),
        "Days after which a reading that comes late is no more than a warning",
        "More calls people at once for what is long over; less lets a device that was offline alarm late.",
    ),
    # Keys of the close.
    "close_day": PolicySpec(
        5,
        Number(1, 28, before="day "),
        "Day of the next month on which the month closes by itself",
        "Earlier leaves less time to sign; later leaves less time to bill.",
        Group.CLOSE,
        Read.THE_DAY,
    ),
    # Keys of duties. That nobody approves her own time, or a claim with it, is no choice.
    "biller_did_not_approve_time": _duty(
        "Who approved time of a patient’s month approves its claim",
        "Refusing needs one more person; allowing it lets one person vouch for the time and for the bill.",
    ),
    "releaser_is_not_approver": _duty(
        "Who approved a claim exports it",
        "Refusing needs a second biller; allowing it lets one person bill with nobody beside her.",
    ),
    "releaser_did_not_log": _duty(
        "Who logged or approved time of a patient’s month exports its claim",
        "Refusing needs one more person; allowing it lets who did the work send its bill.",
    ),
    # Keys of signing in.
    "second_factor": PolicySpec(
        True,
        YES_NO,
        "Must everybody use a second factor to sign in?",
        "A password alone can be guessed, watched or given away.",
        Group.ACCESS,
        Read.THE_DAY,
    ),
}

RULE_KEYS = tuple(key for key, spec in POLICIES.items() if spec.group is Group.RULES)


def is_per_payer(key: str) -> bool:
    """Whether the policy is looked up for the claim's payer, so that a payer may have a value of its own."""
    return key in PER_PAYER
