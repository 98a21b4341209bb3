"""The list of changes: what it tells, whose it tells, and how it turns its pages."""

import time
from datetime import date, timedelta
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Practice
from audit.changes import PAGE, page_of_acts
from audit.filters import ChangesForm
from audit.registry import Presentation, every_presentation
from foundation.context import ActorKind, acting, because
from foundation.tracked import bulk_create_tracked
from patients.models import Measure, OfficeVisit
from tests import factories
from timelogs.clock import acts as clock
from timelogs.models import TimeEntry


def shown(membership, *, older=None, newer=None, **query):
    form = ChangesForm(query, membership=membership)
    return page_of_acts(membership.practice, form.filters(), older=older, newer=newer)


def changes(membership, **query):
    return [change for act in shown(membership, **query).acts for change in act.changes]


def rename(patient, name: str, *, by, why="married"):
    with acting(by.label, kind=ActorKind.PERSON, actor_id=by.user_id), because(why):
        patient.family_name = name
        patient.save()


def test_a_change_says_who_what_from_to_and_why(cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    change = changes(cast.omar)[0]
    assert (change.kind, change.who, change.reason) == ("Patient", "Rosa Nguyen, RN", "married")
    assert [(f.label, f.before, f.after) for f in change.fields] == [("Family name", "Doe", "Dorn")]
    assert (change.patient_id, change.patient) == (cast.jane.pk, "DORN, Jane")


def test_values_are_words_and_hidden_fields_stay_hidden(cast):
    consent = cast.jane.consents.get()
    with because("withdrew"):
        consent.revoked_on, consent.revoke_reason = date(2026, 1, 20), "Moved away."
        consent.save()
    change = changes(cast.omar, record="consent")[0]
    told = {f.label: (f.before, f.after) for f in change.fields}
    assert told == {"Revoked on": ("–", "20-Jan-2026"), "Revoke reason": ("–", "Moved away.")}


def test_a_new_record_names_people_and_choices(cast):
    change = changes(cast.omar, record="consent", patient=str(cast.jane.pk))[0]
    told = {f.label: f.after for f in change.fields}
    assert told["Method"] == "Spoken, documented"
    assert told["Taken by"] == "Rosa Nguyen, RN"
    assert change.created


def test_another_practice_is_not_told(cast):
    rename(cast.nora, "Secret", by=cast.dan)
    for change in changes(cast.omar):
        assert "Secret" not in str(change)
    assert {c.patient_id for c in changes(cast.omar, record="patient")} == {cast.jane.pk, cast.max.pk}
    assert [c.row_id for c in changes(cast.omar, record="practice")] == [cast.practice.pk]


def test_people_of_another_practice_are_not_told(cast):
    assert cast.dan.user_id not in {c.row_id for c in changes(cast.omar, record="user")}
    assert cast.rosa.user_id in {c.row_id for c in changes(cast.omar, record="user")}


NARROWED = (
    ({"record": "patient", "action": "changed"}, 1),
    ({"record": "patient", "action": "created"}, 2),
    ({"field": "patient.family_name"}, 1),
    ({"field": "patient.phone"}, 0),
    ({"reason": "MARR"}, 1),
    ({"reason": "100%"}, 0),
    ({"record": "patient", "patient": "dorn"}, 2),
    ({"record": "patient", "patient": "Dorn, J"}, 2),
    ({"record": "patient", "patient": "T-0002"}, 1),
    ({"record": "patient", "patient": "nobody"}, 0),
    ({"record": "enrollment", "patient": "T-0002"}, 1),
    ({"record": "diagnosis", "patient": "T-0002"}, 1),
    ({"record": "practice", "patient": "T-0002"}, 0),
    ({"who": "system", "record": "patient"}, 2),
    ({"until": "2020-01-01"}, 0),
    ({"record": "patient", "since": "not a date"}, 3),
)


def as_sent(cast, query: dict) -> dict:
    """The query of the address that the typed words lead to."""
    typed = QueryDict(mutable=True)
    typed.update({"look_for" if name == "patient" else name: value for name, value in query.items()})
    form = ChangesForm(typed, membership=cast.omar)
    address = dict(parse_qsl(form.address()))
    # What stays in the session and comes back with the address's key.
    return address | {name: words for name in form.typed if (words := form.value(name))}


def test_filters_narrow_the_list(cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    got = [(query, len(changes(cast.omar, **as_sent(cast, query)))) for query, _ in NARROWED]
    assert got == list(NARROWED)


def test_who_narrows_to_one_person(cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    rename(cast.max, "Rowe", by=cast.luis)
    assert [c.who for c in changes(cast.omar, who=str(cast.luis.user_id))] == ["Luis Ortiz, LPN"]


def test_one_request_is_one_act(cast):
    request = uuid4()
    with acting("Rosa Nguyen, RN", request_id=request):
        for patient in (cast.jane, cast.max):
            patient.phone = "555 0100"
            patient.save()
    act = shown(cast.omar).acts[0]
    assert (act.request_id, act.total, len(act.changes), act.more) == (request, 2, 2, 0)
    assert len(changes(cast.omar, request=str(request))) == 2


def test_a_bulk_act_takes_one_line_and_hides_nobody_else(cast):
    rename(cast.jane, "Dorn", by=cast.rosa)
    with acting("import", request_id=uuid4()):
        for start in range(3):
            factories.readings(cast.jane, date(2026, 1, 1) + timedelta(days=100 * start), 100)
    first, second = shown(cast.omar).acts[:2]
    assert (first.total, len(first.changes), first.more) == (300, 5, 295)
    assert second.latest.name == "MRN T-0001"


def test_pages_show_everything_once_and_lead_back(cast):
    for number in range(2 * PAGE + 5):
        with acting(f"nurse {number}"):
            OfficeVisit(
                practice=cast.practice,
                patient=cast.jane,
                visited_on=date(2026, 1, 1) + timedelta(days=number),
            ).save()
    pages = [shown(cast.omar, record="officevisit")]
    while pages[-1].older:
        pages.append(shown(cast.omar, record="officevisit", older=pages[-1].older))
    whos = [act.latest.who for page in pages for act in page.acts]
    assert whos == [f"nurse {n}" for n in reversed(range(2 * PAGE + 5))]
    back = shown(cast.omar, record="officevisit", newer=pages[-1].newer)
    assert [a.latest.who for a in back.acts] == [a.latest.who for a in pages[1].acts]
    assert back.newer
    assert back.older
    assert shown(cast.omar, record="officevisit", newer=back.newer).newer is None


def test_a_page_costs_no_more_queries_for_more_rows(cast):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            shown(cast.omar, record="reading")
        return len(queries)

    factories.readings(cast.jane, date(2026, 1, 1), 3)
    few = cost()
    factories.readings(cast.jane, date(2026, 3, 1), 90)
    assert cost() <= few + 1


def test_every_tracked_model_says_how_its_history_is_called_and_who_may_see_it():
    presentations = every_presentation()
    assert len({p.slug for p in presentations}) == len(presentations)
    plain = Presentation.__dataclass_fields__["name"].default
    silent = [p.slug for p in presentations if p.name is plain]
    assert silent == [], f"Present these in their app's history.py: {silent}"


def test_a_range_reads_from_to(cast):
    target = cast.jane.target_ranges.get(measure=Measure.BLOOD_PRESSURE)
    target.high = None
    target.low = 90
    target.save()
    told = {f.label: (f.before, f.after) for f in changes(cast.omar, record="targetrange")[0].fields}
    assert told == {"High": ("130", "–"), "Low": ("–", "90")}


def test_the_practice_itself_is_told_of(cast):
    practice = Practice.objects.get(pk=cast.practice.pk)
    practice.name = "Maple"
    practice.save()
    assert [(f.label, f.after) for f in changes(cast.omar, record="practice")[0].fields] == [
        ("Name", "Maple")
    ]


def test_bulk_created_rows_tell_their_reason(cast):
    with because("import 5512"):
        bulk_create_tracked(
            [OfficeVisit(practice=cast.practice, patient=cast.max, visited_on=date(2026, 2, 3))]
        )
    assert changes(cast.omar, record="officevisit")[0].reason == "import 5512"


# Saves of one draft ---------------------------------------------------------------------------------------------


def save(entry: TimeEntry, *, by, why="", **fields):
    """As the page does while somebody types: a request of its own."""
    with acting(by.label, kind=ActorKind.PERSON, actor_id=by.user_id), because(why):
        for name, value in fields.items():
            setattr(entry, name, value)
        entry.save()


def folded(membership) -> list[tuple[int, tuple[str, ...], list]]:
    """(saves, changed fields, from → to) of each act about sessions, newest first."""
    return [
        (
            act.saves,
            tuple(f.label for f in act.latest.fields),
            [(f.before, f.after) for f in act.latest.fields],
        )
        for act in shown(membership, record="timeentry").acts
    ]


@pytest.fixture
def draft(cast):
    with acting(cast.rosa.label, kind=ActorKind.PERSON, actor_id=cast.rosa.user_id):
        return clock.start_session(cast.jane, by=cast.rosa, at=timezone.now())


def test_saves_of_a_draft_within_a_minute_are_one_line_from_first_to_last(cast, draft):
    _wait_for_a_fresh_minute()
    for words in ("She", "She eats", "She eats less salt"):
        save(draft, by=cast.rosa, said=words)
    save(draft, by=cast.rosa, action="education")
    (saves, labels, both), *rest = folded(cast.omar)
    assert (saves, labels) == (4, ("What was said", "Clinical action"))
    assert both == [("–", "She eats less salt"), ("–", "Education")]
    assert [each[0] for each in rest] == [1]


def test_what_was_typed_and_taken_back_is_told_as_nothing_different(cast, draft):
    _wait_for_a_fresh_minute()
    save(draft, by=cast.rosa, said="She")
    save(draft, by=cast.rosa, said="")
    assert folded(cast.omar)[0][:2] == (2, ())


def test_a_save_with_a_reason_or_by_somebody_else_stands_by_itself(cast, draft):
    _wait_for_a_fresh_minute()
    save(draft, by=cast.rosa, said="She")
    save(draft, by=cast.rosa, said="She eats", why="Corrected.")
    save(draft, by=cast.lena, said="She eats less")
    assert [each[0] for each in folded(cast.omar)] == [1, 1, 1, 1]


def test_the_folded_line_leads_to_the_comparison_of_both_ends(cast, draft, client):
    _wait_for_a_fresh_minute()
    for words in ("She", "She eats"):
        save(draft, by=cast.rosa, said=words)
    created, first, last = TimeEntry.history.filter(id=draft.pk).order_by("history_id")
    client.force_login(cast.omar.user)
    page = client.get("/history/", {"record": "timeentry"}).content.decode()
    assert f"?first={created.history_id}&amp;second={last.history_id}" in page
    assert "Saved 2 times within this minute" in page


def _wait_for_a_fresh_minute() -> None:
    """A test that began in the last seconds of a minute would write into two."""
    while timezone.now().second > 55:
        time.sleep(0.2)
