"""The listener on a real port: slow, half-sent, long and many, and stopped in the middle."""

import contextlib
import threading
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from authentication.models import Scope
from authentication.tokens import acts, text
from foundation.context import acting
from intake.models import Arrival
from interchange.hl7.exchange import exchange
from interchange.hl7.mllp import END, START, Limits
from patients.models import Patient
from tests.cast import make_cast
from tests.integration.interchange.adt import adt, fields_of, pid
from tests.integration.interchange.peers import Peer, listening
from tests.tokens import token

SHORT = Limits(connections=2, frame=2000, idle=20, whole=0.3, grace=10, threads=2)


def echo(content: bytes, address: str) -> bytes:
    return b"got " + content


@pytest.fixture
def port():
    with listening(echo, SHORT) as (number, _):
        yield number


def test_messages_are_answered_one_after_the_other_on_a_connection_that_stays(port):
    peer = Peer(port)
    assert [peer.ask(content) for content in (b"one", b"two\rlines", b"")] == [
        b"got one",
        b"got two\rlines",
        b"got ",
    ]
    peer.socket.sendall(START + b"a" + END + START + b"b" + END)
    assert [peer.receive(), peer.receive()] == [b"got a", b"got b"]
    peer.socket.sendall(START + b"in")
    peer.socket.sendall(b" parts" + END[:1])
    peer.socket.sendall(END[1:])
    assert peer.receive() == b"got in parts"


def test_a_message_that_does_not_come_to_its_end_in_time_closes_the_connection(port):
    peer, other = Peer(port), Peer(port)
    peer.socket.sendall(START + b"half")
    assert other.ask(b"whole") == b"got whole", "Nobody waits for the slow one."
    assert peer.closed()


def test_between_messages_a_connection_may_wait_longer_and_not_for_ever():
    with listening(echo, replace(SHORT, idle=1.0, whole=0.2)) as (port, _):
        peer = Peer(port)
        assert peer.ask(b"one") == b"got one"
        threading.Event().wait(0.4)
        assert peer.ask(b"two") == b"got two"
        assert peer.closed()


def test_what_does_not_begin_as_a_message_closes_the_connection(port):
    peer = Peer(port)
    peer.socket.sendall(b"GET / HTTP/1.1\r\n\r\n")
    assert peer.closed()
    assert Peer(port).ask(b"one") == b"got one"


def test_a_message_of_the_limit_is_taken_and_a_longer_one_is_refused_and_closed(port):
    peer = Peer(port)
    assert peer.ask(b"x" * SHORT.frame) == b"got " + b"x" * SHORT.frame
    peer.send(b"x" * (SHORT.frame * 8))
    assert peer.receive() in {b"MSH|too long", b""}, "The answer, or its loss with what was not read."


def test_line_ends_between_messages_say_nothing(port):
    peer = Peer(port)
    for stray in (b"\n", b"\r\n", b"\r\n\r\n\n"):
        peer.socket.sendall(stray + START + b"one" + END + stray)
        assert peer.receive() == b"got one"
    peer.socket.sendall(b"\n ")
    assert peer.closed(), "Nothing else may stand there."
    peer = Peer(port)
    peer.socket.sendall(b"\n" * 64)
    assert peer.closed()


def test_line_ends_alone_keep_no_connection_open():
    with listening(echo, replace(SHORT, idle=0.5)) as (port, _):
        peer = Peer(port)
        with contextlib.suppress(ConnectionError):
            for _ in range(20):
                peer.socket.sendall(b"\r")
                threading.Event().wait(0.1)
        assert peer.closed()


def test_one_address_has_so_many_connections_and_leaves_room_for_others():
    with listening(echo, replace(SHORT, connections=3, of_one=2)) as (port, _):
        mine = [Peer(port), Peer(port)]
        assert [peer.ask(b"1") for peer in mine] == [b"got 1"] * 2
        assert Peer(port).closed()
        other = Peer(port, source="127.0.0.2")
        assert other.ask(b"2") == b"got 2"
        assert Peer(port, source="127.0.0.3").closed(), "All of them are three."


def test_so_many_connections_and_no_more(port):
    first, second = Peer(port), Peer(port)
    assert [first.ask(b"1"), second.ask(b"2")] == [b"got 1", b"got 2"]
    assert Peer(port).closed()
    first.close()
    second.close()
    # The listener learns of it a moment later.
    for _ in range(50):
        if (answer := Peer(port).ask(b"3")) == b"got 3":
            break
        threading.Event().wait(0.05)
    assert answer == b"got 3"


def test_who_leaves_in_the_middle_harms_nobody(port):
    for sent in (b"", START, START + b"half", START + b"whole" + END):
        peer = Peer(port)
        peer.socket.sendall(sent)
        peer.close()
    for _ in range(50):
        if (answer := Peer(port).ask(b"3")) == b"got 3":
            break
        threading.Event().wait(0.05)
    assert answer == b"got 3"


def test_stopped_it_finishes_what_it_does_and_answers():
    begun, go_on = threading.Event(), threading.Event()

    def slow(content: bytes, address: str) -> bytes:
        begun.set()
        assert go_on.wait(10)
        return b"done"

    with listening(slow, SHORT) as (port, stop):
        working, idle = Peer(port), Peer(port)
        working.send(b"one")
        assert begun.wait(10)
        stop()
        assert idle.closed()
        with pytest.raises(OSError, match="refused"):
            Peer(port)
        go_on.set()
        assert working.receive() == b"done"
        assert working.closed()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=60))
def test_arbitrary_bytes_end_in_answers_or_a_closed_connection(port, content):
    peer = Peer(port)
    peer.socket.sendall(content)
    peer.socket.shutdown(1)
    while peer.receive():
        pass
    peer.close()


# With the database behind it -----------------------------------------------------------------------------


@pytest.fixture
def world(transactional_db):
    cast = make_cast()
    row, written = token(cast.ade, Scope.PATIENTS_WRITE, name="Riverbend EHR", per_minute=600)
    return cast, row, text.read(f"Bearer {written}")


@pytest.fixture
def feed(world):
    def answer(content: bytes, address: str) -> bytes:
        return exchange(content, world[2], address=address)

    with listening(answer, Limits(whole=5, threads=4)) as (port, _):
        yield port


def msa(answer: bytes) -> list[str]:
    return fields_of(answer)["MSA"]


def test_what_is_acknowledged_is_committed_and_sent_again_done_once(world, feed):
    peer = Peer(feed)
    assert msa(peer.ask(adt())) == ["AA", "M-1", "Taken in"]
    assert Patient.objects.get(mrn="N-1").history.get().actor_label == "token: Riverbend EHR"
    assert msa(Peer(feed).ask(adt())) == ["AA", "M-1", "Taken in"]
    assert msa(peer.ask(b"rubbish"))[0] == "AR"
    assert Arrival.objects.count() == 1


def test_two_at_once_bring_one(world, feed):
    peers = [Peer(feed) for _ in range(6)]
    for number, peer in enumerate(peers):
        # Three pairs: the same message twice, and other messages about the same person.
        peer.send(adt(key=f"M-{number // 2}"))
    answers = [msa(peer.receive()) for peer in peers]
    assert {code for code, *_ in answers} == {"AA"}
    assert sorted(text for *_, text in answers).count("Taken in") == 2, (
        "One message, told to both that sent it."
    )
    assert (Patient.objects.filter(mrn="N-1").count(), Arrival.objects.count()) == (1, 3)


def test_with_the_token_ended_nothing_more_is_taken(world, feed):
    cast, row, _ = world
    peer = Peer(feed)
    assert msa(peer.ask(adt()))[0] == "AA"
    with acting(cast.ade.label):
        acts.end(row, why="Test", by=cast.ade, at=row.made_at)
    assert msa(peer.ask(adt(pid("N-2", "Cole"), key="2"))) == [
        "AR",
        "2",
        "The token of this listener is not good here",
    ]
    assert not Patient.objects.filter(mrn="N-2").exists()


def test_a_fault_of_ours_asks_to_try_again_and_names_nobody(world, feed, monkeypatch, caplog):
    def broken(*args, **kwargs):
        raise ValueError("BELL, Ida")

    with monkeypatch.context() as patched:
        patched.setattr("interchange.hl7.exchange.reply", broken)
        assert msa(Peer(feed).ask(adt())) == ["AE", "M-1", "Not done: try again later"]
    assert "ValueError" in caplog.text
    assert "BELL" not in caplog.text
    assert msa(Peer(feed).ask(adt())) == ["AA", "M-1", "Taken in"]


def test_who_takes_no_answers_is_cut_off():
    """Closed in peace, its connection would stay until the last answer was taken, and be counted no more."""
    answer = b"x" * 50_000_000
    with listening(lambda content, address: answer, SHORT) as (port, _):
        peer = Peer(port)
        peer.send(b"one")
        threading.Event().wait(SHORT.whole * 3)
        came = 0
        with contextlib.suppress(ConnectionError):
            while part := peer.socket.recv(1 << 20):
                came += len(part)
        assert came < len(answer)
