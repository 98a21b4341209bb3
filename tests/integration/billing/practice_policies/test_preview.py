"""What a policy would change, told before it is set: what setting it does, from a bounded look, nothing written."""

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import PolicySetting
from accounts.policy_kinds import Number
from accounts.policy_specs import POLICIES
from accounts.practice_policies import set_policy
from audit.models import AccessEvent
from billing.claims.acts import approve
from billing.close import acts as close
from billing.facts.gather import patients_of
from billing.models import AlertKind, Claim, ClaimState, ThresholdAlert
from billing.practice_policies import preview as previews
from billing.practice_policies import watching
from billing.practice_policies.changes import PolicyGiven, lay_down
from billing.practice_policies.comparison import _came
from billing.practice_policies.preview import cursor_of, preview
from billing.practice_policies.reach import decides_claims
from patients.models import Coverage, Diagnosis, OfficeVisit, Order, Patient, SignatureKind
from patients.papers import withdraw_paper
from staff import emergencies
from tests import factories
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example, minutes_of, work
from tests.integration.timelogs.notes import CALL, NO_ANSWER, REVIEW, signed_session
from timelogs.models import Period
from timelogs.note import drafts

OF_A_PAYER = {"live_contact_per_unit", "covered_diagnoses"}
CHATS = "live_chat_counts"
APRIL, TODAY = date(2026, 4, 1), date(2026, 4, 5)
CHAT = {**CALL, "method": "live_chat"}
MISSED = {**NO_ANSWER, "follow_up_on": date(2026, 4, 3)}
OTHER_VALUES = {
    "unit_limit_99458": [0],
    "live_contact_per_unit": [True],
    CHATS: [True],
    "dual_99091": ["cms_2021"],
    "device_days": ["any_device"],
    "setup_min_days": [0],
    "codes_not_covered": [["99457"]],
    "device_window": ["calendar_month"],
    "covered_diagnoses": [["E11"]],
    "transcripts": ["any", "never"],
    "attempts_counted": [True],
    "same_day_visit": ["count"],
}


@pytest.fixture(autouse=True)
def in_april():
    with time_machine.travel(APRIL_5, tick=True):
        yield


@pytest.fixture
def admin(client, cast):
    client.force_login(cast.ade.user)
    return client


def given(key: str, value, starts_on: date = MARCH, payer: str = "", **more) -> PolicyGiven:
    return PolicyGiven(key=key, value=value, starts_on=starts_on, why="Agreed.", payer=payer, **more)


def look(client, key, query: str = "", **typed):
    data = {"operation_id": str(uuid4()), "starts_on": "2026-03-01", "preview": "", **typed}
    return client.post(reverse("billing:policy_change", args=[key]) + query, data)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


# A practice with something of everything ----------------------------------------------------------------------


@dataclass
class World:
    """Sessions in slots of their own: nobody works twice at once, but two people may, with one patient too."""

    cast: object
    random: Random
    slots: Counter = field(default_factory=Counter)

    def person(self, number: int, payer: str) -> Patient:
        person = factories.patient(
            self.cast.practice, f"Sample{number}", "Pat", mrn=f"T-1{number:03}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(person, clinician=self.cast.ana, taken_by=self.cast.rosa)
        row = Coverage.objects.get(patient=person)
        row.payer = payer
        row.save()
        return person

    def session(self, person, note) -> None:
        by = self.random.choice([self.cast.rosa, self.cast.luis, self.cast.ana])
        day, hour = divmod(self.slots[by.pk], 5)
        self.slots[by.pk] += 1
        starts_at = datetime(2026, 3, 2 + day, 14 + hour, tzinfo=UTC)
        seconds = self.random.choice([300, 599, 600, 601, 1190, 1200])
        signed_session(person, by=by, starts_at=starts_at, seconds=seconds, **note)

    def month(self, person) -> None:
        """Sessions of March around the lines, in every way of talking, by staff and physician."""
        for _ in range(self.random.randrange(2, 6)):
            self.session(person, self.random.choice([CALL, CALL, CHAT, REVIEW, MISSED]))
        first = date(2026, 2, self.random.randrange(5, 12))
        factories.readings(person, first, self.random.choice([2, 15, 16, 40]))

    def visited(self, person, day: date) -> None:
        factories.saved(OfficeVisit(practice=self.cast.practice, patient=person, visited_on=day))


def world(cast, seed: int) -> None:
    made = World(cast, Random(seed))
    payers = made.random.sample(["medicaid", "medicaid", "commercial"], 3)
    people = [cast.jane, *(made.person(number, payer) for number, payer in enumerate(payers))]
    for person in people:
        made.month(person)
        made.visited(person, date(2026, 3, made.random.randrange(2, 5)))
    transcribed_instead(people[0], cast)
    row = Diagnosis.objects.get(enrollment__patient=people[1])
    row.code = "E11.9"
    row.save()
    # Two people with one patient at once, one of them calling in vain.
    at = datetime(2026, 3, 25, 14, tzinfo=UTC)
    signed_session(people[2], by=cast.rosa, starts_at=at, seconds=900, **MISSED)
    signed_session(people[2], by=cast.luis, starts_at=at + timedelta(minutes=5), seconds=900, **CALL)
    work()


def transcribed_instead(person, cast) -> None:
    """The clinician's own signature is taken back; what is left is a transcript without a scan."""
    own = Order.objects.get(enrollment__patient=person)
    withdraw_paper(own, reason="Of another patient.", by=cast.ana, at=APRIL_5)
    kind = {"signature": SignatureKind.TRANSCRIPT, "seen_by": cast.rosa, "seen_on": date(2025, 11, 3)}
    factories.saved(
        Order(
            practice=cast.practice,
            enrollment=own.enrollment,
            text="Remote monitoring.",
            signed_on=date(2025, 11, 3),
            signed_by=cast.ana,
            **kind,
        )
    )


def choices() -> list[PolicyGiven]:
    """Every policy at another value, for the practice and for a payer."""
    found = []
    for key, values in OTHER_VALUES.items():
        for value in values:
            found += [
                given(key, value, payer=payer) for payer in ("", "medicaid") if not payer or key in OF_A_PAYER
            ]
    return found


def told_now(practice) -> dict:
    """{(month, patient): all that its claim would say}, as a close would decide it at this moment."""
    return {
        (month, pk): told.told
        for month in (MARCH, APRIL)
        for pk, told in _came(
            practice, month, list(patients_of(practice, month).values_list("pk", flat=True)), None
        ).items()
    }


def standing_alerts(practice) -> int:
    """Of lines that are reached: those are what a preview counts."""
    rows = ThresholdAlert.objects.filter(practice=practice, kind=AlertKind.REACHED, withdrawn_at=None)
    return rows.count()


class Undone(Exception):
    pass


def really(practice, policy: PolicyGiven, before: dict) -> tuple[set, dict, int]:
    """What setting it changes in truth, taken back afterwards: (who, all that each says then, alerts more or less)."""
    alerts = standing_alerts(practice)
    with contextlib.suppress(Undone), transaction.atomic():
        lay_down(practice, policy, at=APRIL_5)
        work()
        after, more = told_now(practice), standing_alerts(practice) - alerts
        raise Undone
    return {key for key in before if before[key] != after[key]}, after, more


def test_what_it_says_is_what_setting_it_does(cast, monkeypatch):
    monkeypatch.setattr(previews, "SHOWN", 1000)
    world(cast, 0)
    set_policy(cast.practice, key=CHATS, value=True, starts_on=MARCH, why="So.", payer="commercial")
    before, moved = told_now(cast.practice), set()
    end = given(CHATS, None, date(2026, 3, 9), "commercial", as_practice=True)
    for policy in [*choices(), end]:
        shown = preview(cast.practice, policy, at=APRIL_5)
        changed, after, alerts = really(cast.practice, policy, before)
        assert {(row.month, row.patient.pk) for row in shown.rows} == changed, policy
        assert all(row.after.told == after[row.month, row.patient.pk] for row in shown.rows), policy
        assert (shown.changed, shown.raised - shown.withdrawn) == (len(changed), alerts), policy
        assert sum(each.changed for each in shown.months) == shown.changed
        assert not shown.left
        moved |= {policy.key} if changed else set()
    # The world is such that policies matter in it.
    assert moved >= {"covered_diagnoses", "transcripts", "attempts_counted", "same_day_visit"}


def test_no_other_policy_changes_what_is_recorded(cast):
    world(cast, 1)
    before = told_now(cast.practice)
    for key, spec in POLICIES.items():
        if not decides_claims(key):
            other = value_beside(spec)
            policy = given(key, other, TODAY)
            shown = preview(cast.practice, policy, at=APRIL_5)
            assert (shown.decides, shown.changed, shown.months) == (False, 0, ())
            changed, _, alerts = really(cast.practice, policy, before)
            assert (changed, alerts) == (set(), 0), key
    assert set(OTHER_VALUES) == {key for key in POLICIES if decides_claims(key)}


def value_beside(spec):
    if isinstance(spec.kind, Number):
        return spec.default + 1
    return next(value for value in spec.kind.options if value != spec.default)


# Which months -------------------------------------------------------------------------------------------------


def test_a_decided_month_is_refused_as_in_setting_it(admin, cast):
    guides_example(cast)
    close_march(cast)
    response = look(admin, "unit_limit_99458", value="0")
    assert response.status_code == 422
    assert "a decided month keeps its policies" in text_of(response)
    assert "What it would change" not in text_of(response)


def test_a_reopened_month_names_its_claim_and_says_that_an_approval_falls(admin, cast):
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim = approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    close.reopen(Period.objects.get(month=MARCH), reason="A late note.", by=cast.ade, at=APRIL_5)
    page = text_of(look(admin, "live_contact_per_unit", value="True", starts_on="2026-03-01"))
    assert "None of these would change." in page
    page = text_of(look(admin, "setup_min_days", value="30"))
    assert "None of these would change." in page
    page = text_of(look(admin, "covered_diagnoses", value="E11"))
    assert "<b>4 patient-months would come out otherwise.</b>" in page, page[page.find("What it would") :][
        :800
    ]
    assert claim.number in page
    assert "the claim is approved, and would go back to review" in page
    # The administrator sees no chart.
    assert "DOE" not in page


def test_an_exported_claim_stays_and_is_counted_apart(cast):
    guides_example(cast)
    close_march(cast)
    claim = Claim.objects.get(patient=cast.jane)
    claim = approve(claim, version=claim.version, by=cast.cora, at=APRIL_5)
    exported(claim)
    close.reopen(Period.objects.get(month=MARCH), reason="A late note.", by=cast.ade, at=APRIL_5)
    shown = preview(cast.practice, given("covered_diagnoses", ["E11"]), at=APRIL_5)
    assert shown.exported == 1
    assert cast.jane.pk not in {row.patient.pk for row in shown.rows if row.month == MARCH}


def exported(claim) -> None:
    claim.state = ClaimState.EXPORTED
    claim.save()


def test_a_policy_of_days_to_come_is_shown_on_the_month_that_is_over(admin, cast):
    guides_example(cast)
    close_march(cast)
    page = text_of(look(admin, "covered_diagnoses", value="E11", starts_on="2026-05-01"))
    assert "If it had held in March 2026 already" in page
    assert "patient-month" in page


def test_what_holds_already_changes_nothing_and_says_so(admin, cast):
    guides_example(cast)
    page = text_of(look(admin, "dual_99091", value="never"))
    assert "Nothing would change." in page
    assert "Looked at: March 2026, April 2026." in page


# The page -----------------------------------------------------------------------------------------------------


def counts_of_rows() -> dict[str, int]:
    ours = {"accounts", "staff", "patients", "monitoring", "timelogs", "billing", "dispatch", "audit"}
    models = [
        model for model in apps.get_models() if model._meta.app_label in ours and model is not AccessEvent
    ]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_looking_writes_nothing_and_setting_needs_no_second_typing(admin, cast):
    guides_example(cast)
    before = counts_of_rows()
    operation = str(uuid4())
    response = look(
        admin, "unit_limit_99458", value="1", payer="medicare", operation_id=operation, why="Contract."
    )
    assert response.status_code == 200
    assert counts_of_rows() == before
    form = response.context["form"]
    again = {name: form[name].value() or "" for name in form.fields if name != "as_rules"}
    assert again["operation_id"] == operation
    assert admin.post("/policies/unit_limit_99458/change/", again).status_code == 303
    row = PolicySetting.objects.get()
    assert (row.value, row.payer, row.why) == (1, "medicare", "Contract.")


def test_looking_needs_no_reason_yet_and_setting_does(admin, cast):
    assert look(admin, "idle_minutes", value="7", starts_on="2026-04-05", why="").status_code == 200
    response = look(admin, "idle_minutes", value="31", starts_on="2026-04-05", why="")
    assert response.status_code == 422
    assert "Say why" not in text_of(response)


@pytest.mark.parametrize("who", ["rosa", "ana", "cora", "omar"])
def test_only_who_may_set_it_looks(client, cast, who):
    client.force_login(cast.user(who))
    assert look(client, "idle_minutes", value="7", starts_on="2026-04-05").status_code == 403


def test_the_end_of_a_payers_own_value_is_shown_before_it_ends(admin, cast):
    guides_example(cast)
    set_policy(
        cast.practice, key="covered_diagnoses", value=["E11"], starts_on=MARCH, why="So.", payer="medicare"
    )
    page = text_of(
        look(admin, "covered_diagnoses", "?as_practice=1", payer="medicare", starts_on="2026-03-20")
    )
    assert "would come out otherwise" in page
    assert "the payer does not cover" in page.lower() or "payer" in page


def test_names_are_shown_in_an_emergency_only_and_then_written_down(admin, cast):
    guides_example(cast)
    assert "DOE" not in text_of(look(admin, "covered_diagnoses", value="E11"))
    emergencies.open_emergency(cast.ade, reason="Nobody else is here tonight.", at=APRIL_5)
    seen = AccessEvent.objects.count()
    page = text_of(look(admin, "covered_diagnoses", value="E11"))
    assert "DOE, Jane" in page
    assert AccessEvent.objects.count() > seen


# Bounded ------------------------------------------------------------------------------------------------------


def queries_of(cast, policy: PolicyGiven) -> int:
    with CaptureQueriesContext(connection) as caught:
        preview(cast.practice, policy, at=APRIL_5)
    return len(caught)


@pytest.mark.parametrize("key", ["covered_diagnoses", "attempts_counted", "alert_recipients", "close_day"])
def test_the_queries_do_not_grow_with_the_practice(cast, key):
    value = {
        "covered_diagnoses": ["E11"],
        "attempts_counted": True,
        "alert_recipients": "billers",
        "close_day": 9,
    }[key]
    policy = given(key, value, MARCH if decides_claims(key) else TODAY)
    made = World(cast, Random(5))
    made.session(cast.jane, MISSED)
    made.session(cast.max, MISSED)
    few = queries_of(cast, policy)
    for number in range(6):
        person = made.person(number, "medicare")
        made.session(person, MISSED)
        made.session(person, CALL)
    assert queries_of(cast, policy) == few


def test_what_is_not_looked_at_is_said_and_looked_at_next(admin, cast, monkeypatch):
    monkeypatch.setattr(previews, "AT_ONCE", 3)
    made = World(cast, Random(7))
    for number in range(3):
        made.session(made.person(number, "medicare"), CALL)
    policy = given("covered_diagnoses", ["E11"])
    whole, pages, cursor = set(), [], None
    for _ in range(4):
        shown = preview(cast.practice, policy, after=cursor, at=APRIL_5)
        pages.append((shown.first, shown.last, shown.concerned, shown.left))
        whole |= {(row.month, row.patient.pk) for row in shown.rows}
        cursor = cursor_of(str(shown.end))
    assert pages == [(1, 3, 10, 7), (4, 6, 10, 4), (7, 9, 10, 1), (10, 10, 10, 0)]
    changed, *_ = really(cast.practice, policy, told_now(cast.practice))
    assert (whole, shown.changed_so_far) == (changed, len(changed))
    page = text_of(look(admin, "covered_diagnoses", value="E11"))
    assert "Looked at: 1 to 3 of 10 that it could concern" in page
    assert "Look at the next 3" in page


@pytest.mark.parametrize(
    "text", ["", "1", "2026-03-01", "2026-03-01:x:1", "2026-03-01::", "a:b:c", "2026-03-01:\x00:1"]
)
def test_a_place_to_go_on_from_that_is_none_begins_anew(text):
    assert cursor_of(text) is None


# What is no claim ---------------------------------------------------------------------------------------------


def others(cast, key, value, starts_on=TODAY) -> dict[str, tuple[str, str]]:
    shown = preview(cast.practice, given(key, value, starts_on), at=APRIL_5)
    return {each.what.split(",")[0]: (each.before, each.after) for each in shown.beside.rows}


def test_who_would_be_told_of_alerts_is_named(cast):
    worked = "told of the patients worked with in the month"
    assert others(cast, "alert_recipients", "and_lead_nurses") == {
        "Lena Lead": (worked, "told of every patient")
    }
    assert others(cast, "alert_recipients", "billers") == dict.fromkeys(
        ("Rosa Nguyen", "Luis Ortiz", "Lena Lead", "Ana Rivera"), (worked, "not told")
    )


@pytest.mark.parametrize(("day", "closes"), [(4, None), (9, "09-Apr-2026"), (28, "28-Apr-2026")])
def test_the_day_on_which_each_month_would_close_is_told(cast, day, closes):
    found = others(cast, "close_day", day)
    assert found["April 2026"] == ("closes on 05-May-2026", f"closes on {day:02}-May-2026")
    assert found.get("March 2026") == (closes and ("closes on 05-Apr-2026", f"closes on {closes}"))


def test_a_close_day_that_begins_later_leaves_the_month_before_alone(cast):
    assert list(others(cast, "close_day", 9, date(2026, 4, 20))) == ["April 2026"]


def test_who_would_be_asked_for_a_second_factor_is_named(cast):
    set_policy(cast.practice, key="second_factor", value=False, starts_on=date(2026, 4, 1), why="Small.")
    found = others(cast, "second_factor", True)
    assert found["Rosa Nguyen"] == ("signs in with the password alone", "must set up a second factor")
    assert len(found) == 7


@pytest.mark.parametrize(("limit", "then"), [(33, 1), (34, 0)])
def test_unsigned_sessions_that_would_wait_are_counted(cast, limit, then):
    at = datetime(2026, 3, 2, 14, tzinfo=UTC)
    drafts.log_past(
        cast.jane, starts_at=at, seconds=600, reason="Later.", by=cast.rosa, at=at + timedelta(hours=1)
    )
    set_policy(cast.practice, key="late_approval_days", value=60, starts_on=date(2026, 4, 1), why="So.")
    found = others(cast, "late_approval_days", limit)
    wait = {"Unsigned sessions": ("0 waiting for approval", "1 waiting for approval")}
    assert found == (wait if then else {})


def test_long_days_that_the_close_would_name(cast):
    minutes_of(cast.jane, cast.rosa, 3600)
    minutes_of(cast.max, cast.luis, 3540)
    assert others(cast, "staff_daily_ceiling_minutes", 60, MARCH) == {}
    minutes_of(cast.jane, cast.ana, 3660)
    assert others(cast, "staff_daily_ceiling_minutes", 60, MARCH) == {"Ana Rivera": ("not named", "named")}


@pytest.mark.parametrize(("days", "after"), [(0, "0"), (4, "1"), (5, "0")])
def test_who_would_be_silent_is_counted(cast, days, after):
    factories.readings(cast.jane, date(2026, 4, 1), 1)
    factories.readings(cast.max, date(2026, 4, 5), 1)
    found = others(cast, "silent_days", days)
    assert found == ({"Patients who are silent today": ("1", after)} if after == "0" else {})


def test_trends_of_the_last_week_are_counted_as_if_it_had_held(cast):
    """Max: 5 readings above his range in the last 9 days, 4 of them in the last 7."""
    for day in (date(2026, 3, 28), *(date(2026, 4, n) for n in (2, 3, 4, 5))):
        factories.readings(cast.max, day, 1, systolic=140)
    what = "Measures repeatedly out of range in the last 7 days"
    assert others(cast, "repeated_readings", 5) == {}
    assert others(cast, "repeated_readings", 4) == {what: ("0", "1")}
    assert others(cast, "repeated_days", 9) == {what: ("0", "1")}
    assert others(cast, "repeated_days", 8) == {}
    assert others(cast, "weight_gain_grams", 1) == {}


def test_trends_of_a_large_practice_are_counted_among_some(cast, monkeypatch):
    monkeypatch.setattr(watching, "MOST_PATIENTS", 1)
    for person in (cast.jane, cast.max):
        factories.readings(person, date(2026, 4, 1), 5, systolic=140)
    (row,) = preview(cast.practice, given("repeated_readings", 0, TODAY), at=APRIL_5).beside.rows
    assert (row.what, row.before, row.after) == (
        "Measures repeatedly out of range in the last 7 days, in 1 of 2 patients",
        "1",
        "0",
    )
