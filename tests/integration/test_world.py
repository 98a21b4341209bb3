"""The large practice of the benches: its rows are those that the services write, for each copy with keys of its own."""

import re
from collections import Counter
from datetime import date

import pytest
from django.db import connection, transaction
from django.urls import reverse

from accounts.models import Membership, User
from audit.invariants import broken
from bench import world
from billing.decisions.decide import decided_text
from billing.models import Claim, CloseRun, CodeSelection
from dispatch.models import Notice
from patients.models import Device, Patient
from rpmportal.demo.digest import LEFT_OUT
from timelogs.models import Addition, Status, TimeEntry, TimeSegment
from timelogs.note import fields
from timelogs.signing import addenda

PATTERN, COPIES = 12, 3
PEOPLE = {f"accounts_{history}{name}" for history in ("", "historical") for name in ("user", "membership")}
UNTIL = date(2026, 5, 12)
# What each row has of its own, however it came.
OWN = LEFT_OUT | {"id", "figured_at", "looked_at"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def as_owner(db, monkeypatch):
    monkeypatch.setattr(world, "PATTERN", PATTERN)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE rpm_owner")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


def fill() -> None:
    world.fill(PATTERN * COPIES, months=2, seed=7, until=UNTIL)


def rows_without_marks(marks: world.Marks) -> dict[str, Counter]:
    """Each table's rows without what is a copy's own, counted."""
    found = {}
    for model in world.copied_models():
        columns = [f.column for f in model._meta.local_concrete_fields if f.name not in OWN]
        shown = ", ".join(f'"{column}"' for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT ROW({shown})::text FROM "{model._meta.db_table}"')
            found[model._meta.db_table] = Counter(_plain(marks, text) for (text,) in cursor)
    return found


def _plain(marks: world.Marks, text: str) -> str:
    """What stands behind a name or number in a copy goes with it."""
    syllable = "|".join([*world.SYLLABLES, *map(str.upper, world.SYLLABLES)])
    tail = rf"(?:(?:{syllable})(?![a-zA-Z])|[-.]\d(?=\W|$)| \d(?=\W|$))?"
    return re.sub(rf"(?:{marks.pattern.pattern}){tail}", "§", text)


def test_the_copies_are_rows_that_the_services_wrote(as_owner):
    with transaction.atomic():
        world.sow(months=2, seed=7, until=UNTIL)
        with connection.cursor() as cursor:
            marks = world.Marks.read(cursor)
        written = rows_without_marks(marks)
        idle = User.objects.exclude(segments__isnull=False).count()
        general = Notice.objects.filter(patient_id=None).count()
        assert sum(written["timelogs_timeentry"].values()) > 20
        transaction.set_rollback(True)
    fill()
    for table, copied in rows_without_marks(marks).items():
        once = written[table]
        if table in PEOPLE:
            assert copied.total() == COPIES * once.total() - (COPIES - 1) * idle, table
        elif table == "dispatch_notice":
            assert copied.total() == COPIES * once.total() - (COPIES - 1) * general, table
        else:
            assert copied == Counter({row: count * COPIES for row, count in once.items()}), table


def test_every_invariant_holds_and_every_signature_is_its_rows_own(as_owner):
    fill()
    assert broken() == {}
    assert Patient.objects.count() == PATTERN * COPIES == Patient.objects.values("mrn").distinct().count()
    for entry in TimeEntry.objects.filter(status=Status.SIGNED):
        standing = TimeSegment.objects.filter(entry=entry, standing=True).order_by("during")
        assert entry.signature == fields.digest(entry, [(s.during.lower, s.during.upper) for s in standing])
    for row in Addition.objects.all():
        assert row.signature == addenda.digest(row)
    for selection in CodeSelection.objects.all():
        text = decided_text(selection.facts, selection.evidence, selection.decision)
        assert selection.digest == world.hashlib.sha256(text.encode()).hexdigest()


def test_a_copy_has_people_devices_and_claims_of_its_own(as_owner):
    fill()
    first, *others = [
        {name.split(" ")[0] for name in Patient.objects.values_list("family_name", flat=True)},
        set(Device.objects.values_list("serial", flat=True)),
        set(Claim.objects.values_list("number", flat=True)),
    ]
    assert len(first) > PATTERN
    assert [len(kind) % COPIES for kind in others] == [0, 0]
    authors = TimeEntry.objects.values("patient", "author").distinct()
    assert authors.count() >= authors.values("author").distinct().count() > COPIES
    run = CloseRun.objects.get(number=1)
    assert run.total == CodeSelection.objects.filter(run=run).count() == run.done


def test_the_pages_of_a_copied_patient_are_those_of_any(as_owner, client, settings):
    settings.DEMO = True
    fill()
    copied = Claim.objects.filter(number__endswith="-2").select_related("patient").first()
    biller = Membership.objects.select_related("user").get(user__email="biller@demo.test")
    client.force_login(biller.user)
    for address in (
        reverse("billing:claim", args=[copied.pk]),
        reverse("chart", args=[copied.patient_id]),
        reverse("month_board", args=[copied.period.month]),
    ):
        assert client.get(address).status_code == 200
    assert str(copied.patient) in client.get(reverse("billing:claim", args=[copied.pk])).content.decode()


def test_part_of_a_pattern_is_refused(as_owner):
    with pytest.raises(SystemExit, match="must be a multiple of 12"):
        world.fill(PATTERN * COPIES + 1)
