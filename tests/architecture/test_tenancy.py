"""Every row belongs to a practice, and the database knows it."""

import pytest
from django.db import connection

from audit.own_invariants import practice_keys
from tests.architecture.walk import our_models, table_of

WITHOUT_PRACTICE = {
    "accounts.User": "a person may work in several practices; memberships say where",
    "accounts.Practice": "it is the practice",
    "accounts.Preferences": "a person's own, whatever practice she works in",
    "authentication.SecondFactor": "a person's own, whatever practice she works in",
    "authentication.FactorUse": "belongs to its factor",
    "authentication.RecoveryCode": "a person's own",
    "authentication.BrowserSession": "a person's own",
    "audit.InvariantRun": "a check of all practices' records; holds names of rules and ids",
    "dispatch.Pulse": "when a process was last at work; holds its name and a moment",
    "dispatch.EmailDelivery": "belongs to its notice, which has the practice",
    "dispatch.Slot": "a run of a scheduled job over all practices; holds a job's name and a moment",
}


def test_every_model_has_its_practice():
    bare = {
        m._meta.label for m in our_models() if not any(f.name == "practice" for f in m._meta.local_fields)
    }
    assert bare == set(WITHOUT_PRACTICE), f"A `practice`, or a reason here: {bare ^ set(WITHOUT_PRACTICE)}"


def test_the_practice_is_required():
    """Null only where nobody has signed in yet: a failed sign-in belongs to no practice."""
    loose = [
        m._meta.label for m in our_models() for f in m._meta.local_fields if f.name == "practice" and f.null
    ]
    assert set(loose) == {"audit.AccessEvent", "audit.SignInEvent"}


@pytest.mark.django_db
def test_no_key_can_cross_practices():
    """Beside each plain foreign key between rows of a practice stands (practice_id, x_id) → (practice_id, id)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.conrelid::regclass::text, k.confrelid::regclass::text,
                      array_agg(a.attname::text ORDER BY a.attname)
               FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
               WHERE k.contype = 'f' AND array_length(k.conkey, 1) = 2 GROUP BY k.oid, 1, 2"""
        )
        there = {
            (table.strip('"'), target.strip('"'), tuple(columns))
            for table, target, columns in cursor.fetchall()
        }
    wanted = {
        (table, target, tuple(sorted(["practice_id", column]))) for table, column, target in practice_keys()
    }
    missing = sorted(map(str, wanted - there))
    assert wanted
    assert not missing, f"Add the model to GuardModels(…) of its app's 0002_guards:{table_of(missing)}"


def test_every_queryset_for_people_fails_without_a_practice():
    open_ = []
    for model in our_models():
        rows = model._default_manager.all()
        if hasattr(rows, "for_practice"):
            with pytest.raises(ValueError, match="No practice"):
                rows.for_practice(None)
        elif hasattr(model, "history"):
            open_.append(model.__name__)
    assert not open_, f"Their managers lack for_practice:{table_of(open_)}"
