"""What a form does not declare changes nothing (AB-11); what it does leads to no row of another practice (AB-02)."""

import re
from uuid import uuid4

import time_machine
from django.conf import settings
from django.db import connection, models, transaction
from django.test import Client
from django.utils import timezone

from tests.architecture.walk import our_models, table_of
from tests.faults.trials import SOAK, some_of
from tests.integration import whole_world
from tests.integration.test_authorization_matrix import methods, routes
from tests.integration.test_fuzz import form_of
from tests.writes import Writes, writes
from timelogs.forms.note import NoteForm

saved_whole, whole = whole_world.saved_whole, whole_world.whole

UUID = re.compile(r"^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$")
NOT_COMPARED = {
    "dispatch_operation": "holds a digest of all that was sent",
    "dispatch_emaildelivery": "names its notice by a number, the next one each time",
    "django_session": "holds moments and marks of its own",
}
# Forms that a page of another address shows, by their class.
_CLOCK = ("autosave", "pause", "resume", "on_call", "idle_answer", "claim_gap", "fix")
DECLARED = {f"timelogs:session_{name}": {*NoteForm.base_fields, "said"} for name in _CLOCK}
# Its fields depend on the row, and of some several may be chosen.
OTHERWISE = {"intake:row"}
# Names that are read though no field of the page shows them, each with its reason.
READ = {
    "operation_id": "each form's own",
    "sent_by": "whose page it was; a wrong one is refused",
    "version": "what was looked at; a wrong one is refused",
    "csrfmiddlewaretoken": "each form's own",
}
TRIED_BESIDES = {
    "pk": "1", "id": "1", "practice": None, "practice_id": None, "is_superuser": "on", "is_staff": "on", "by": None,
    "actor": None, "history_user": None, "at": "2020-01-01T00:00", "now": "2020-01-01", "permission": "practice.manage",
}  # fmt: skip


def tried(elsewhere) -> dict[str, str]:
    """Every name of a field of ours with a value that it would take; ids are those of the other practice."""
    found = {}
    for model in our_models():
        for field in model._meta.local_fields:
            for name in {field.name, field.attname}:
                found.setdefault(name, _value(field, elsewhere))
    return found | {name: value or str(elsewhere.pk) for name, value in TRIED_BESIDES.items()}


def _value(field, elsewhere) -> str:
    if field.choices:
        return str(field.choices[-1][0])
    if isinstance(field, models.BooleanField):
        return "on"
    if isinstance(field, models.DateTimeField):
        return "2020-02-03T04:05"
    if isinstance(field, models.DateField):
        return "2020-02-03"
    if isinstance(field, models.IntegerField | models.DecimalField):
        return "7"
    return str(elsewhere.pk) if field.is_relation or isinstance(field, models.UUIDField) else "Mallory"


class Sender:
    """Sends forms as the first person whom the table lets in, at one moment, and takes back what they did."""

    def __init__(self, whole):
        self.whole, self.clients = whole, {}

    def client(self, route) -> Client:
        member = self.whole.may(route)[0]
        if member.pk not in self.clients:
            self.clients[member.pk] = Client(raise_request_exception=False)
            self.clients[member.pk].force_login(member.user)
        return self.clients[member.pk]

    def form(self, route) -> dict:
        shown = form_of(self.client(route), route, self.whole.address(route), self.whole.ids)
        return {**shown, "operation_id": "00000000-0000-4000-8000-00000000000a"}

    def send(self, route, form: dict) -> tuple[int, Writes]:
        mark = transaction.savepoint()
        with writes() as seen:
            answer = self.client(route).post(self.whole.address(route), form)
        connection.needs_rollback = False
        transaction.savepoint_rollback(mark)
        return answer.status_code, seen


def posts() -> list:
    return [route for route in routes() if "POST" in set(methods(route))]


def test_fields_that_no_form_has_change_nothing(whole):
    """And of a field that comes twice the last counts, as the page shows it: never the first."""
    sender, wrong, wrote = Sender(whole), [], 0
    extra = tried(whole.cast.elsewhere)
    known = {str(value) for value in whole.ids.values()}
    with time_machine.travel(timezone.now(), tick=False):
        for route in (r for r in some_of(posts(), part=4) if r.name not in OTHERWISE):
            form = sender.form(route)
            plain_status, plain = sender.send(route, form)
            declared = {*form, *READ, *DECLARED.get(route.name, ())}
            more = [(name, value) for name, value in extra.items() if name not in declared]
            twice = {name: ["Mallory", value] for name, value in form.items() if name not in READ}
            wrote += bool(plain.tables() - set(NOT_COMPARED))
            # As many at a time as a form may have.
            room = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS - 2 * len(form)
            for start in range(0, len(more), room):
                part = dict(more[start : start + room])
                status, seen = sender.send(route, {**part, **form, **twice})
                told = [one.plain(without=set(NOT_COMPARED), known=known) for one in (plain, seen)]
                if status != plain_status or told[0] != told[1]:
                    wrong.append(f"{route.name}: {plain_status} became {status}; {_first(*told)}")
    assert len(extra) > 200
    assert wrote > (30 if SOAK else 5)
    assert not wrong, table_of(wrong)


def _first(plain: list[str], seen: list[str]) -> str:
    pairs = zip(plain, seen, strict=False)
    one, other = next((pair for pair in pairs if pair[0] != pair[1]), (str(len(plain)), str(len(seen))))
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"{one[:40]} … {one[max(0, at - 60) : at + 60]} | {other[max(0, at - 60) : at + 60]}"


def foreign_ids(whole) -> dict[str, str]:
    """Rows of the other practice, one of each kind that a form can name."""
    cast = whole.cast
    return {
        "member": str(cast.dan.pk), "user": str(cast.dan.user_id), "patient": str(cast.nora.pk),
        "practice": str(cast.elsewhere.pk), **{name: str(value) for name, value in whole.foreign.items()},
    }  # fmt: skip


def test_an_id_of_another_practice_in_a_form_of_ones_own_reaches_nothing(whole):
    sender, wrong, asked = Sender(whole), [], 0
    foreign = foreign_ids(whole)
    for route in some_of(posts(), part=4):
        form = sender.form(route)
        named = [name for name, value in form.items() if UUID.match(str(value)) and name != "operation_id"]
        for name in named:
            for kind, value in foreign.items():
                status, seen = sender.send(route, {**form, name: value, "operation_id": str(uuid4())})
                asked += 1
                if any(value in str(values) for _, _, values in seen.seen):
                    wrong.append(f"{route.name} with {name} = their {kind}: {status}")
    assert asked > (200 if SOAK else 10)
    assert not wrong, table_of(wrong)
