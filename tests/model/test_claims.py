"""A biller's acts on a claim in any order: what the model allows is done, all else refused and changes nothing (AB-10).

Sessions are signed, amended, voided, approved, closed over and re-opened in any order in `test_model`.
"""

import copy
from collections import Counter
from datetime import date

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from accounts.permissions import Role
from accounts.practice_policies import set_policy
from audit.invariants import broken
from billing.claims import acts, by_hand
from billing.close import acts as closing
from billing.models import Claim, ClaimState, Force
from foundation.refusals import Refused
from tests import factories
from tests.databases import as_owner, invariants_prepared
from tests.faults.trials import SOAK, trials
from tests.integration.billing.months import APRIL_5, MARCH, close_march, guides_example, work
from tests.model.claim_model import CODES, Paper
from tests.model.sessions import No

# A part of it: a step is a transaction of its own with everything it decides, about 0.1 s.
STEPS, EACH = trials(10_000, part=25), 20
WHO = st.sampled_from(("cora", "bea"))
CODE = st.sampled_from(CODES)
STALE = st.sampled_from((False, False, False, False, True))
STORIES = settings(
    max_examples=STEPS // EACH,
    stateful_step_count=EACH,
    deadline=None,
    derandomize=not SOAK,
    print_blob=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


class Billing(RuleBasedStateMachine):
    """Rolled back at the end of each story."""

    people: dict
    claim: Claim
    tally: Counter

    def __init__(self):
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.model = Paper()

    def teardown(self):
        try:
            with as_owner():
                assert broken(invariants_prepared()) == {}
        finally:
            transaction.set_rollback(True)
            self.undone.__exit__(None, None, None)

    def signed(self, who: str, stale: bool) -> dict:
        version = self.now().version - stale
        return {"version": version, "by": self.people[who], "at": APRIL_5}

    def now(self) -> Claim:
        return Claim.objects.select_related("period", "practice").get(pk=self.claim.pk)

    def step(self, name: str, promised, really) -> None:
        before, was = copy.deepcopy(self.model), self.now().version
        try:
            promised()
            allowed = True
        except No:
            self.model, allowed = before, False
        try:
            with transaction.atomic():
                really()
            done = True
        except Refused:
            done = False
        assert done == allowed, f"{name}: {'done' if done else 'refused'}"
        self.tally[name, done] += 1
        self.compare()
        assert done or self.now().version == was

    def compare(self) -> None:
        claim, model = self.now(), self.model
        lines = claim.lines.filter(standing=True, code__in=CODES)
        open_ = {force.code: force for force in claim.forces.filter(ended_at=None)}
        assert claim.state == model.state
        assert claim.approved_by == self.people.get(model.approved_by)
        assert {line.code for line in lines} == set(CODES)
        assert {line.code for line in lines if line.released} == model.released()
        assert {code: bool(force.confirmed_at) for code, force in open_.items()} == {
            code: bool(by) for code, (_, by) in model.forces.items()
        }

    def force(self, code: str) -> Force | None:
        """The newest of this code, ended ones too: they are tried again."""
        return self.claim.forces.filter(code=code).order_by("asked_at", "pk").last()

    def open_force(self, code: str) -> Force | None:
        return self.claim.forces.filter(code=code, ended_at=None).first() or self.force(code)

    @rule(who=WHO, stale=STALE)
    def approve(self, who, stale):
        """Forced before, by chance alone it seldom is."""
        for code in CODES:
            if not stale and self.model.state != ClaimState.APPROVED:
                self.ask_by("cora", code)
                self.confirm_by("bea", code)
        self.approve_by(who, stale)

    def approve_by(self, who, stale=False):
        given = self.signed(who, stale)
        self.step(
            "approve", lambda: self.model.approve(who, stale=stale), lambda: acts.approve(self.now(), **given)
        )

    @rule(who=WHO, stale=STALE, act=st.sampled_from(("hold", "lift")))
    def hold_or_lift(self, who, stale, act):
        given = {**self.signed(who, stale), "reason": "Asked."}
        promised, really = getattr(self.model, act), getattr(acts, act)
        self.step(act, lambda: promised(stale=stale), lambda: really(self.now(), **given))

    @rule(who=WHO, code=CODE, stale=STALE, act=st.sampled_from(("block", "unblock")))
    def block_or_unblock(self, who, code, stale, act):
        given = {**self.signed(who, stale), "reason": "Lost."}
        promised, really = getattr(self.model, act), getattr(by_hand, act)
        self.step(act, lambda: promised(code, stale=stale), lambda: really(self.now(), code, **given))

    @rule(who=WHO, code=CODE, stale=STALE, act=st.sampled_from(("ask", "confirm", "confirm", "end")))
    def force_or_not(self, who, code, stale, act):
        getattr(self, f"{act}_by")(who, code, stale)

    def ask_by(self, who, code, stale=False):
        given = {**self.signed(who, stale), "reason": "By letter."}
        self.step(
            "ask",
            lambda: self.model.ask(code, who, stale=stale),
            lambda: by_hand.ask_force(self.now(), code, **given),
        )

    def confirm_by(self, who, code, stale=False):
        given = {**self.signed(who, stale), "reason": "Read."}
        if force := self.open_force(code):
            self.step(
                "confirm",
                lambda: self.model.confirm(code, who, stale=stale),
                lambda: by_hand.confirm_force(force, **given),
            )

    def end_by(self, who, code, stale):
        given = {**self.signed(who, stale), "reason": "Mistaken."}
        if force := self.open_force(code):
            self.step(
                "end", lambda: self.model.end(code, stale=stale), lambda: by_hand.end_force(force, **given)
            )

    @rule(press=st.sampled_from(("reopen", "close", "close")))
    def the_month(self, press):
        if press == "reopen":
            given = {"reason": "Late time.", "by": self.people["ade"], "at": APRIL_5}
            self.step("reopen", self.model.reopen, lambda: closing.reopen(self.now().period, **given))
        else:
            self.step("close", self.model.close, self.closed_again)

    def closed_again(self) -> None:
        practice = self.people["cora"].practice
        closing.start_close(practice, MARCH, by=self.people["cora"], at=APRIL_5)
        work()


@pytest.fixture
def held(cast):
    """March closed where the payer covers other diagnoses: everything of Jane's is held for that alone."""
    with time_machine.travel(APRIL_5, tick=True):
        covers = {"value": ["E11"], "starts_on": date(2026, 1, 1), "why": "The plan's list."}
        set_policy(cast.practice, key="covered_diagnoses", **covers)
        guides_example(cast)
        close_march(cast)
        yield cast


def test_only_what_may_follow_is_done(held):
    bea = factories.membership(held.practice, "Bea Biller", Role.BILLER, email="bea@example.test")
    Billing.people = {"cora": held.cora, "ade": held.ade, "bea": bea}
    Billing.claim, Billing.tally = held.jane.claims.get(), Counter()
    run_state_machine_as_test(Billing, settings=STORIES)
    assert Billing.tally.total() >= STEPS // 2
    done = {name for name, yes in Billing.tally if yes}
    assert done >= {"approve", "hold", "lift", "block", "unblock", "ask", "confirm", "end", "reopen", "close"}
