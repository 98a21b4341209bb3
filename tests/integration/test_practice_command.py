import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from accounts.models import Membership


def make(*more, monkeypatch, email="ade@maple.example", password="seven green kettles"):
    monkeypatch.setenv("RPM_NEW_PASSWORD", password)
    call_command(
        "practice", "Maple", "maple", "--npi", "1234567893", "--admin", email, "--name", "Ade Admin", *more
    )


def test_a_practice_and_its_people_are_made_from_the_command_line(db, monkeypatch):
    make(monkeypatch=monkeypatch)
    make("--role", "nurse", "--credential", "RN", monkeypatch=monkeypatch, email="rosa@maple.example")
    people = Membership.objects.order_by("role").values_list("user__email", "role", "staff_kind")
    assert list(people) == [
        ("ade@maple.example", "administrator", "none"),
        ("rosa@maple.example", "nurse", "clinical_staff"),
    ]
    assert Membership.history.first().history_change_reason == "set up from the command line"


@pytest.mark.parametrize("role", ["nurse", "lead_nurse", "qhp"])
def test_who_logs_time_needs_a_credential(db, monkeypatch, role):
    with pytest.raises(CommandError, match="--credential is missing"):
        make("--role", role, monkeypatch=monkeypatch)
    assert not Membership.objects.exists()


def test_the_database_refuses_a_nurse_without_one(cast):
    cast.rosa.credential = ""
    with pytest.raises(IntegrityError, match="who_logs_time_has_a_credential"):
        cast.rosa.save()


def test_a_weak_password_is_refused_and_nothing_is_made(db, monkeypatch):
    with pytest.raises(CommandError, match="too short"):
        make(monkeypatch=monkeypatch, password="short")
    assert not Membership.objects.exists()
