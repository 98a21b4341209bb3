"""Minutes against the clock, phrases that say nothing, who and how; and that none of it takes long."""

from time import process_time

import pytest

from tests.unit.timelogs.note.charts import ALL, remarks
from timelogs.note.lint import FIELDS, LintNote, lint

CLOCK = {"call_seconds": 250, "session_seconds": 725}


def minutes(text, **known):
    return [quote for _, quote in remarks(said=text, kind="minutes-not-the-clock", **{**CLOCK, **known})]


def vague(**texts):
    return [d.field for d in lint(LintNote(party="patient", method="phone", **texts)) if d.kind == "vague"]


def contact(text="", **known):
    return [quote for _, quote in remarks(text, kind="who-or-how-missing", **known)]


@pytest.mark.parametrize(
    "text", ["Spoke for 4 minutes.", "5-minute call.", "Talked 4 mins", "call lasted 5min"]
)
def test_a_whole_minute_either_way_is_the_same_call(text):
    assert minutes(text) == []


@pytest.mark.parametrize(("told", "seconds"), [(4, 180), (4, 300), (20, 1140), (20, 1260)])
def test_exactly_a_minute_off_is_fine(told, seconds):
    assert minutes(f"Spoke for {told} minutes.", call_seconds=seconds, session_seconds=3600) == []


@pytest.mark.parametrize(("told", "seconds"), [(4, 179), (4, 301), (20, 1139), (20, 1261)])
def test_a_second_more_is_not(told, seconds):
    assert minutes(f"Spoke for {told} minutes.", call_seconds=seconds, session_seconds=3600) == [
        f"{told} minutes"
    ]


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Spoke for 20 minutes.", "20 minutes"),
        ("twenty words, spoke for ten minutes", "ten minutes"),
        ("20-min call about salt", "20-min"),
        ("15–20 minute conversation", "15–20 minute"),
        ("Total 25 min.", "25 min"),
        ("Total time: 9 min", "9 min"),
        ("25 min in all", "25 min"),
        ("RPM management - 20 min", "20 min"),
        ("Spent 20 minutes on review", "20 minutes"),
    ],
)
def test_minutes_that_the_clock_contradicts(text, wrong):
    assert minutes(text) == [wrong]


@pytest.mark.parametrize(
    "text",
    [
        "Spoke for about 6 minutes.",
        "Spoke for 3-5 minutes.",
        "Total 12 min, 4 of them a call.",
        "Total 13 min.",
        "Spent 5 minutes on review.",
        "Walks 30 minutes a day.",
        "Rests 5 minutes before each reading.",
        "Will call back in 20 minutes.",
        "Called after walking 30 minutes.",
        "45 minutes this month in total.",
        "99457 takes 20 minutes total a month.",
        "Dizzy for 20 minutes.",
    ],
)
def test_minutes_that_it_does_not(text):
    assert minutes(text) == []


def test_without_a_measured_call_only_the_session_is_its_bound():
    assert minutes("Spoke for 11 minutes.", call_seconds=None) == []
    assert minutes("Spoke for 20 minutes.", call_seconds=None) == ["20 minutes"]
    assert minutes("Spoke for 20 minutes.", call_seconds=None, session_seconds=None) == []


def test_the_advice_says_what_the_clock_shows():
    said = lint(
        LintNote(said="Spoke for 20 minutes. Total 40 min.", party="patient", method="phone", **CLOCK)
    )
    assert [defect.advice for defect in said] == [
        "Check “20 minutes”: the contact took 4 min 10 s.",
        "Check “40 min”: the clock shows 12 min 05 s for this session.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Doing well",
        "doing well.",
        "Will continue to monitor",
        "RPM management - 20 min",
        "RPM management – 20 minutes",
        "Patient stable. No issues.",
        "N/A",
        "Pt. is stable, no new concerns!",
        "...",
    ],
)
def test_a_field_that_says_nothing_is_vague_whichever_it_is(text):
    assert [vague(**{field: text}) for field in FIELDS] == [[field] for field in FIELDS]


@pytest.mark.parametrize(
    "text",
    [
        "Doing well: walks to church again",
        "Will continue to monitor ankles",
        "No issues with the large cuff",
        "Stable at 132/80",
        "Stable. Sleeps flat.",
        "",
        "   ",
    ],
)
def test_one_word_of_substance_is_enough(text):
    assert vague(data_note=text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Spoke with patient about salt.",
        "She says the pill is bitter.",
        "Told her to rest first.",
        "Daughter reports a fall.",
    ],
)
@pytest.mark.parametrize("lacking", [{"party": ""}, {"method": ""}, {"party": "none", "method": ""}])
def test_words_of_a_contact_want_who_and_how(text, lacking):
    assert len(contact(text, **lacking)) == 1
    assert contact(text, party_name="Ana") == []


@pytest.mark.parametrize(
    "text",
    [
        "Will call her on Monday.",
        "She is to call us with chest pain.",
        "Could not reach; patient not called today.",
        "Last week she told us about cramps.",
        "Daughter lives next door.",
        "Phone alarm is set.",
        "A salty family dinner explained the peak.",
        "Asked Dr Rivera about the dose.",
    ],
)
def test_plans_and_other_days_are_no_contact(text):
    assert contact(text, party="none", method="") == []


def test_a_caregiver_who_speaks_has_a_name():
    assert contact("Daughter reports a fall.", party="caregiver") == ["Daughter reports"]
    assert contact("Daughter Maria reports a fall.", party="caregiver") == []
    assert contact("Daughter reports a fall.", party="caregiver", party_name="Maria") == []
    assert contact("Wife says he fell.", party="patient") == ["Wife says"]
    assert contact("Patient says her daughter told her to rest.", party="patient") == []


def test_what_stands_under_what_was_said_was_said_by_somebody():
    assert contact(said="Sleeps flat, walks daily.", party="", method="") == ["Sleeps flat, walks daily."]
    assert contact(said="Left no message.", party="", method="") == []


def test_an_attempt_is_no_contact():
    assert contact("Called patient, voicemail.", party="patient", method="no_answer") == []


@pytest.mark.parametrize(
    "text",
    [
        "BP 132/82, weight 84.5 kg; spoke with her for 4 minutes about salt. Goal below 130/80. " * 58,
        "1" * 5000,
        "1-" * 2500,
        "12/" * 1700,
        "123 - 123 " * 500,
        "systolic " + "a " * 2500,
        "systolic " * 555,
        "total " * 830,
        "call " * 1000,
        "28 readings " * 420,
        "6 of " * 1000,
        "above goal " * 450,
        "told her " * 550,
        "daughter, " * 500,
        " " * 5000,
        "\n" * 5000,
        "." * 5000,
        "5 " * 2500,
        "5 minutes " * 500,
        "last " * 1000,
        "x" * 5000,
        "–" * 5000,
        "goal goal " * 500,
        "sugars 120, one of 240 after jam, " * 140,
        "sat 91 to " * 500,
        "patient on the " * 330,
        "it was 130/80 and " * 280,
    ],
    ids=lambda text: text[:12],
)
def test_no_pattern_goes_back_over_a_long_text_without_end(text):
    """A guard, no measurement: milliseconds are usual, and a pattern that backtracks would take minutes."""
    note = LintNote(data_note=text[:5000], facts=ALL, **CLOCK)
    best = min(_seconds(note) for _ in range(5))
    assert best < 1


def _seconds(note: LintNote) -> float:
    note.__dict__.pop("texts", None)
    began = process_time()
    lint(note)
    return process_time() - began
