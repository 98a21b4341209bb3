"""The demo practice: the same each time, sound in every invariant, each scripted patient showing its one thing."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from accounts.models import Membership, Practice, User
from audit.invariants import broken
from billing import alerts as progress
from billing.models import Claim, ClaimState, Hold, ThresholdAlert
from dispatch.models import Notice, OutboxMessage
from patients.models import CarePlan, Patient
from rpmportal.demo import build
from rpmportal.demo.cases import ordinary
from rpmportal.demo.people import NURSES, nurses
from rpmportal.demo.scenes import SCENES
from rpmportal.demo.stage import TZ, Stage
from timelogs import policies
from timelogs.counting import counted
from timelogs.counting.totals import month_total
from timelogs.models import Clock, ClockState, CountedInterval, PatientMonth, Period, Status, TimeEntry
from timelogs.note import fields

APRIL, MAY = date(2026, 4, 1), date(2026, 5, 1)
MANUAL = Path(__file__).parents[2] / "docs" / "demo.md"


@pytest.fixture(autouse=True)
def demo_is_on(settings):
    settings.DEMO = True


def load(patients: int = 12, *, months: int = 2, seed: int = 7, until: str = "2026-05-12") -> str:
    """What the command prints."""
    said = StringIO()
    arguments = {"patients": patients, "months": months, "seed": seed, "until": date.fromisoformat(until)}
    call_command("demo", stdout=said, **arguments)
    return said.getvalue()


def digest_of(**arguments) -> str:
    """Loaded, read and taken back."""
    with transaction.atomic():
        said = load(**arguments)
        transaction.set_rollback(True)
    return said.split("digest ")[1].strip()


def patient(tree: str) -> Patient:
    return Patient.objects.get(family_name=f"Demo-{tree}")


def claim(tree: str) -> Claim:
    return Claim.objects.get(patient=patient(tree), period__month=APRIL)


def test_the_same_arguments_make_the_same_rows(db):
    assert digest_of() == digest_of()


def test_another_seed_makes_other_rows(db):
    assert digest_of(patients=1) != digest_of(patients=1, seed=8)


def test_it_is_refused_where_the_demo_switch_is_off(db, settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="only where DEMO=1"):
        load()
    assert not Practice.objects.exists()


def test_a_second_time_it_changes_nothing_and_says_so(db):
    load(patients=1)
    assert load(patients=5) == "The demo practice is here already. Nothing was changed.\n"
    assert Patient.objects.count() == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"until": "2999-01-01"}, "nothing happens in the future"),
        ({"months": 1}, "--months must be 2 to 24"),
        ({"patients": 0}, "--patients must be 1 to 2000"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(db, arguments, says):
    with pytest.raises(CommandError, match=says):
        load(**arguments)


def test_six_people_sign_in_with_the_published_password_and_the_other_nurses_do_not(db):
    load(patients=1)
    able = {user.email for user in User.objects.all() if user.has_usable_password()}
    assert able == {
        f"{who}@demo.test" for who in ("nurse", "lead", "physician", "biller", "auditor", "admin")
    }
    assert all(user.check_password("demo-only") for user in User.objects.filter(email__in=able))
    assert Membership.objects.filter(role="nurse").count() == len(NURSES)


@pytest.mark.parametrize("until", ["2026-03-02", "2026-05-01"])
def test_it_holds_at_a_months_edge(db, until):
    load(until=until)
    assert broken() == {}


def test_a_session_across_the_change_of_clocks_is_as_long_as_it_was(db):
    load(patients=29, until="2025-11-04")
    began = datetime(2025, 11, 2, 5, 50, tzinfo=UTC)
    (share,) = [
        share
        for share in month_total(patient("Mulberry"), date(2025, 11, 1)).by_entry
        if share.entry.started_at == began
    ]
    assert share.counted_seconds == 20 * 60
    assert broken() == {}


def test_signed_notes_could_be_signed_and_carry_their_own_signature(db):
    load()
    for entry in TimeEntry.objects.filter(status=Status.SIGNED).select_related(
        "practice", "enrollment", "author"
    ):
        spans = [
            (s.during.lower, s.during.upper) for s in entry.segments.filter(standing=True).order_by("during")
        ]
        assert policies.problems(entry, spans, at=entry.signed_at) == []
        assert entry.signature == fields.digest(entry, spans)


def test_what_was_written_at_once_is_what_the_services_would_have_written(db):
    load()
    before = state_of_counting()
    horizon = datetime(2026, 5, 12, tzinfo=TZ) - timedelta(hours=1)
    for month in PatientMonth.objects.select_related("patient__practice", "practice"):
        # A month that is open has another last week than days of which nothing is known yet.
        at = min(month.ends_at, horizon)
        counted.recount(month, at=at)
        progress.reconcile(month, at=at)
    assert state_of_counting() == before


def state_of_counting() -> tuple:
    return (
        set(CountedInterval.objects.values_list("pk", "standing")),
        set(ThresholdAlert.objects.values_list("pk", "withdrawn_at")),
        set(Notice.objects.values_list("pk", "withdrawn_at")),
    )


def test_alerts_are_told_to_the_same_people_in_the_same_words_as_the_service_does(db):
    load(patients=1)
    alert = ThresholdAlert.objects.filter(withdrawn_at=None, minutes=20).get(patient_month__month=APRIL)
    ours = set(
        Notice.objects.filter(cause=f"threshold:{alert.pk}").values_list("recipient", "text", "url", "kind")
    )
    alert.withdrawn_at = alert.raised_at
    alert.save()
    progress.reconcile(alert.patient_month, at=alert.raised_at)
    again = ThresholdAlert.objects.filter(withdrawn_at=None, minutes=20).get(
        patient_month=alert.patient_month
    )
    theirs = Notice.objects.filter(cause=f"threshold:{again.pk}").values_list(
        "recipient", "text", "url", "kind"
    )
    assert ours == set(theirs)


def test_the_open_month_has_work_under_way(db):
    load()
    assert dict(Period.objects.values_list("month", "state")) == {APRIL: "closed", MAY: "open"}
    drafts = TimeEntry.objects.filter(status=Status.DRAFT)
    assert sorted(drafts.values_list("author__user__email", flat=True)) == [
        "nurse@demo.test",
        "second.nurse@demo.test",
        "third.nurse@demo.test",
    ]
    paused = Clock.objects.get(staff__email="nurse@demo.test", state=ClockState.PAUSED)
    assert paused.pause_reason == "by hand"
    assert Notice.objects.filter(recipient__email="biller@demo.test", read_at=None).exists()
    assert not OutboxMessage.objects.filter(done_at=None).exists()
    assert not Clock.objects.exclude(state__in=[ClockState.PAUSED, ClockState.ENDED]).exists()


# Tree → (seconds counted, live contacts, codes released beside 99453, slugs that hold).
SHOWN = {
    "Maple": (1320, 2, {"99454": 1, "99457": 1}, set()),
    "Birch": (720, 1, {"99454": 1, "99470": 1}, set()),
    "Cedar": (1320, 0, {"99454": 1}, {"no-live-contact"}),
    "Elm": (1320, 0, {"99454": 1}, {"no-live-contact"}),
    "Oak": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Pine": (1260, 1, {"99445": 1, "99457": 1}, set()),
    "Alder": (1199, 2, {"99454": 1, "99470": 1}, set()),
    "Ash": (1200, 2, {"99454": 1, "99457": 1}, set()),
    "Willow": (1080, 1, {"99454": 1, "99470": 1}, set()),
    "Hazelnut": (720, 1, {"99454": 1, "99470": 1}, set()),
    "Juniper": (1140, 1, {"99454": 1, "99470": 1}, set()),
    "Larch": (1020, 1, {"99454": 1, "99470": 1}, set()),
    "Spruce": (1260, 1, {}, {"no-consent"}),
    "Poplar": (1260, 1, {}, {"no-order"}),
    "Rowan": (599, 1, {"99454": 1}, set()),
    "Beech": (600, 1, {"99454": 1, "99470": 1}, set()),
    "Chestnut": (2399, 3, {"99454": 1, "99457": 1}, set()),
    "Hickory": (2400, 3, {"99454": 1, "99457": 1, "99458": 1}, set()),
    "Linden": (3600, 5, {"99454": 1, "99457": 1, "99458": 2}, set()),
    "Cypress": (1200, 2, {"99454": 1, "99457": 1}, set()),
    "Sumac": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Sequoia": (660, 1, {"99454": 1, "99470": 1}, set()),
    "Acacia": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Magnolia": (900, 1, {"99454": 1, "99470": 1}, set()),
    "Myrtle": (1260, 1, {}, {"no-necessity"}),
    "Olive": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Walnut": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Tamarack": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Dogwood": (780, 1, {"99445": 1}, {"no-device-data"}),
    "Fir": (660, 1, {"99445": 1, "99470": 1}, set()),
    "Hemlock": (1260, 1, {}, {"device-basis", "setup-days", "no-device-data"}),
    "Redwood": (1260, 1, {"99457": 1}, {"device-basis"}),
    "Teak": (1260, 1, {}, {"no-supervision"}),
    "Palm": (1920, 0, {"99454": 1, "99091": 1}, set()),
    "Yew": (1440, 2, {"99454": 1, "99457": 1}, set()),
    "Aspen": (1260, 0, {"99454": 1}, {"no-live-contact"}),
    "Buckeye": (960, 0, {"99454": 1}, {"no-live-contact"}),
    "Catalpa": (720, 1, {"99445": 1, "99470": 1}, set()),
    "Hornbeam": (1260, 1, {"99454": 1, "99457": 1}, set()),
    "Basswood": (1260, 1, {"99454": 1, "99457": 1}, set()),
}


def test_every_scripted_patient_shows_what_it_is_there_for(db):
    load(patients=len(SCENES))
    assert {tree: shown(tree) for tree in SHOWN} == SHOWN
    windows = {
        tree: claim(tree).selection.facts["device_windows"][0]["reading_days"] for tree in ("Oak", "Pine")
    }
    assert windows == {"Oak": 16, "Pine": 15}
    check_guide()
    check_corrections()
    check_papers()
    check_what_else_goes_on()
    assert broken() == {}


def shown(tree: str) -> tuple:
    selection = claim(tree).selection
    decision = selection.decision
    released = {code: units for code, units in decision["released"].items() if code != "99453"}
    facts = selection.facts
    seconds = facts["clinical_staff_seconds"] + facts["qhp_seconds"]
    return (
        seconds,
        facts["live_contacts"],
        released,
        {slug for slugs in decision["held"].values() for slug in slugs},
    )


def check_guide() -> None:
    """The example and the note that the guide spells out."""
    assert claim("Maple").selection.facts["auto_reading_days_in_month"] == 20
    alerts = ThresholdAlert.objects.filter(
        patient_month__patient=patient("Maple"), patient_month__month=APRIL
    )
    assert sorted(alerts.values_list("minutes", flat=True)) == [10, 20]
    note = TimeEntry.objects.get(patient=patient("Birch"), started_at__date=date(2026, 4, 20))
    assert [fact["text"] for fact in note.data_facts] == [
        "14 readings on 14 days, 132–158/82–96 mmHg, 6 days above range"
    ]
    assert "occasional missed evening dose" in note.said
    assert "Updated care plan" in note.action_detail
    assert note.seconds_signed == 12 * 60
    assert CarePlan.objects.get(enrollment=note.enrollment, number=2).session_id == note.pk


def check_corrections() -> None:
    """Voided, amended, late, and sent back after an approval."""
    ended = TimeEntry.objects.filter(status__in=[Status.VOIDED, Status.AMENDED])
    assert sorted(ended.values_list("patient__family_name", "status")) == [
        ("Demo-Hazelnut", "voided"),
        ("Demo-Juniper", "amended"),
        ("Demo-Larch", "amended"),
    ]
    assert (
        ThresholdAlert.objects.filter(patient_month__patient=patient("Hazelnut"), kind="reached", minutes=20)
        .get()
        .withdrawn_at
    )
    assert claim("Larch").sent_back_at
    assert claim("Larch").state == ClaimState.READY
    assert month_total(patient("Sequoia"), APRIL).by_entry[0].not_counted[0][1] == "needs-approval"
    assert (
        TimeEntry.objects.get(patient=patient("Acacia"), needs_approval=True).approved_by.role == "lead_nurse"
    )
    assert TimeEntry.objects.filter(patient=patient("Sumac"), late=True, needs_approval=False).count() == 1
    assert month_total(patient("Cypress"), MAY).seconds >= 600
    assert Hold.objects.filter(slug="by-hand", lifted_at=None).count() == 2


def check_papers() -> None:
    """What is on file, or is not."""
    assert claim("Tamarack").payer == "medicare-advantage"
    assert list(patient("Laurel").enrollments.get().diagnoses.values_list("code", flat=True)) == ["E11"]
    devices = patient("Olive").readings.values_list("device", "taken_at")
    assert len({taken_at for _, taken_at in devices}) < len(devices)
    assert patient("Walnut").readings.exclude(value__endswith=".00").exists()
    assert not patient("Hemlock").readings.filter(source="automatic").exists()
    skipped = month_total(patient("Magnolia"), APRIL).by_entry[-1].not_counted
    assert skipped == ((480, "same-day-visit", "day of an office visit"),)


def check_what_else_goes_on() -> None:
    """A service elsewhere; an operation of ours, attested by the physician; a stay without readings."""
    service = patient("Sycamore").other_services.get()
    assert (service.code, service.billed_by, service.service_on.replace(day=1)) == (
        "98977",
        "elsewhere",
        APRIL,
    )
    period = patient("Hornbeam").surgical_globals.get()
    signed = period.history.first()
    assert (period.ours, period.attested_by.role, signed.actor_label) == (
        True,
        "qhp",
        str(period.attested_by),
    )
    stay = patient("Basswood").institution_stays.get()
    away = {"day__gte": stay.admitted_on, "day__lt": stay.discharged_on}
    assert stay.discharged_on - stay.admitted_on == timedelta(days=3)
    assert not patient("Basswood").readings.filter(**away).exists()


def test_the_manual_names_every_scripted_patient(db):
    text = MANUAL.read_text()
    for number, scene in enumerate(SCENES, start=1):
        assert f"| DEMO-{number:04d} | Demo-{scene.who[0]}, {scene.who[1]} | {scene.shows} |" in text


def test_nobody_could_be_a_real_person(db):
    load(patients=2)
    stage = Stage(seed=7, patients=300, month_count=3, until=date(2026, 5, 12))
    for case in [ordinary(stage, number) for number in range(1, 301)]:
        assert case.family.startswith("Demo-")
        assert case.mrn.startswith("DEMO-")
    assert [row.phone for row in Patient.objects.order_by("mrn")] == ["617-555-0101", "617-555-0102"]


@pytest.mark.parametrize("patients", [1, 240, 241, 1200, 2000])
def test_staff_grows_with_the_patients_and_every_day_ends_in_time(patients):
    """The plan alone, which the rows follow: at the declared range's ends, and where the fifth nurse comes."""
    stage = Stage(seed=7, patients=patients, month_count=2, until=date(2026, 5, 12))
    planned = [session for _, session in build._sessions(stage, build._cast(stage))]
    assert len({s.author for s in planned} - {"lead", "physician"}) <= len(nurses(patients))
    assert len(nurses(patients)) == max(4, -(-patients // 60))
    by_author = defaultdict(list)
    for session in planned:
        by_author[session.author].append((session.starts_at, session.ends_at))
        assert session.ends_at < stage.horizon
        assert session.ends_at.astimezone(TZ).hour < 20 or session.exact
    for spans in by_author.values():
        spans.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(spans))
