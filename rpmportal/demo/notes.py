"""Notes in a nurse's words, from a grammar whose slots are the patient's own readings, medicine and habits.

One nurse copies herself now and then, so that the check for near copies has something to find.
"""

from datetime import timedelta
from random import Random

from patients.models import Measure
from rpmportal.demo.cases import Case
from rpmportal.demo.diary import Contact, Session
from timelogs.models import ClinicalAction, Method, Party, Topic

COPIER, COPIES = "third", 0.3
COPIED = {
    "said": "Reviewed the readings with the patient. Patient is doing well and has no complaints.",
    "action_detail": "Readings reviewed and stable; continue the current plan and monitor.",
}
_METHODS = {
    Contact.CALL: Method.PHONE,
    Contact.CAREGIVER: Method.PHONE,
    Contact.DEVICE_HELP: Method.PHONE,
    Contact.VIDEO: Method.VIDEO,
    Contact.MESSAGE: Method.SECURE_MESSAGE,
    Contact.CHAT: Method.LIVE_CHAT,
    Contact.VOICEMAIL: Method.NO_ANSWER,
}
_SAW = (
    "{values} over two weeks against a goal of {goal}.",
    "Compared with the goal of {goal}: {values}.",
    "{values}. Highest values cluster {cluster}.",
    "Goal {goal}. Seen: {values}; pattern worst {cluster}.",
    "{values}; {trend} than in the two weeks before.",
    "Checked each day against {goal}: {values}, {trend} since the last review.",
)
_CLUSTERS = (
    "in the evenings",
    "on weekends",
    "after missed doses",
    "in the mornings",
    "on days with visitors",
)
_TRENDS = ("slightly lower", "slightly higher", "about the same", "less scattered", "more scattered")
_OPENERS = (
    "Went through the last two weeks with {given}",
    "{given} had the device log at hand and read along",
    "Talked about {values}",
    "{given} asked what the numbers mean for the goal of {goal}",
    "Discussed readings and the goal of {goal}",
    "{given} called back and we looked at the chart together",
)
_MIDDLES = (
    "reports {feeling}",
    "mentions {habit}",
    "takes {medicine} most days, missed {missed} doses",
    "takes {medicine} every day without side effects",
    "says {helper_name} now helps with measuring",
    "is worried about the high values and reports {feeling}",
)
_CLOSERS = (
    "Agreed to measure at the same time each day.",
    "Will cut back on {habit}.",
    "Will set a phone alarm for {medicine}.",
    "Repeated back when to call us.",
    "Next talk in {weeks} weeks.",
    "Will bring the log to the visit.",
)
_ACTIONS = {
    ClinicalAction.NO_CHANGE: (
        "{values}: mostly within {goal}, so the plan stays as it is.",
        "No change: {feeling}, and values move around the goal of {goal}.",
        "Plan stays. {medicine} continues; look again in {weeks} weeks.",
        "Values support the present dose of {medicine}.",
    ),
    ClinicalAction.EDUCATION: (
        "Taught about {habit} and its effect on the values.",
        "Explained timing of {medicine}; {given} repeated it back.",
        "Showed how to sit and wait five minutes before measuring; {habit} explained.",
        "Went over warning signs and when to call; handout sent about {habit}.",
    ),
    ClinicalAction.ESCALATED: (
        "Told Dr. Demo-Physician about {values}; asked about {medicine}.",
        "Passed on to the physician: {feeling}, values {trend}.",
    ),
    ClinicalAction.MEDICINE_CHANGE: (
        "Dr. Demo-Physician changed the dose of {medicine} after {values}.",
        "Physician's order read back and given to {given}: new timing for {medicine}.",
    ),
}
_NAMES = {
    Measure.BLOOD_PRESSURE: "blood pressure",
    Measure.GLUCOSE: "fasting glucose",
    Measure.WEIGHT: "weight",
    Measure.SPO2: "SpO₂",
}
_NO_DATA = "The device sent nothing in these two weeks; that was the reason to look into it."


def compose(session: Session, case: Case, facts: list[dict], rng: Random) -> dict:
    """The author's fields of a note. What the session sets itself comes before everything here."""
    slots = _slots(case, facts, rng)
    heard = any(fact["count"] for fact in facts)
    note = {
        "data_reviewed": heard,
        "data_note": _line(_SAW, slots, rng) if heard else "",
        "no_data_reason": "" if heard else _NO_DATA,
    }
    note |= _contact(session, case, slots, rng) | _action(session, slots, rng)
    if session.author == COPIER and session.contact is Contact.CALL and rng.random() < COPIES:
        note |= COPIED
    return note | session.note | {"late_reason": session.late_reason}


def _slots(case: Case, facts: list[dict], rng: Random) -> dict[str, str]:
    fact = next((f for f in facts if f["measure"] == case.condition.measure and f["count"]), None)
    return {
        "values": f"{_NAMES[case.condition.measure]} {_span(fact)} on {fact['days']} days"
        if fact
        else "no readings",
        "goal": case.condition.goal_words,
        "given": case.given,
        "medicine": case.medicine,
        "helper_name": case.helper.split(",")[0],
        "habit": rng.choice(case.condition.habits),
        "feeling": rng.choice(case.condition.feelings),
        "cluster": rng.choice(_CLUSTERS),
        "trend": rng.choice(_TRENDS),
        "missed": rng.choice(("one or two", "two", "about three", "hardly any")),
        "weeks": rng.choice(("two", "three", "four")),
    }


def _span(fact: dict) -> str:
    first = f"{fact['low']}–{fact['high']}"
    return f"{first}/{fact['second_low']}–{fact['second_high']}" if fact["second_low"] else first


def _line(choices, slots: dict[str, str], rng: Random) -> str:
    text = rng.choice(choices).format(**slots)
    return text[:1].upper() + text[1:]


def _contact(session: Session, case: Case, slots: dict[str, str], rng: Random) -> dict:
    if session.contact is Contact.NONE:
        return {"party": Party.NONE}
    caregiver = session.contact is Contact.CAREGIVER
    name, relation = case.helper.split(", ") if caregiver else ("", "")
    began, length = session.call
    note = {
        "party": Party.CAREGIVER if caregiver else Party.PATIENT,
        "party_name": name,
        "party_relation": relation,
        "method": _METHODS[session.contact],
        "contact_started_at": began,
        "contact_seconds": length,
    }
    return note if session.contact is Contact.VOICEMAIL else note | _talk(session, slots, rng)


def _talk(session: Session, slots: dict[str, str], rng: Random) -> dict:
    if session.contact is Contact.DEVICE_HELP:
        said = f"{slots['given']} could not get the device to send. Went through pairing step by step until it did."
        return {"topics": [Topic.DEVICE_HELP], "said": said}
    opener, closer = _line(_OPENERS, slots, rng), _line(_CLOSERS, slots, rng)
    middles = " and ".join(text.format(**slots) for text in rng.sample(_MIDDLES, 2))
    others = rng.sample([Topic.MEDICINES, Topic.DIET, Topic.SYMPTOMS, Topic.ACTIVITY], rng.randint(1, 2))
    topics = [topic.value for topic in Topic if topic in {Topic.READINGS, *others}]
    return {"topics": topics, "said": f"{opener}. {slots['given']} {middles}. {closer}"}


def _action(session: Session, slots: dict[str, str], rng: Random) -> dict:
    if session.contact is Contact.VOICEMAIL:
        return {"action": ClinicalAction.TRY_AGAIN, "follow_up_on": session.day + timedelta(days=2)}
    weights = {
        ClinicalAction.NO_CHANGE: 50,
        ClinicalAction.EDUCATION: 35,
        ClinicalAction.ESCALATED: 9,
        ClinicalAction.MEDICINE_CHANGE: 6,
    }
    action = rng.choices(list(weights), weights=list(weights.values()))[0]
    return {"action": action, "action_detail": _line(_ACTIONS[action], slots, rng)}
