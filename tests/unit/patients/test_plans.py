"""What a care plan says and what a version changes, in words."""

from datetime import date
from decimal import Decimal
from time import process_time

import pytest

from patients.models import VITALS, CarePlan
from patients.plans import changes, plan_among, review_in_words, targets, texts

DAY = date(2026, 3, 2)


def plan(**more) -> CarePlan:
    said = {"goals": "Below 130/80.", "actions": "Measure twice a day.", "review_by": date(2026, 6, 1)}
    return CarePlan(**{**said, **more})


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (None, 130, "at most 130 mmHg"),
        (90, None, "at least 90 mmHg"),
        (90, Decimal("129.50"), "90 to 129.5 mmHg"),
    ],
)
def test_a_target_reads_as_a_sentence(low, high, words):
    assert targets(plan(systolic_low=low, systolic_high=high)) == [("Systolic", words)]


def test_only_what_is_said_is_shown_and_zero_targets_are_none():
    assert targets(plan()) == []
    assert texts(plan(medicines="Amlodipine 5 mg.")) == [
        ("Goals", "Below 130/80."),
        ("Actions", "Measure twice a day."),
        ("Medicines", "Amlodipine 5 mg."),
    ]


def test_equal_versions_change_nothing():
    assert changes(plan(), plan()) == []


@pytest.mark.parametrize(
    ("field", "now", "before", "sentence"),
    [
        (
            "actions",
            "Measure twice a day. Less salt.",
            "Measure twice a day.",
            "Actions: added “Less salt.”",
        ),
        ("medicines", "", "Amlodipine 5 mg", "Medicines: no longer “Amlodipine 5 mg”"),
        (
            "goals",
            "Below 125/75.\nWalks daily.",
            "Below 130/80.\nWalks daily.",
            "Goals: added “Below 125/75.”; no longer “Below 130/80.”",
        ),
        ("systolic_high", 125, 130, "Systolic: at most 125 mmHg, before at most 130 mmHg."),
        ("spo2_low", 92, None, "SpO₂: at least 92 %, new."),
        ("weight_high", None, 84, "Weight: no target any more, before at most 84 kg."),
        (
            "review_by",
            date(2026, 9, 1),
            date(2026, 6, 1),
            "Review by: 01-Sep-2026, before 01-Jun-2026.",
        ),
    ],
)
def test_each_change_is_a_sentence(field, now, before, sentence):
    assert changes(plan(**{field: now}), plan(**{field: before})) == [sentence]


def test_another_order_of_the_same_sentences_is_said_too():
    assert changes(plan(actions="B. A."), plan(actions="A. B.")) == ["Actions: the same in another order"]


def test_a_change_of_every_vital_is_seen():
    for vital in VITALS:
        for bound in (vital.low, vital.high):
            assert changes(plan(**{bound: 100}), plan()), bound


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 5, 31), "Review by 01-Jun-2026"),
        (date(2026, 6, 1), "Review due 01-Jun-2026"),
        (date(2026, 6, 2), "Review overdue since 01-Jun-2026"),
    ],
)
def test_a_review_is_ahead_due_or_over(on, words):
    assert review_in_words(date(2026, 6, 1), on) == words


def test_the_plan_of_a_day_is_the_one_that_began_last_and_of_two_the_higher_number():
    first, later, same = (
        plan(number=n, effective_on=day) for n, day in ((1, DAY), (2, date(2026, 4, 1)), (3, DAY))
    )
    assert plan_among([first, later, same], date(2026, 3, 1)) is None
    assert plan_among([first, later, same], DAY) is same
    assert plan_among([first, later, same], date(2026, 4, 1)) is later


# Each of these took minutes once, on every look at the enrollment page.
@pytest.mark.parametrize(
    ("now", "before"),
    [("a\n" * 2000, "a\nb\n" * 1000), ("a. b. " * 650, "b. a. a. " * 440), ("a" + " " * 3998 + "a", "a")],
    ids=["lines", "sentences", "blanks"],
)
def test_what_repeats_is_compared_at_once(now, before):
    began = process_time()
    assert changes(plan(goals=now), plan(goals=before))
    assert process_time() - began < 0.5


def test_what_stands_more_often_is_added_as_often():
    assert changes(plan(goals="A.\nB.\nA."), plan(goals="A.\nC.")) == [
        "Goals: added “B.”, “A.”; no longer “C.”"
    ]
