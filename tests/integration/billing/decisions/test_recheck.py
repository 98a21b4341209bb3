"""What a close stored proves itself: decisions from their facts, lines from the records they cite."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from billing.decisions.recheck import faults
from billing.facts.gather import facts_for, gather
from billing.models import Claim
from tests.integration.billing.months import MARCH, close_march, guides_example
from timelogs.models import TimeEntry


@pytest.fixture
def selection(cast):
    entries = guides_example(cast)
    close_march(cast)
    found = Claim.objects.get(patient=cast.jane).selection
    assert {row["id"] for row in found.evidence["sessions"]} == {str(entry.pk) for entry in entries}
    return found


def cited(selection, code: str) -> dict:
    (line,) = [line for line in selection.evidence["lines"] if line["code"] == code]
    return line


def test_each_released_line_of_a_close_cites_real_records_that_suffice(selection, cast):
    assert {line["code"] for line in selection.evidence["lines"]} == set(selection.decision["released"])
    time = cited(selection, "99457")
    worked = TimeEntry.objects.filter(pk__in=time["sessions"], patient=cast.jane)
    # 6 + 4 + 5 + 7 minutes: 20 are needed, and without any one of them they are not there.
    assert sorted(worked.values_list("seconds_signed", flat=True)) == [240, 300, 360, 420]
    assert TimeEntry.objects.get(pk=time["contacts"][0]).method == "phone"
    assert len(time["readings"]) == 1
    assert len(cited(selection, "99454")["readings"]) == 16
    assert list(faults(selection)) == []


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda s: cited(s, "99457")["sessions"].pop(), "99457 of 2026-03-31: what it cites is not enough"),
        (lambda s: cited(s, "99454")["readings"].pop(), "99454 of 2026-03-11: what it cites is not enough"),
        (
            lambda s: cited(s, "99457")["contacts"].append("another"),
            "99457 of 2026-03-31: it cites more than it needs",
        ),
        (lambda s: s.facts.update(clinical_staff_seconds=599), "the decision does not follow from its facts"),
    ],
)
def test_what_was_spoiled_is_named(selection, spoil, fault):
    spoil(selection)
    assert fault in list(faults(selection))


def run(name: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_the_command_proves_a_month(selection, cast):
    said = run("recheck_month", "2026-03", "--practice", "maple")
    assert said == "2 claims and 3 released lines come out again from their own rows.\n"


def test_the_facts_of_a_month_go_straight_into_the_rules(selection, cast, tmp_path):
    printed = run("facts", "2026-03", "--practice", "maple")
    by_hand = dict(facts_for(cast.practice, MARCH))
    assert [json.loads(line) for line in printed.splitlines()] == [by_hand[pk] for pk in sorted(by_hand)]
    assert by_hand == {pk: g.facts for pk, g in gather(cast.practice, MARCH, list(by_hand)).items()}
    file = tmp_path / "facts.jsonl"
    file.write_text(printed)
    decided = [json.loads(line) for line in run("select_codes", str(file)).splitlines()]
    assert selection.decision in decided
    assert "Doe" not in printed


@pytest.mark.parametrize("command", ["facts", "recheck_month"])
@pytest.mark.parametrize(("month", "slug"), [("2026-13", "maple"), ("2026-03", "nowhere")])
def test_a_wrong_month_or_practice_is_told(cast, command, month, slug):
    with pytest.raises(CommandError, match=r"Month must be|There is no practice"):
        call_command(command, month, "--practice", slug)
