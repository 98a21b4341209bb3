"""Target ranges with two severities: set, reviewed, given by a template; and what the database refuses by itself."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from patients.models import BOUNDS, Measure, RangeTemplate, TargetRange
from tests import factories
from tests.factories import saved

HIGH = {"measure": "blood_pressure", "high": "130", "second_high": "80", "reason": "Titration"}
WAYS_TO_BE_WRONG = [
    ({"measure": "spo2", "critical_low": "88"}, "SpO₂: enter a lower or an upper limit"),
    (
        {"measure": "spo2", "high": "99", "critical_low": "88"},
        "SpO₂: enter the lower limit too; it may be the same as the critical one",
    ),
    (
        {"measure": "spo2", "low": "88", "critical_low": "88.01"},
        "SpO₂: the critical lower limit must be at or below the lower limit, 88",
    ),
    (
        {"measure": "glucose", "high": "180", "critical_high": "179.99"},
        "Glucose: the critical upper limit must be at or above the upper limit, 180",
    ),
    (HIGH | {"second_critical_high": "79"}, "the critical diastolic upper limit must be at or above"),
    ({"measure": "glucose", "low": "180", "high": "180"}, "the lower limit must be below the upper one"),
    ({"measure": "glucose", "low": "-1"}, "At least must be a number, like 130"),
    ({"measure": "", "low": "1"}, "Select the measure"),
]


@pytest.fixture
def rosa(client, cast):
    client.force_login(cast.rosa.user)
    return client


@pytest.fixture
def today(cast):
    return cast.practice.today()


def send(client, act, *ids, **form):
    return client.post(reverse(f"patients:{act}", args=ids), {"operation_id": str(uuid4()), **form})


def row(patient, measure, **bounds) -> TargetRange:
    today = patient.practice.today()
    days = {"starts_on": today, "review_by": today + timedelta(days=90)}
    bounds = {name: Decimal(value) for name, value in bounds.items()}
    return TargetRange(practice=patient.practice, patient=patient, measure=measure, **days, **bounds)


@pytest.mark.parametrize(
    ("measure", "bounds"),
    [
        (Measure.SPO2, {"low": 88, "critical_low": 88}),
        (Measure.GLUCOSE, {"low": 70, "high": 180, "critical_low": 54, "critical_high": 300}),
        (Measure.TEMPERATURE, {"high": "38", "critical_high": "39.5"}),
    ],
)
def test_a_critical_bound_lies_on_the_other_or_outside(cast, measure, bounds):
    saved(row(cast.jane, measure, **bounds))


@pytest.mark.parametrize(
    ("measure", "bounds", "name"),
    [
        (Measure.SPO2, {"low": 88, "critical_low": "88.01"}, "critical_is_outside"),
        (Measure.SPO2, {"high": 99, "critical_low": 88}, "critical_is_outside"),
        (Measure.GLUCOSE, {"high": 180, "critical_high": "179.99"}, "critical_is_outside"),
        (Measure.GLUCOSE, {"low": 70, "critical_high": 300}, "critical_is_outside"),
        (Measure.BLOOD_PRESSURE, {"high": 130, "second_critical_high": 110}, "critical_is_outside"),
        (Measure.BLOOD_PRESSURE, {"high": 130, "second_low": 90, "second_high": 90}, "low_is_below_high"),
        (Measure.GLUCOSE, {"low": 180, "high": 180}, "low_is_below_high"),
        (Measure.GLUCOSE, {"low": 181, "high": 180}, "low_is_below_high"),
        (Measure.GLUCOSE, {"high": 180, "second_high": 90}, "only_pressure_has_two"),
        (Measure.GLUCOSE, {"low": "-0.01"}, "is_not_negative"),
        (Measure.BLOOD_PRESSURE, {"second_high": 80}, "has_a_bound"),
    ],
)
@pytest.mark.parametrize("table", ["targetrange", "rangetemplate"])
def test_around_the_form_the_database_refuses(cast, table, measure, bounds, name):
    wrong = row(cast.max, measure, **bounds)
    if table == "rangetemplate":
        bounds = {each: getattr(wrong, each) for each in BOUNDS}
        own = {"name": "Wrong", "measure": measure, "review_days": 30}
        wrong = RangeTemplate(practice=cast.practice, **own, **bounds)
    with pytest.raises(IntegrityError, match=f"{table}_{name}"), transaction.atomic():
        saved(wrong)


@pytest.mark.parametrize("days", [0, -1])
def test_a_range_is_reviewed_after_it_begins(cast, days):
    wrong = row(cast.jane, Measure.SPO2, low=90)
    wrong.review_by = wrong.starts_on + timedelta(days=days)
    with pytest.raises(IntegrityError, match="range_is_reviewed_after_it_starts"), transaction.atomic():
        saved(wrong)


@pytest.mark.parametrize(
    "given",
    [{"review_days": 0}, {"review_days": 367}, {"name": "  "}, {"diagnosis": "10"}, {"diagnosis": "i10"}],
)
def test_a_template_says_for_whom_and_how_long(cast, given):
    with pytest.raises(IntegrityError, match="rangetemplate"), transaction.atomic():
        factories.range_template(cast.practice, **given)


def test_a_range_is_set_with_both_severities_its_review_and_its_reason(rosa, cast, today):
    form = HIGH | {"critical_high": "180", "second_critical_high": "110", "starts_on": today.isoformat()}
    assert send(rosa, "range_new", cast.jane.pk, **form).status_code == 303
    new = TargetRange.objects.get(patient=cast.jane, ends_on=None)
    assert (new.critical_high, new.second_critical_high) == (180, 110)
    assert new.review_by == today + timedelta(days=90)
    assert new.history.first().history_change_reason == "Titration"
    page = rosa.get(reverse("patients:enrollment", args=[cast.jane.pk])).content.decode()
    assert "at most 130/80 mmHg<br>Critical above 180/110 mmHg<br>Review by" in page


@pytest.mark.parametrize(("given", "said"), WAYS_TO_BE_WRONG)
def test_what_is_wrong_is_said_and_nothing_is_lost(rosa, cast, today, given, said):
    form = {"starts_on": today.isoformat(), "reason": "As she asked"} | given
    answer = send(rosa, "range_new", cast.jane.pk, **form)
    page = answer.content.decode()
    assert (answer.status_code, said in page, "As she asked" in page or "Titration" in page) == (
        422,
        True,
        True,
    )
    assert cast.jane.target_ranges.count() == 1


@pytest.mark.parametrize(("days", "status"), [(0, 422), (1, 303), (366, 303), (367, 422)])
def test_a_range_is_reviewed_within_a_year(rosa, cast, today, days, status):
    form = HIGH | {"starts_on": today.isoformat(), "review_by": (today + timedelta(days=days)).isoformat()}
    assert send(rosa, "range_new", cast.jane.pk, **form).status_code == status


@pytest.mark.parametrize(("day", "status"), [(366, 303), (367, 422), (None, 422)])
def test_a_range_begins_within_a_year(rosa, cast, today, day, status):
    starts_on = date.max if day is None else today + timedelta(days=day)
    answer = send(
        rosa, "range_new", cast.jane.pk, **HIGH | {"starts_on": starts_on.isoformat(), "review_by": ""}
    )
    assert answer.status_code == status
    assert (status == 303) or "In effect from must be within a year of" in answer.content.decode()


# Reviewed -------------------------------------------------------------------------------------------------------


def reviewed(client, range_, days=90, **form):
    by = range_.practice.today() + timedelta(days=days)
    form = {"review_by": by.isoformat(), "reason": "Looked at four weeks.", "version": range_.version} | form
    return send(client, "range_reviewed", range_.patient_id, range_.pk, **form)


def test_a_range_past_its_review_is_seen_and_kept(rosa, cast, today):
    range_ = cast.jane.target_ranges.get()
    chart = reverse("chart", args=[cast.jane.pk])
    assert "Ranges to review" in rosa.get(chart).content.decode()
    assert reviewed(rosa, range_).status_code == 303
    range_.refresh_from_db()
    assert range_.review_by == today + timedelta(days=90)
    assert range_.history.first().history_change_reason == "Looked at four weeks."
    assert "Ranges to review" not in rosa.get(chart).content.decode()


@pytest.mark.parametrize(("days", "status"), [(0, 422), (1, 303), (366, 303), (367, 422)])
def test_the_next_review_is_within_a_year(rosa, cast, days, status):
    assert reviewed(rosa, cast.jane.target_ranges.get(), days=days).status_code == status


def test_a_range_that_changed_meanwhile_is_not_reviewed(rosa, cast):
    range_ = cast.jane.target_ranges.get()
    assert reviewed(rosa, range_).status_code == 303
    answer = reviewed(rosa, range_)
    assert answer.status_code == 409
    assert "changed while you looked" in answer.content.decode()


def test_a_range_that_ended_is_not_reviewed(rosa, cast, today):
    range_ = cast.jane.target_ranges.get()
    range_.ends_on = today
    range_.save()
    answer = reviewed(rosa, range_)
    assert (answer.status_code, "nothing to review" in answer.content.decode()) == (422, True)


def listed(client, query="") -> list[str]:
    page = client.get(reverse("patients:ranges_to_review") + query).context["page"]
    return [f"{row.patient.family_name} {row.measure}" for row in page.object_list]


def test_the_list_shows_what_is_due_the_longest_first(rosa, cast, today):
    soon = row(cast.max, Measure.SPO2, low=90)
    soon.review_by = today + timedelta(days=14)
    saved(soon)
    due = cast.max.target_ranges.get(measure=Measure.BLOOD_PRESSURE)
    due.review_by = today
    due.save()
    assert listed(rosa) == ["Doe blood_pressure", "Roe blood_pressure"]
    assert [each.split()[1] for each in listed(rosa, "?when=soon")] == [
        "blood_pressure",
        "blood_pressure",
        "spo2",
    ]
    assert len(listed(rosa, "?when=soon&measure=spo2")) == 1
    due.review_by = today + timedelta(days=15)
    due.save()
    assert len(listed(rosa, "?when=soon")) == 2


def test_who_is_no_longer_enrolled_is_not_listed(rosa, cast, today):
    cast.jane_enrolled.ended_on, cast.jane_enrolled.end_reason = today, "Moved."
    cast.jane_enrolled.save()
    assert len(listed(rosa)) == 1


def test_the_list_costs_the_same_for_one_and_for_twenty(rosa, cast, django_assert_max_num_queries):
    for number in range(20):
        person = factories.patient(
            cast.practice, f"P{number}", "A", mrn=f"R-{number}", born_on=cast.jane.born_on
        )
        factories.enrollment(person, clinician=cast.ana, taken_by=cast.rosa)
    listed(rosa)
    with django_assert_max_num_queries(20):
        assert len(listed(rosa)) == 22


# By a template --------------------------------------------------------------------------------------------------


def test_a_template_sets_a_range_by_one_press(rosa, cast, today):
    template = factories.range_template(cast.practice)
    form = {"operation_id": str(uuid4())}
    address = reverse("patients:range_by_template", args=[cast.jane.pk, template.pk])
    assert [rosa.post(address, form).status_code for _ in range(2)] == [303, 303]
    old, new = cast.jane.target_ranges.order_by("starts_on")
    assert (old.ends_on, new.high, new.second_critical_high) == (today, 135, 110)
    assert new.review_by == today + timedelta(days=60)
    assert new.history.first().history_change_reason == "By the template Hypertension"
    # It is hers: the template may change, her range does not.
    template.high = Decimal(140)
    template.save()
    new.refresh_from_db()
    assert new.high == 135


def test_what_holds_already_is_not_set_again(rosa, cast):
    template = factories.range_template(cast.practice)
    for _ in range(2):
        answer = send(rosa, "range_by_template", cast.jane.pk, template.pk)
    assert "as the template says already" in rosa.get(answer.headers["Location"]).content.decode()
    assert cast.jane.target_ranges.count() == 2


def test_a_retired_template_sets_nothing_and_is_not_offered(rosa, cast):
    template = factories.range_template(cast.practice, retired=True)
    send(rosa, "range_by_template", cast.jane.pk, template.pk)
    assert cast.jane.target_ranges.count() == 1
    page = rosa.get(reverse("patients:range_new", args=[cast.jane.pk]))
    assert "By a template" not in page.content.decode()


def test_templates_for_her_diagnoses_come_first(rosa, cast):
    names = {"Any": "", "Diabetes": "E11", "Hypertension": "I1"}
    for name, diagnosis in names.items():
        factories.range_template(cast.practice, name=name, diagnosis=diagnosis)
    page = rosa.get(reverse("patients:range_new", args=[cast.jane.pk]))
    offered = [(row.name, row.fits) for row in page.context["range_templates"]]
    assert offered == [("Hypertension", True), ("Any", False), ("Diabetes", False)]


def test_a_template_of_another_practice_is_not_there(rosa, cast):
    template = factories.range_template(cast.elsewhere)
    assert send(rosa, "range_by_template", cast.jane.pk, template.pk).status_code == 404


FORM = {
    "name": "Heart failure",
    "diagnosis": " i50 ",
    "measure": "heart_rate",
    "low": "50",
    "high": "110",
    "critical_high": "130",
    "review_days": "30",
}


def test_a_physician_and_an_administrator_keep_the_templates(client, cast):
    client.force_login(cast.ana.user)
    assert send(client, "range_template_new", **FORM).status_code == 303
    template = RangeTemplate.objects.get()
    assert (template.diagnosis, template.critical_high) == ("I50", 130)
    client.force_login(cast.ade.user)
    page = client.get(reverse("patients:range_template_change", args=[template.pk]))
    assert 'value="110' in page.content.decode()
    changed = FORM | {"high": "120", "reason": "By the new guideline.", "version": template.version}
    assert send(client, "range_template_change", template.pk, **changed).status_code == 303
    template.refresh_from_db()
    assert (template.high, template.history.first().history_change_reason) == (120, "By the new guideline.")
    stale = send(client, "range_template_change", template.pk, **(changed | {"high": "125"}))
    assert (stale.status_code, "Somebody changed this template" in stale.content.decode()) == (409, True)
    gone = {"reason": "Nobody uses it.", "version": template.version}
    assert send(client, "range_template_retire", template.pk, **gone).status_code == 303
    again = send(client, "range_template_change", template.pk, **(changed | {"version": ""}))
    assert "retired already" in again.content.decode()


def test_two_templates_in_use_have_not_one_name(client, cast):
    client.force_login(cast.ana.user)
    assert send(client, "range_template_new", **FORM).status_code == 303
    answer = send(client, "range_template_new", **FORM)
    assert "There is a template Heart failure for heart rate already" in answer.content.decode()
    assert send(client, "range_template_new", **(FORM | {"measure": "weight"})).status_code == 303


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"name": ""}, "Enter a name, like Hypertension"),
        ({"diagnosis": "heart"}, "must be a code or the beginning of one"),
        ({"review_days": "0"}, "Review after must be a whole number of days from 1 to 366"),
        ({"critical_high": "100"}, "the critical upper limit must be at or above the upper limit, 110"),
    ],
)
def test_a_template_that_is_wrong_says_so(client, cast, given, said):
    client.force_login(cast.ana.user)
    answer = send(client, "range_template_new", **(FORM | given))
    assert (answer.status_code, said in answer.content.decode()) == (422, True)
