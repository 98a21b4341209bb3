"""Every address says who may open it, and every write happens once."""

import pytest

from accounts.permissions import Permission
from authentication.models import Scope
from tests.architecture.walk import every_route, layers, methods_of, table_of

PUBLIC = {
    "authentication:sign_in": "how else would one come in",
    "authentication:second_factor": "after the password and before the sign-in; leads away without a right password",
    "authentication:set_up": "the same, for who has no second factor yet where one is required",
    "authentication:passkey": "a passkey signs in without a password",
    "authentication:passkey_options": "a random number for the browser to sign; says nothing of anybody",
    "authentication:passkey_new_options": "403 but for who is signed in or gave the right password just now",
    "authentication:forgotten": "who forgot the password is not signed in; the answer is the same for every address",
    "authentication:reset": "the link in the e-mail, signed, good for an hour and once",
    "authentication:choose_password": "404 but for who came by that link",
    "staff:first_practice": "an empty server has nobody who could sign in; asks for the code that the server prints",
    "staff:invitation": "the link of an invitation, signed; who has it has no account yet",
    "metrics": "asked by operations with a token of the environment; without it there is no such page",
    "interchange:fhir_metadata": "says what this server understands of FHIR, and nothing of anybody",
    "interchange:fhir_metadata_slash": "the same",
    "interchange:fhir_smart": "that there is no SMART here, and which scopes tokens have",
    "interchange:fhir_smart_slash": "the same",
    "interchange:smart": "the same",
    "interchange:fhir_nothing": "that there is nothing at an address below /fhir/, said in FHIR",
    "healthz": "asked by the platform, says nothing but that the process answers",
    "readyz": "asked by the platform, says nothing but which server is missing",
}

# POST views that are not @once, each with its reason. A view that is gone must leave this list.
NOT_ONCE = {
    "authentication:sign_in": "signing in twice is signing in; there is no practice yet to keep the operation under",
    "authentication:sign_out": "signing out twice is signing out",
    "authentication:password_change": "wrong tries must stay counted; the second time the old password is wrong",
    "authentication:factor_add": "the second time the code was used; the answer shows codes once, so it is no redirect",
    "authentication:recovery_codes": "shows codes once; a second press makes others in their place",
    "accounts:practice_switch": "sets a value in the session; the second time changes nothing",
    "session_stay": "extends the session; carries no form",
    "audit:history": "turns what was typed into an address with ids; writes nothing",
    "audit:access": "turns what was typed into an address with ids; writes nothing",
    "caseload": "finds and shows; writes nothing but whose names were shown",
    "patients:merge_find": "finds and shows; writes nothing but whose names were shown",
    "palette": "finds and shows; writes nothing but whose names were shown",
    "billing:export_csv": "a POST only gives the password again; what follows is a GET",
    "billing:what_if": "calculates and shows; stores nothing, not even the operation",
    "timelogs:session_autosave": "carries the row's version; a second arrival is a stale or an equal draft",
    "timelogs:session_not_opened": "sets a value in the session; the second time changes nothing",
    "timelogs:session_heartbeat": "a heartbeat is a moment; the later one wins",
}

# Asked by programs that sign each message: the matrix of these is in tests/integration/interchange/test_hub_matrix.py.
BY_SIGNATURE = {"interchange:hub": "a message has its id or its signature, and the same gets the same answer"}

# Written to by programs, which send no operation id: why twice is as good as once.
BY_TOKEN = {
    "interchange:hl7_v2": "a message has its id, and the same gets the same answer",
    "interchange:fhir_patients": "compared with the patient of its MRN: the second time nothing differs",
    "interchange:fhir_patients_slash": "the same",
    "interchange:fhir_patients_search": "finds and shows; writes nothing but whose names were shown",
    "interchange:fhir_patients_search_slash": "the same",
    "interchange:fhir_coverages": "compared with the coverage that is here: the second time nothing differs",
    "interchange:fhir_coverages_slash": "the same",
    "interchange:fhir_coverages_search": "finds and shows; writes nothing but whose were shown",
    "interchange:fhir_coverages_search_slash": "the same",
    "interchange:fhir_devices_search": "finds and shows; writes nothing but whose were shown",
    "interchange:fhir_devices_search_slash": "the same",
    "interchange:fhir_observations": "known by its identifier, or by device, measure and moment: one reading",
    "interchange:fhir_observations_slash": "the same",
    "interchange:fhir_observations_search": "finds and shows; writes nothing but whose readings were shown",
    "interchange:fhir_observations_search_slash": "the same",
    "interchange:fhir_bundle": "each of its Observations as one that comes by itself",
    "interchange:fhir_bundle_slash": "the same",
}


@pytest.fixture(scope="module")
def routes():
    return list(every_route())


def test_every_view_names_its_permission(routes):
    bare = [
        r.name
        for r in routes
        if r.name not in PUBLIC
        and not isinstance(getattr(r.view, "requires", None), Permission)
        and not isinstance(getattr(r.view, "scope", None), Scope)
        and r.name not in BY_SIGNATURE
    ]
    assert not bare, f"Views without @requires(Permission.…) or @by_token(Scope.…):{table_of(bare)}"


def test_views_by_signature_are_these_and_marked_so(routes):
    assert {r.name for r in routes if getattr(r.view, "by_signature", False)} == set(BY_SIGNATURE)


def test_public_views_are_these_and_marked_so(routes):
    public = {r.name for r in routes if getattr(r.view, "public", False)}
    assert public == set(PUBLIC), "A view that anybody may open is a decision: write it here with its reason."


def test_every_route_has_a_name_of_its_own(routes):
    names = [r.name for r in routes]
    twice = sorted(
        {name for name in names if names.count(name) > 1} | {n for n in names if n.endswith("None")}
    )
    assert not twice, f"Routes without a name, or two under one:{table_of(twice)}"


def test_every_view_says_which_methods_it_answers(routes):
    silent = [r.name for r in routes if r.name not in PUBLIC and methods_of(r) is None]
    assert not silent, f"Views without require_POST, require_safe or require_http_methods:{table_of(silent)}"


def test_every_post_happens_once(routes):
    posts = {r.name: r for r in routes if "POST" in (methods_of(r) or {"POST"})}
    twice = [
        name
        for name, r in posts.items()
        if not getattr(r.view, "once", False) and name not in {*NOT_ONCE, *PUBLIC, *BY_TOKEN, *BY_SIGNATURE}
    ]
    assert not twice, f"POST views without @once, and without a reason in NOT_ONCE:{table_of(twice)}"


def test_reasons_are_not_kept_for_views_that_need_none(routes):
    by_name = {r.name: r for r in routes}
    stale = [name for name in NOT_ONCE if name not in by_name or getattr(by_name[name].view, "once", False)]
    stale += [name for name in BY_TOKEN if not hasattr(getattr(by_name.get(name), "view", None), "scope")]
    assert not stale, f"NOT_ONCE or BY_TOKEN names views that are gone or are @once now:{table_of(stale)}"


def test_the_role_is_asked_before_the_operation_is_noted(routes):
    """@requires outside @once: a refused person leaves no operation behind."""
    wrong = [r.name for r in routes if getattr(r.view, "once", False) and not _requires_is_outer(r.view)]
    assert not wrong, f"Put @requires above @once:{table_of(wrong)}"


def _requires_is_outer(view) -> bool:
    """Going inwards, the layer that checks the role comes before the layer that notes the operation."""
    for layer in layers(view):
        where = layer.__code__.co_filename if hasattr(layer, "__code__") else ""
        if where.endswith(("accounts/permissions.py", "dispatch/operations.py")):
            return where.endswith("permissions.py")
    return False


def test_addresses_hold_ids_and_months_only(routes):
    """Nothing about a person in an address: only UUIDs, inbox numbers, months and the kind of record."""
    plain = [
        r.name
        for r in routes
        if any(f"<{kind}:" in r.address for kind in ("str", "path")) or "(?P" in r.address
    ]
    assert not plain, f"Addresses that could hold words about a person:{table_of(plain)}"
