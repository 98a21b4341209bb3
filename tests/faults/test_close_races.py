"""Races around the close, on real connections: one close, no accepted minute lost, one approval."""

from datetime import UTC, date, datetime
from functools import partial

import pytest

from accounts.permissions import Role
from billing.claims import acts as claim_acts
from billing.close import acts as close
from billing.close import runs
from billing.models import Claim, ClaimLine, ClaimState, CloseRun, CodeSelection, RunState
from dispatch import outbox
from foundation.refusals import Refused, StaleRow
from tests import factories
from tests.cast import make_cast
from tests.faults.test_races import NINE, drafts_of
from tests.faults.trials import at_once, trials
from tests.integration.billing.months import work
from timelogs.models import Period, PeriodState, TimeEntry
from timelogs.signing.sign import sign
from timelogs.signing.void import void

MARCH = date(2026, 3, 1)
APRIL_5 = datetime(2026, 4, 5, 14, 0, tzinfo=UTC)
SIGNED_AT = datetime(2026, 3, 3, 20, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def start(cast):
    return close.start_close(cast.practice, MARCH, by=cast.cora, at=APRIL_5)


def again(cast):
    """Back to open, so that the next trial closes anew."""
    close.reopen(Period.objects.get(), reason="The next trial.", by=cast.ade, at=APRIL_5)


def approving(claim: Claim, *, by):
    """An act that approves the claim as it is seen now."""
    return partial(claim_acts.approve, claim, version=claim.version, by=by, at=APRIL_5)


def test_closers_at_once_start_one_run():
    cast = make_cast()
    for trial in range(trials(60)):
        runs = at_once([lambda: start(cast)] * 4)
        assert len({run.pk for run in runs}) == 1, runs
        assert CloseRun.objects.filter(state=RunState.RUNNING).count() == 1
        work()
        assert (CloseRun.objects.count(), Claim.objects.count()) == (trial + 1, 2)
        again(cast)


def test_workers_on_the_same_chunks_make_each_claim_once():
    cast = make_cast()
    for number in range(12):
        patient = factories.patient(
            cast.practice, f"Many{number}", "Ann", mrn=f"T-1{number:03}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
    run = start(cast)
    while runs.waiting_messages(run).exists():
        ids = list(runs.waiting_messages(run).values_list("id", flat=True))
        done = at_once([lambda i=i: outbox.deliver(i) for i in ids * 4])
        assert done.count(True) == len(ids), done
    direct = at_once([lambda: close.work_chunk(cast.practice, run.pk, at=APRIL_5)] * 4)
    assert direct == [None] * 4
    run.refresh_from_db()
    assert (run.done, run.state) == (14, RunState.DONE)
    assert Claim.objects.count() == CodeSelection.objects.count() == 14
    numbers = sorted(Claim.objects.values_list("number", flat=True))
    assert numbers == [f"RPM-202603-{n:06d}" for n in range(1, 15)]


def test_a_close_against_eight_signers_counts_every_minute_it_accepted():
    cast = make_cast()
    nurses = [
        factories.membership(cast.practice, f"Nurse {n}", Role.NURSE, "RN", email=f"n{n}@example.test")
        for n in range(8)
    ]
    lost = accepted = 0
    for trial in range(trials(60)):
        patient = factories.patient(
            cast.practice, "Trial", f"P{trial}", mrn=f"TR-{trial}", born_on=date(1950, 1, 1)
        )
        factories.enrollment(patient, clinician=cast.ana, taken_by=cast.rosa)
        entries = drafts_of(patient, nurses, since=NINE, seconds=60)
        signers = [
            lambda e=e, n=n: sign(e, version=e.version, by=n, at=SIGNED_AT)
            for e, n in zip(entries, nurses, strict=True)
        ]
        done = at_once([*signers[:4], lambda: start(cast), *signers[4:]])
        signed = [d for d in done if isinstance(d, TimeEntry)]
        refused = [d for d in done if isinstance(d, Refused)]
        assert len(signed) + len(refused) == 8, done
        work()
        claim = Claim.objects.select_related("selection").get(patient=patient)
        counted = sum(row["seconds"] for row in claim.selection.evidence["sessions"])
        accepted += len(signed) * 60
        lost += len(signed) * 60 - counted
        again(cast)
        # What was refused is left behind as a draft: out of the way of the next trial.
        at_once([lambda e=e, n=n: _discard(e, n) for e, n in zip(entries, nurses, strict=True)])
    assert lost == 0, f"{lost} of {accepted} accepted seconds lost"


def _discard(entry, nurse):
    from timelogs.clock import acts as clock

    entry.refresh_from_db()
    if entry.status == "draft":
        clock.discard(entry, reason="The next trial.", by=nurse, at=APRIL_5)
    else:
        void(entry, reason="The next trial.", by=nurse, at=APRIL_5)


def test_approvers_at_once_approve_once():
    cast = make_cast()
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    second = factories.membership(cast.practice, "Bea Biller", Role.BILLER, email="bea@example.test")
    start(cast)
    work()
    claim = Claim.objects.get(patient=cast.jane)
    for _ in range(trials(40)):
        seen = Claim.objects.get(pk=claim.pk)
        done = at_once([approving(seen, by=by) for by in [cast.cora, second] * 2])
        assert [type(d) for d in done].count(Claim) == 1, done
        assert sum(isinstance(d, StaleRow) for d in done) == 3
        claim.refresh_from_db()
        assert claim.state == ClaimState.APPROVED
        claim_acts.hold(claim, reason="The next trial.", version=claim.version, by=cast.cora, at=APRIL_5)
        claim.refresh_from_db()
        claim_acts.lift(claim, reason="The next trial.", version=claim.version, by=cast.cora, at=APRIL_5)
    assert Period.objects.get().state == PeriodState.CLOSED


def test_approving_against_a_reopening_never_approves_in_an_open_month():
    cast = make_cast()
    factories.readings(cast.jane, date(2026, 2, 10), 40)
    for _ in range(trials(40)):
        start(cast)
        work()
        claim = Claim.objects.get(patient=cast.jane)
        if claim.state == ClaimState.APPROVED:
            claim = claim_acts.hold(
                claim, reason="The next trial.", version=claim.version, by=cast.cora, at=APRIL_5
            )
            claim = claim_acts.lift(
                claim, reason="The next trial.", version=claim.version, by=cast.cora, at=APRIL_5
            )
        approved, _ = at_once([approving(claim, by=cast.cora), lambda: again(cast)])
        claim.refresh_from_db()
        stood = isinstance(approved, Claim)
        assert (claim.state == ClaimState.APPROVED) == stood, approved
        if not stood:
            assert "re-opened" in approved.message
    assert ClaimLine.objects.filter(claim=claim, standing=True, released=True).exists()
