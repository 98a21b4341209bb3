"""Who acts: said once, in effect inside, gone outside, never leaking into another thread."""

import threading
from uuid import uuid4

import pytest

from foundation import context
from foundation.context import ActorKind, acting, because, current, in_request, request_reference
from foundation.refusals import UnsignedChange


@pytest.fixture(autouse=True)
def nobody():
    token = context._current.set(None)
    yield
    context._current.reset(token)


def test_nobody_acts_until_somebody_says_so():
    with pytest.raises(UnsignedChange):
        current()
    with acting("system: import", kind=ActorKind.IMPORT):
        assert (current().actor_label, current().actor_kind) == ("system: import", "import")
    with pytest.raises(UnsignedChange):
        current()


def test_the_context_ends_with_an_error_too():
    with pytest.raises(ZeroDivisionError), acting("x"), because("y"):
        _ = 1 / 0
    with pytest.raises(UnsignedChange):
        current()


def test_a_reason_needs_somebody():
    with pytest.raises(UnsignedChange), because("wrong end"):
        pass


def test_reasons_nest_and_come_back():
    with acting("x"), because("outer"):
        with because("inner"):
            assert current().reason == "inner"
        assert current().reason == "outer"


def test_changes_of_one_request_share_its_id():
    request = uuid4()
    with in_request(request):
        with acting("a"):
            assert current().request_id == request
        with acting("b"):
            assert current().request_id == request
        assert request_reference() == request.hex[:8].upper()
    assert request_reference() == ""


def test_without_a_request_each_act_has_its_own_id():
    with acting("a") as first:
        pass
    with acting("a") as second:
        pass
    assert first.request_id != second.request_id


def test_a_thread_does_not_inherit_who_acts():
    seen = []

    def look():
        try:
            current()
        except UnsignedChange:
            seen.append("unsigned")

    with acting("a"):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == ["unsigned"]


def test_interleaved_actors_do_not_mix():
    """Two hundred acts in eight threads: each sees only itself."""
    mixed, start = [], threading.Barrier(8)

    def act(number):
        start.wait()
        for turn in range(25):
            with acting(f"{number}:{turn}"), because(f"{number}"):
                if current().actor_label != f"{number}:{turn}" or current().reason != f"{number}":
                    mixed.append((number, turn))

    threads = [threading.Thread(target=act, args=[n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not mixed
