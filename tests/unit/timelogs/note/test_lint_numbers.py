"""Numbers in the text against stored readings: 128–141/78–84 mmHg, 84.1–85.6 kg, 84–95 %, 92–187 mg/dL, 58–92/min."""

import pytest

from tests.unit.timelogs.note.charts import ALL, FROM, PRESSURE, SILENT, UNTIL, numbers
from timelogs.note.lint import LintNote, lint


@pytest.mark.parametrize("value", ["128/78", "141/84", "135/80", "128/84", "141/78"])
def test_a_pressure_on_the_edge_or_inside_is_among_the_readings(value):
    assert numbers(f"BP {value} after the walk.") == []


@pytest.mark.parametrize("value", ["127/78", "142/84", "128/77", "141/85", "158/96", "99/60"])
def test_a_pressure_just_outside_is_not(value):
    assert numbers(f"BP {value} after the walk.") == [value]


@pytest.mark.parametrize(
    "written",
    [
        "158/96",
        "158 / 96",
        "158∕96",
        "158 over 96",
        "158/96mmHg",
        "158/96 mmHg",
        "BP158/96mmHg",
        "158\u202f/\u202f96",
    ],
)
def test_a_pressure_is_read_however_it_is_written(written):
    assert len(numbers(f"Saw {written} once")) == 1


@pytest.mark.parametrize("dash", ["-", "–", "—", "‑", "−", " - ", " – ", " to "])
def test_every_dash_makes_a_range(dash):
    assert numbers(f"Ranged 128{dash}141/78{dash}84 mmHg.") == []
    wrong = f"132{dash}158/82{dash}96"
    assert numbers(f"Ranged {wrong} mmHg.") == [wrong]


def test_a_range_of_pairs_is_read_pair_by_pair():
    assert numbers("From 128/78 to 141/84.") == []
    assert numbers("132/82-158/96") == ["158/96"]
    assert numbers("Between 118/79 and 141/84") == ["118/79"]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("systolic 158", ["158"]),
        ("systolic 141", []),
        ("systolic 142", ["142"]),
        ("SBP: 127", ["127"]),
        ("SBP=128", []),
        ("SBP152 on waking", ["152"]),
        ("Systolic pressures in the 140s", []),
        ("Systolics in the 150s", ["150s"]),
        ("systolics 120s–130s", []),
        ("systolic was as high as 158 at 7:40", ["158"]),
        ("158 systolic", ["158 systolic"]),
        ("141 systolic, 84 diastolic", []),
        ("diastolic 85", ["85"]),
        ("DBP 78-84", []),
        ("DBP 77–84", ["77–84"]),
        ("BP 158 this morning", ["158"]),
        ("Top number 158 twice", ["158"]),
    ],
)
def test_one_number_of_a_pressure_is_held_against_its_own_range(text, wrong):
    assert numbers(text) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Weight 84.1 kg", []),
        ("Weight 84,1 kg", []),
        ("Weight 84.0 kg", ["84.0 kg"]),
        ("Weight 85.6kg", []),
        ("Weight 85.7kg", ["85.7kg"]),
        ("85,9 kg on Friday", ["85,9 kg"]),
        ("Weight 86 kg", []),  # 85.6, rounded
        ("Weight 87 kg", ["87 kg"]),
        ("weight 84.1–85.6", []),
        ("84.1 kg to 88.2 kg", ["84.1 kg to 88.2 kg"]),
        ("187 lb", []),
        ("185lbs", []),
        ("190 lb", ["190 lb"]),
        ("Gained 3 lb, up 1.5 kg", []),
        ("Lost 40 kg since surgery", []),
    ],
)
def test_a_weight_is_read_in_either_unit_and_with_point_or_comma(text, wrong):
    assert numbers(text) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("SpO2 84%", []),
        ("SpO₂ 83 %", ["83 %"]),
        ("sat 95", []),
        ("O2 sat of 96 on room air", ["96"]),
        ("Oxygen 2 L at night", []),
        ("saturation 88–92 %", []),
        ("pulse ox 97%", ["97%"]),
        ("Takes 80% of doses", []),
        ("HbA1c 7.4%, EF 45%", []),
        ("Glucose 92 mg/dL", []),
        ("Glucose 91 mg/dL", ["91 mg/dL"]),
        ("Fasting sugar 188", ["188"]),
        ("Glucose 10.4 mmol/L", []),
        ("Glucose 11.4 mmol/L", ["11.4 mmol/L"]),
        ("LDL 212 mg/dL", []),
        ("Pulse 58", []),
        ("Pulse 57", ["57"]),
        ("HR 93 bpm", ["93 bpm"]),
        ("HR 60s-80s", []),
        ("110 bpm in bed", ["110 bpm"]),
        ("Respiratory rate 22/min", []),
        ("24 hr urine 150", []),
    ],
)
def test_the_other_measures(text, wrong):
    assert numbers(text) == wrong


@pytest.mark.parametrize(
    "text",
    [
        "Goal below 130/80.",
        "Target: 150/90.",
        "Her goal is less than 150/90.",
        "Above goal of 125/75 on most evenings.",
        "158/96 is her limit.",
        "Call if systolic above 160 or weight 90 kg or more.",
        "Call parameters 160/100 and 95/55.",
        "Lisinopril 10 mg, losartan 100/50 mg.",
        "Novolin 70/30 before supper.",
        "Phone 555-0142 or (212) 158-9600.",
        "77 years old, born 14/03/1949, visit on 3/14/2026 at 15:08.",
        "She measured 150/90 at the pharmacy.",
        "Patient reports 160/95 on Friday.",
        "At home on the old cuff 162/94.",
        "At the cardiologist's office it was 170/92.",
        "Down from 165/95.",
        "Compared with January (158/96) she is better.",
        "On 20 February 158/96.",
        "Before enrolment 178/104.",
        "Last month it was 158/96.",
        "In 2024 it was 158/96.",
        "Readings above 150/90: none.",
        "Checked each day against 150/90.",
        "Mostly within 125/75, so the plan stays.",
        "Sodium 1500 mg, 20/40 vision.",
    ],
)
def test_goals_doses_dates_and_what_was_measured_elsewhere_are_no_claims(text):
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Goal 130/80, yesterday 158/96.", "158/96"),
        ("Goal below 130/80. Highest 158/96.", "158/96"),
        ("Above goal: 158/96.", "158/96"),
        ("Home 158/96, but 150/90 at the pharmacy.", "158/96"),
        ("On 9 March 158/96.", "158/96"),
        ("On 9 March 2026 158/96.", "158/96"),
        ("She may walk more; 158/96 at night.", "158/96"),
        ("The cuff reports 158/96.", "158/96"),
    ],
)
def test_an_excuse_covers_its_own_number_only(text, wrong):
    assert numbers(text) == [wrong]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("6 days above goal", []),
        ("5 days above goal", ["5 days above"]),
        ("7 days above goal", ["7 days above"]),
        ("six days above", []),
        ("Nine days above", ["Nine days above"]),
        ("7 days out of range", []),
        ("8 days out of range", ["8 days out of"]),
        ("Above target on 6 of 14 days", []),
        ("Above target on 6 of 13 days", []),
        ("6 days above 150/90", []),
        ("28 readings on 13 days", []),
        ("28 readings on 14 days", ["28 readings on 14 days"]),
        ("28 readings over 14 days", []),
        ("29 readings on 13 days", ["29 readings on 13 days"]),
        ("27 readings on 13 days", ["27 readings on 13 days"]),
        ("A total of 26 readings", ["26 readings"]),
        ("3 readings from Tuesday", []),
        ("No readings on 4 days", []),
        ("Readings on 12 days", ["Readings on 12 days"]),
        ("Recheck in 6 days, for 10 days", []),
    ],
)
def test_counts_of_readings_and_days(text, wrong):
    assert numbers(text, facts=(PRESSURE,)) == wrong


def test_a_silent_device_and_no_device_have_no_numbers():
    assert numbers("BP 130/80", facts=(SILENT,)) == ["130/80"]
    assert numbers("BP 130/80", facts=()) == ["130/80"]


def test_the_advice_quotes_the_number_and_what_is_stored():
    said = lint(LintNote(data_note="Saw 158/96.", facts=ALL))[0].advice
    assert said == "Check 158/96: it is not among the readings of 1–14 Mar, 128–141/78–84 mmHg."
    silent = lint(LintNote(data_note="Saw 158/96.", facts=(SILENT,)))[0].advice
    assert silent == "Check 158/96: no device sent such a reading in 1–14 Mar. Say who measured it."
    count = lint(LintNote(data_note="9 days above goal.", facts=(PRESSURE,)))[0].advice
    assert count == "Check “9 days above”: stored for 1–14 Mar are 6 days above range."
    assert (FROM.day, UNTIL.day) == (1, 14)
