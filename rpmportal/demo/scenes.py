"""The scripted patients, in the order in which a smaller demo drops them from the end. Each shows one thing in the
month shown, the last one that is closed; `docs/demo.md` lists them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from foundation.months import last_day
from rpmportal.demo import scripts
from rpmportal.demo.cases import PAYERS, Case, Cover, case
from rpmportal.demo.conditions import BY_SLUG, HIGH
from rpmportal.demo.diary import Session
from rpmportal.demo.stage import Stage

Script = Callable[[Stage], list[Session]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """`who` is (tree, given name, sex). `month` replaces the ordinary sessions of the month shown, `extra` come on
    top, whenever they are; `more` are fields of the case."""

    who: tuple[str, str, str]
    shows: str
    month: Script | None = None
    extra: Script = lambda stage: []
    more: Callable[[Stage], dict] = lambda stage: {}
    condition: str = "bp"

    def case(self, stage: Stage, number: int) -> Case:
        started_on = stage.months[0] - timedelta(days=10)
        own = {
            "adherence": 0.93,
            "visits": (),
            "zone": "",
            "pulse": False,
            "condition": BY_SLUG[self.condition],
        }
        own |= {"started_on": started_on, "covers": (Cover(*PAYERS[0], started_on.replace(month=1, day=1)),)}
        names = {"family": f"Demo-{self.who[0]}", "given": self.who[1], "sex": self.who[2]}
        return case(stage, number, stage.random("case", number), **(names | own | self.more(stage)))


def _guide(stage: Stage) -> dict:
    """Readings on 20 days of the month, and one the day before, with which the 30-day window begins."""
    first = stage.shown - timedelta(days=1)
    kept = [
        stage.shown + timedelta(days=n)
        for n in (0, 1, 2, 3, 5, 6, 7, 8, 10, 11, 12, 14, 15, 16, 18, 19, 20, 22, 23)
    ]
    return {"started_on": first, "days": frozenset([first, *kept, last_day(stage.shown)])}


# The guide's note: 14 days, 132-158/82-96, 6 of them above 140/90.
_FORTNIGHT = (
    (136, 84), (148, 90), (132, 82), (138, 86), (152, 92), (134, 83), (158, 96),
    (139, 88), (146, 88), (137, 85), (150, 91), (140, 90), (144, 89), (135, 84),
)  # fmt: skip


def _note(stage: Stage) -> dict:
    last = stage.workday(scripts.NOTE_DAY)
    values = {last - timedelta(days=13 - n): pair for n, pair in enumerate(_FORTNIGHT)}
    goal = HIGH.goal | {"high": Decimal(140), "second_high": Decimal(90)}
    condition = replace(HIGH, goal=goal, goal_words="140/90")
    return {
        "condition": condition,
        "days": frozenset(values),
        "values": values,
        "baseline": 141.0,
        "medicine": "lisinopril 20 mg",
    }


def _window(*offsets: int) -> Callable[[Stage], dict]:
    """Reading days counted from the first day of a 30-day window that ends on the 25th of the month shown."""

    def more(stage: Stage) -> dict:
        first = stage.shown - timedelta(days=5)
        return {"started_on": first, "days": frozenset(first + timedelta(days=n) for n in offsets)}

    return more


def _two_payers(stage: Stage) -> dict:
    change, since = stage.shown + timedelta(days=14), date(stage.months[0].year - 1, 1, 1)
    return {"covers": (Cover(*PAYERS[0], since, change), Cover(*PAYERS[1], change))}


def _in_hospital(stage: Stage) -> dict:
    """16 reading days, none of them away: the stay is the days 14, 15 and 16 of the window."""
    at_home = _window(0, 1, 3, 5, 7, 9, 11, 12, 13, 17, 19, 21, 23, 25, 27, 29)
    return at_home(stage) | {"beside": ("stay",)}


def _lacks(*names: str) -> Callable[[Stage], dict]:
    return lambda stage: {"lacks": frozenset(names)}


_SIXTEEN = (0, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29)
SCENES = (
    Scene(
        who=("Maple", "Gilda", "F"),
        shows=(
            "The guide's example: 6 + 4 and 5 + 7 minutes with two calls, readings on 20 days. 22 min, 99457."
        ),
        month=scripts.guide,
        more=_guide,
    ),
    Scene(
        who=("Birch", "Conrad", "M"),
        shows=(
            "The guide's compliant note: 14 days, 132–158/82–96, 6 days above target, a call about "
            "salt and missed evening doses, 12 min."
        ),
        month=scripts.compliant,
        more=_note,
    ),
    Scene(
        who=("Cedar", "Silas", "M"),
        shows="22 min and no live contact, only a secure message: held.",
        month=scripts.no_contact,
    ),
    Scene(
        who=("Elm", "Vera", "F"),
        shows="22 min and only a voicemail: an attempt is no live contact.",
        month=scripts.voicemail,
    ),
    Scene(
        who=("Oak", "Xandra", "F"),
        shows="Readings on exactly 16 days of the window: 99454.",
        month=scripts.plain,
        more=_window(*_SIXTEEN),
    ),
    Scene(
        who=("Pine", "Fifi", "F"),
        shows="Readings on exactly 15 days of the window: 99445.",
        month=scripts.plain,
        more=_window(*_SIXTEEN[:-2], 29),
    ),
    Scene(
        who=("Alder", "Nick", "M"),
        shows="19 min 59 s: one second short of 99457.",
        month=scripts.exactly(600, 599),
    ),
    Scene(
        who=("Ash", "Theda", "F"),
        shows="20 min exactly: 99457.",
        month=scripts.exactly(600, 600),
    ),
    Scene(
        who=("Willow", "Otto", "M"),
        shows="Two nurses at once: 24 min worked, 18 counted.",
        month=scripts.two_nurses,
    ),
    Scene(
        who=("Hazelnut", "Vito", "M"),
        shows="A session voided: the alert at 20 min is withdrawn.",
        month=scripts.voided,
    ),
    Scene(
        who=("Juniper", "Amy", "F"),
        shows="A session amended from 12 to 9 min in the same month: 19 min.",
        month=scripts.amended,
    ),
    Scene(
        who=("Larch", "Reo", "M"),
        shows="Approved, month re-opened, session amended, closed again: sent back to review.",
        month=scripts.amended_after_close,
    ),
    Scene(
        who=("Spruce", "Cora", "F"),
        shows="No consent on file: held.",
        month=scripts.plain,
        more=_lacks("consent"),
    ),
    Scene(
        who=("Poplar", "Olaf", "M"),
        shows="No order on file: held.",
        month=scripts.plain,
        more=_lacks("order"),
    ),
    Scene(
        who=("Rowan", "Nine", "F"),
        shows="9 min 59 s: one second short of 99470.",
        month=scripts.exactly(599),
    ),
    Scene(
        who=("Beech", "Tenzin", "M"),
        shows="10 min exactly: 99470.",
        month=scripts.exactly(600),
    ),
    Scene(
        who=("Chestnut", "Thora", "F"),
        shows="39 min 59 s: 99457 alone.",
        month=scripts.exactly(800, 800, 799),
    ),
    Scene(
        who=("Hickory", "Forte", "M"),
        shows="40 min exactly: 99457 and 99458 once.",
        month=scripts.exactly(800, 800, 800),
    ),
    Scene(
        who=("Linden", "Sixta", "F"),
        shows="60 min exactly: 99457 and 99458 twice.",
        month=scripts.exactly(720, 720, 720, 720, 720),
    ),
    Scene(
        who=("Cypress", "Luna", "F"),
        shows="A session over midnight at the month's end: 10 min in each month.",
        month=scripts.over_midnight,
    ),
    Scene(
        who=("Sumac", "Tardy", "M"),
        shows="Entered five days late, with a reason: marked late, counted.",
        month=scripts.late,
    ),
    Scene(
        who=("Sequoia", "Wanda", "F"),
        shows="Entered weeks late: waits for approval, not counted.",
        month=scripts.very_late,
    ),
    Scene(
        who=("Acacia", "Appro", "M"),
        shows="Entered weeks late and approved by the lead nurse: counted.",
        month=scripts.very_late_approved,
    ),
    Scene(
        who=("Magnolia", "Visita", "F"),
        shows="A session on the day of an office visit: not counted.",
        month=scripts.visit_day,
        more=lambda stage: {"visits": (stage.workday(9),)},
    ),
    Scene(
        who=("Laurel", "Heda", "F"),
        shows="Diagnosis E11, a heading and no full code.",
        month=scripts.plain,
        more=lambda stage: {"codes": ("E11",)},
        condition="glucose",
    ),
    Scene(
        who=("Myrtle", "Dino", "M"),
        shows="No diagnosis on file: held.",
        month=scripts.plain,
        more=lambda stage: {"codes": ()},
    ),
    Scene(
        who=("Olive", "Duo", "M"),
        shows="Two cuffs that measure in the same minute.",
        month=scripts.plain,
        more=lambda stage: {"spare": True},
    ),
    Scene(
        who=("Walnut", "Molly", "F"),
        shows="A meter set to mmol/L, its values converted.",
        month=scripts.plain,
        more=lambda stage: {"mmol": True},
        condition="glucose",
    ),
    Scene(
        who=("Mulberry", "Dusty", "M"),
        shows="Readings and a session across the change of clocks, if there is one in the months played.",
        extra=scripts.clock_change,
        more=lambda stage: {"night_owl": True},
    ),
    Scene(
        who=("Tamarack", "Paya", "F"),
        shows="Changes payer in the middle of the month.",
        month=scripts.plain,
        more=_two_payers,
    ),
    Scene(
        who=("Dogwood", "Quiet", "M"),
        shows="Silent: no readings in the month.",
        month=scripts.silent,
        more=lambda stage: {"silent_from": stage.shown - timedelta(days=4)},
    ),
    Scene(
        who=("Fir", "Lowell", "M"),
        shows="Readings on 6 days of the window: 99445, with 11 min.",
        month=scripts.exactly(660),
        more=_window(0, 4, 9, 14, 20, 29),
    ),
    Scene(
        who=("Hemlock", "Typa", "F"),
        shows="Typed-in readings only: no device code.",
        month=scripts.plain,
        more=lambda stage: {"typed": True},
    ),
    Scene(
        who=("Redwood", "Basil", "M"),
        shows="A device without its basis as a medical device: held.",
        month=scripts.plain,
        more=_lacks("basis"),
    ),
    Scene(
        who=("Teak", "Sola", "F"),
        shows="No supervising practitioner: held.",
        month=scripts.plain,
        more=_lacks("supervision"),
    ),
    Scene(
        who=("Palm", "Medea", "F"),
        shows="The physician alone reviewed data for 32 min.",
        month=scripts.physician,
    ),
    Scene(
        who=("Yew", "Kara", "F"),
        shows="All contact through a caregiver.",
        month=scripts.caregiver,
        condition="spo2",
    ),
    Scene(
        who=("Aspen", "Chat", "M"),
        shows="Only a live text chat, which the default policy does not count.",
        month=scripts.chat,
        condition="weight",
    ),
    Scene(
        who=("Buckeye", "Helpa", "F"),
        shows="A call about the device alone: no live contact, its minutes not counted.",
        month=scripts.device_help,
    ),
    Scene(
        who=("Catalpa", "Late", "M"),
        shows="Consent given after the first session: that one is not counted, nor the readings before it.",
        month=scripts.late_consent,
        more=lambda stage: {"consent_on": stage.workday(6)},
    ),
    Scene(
        who=("Sycamore", "Thera", "F"),
        shows="Another practice bills therapy monitoring in the same month.",
        month=scripts.plain,
        more=lambda stage: {"beside": ("service",)},
    ),
    Scene(
        who=("Hornbeam", "Gena", "F"),
        shows="After an operation of ours; the physician attests that the monitoring is for something else.",
        month=scripts.plain,
        more=lambda stage: {"beside": ("surgery",)},
    ),
    Scene(
        who=("Basswood", "Clint", "M"),
        shows="Three nights in hospital, without readings; 16 other days: 99454.",
        month=scripts.plain,
        more=_in_hospital,
    ),
)
