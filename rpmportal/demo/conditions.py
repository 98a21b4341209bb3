"""What the patients have, what they measure, and the words that go with it."""

from dataclasses import dataclass
from decimal import Decimal

from patients.models import DeviceKind, Measure


@dataclass(frozen=True, slots=True)
class Condition:
    """`goal` are the fields of a TargetRange; weight's is set around the patient's own baseline."""

    slug: str
    kind: DeviceKind
    measure: Measure
    codes: tuple[str, ...]
    models: tuple[tuple[str, str], ...]
    goal: dict
    goal_words: str
    necessity: str
    order: str
    plan: str
    medicines: tuple[str, ...]
    habits: tuple[str, ...]
    feelings: tuple[str, ...]


_CUFFS = (("DemoCuff 2", "510(k) K000001 (invented)"), ("DemoCuff 5 pulse", "510(k) K000002 (invented)"))
_SALT = (
    "canned soup at lunch", "restaurant dinners at the weekend", "salted crackers in the evening",
    "deli meat in sandwiches", "soy sauce on most dinners", "coffee right before measuring",
    "skipping the afternoon walk",
)  # fmt: skip
_BP_FEELINGS = (
    "a headache on two mornings", "no dizziness and no chest pain", "lightheadedness when standing up quickly",
    "sleeping badly this week", "feeling well and walking daily", "some ankle swelling by evening",
)  # fmt: skip
_BP_MEDICINES = (
    "lisinopril 20 mg",
    "amlodipine 5 mg",
    "losartan 50 mg",
    "chlorthalidone 12.5 mg",
    "metoprolol 25 mg",
)
_BP_GOAL = {
    "high": Decimal(135),
    "second_high": Decimal(85),
    "low": Decimal(95),
    "second_low": Decimal(50),
    "critical_high": Decimal(180),
    "second_critical_high": Decimal(110),
    "critical_low": Decimal(85),
    "second_critical_low": Decimal(40),
}

CONTROLLED = Condition(
    slug="bp",
    kind=DeviceKind.BP_CUFF,
    measure=Measure.BLOOD_PRESSURE,
    codes=("I10",),
    models=_CUFFS,
    goal=_BP_GOAL,
    goal_words="135/85",
    necessity="Hypertension with visits that read higher than home; medicine adjusted twice in a year.",
    order="Remote monitoring of blood pressure, twice a day, for hypertension.",
    plan="Measure seated, morning and evening. Call above 160/100 or below 90/50.",
    medicines=_BP_MEDICINES,
    habits=_SALT,
    feelings=_BP_FEELINGS,
)
HIGH = Condition(
    slug="bp-high",
    kind=DeviceKind.BP_CUFF,
    measure=Measure.BLOOD_PRESSURE,
    codes=("I10", "E78.5"),
    models=_CUFFS,
    goal=_BP_GOAL,
    goal_words="135/85",
    necessity="Uncontrolled hypertension after two changes of medicine; titration under way.",
    order="Remote monitoring of blood pressure, twice a day, during titration.",
    plan="Measure seated, morning and evening. Titrate every two weeks until below 135/85.",
    medicines=_BP_MEDICINES,
    habits=_SALT,
    feelings=_BP_FEELINGS,
)
GLUCOSE = Condition(
    slug="glucose",
    kind=DeviceKind.GLUCOMETER,
    measure=Measure.GLUCOSE,
    codes=("E11.65", "I10"),
    models=(("DemoMeter 1", "510(k) K000003 (invented)"),),
    goal={
        "low": Decimal(80),
        "high": Decimal(180),
        "critical_low": Decimal(54),
        "critical_high": Decimal(300),
    },
    goal_words="80 to 180",
    necessity="Type 2 diabetes with hyperglycemia; fasting values vary widely between visits.",
    order="Remote monitoring of fasting glucose, once a day.",
    plan="Measure before breakfast. Call above 250 or below 70.",
    medicines=("metformin 1000 mg", "glipizide 5 mg", "empagliflozin 10 mg", "insulin glargine 18 units"),
    habits=(
        "juice at breakfast",
        "late snacks",
        "birthday cake twice this week",
        "fruit in the evening",
        "skipped lunches",
    ),
    feelings=(
        "no low-sugar spells",
        "feeling thirsty in the evenings",
        "one shaky morning before breakfast",
        "more energy than last month",
    ),
)
WEIGHT = Condition(
    slug="weight",
    kind=DeviceKind.SCALE,
    measure=Measure.WEIGHT,
    codes=("I50.22", "I10"),
    models=(("DemoScale 3", "510(k) K000004 (invented)"),),
    goal={},
    goal_words="within 1.5 kg of dry weight",
    necessity="Chronic systolic heart failure; admitted once last year for fluid overload.",
    order="Remote monitoring of weight, every morning, for heart failure.",
    plan="Weigh every morning before breakfast. Call at 1 kg in a day or 2 kg in a week.",
    medicines=(
        "furosemide 40 mg",
        "spironolactone 25 mg",
        "carvedilol 12.5 mg",
        "sacubitril/valsartan 49/51 mg",
    ),
    habits=(
        "pickles and broth",
        "a salty family dinner",
        "more than two liters of fluid on hot days",
        "frozen dinners",
    ),
    feelings=(
        "sleeping on two pillows as before",
        "shoes feeling tight by evening",
        "no shortness of breath on stairs",
        "a light cough at night",
    ),
)
SPO2 = Condition(
    slug="spo2",
    kind=DeviceKind.OXIMETER,
    measure=Measure.SPO2,
    codes=("J44.9",),
    models=(("DemoOx 1", "510(k) K000005 (invented)"),),
    goal={"low": Decimal(90), "critical_low": Decimal(85)},
    goal_words="at least 90",
    necessity="COPD with two exacerbations in the past year.",
    order="Remote monitoring of oxygen saturation, once a day at rest.",
    plan="Measure at rest after five minutes. Call below 88.",
    medicines=("tiotropium once daily", "budesonide/formoterol twice daily", "albuterol as needed"),
    habits=(
        "the wood stove in the evening",
        "skipping the spacer",
        "dusting without a mask",
        "short walks only",
    ),
    feelings=(
        "clear sputum as usual",
        "more breathless on the stairs",
        "no fever and no new cough",
        "using albuterol twice a day",
    ),
)

BY_SLUG = {c.slug: c for c in (CONTROLLED, HIGH, GLUCOSE, WEIGHT, SPO2)}
# How often each is met among the ordinary patients.
SHARES = {"bp": 45, "bp-high": 20, "glucose": 16, "weight": 11, "spo2": 8}
