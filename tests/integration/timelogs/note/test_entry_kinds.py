"""What an entry is, computed from what happened to it and shown wherever it is."""

from datetime import timedelta

import pytest
import time_machine

from tests.integration.billing.months import NINE
from tests.integration.timelogs.notes import CALL, signed_session
from tests.integration.timelogs.pages import text_of
from timelogs.clock import acts as clock
from timelogs.labels import KINDS, kind_in_words
from timelogs.models import TimeEntry
from timelogs.note.entry_kinds import Kind, kinds_of
from timelogs.signing import addenda
from timelogs.signing.amend import amend
from timelogs.signing.void import void

pytestmark = pytest.mark.django_db

LATER = NINE + timedelta(days=6)


def session(cast, *, at=None) -> TimeEntry:
    return signed_session(cast.jane, by=cast.rosa, starts_at=NINE, seconds=600, at=at, **CALL)


def amended(cast, entry) -> TimeEntry:
    return amend(entry, note={}, seconds=None, reason="Detail", by=cast.rosa, at=LATER)


def test_what_happened_to_a_session_is_its_kind(cast):
    first = session(cast)
    assert kinds_of(first) == (Kind.ORIGINAL,)
    second = amended(cast, first)
    first.refresh_from_db()
    assert (kinds_of(first), kinds_of(second)) == ((Kind.ORIGINAL,), (Kind.CORRECTION,))
    assert kinds_of(void(second, reason="Wrong", by=cast.rosa, at=LATER)) == (
        Kind.VOID,
        Kind.CORRECTION,
    )


def test_late_stays_late_whatever_follows(cast):
    entry = session(cast, at=LATER)
    assert kind_in_words(entry) == "Late entry"
    new = amended(cast, entry)
    assert kind_in_words(new) == "Correction, late entry"
    new = void(new, reason="Wrong", by=cast.rosa, at=LATER)
    assert kind_in_words(new) == "Voided entry, correction, late entry"


def test_additions_are_what_they_are_and_a_draft_is_nothing_yet(cast):
    entry = session(cast)
    addendum = addenda.add_addendum(entry, text="She rang back about it.", by=cast.luis, at=LATER)
    seen = addenda.statement(entry, by=cast.rosa)
    attestation = addenda.attest(entry, seen=seen, by=cast.rosa, at=LATER)
    assert (kinds_of(addendum), kinds_of(attestation)) == ((Kind.ADDENDUM,), (Kind.ATTESTATION,))
    draft = clock.start_session(cast.jane, by=cast.rosa, at=LATER)
    assert (kinds_of(draft), kind_in_words(draft)) == ((), "")


def test_every_kind_has_its_word():
    assert set(KINDS) == set(Kind)


def test_the_session_and_the_lists_say_what_it_is_and_when_it_was_recorded(cast, client):
    with time_machine.travel(LATER, tick=False):
        entry = session(cast, at=LATER)
        client.force_login(cast.user("rosa"))
        page = text_of(client.get(f"/sessions/{entry.pk}/"))
        assert "Late entry, recorded 09-Mar-2026, 10:00:00" in page
        assert "03-Mar-2026, 09:00" in page
        chart = text_of(client.get(f"/patients/{cast.jane.pk}/"))
        assert "Late entry, recorded 09-Mar-2026 10:00" in chart
        panel = text_of(client.get(f"/patients/{cast.jane.pk}/sessions/panel/"))
        assert "Late entry, recorded 9 Mar 10:00" in panel
        mine = text_of(client.get("/my/sessions/"))
        assert "Late entry, recorded 09-Mar-2026 10:00" in mine
