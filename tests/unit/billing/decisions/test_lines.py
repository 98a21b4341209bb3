"""Lines from a decision: dates of service, and each window by itself."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from billing.decisions.decide import decide, state_of, wanted_holds
from billing.facts.gather import Gathered
from billing.facts.patient_month import PatientRows
from billing.facts.records import Records, Session
from billing.models import ClaimState

GOOD = {
    "month": "2026-03",
    "clinical_staff_seconds": 1320,
    "live_contacts": 1,
    "auto_reading_days_in_month": 20,
    "consent_on": "2025-11-02",
    "order_signed_on": "2025-11-02",
    "established_patient": True,
    "necessity_documented": True,
    "supervising_practitioner": True,
    "device_basis_on_file": True,
    "policy": {},
}
NOBODY = UUID(int=1)
ROWS = PatientRows(date(2026, 3, 1))


def records(windows: list[dict], setup: dict | None) -> Records:
    """Records as many as the facts speak of."""
    days = {
        date.fromisoformat(w["ends_on"]): tuple(("cuff", f"day {n:02}") for n in range(w["reading_days"]))
        for w in windows
    }
    first = tuple(("cuff", f"day {n:02}") for n in range(setup["first_window_reading_days"] if setup else 0))
    return Records(
        sessions=(Session("s", 6000, 6_000_000_000, 0, "clinical_staff"),),
        contacts=("s",),
        month=(("cuff", "2026-03-03"),),
        windows=days,
        first_window=first,
        papers={"setup": "a"} if setup else {},
    )


def decided(**more):
    given = records(more.get("device_windows", []), more.get("setup"))
    return decide(Gathered(NOBODY, {**GOOD, **more}, given, (), ROWS))


def window(starts_on: str, ends_on: str, days: int) -> dict:
    return {"starts_on": starts_on, "ends_on": ends_on, "reading_days": days}


def test_management_is_served_on_the_months_last_day():
    assert decided().lines == {("99457", date(2026, 3, 31), True): 1}


def test_set_up_is_served_on_the_day_it_was_done():
    setup = {"completed_on": "2026-03-04", "documented": True, "first_window_reading_days": 9}
    assert ("99453", date(2026, 3, 4), True) in decided(setup=setup).lines


def test_each_device_window_is_a_line_on_its_last_day():
    windows = [window("2026-01-31", "2026-03-01", 20), window("2026-03-02", "2026-03-31", 5)]
    lines = decided(device_windows=windows).lines
    assert lines["99454", date(2026, 3, 1), True] == 1
    assert lines["99445", date(2026, 3, 31), True] == 1


def test_of_two_windows_the_one_that_straddles_is_held_and_the_other_is_free():
    windows = [window("2025-12-03", "2026-01-01", 20), window("2026-01-02", "2026-01-31", 20)]
    found = decided(month="2026-01", device_windows=windows)
    device = {key: n for key, n in found.lines.items() if key[0] == "99454"}
    assert device == {("99454", date(2026, 1, 1), False): 1, ("99454", date(2026, 1, 31), True): 1}
    assert found.decision["released"]["99454"] == found.decision["held_units"]["99454"] == 1


def test_the_second_of_two_windows_too_close_together_is_held():
    windows = [window("2026-02-01", "2026-03-02", 20), window("2026-03-01", "2026-03-30", 20)]
    device = {key for key in decided(device_windows=windows).lines if key[0] == "99454"}
    assert device == {("99454", date(2026, 3, 2), True), ("99454", date(2026, 3, 30), False)}


def test_the_lines_units_add_up_to_the_decisions():
    found = decided(
        clinical_staff_seconds=3 * 1200 + 1200, device_windows=[window("2026-02-10", "2026-03-11", 20)]
    )
    lines = found.lines
    by_code: dict[str, int] = {}
    for (code, _, released), units in lines.items():
        assert released
        by_code[code] = by_code.get(code, 0) + units
    assert by_code == found.decision["released"]


def test_the_state_follows_from_the_decision():
    assert state_of(decided()) == ClaimState.READY
    assert state_of(decided(live_contacts=0)) == ClaimState.ATTENTION
    assert state_of(decided(clinical_staff_seconds=599)) == ClaimState.NOTHING
    assert state_of(decided(payer="none")) == ClaimState.ATTENTION


def test_without_coverage_the_whole_claim_is_held_by_its_own_name():
    assert wanted_holds(decided(payer="none")) == [("", "no-coverage")]
    assert wanted_holds(decided(payer="none", clinical_staff_seconds=0)) == []


def test_the_digest_changes_with_facts_evidence_and_decision_and_with_nothing_else():
    assert decided().digest == decided().digest
    assert decided().digest != decided(clinical_staff_seconds=1321).digest
    other = decide(Gathered(NOBODY, GOOD, replace(records([], None), contacts=("s", "x")), (), ROWS))
    assert decided().digest != other.digest
