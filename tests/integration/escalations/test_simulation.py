"""Ten thousand readings, each with its label, and the people who answer: nothing is nobody's, the doubles of a window
collapse, and the report of the month says what the labels say.

The labels are made beside the code, from nothing but the values drawn and what the people were told to do.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.practice_policies import set_policy
from escalations import acts
from escalations.models import LED_TO_AN_ACTION, Escalation, EscalationStep, Outcome
from escalations.reporting import at_share, report, together
from escalations.watching import take_in
from foundation.context import acting
from foundation.tracked import bulk_create_tracked
from monitoring.models import Reading, Source
from patients.models import Device, TargetRange
from tests import factories
from tests.faults.trials import trials

# The ten thousand in `./dev soak`, a fifth of them in `./dev test`.
DAYS, PATIENTS, A_DAY = trials(25, part=5), 40, 10
START = datetime(2026, 3, 2, 13, tzinfo=UTC)
MARCH = date(2026, 3, 1)
HIGH, CRITICAL = 130, 180
OUTCOMES = [Outcome.ADVISED, Outcome.MEDICINE_CHANGED, Outcome.NO_CHANGE, Outcome.NOT_REAL]


@dataclass
class Label:
    """What is to be said of one escalation."""

    severity: str
    opened_at: datetime
    again: int = 0
    readings: int = 0
    wait: timedelta | None = None
    outcome: str = ""


@dataclass
class Labels:
    """Of one patient: the open one and those that are done."""

    open: Label | None = None
    all: list[Label] = field(default_factory=list)

    def batch(self, values: list[int], at: datetime) -> None:
        """The values of a batch that are out of range are one escalation, or more of the one that is open."""
        if not (out := [value for value in values if value > HIGH]):
            return
        severity = "critical" if max(out) > CRITICAL else "warning"
        if self.open is None:
            self.open = Label(severity, at)
            self.all.append(self.open)
        else:
            self.open.again += 1
            if severity == "critical":
                self.open.severity = severity
        self.open.readings += len(out)


def drawn(rng: random.Random) -> int:
    """Nineteen of twenty are in range, one of two hundred is critical."""
    luck = rng.random()
    return rng.randint(100, HIGH) if luck < 0.95 else rng.randint(HIGH + 1, CRITICAL) if luck < 0.995 else 181


@pytest.fixture
def people(cast):
    """Forty patients, each with a cuff and a range with a critical limit; trends are off."""
    with factories.together():
        rows = [
            factories.patient(cast.practice, f"Sim{n:03}", "Ula", mrn=f"S-{n:04}", born_on=date(1950, 1, 1))
            for n in range(PATIENTS)
        ]
        for row in rows:
            factories.enrollment(row, clinician=cast.ana, taken_by=cast.rosa)
    for limits in TargetRange.objects.filter(patient__in=rows):
        limits.critical_high = Decimal(CRITICAL)
        limits.save()
    for key in ("repeated_readings", "weight_gain_grams"):
        set_policy(cast.practice, key=key, value=0, starts_on=MARCH, why="Readings alone.")
    return sorted(rows, key=lambda row: str(row.pk))


def readings_of(patient, device: Device, values: list[int], at: datetime) -> list[Reading]:
    own = {"practice": patient.practice, "patient": patient, "device": device, "measure": "blood_pressure"}
    moments = [at - timedelta(minutes=10 * n) for n in range(len(values))]
    return [
        Reading(
            value=value,
            second_value=70,
            source=Source.AUTOMATIC,
            taken_at=when,
            received_at=at,
            day=when.date(),
            **own,
        )
        for value, when in zip(values, moments, strict=True)
    ]


def answered(cast, rng: random.Random, labels: dict, at: datetime) -> None:
    """Somebody looks at a third of what is open, and resolves half of that at once."""
    for row in Escalation.objects.exclude(state="resolved").order_by("patient_id"):
        label, luck = labels[row.patient_id].open, rng.random()
        if luck > 0.33:
            continue
        label.wait = label.wait or at - label.opened_at
        if luck < 0.16:
            outcome = label.outcome = str(rng.choice(OUTCOMES))
            acts.resolve(row, outcome=outcome, words="Seen.", by=cast.rosa, at=at)
            labels[row.patient_id].open = None
        elif row.state == "open":
            acts.acknowledge(row, by=cast.luis, at=at)


def test_the_report_says_what_the_labels_say(cast, people):
    rng = random.Random(65)
    labels = {patient.pk: Labels() for patient in people}
    cuffs = {
        row.assignments.get().patient_id: row
        for row in Device.objects.filter(assignments__patient__in=people)
    }
    with acting("system: tests"):
        for day in range(DAYS):
            at = START + timedelta(days=day)
            rows = []
            for patient in people:
                values = [drawn(rng) for _ in range(A_DAY)]
                labels[patient.pk].batch(values, at)
                rows += readings_of(patient, cuffs[patient.pk], values, at)
            ids = [row.pk for row in bulk_create_tracked(rows)]
            take_in(cast.practice, ids, at=at)
            # As a worker that died before it could say that it was done.
            if day % 5 == 0:
                take_in(cast.practice, ids, at=at + timedelta(minutes=1))
            answered(cast, rng, labels, at + timedelta(minutes=rng.randint(5, 300)))
    assert Reading.objects.filter(patient__in=people).count() == DAYS * PATIENTS * A_DAY
    agrees_with(cast.practice, [label for each in labels.values() for label in each.all])


def agrees_with(practice, labels: list[Label]) -> None:
    rows = Escalation.objects.for_practice(practice)
    assert len(labels) > 5 * DAYS
    assert rows.count() == len(labels)
    assert not EscalationStep.objects.filter(owner=None).exists()
    assert rows.filter(owner__user__is_active=True, due_at__isnull=False).count() == len(labels)
    found = report(practice, MARCH, at=START + timedelta(days=DAYS))
    assert {each.severity: each.opened for each in found} == Counter(label.severity for label in labels)
    for each in found:
        mine = [label for label in labels if label.severity == each.severity]
        assert each.resolved == sum(bool(label.outcome) for label in mine)
        assert each.acted == sum(label.outcome in LED_TO_AN_ACTION for label in mine)
        assert each.merged == sum(label.again for label in mine)
        waits = tuple(sorted(label.wait for label in mine if label.wait))
        assert each.waits == waits
        assert (each.median, each.p90) == (at_share(waits, 50), at_share(waits, 90))
    all_of_them = together(found)
    assert (all_of_them.opened, all_of_them.merged) == (len(labels), sum(label.again for label in labels))
    attached = sum(row.attached.count() for row in rows)
    assert attached == sum(label.readings for label in labels)
