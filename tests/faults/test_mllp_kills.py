"""The listener killed between its commit and its answer, stopped in order, and without its database for a while."""

import signal

import pytest
from django.db import connection

from authentication.models import Scope
from devtools.ports import free_port
from intake.models import Arrival
from interchange.models import Received
from monitoring.models import Reading
from patients.models import Patient
from tests.cast import make_cast
from tests.faults.processes import Process, wait_until
from tests.integration.interchange.adt import adt, fields_of, pid
from tests.integration.interchange.oru import oru
from tests.integration.interchange.peers import Peer
from tests.tokens import token

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]


@pytest.fixture
def start(tmp_path, transactional_db):
    written = token(make_cast().ade, Scope.PATIENTS_WRITE, Scope.READINGS_WRITE, per_minute=600)[1]
    processes: list[Process] = []
    port = free_port()

    def run(*command: str) -> int:
        env = {
            "MLLP_TOKEN": written,
            "MLLP_PORT": str(port),
            "DIE_FILE": str(tmp_path / "die"),
            "PROCESS": "mllp",
        }
        processes.append(Process(*command, **env).start())
        wait_until(lambda: answers(port) or not processes[-1].alive(), "the listener did not begin")
        assert processes[-1].alive(), processes[-1].said()
        return port

    run.processes = processes
    yield run
    for process in processes:
        process.kill()
        print(process.said())


def answers(port: int) -> bool:
    try:
        Peer(port).close()
    except OSError:
        return False
    return True


def msa(answer: bytes) -> list[str]:
    return fields_of(answer)["MSA"]


def test_killed_between_commit_and_answer_and_sent_again_it_is_done_once(start, tmp_path):
    port = start("tests.faults.dying_mllp")
    (tmp_path / "die").touch()
    assert Peer(port).ask(adt()) == b"", "It died before it answered."
    start.processes[0].wait_dead()
    assert Patient.objects.filter(mrn="N-1").count() == 1, "It had committed."
    start("tests.faults.dying_mllp")
    assert msa(Peer(port).ask(adt())) == ["AA", "M-1", "Taken in"]
    assert (Patient.objects.filter(mrn="N-1").count(), Arrival.objects.count()) == (1, 1)


def test_readings_killed_between_commit_and_answer_are_done_once(start, tmp_path):
    port = start("tests.faults.dying_mllp")
    (tmp_path / "die").touch()
    assert Peer(port).ask(oru()) == b"", "It died before it answered."
    start.processes[0].wait_dead()
    assert (Reading.objects.count(), Received.objects.count()) == (1, 1), "It had committed."
    start("tests.faults.dying_mllp")
    assert msa(Peer(port).ask(oru())) == ["AA", "H-1", "Taken in: 1"]
    assert (Reading.objects.count(), Received.objects.count()) == (1, 1)


def test_stopped_in_order_it_ends_with_nothing_lost(start):
    port = start("manage", "mllp")
    peer = Peer(port)
    assert msa(peer.ask(adt()))[0] == "AA"
    start.processes[0].child.send_signal(signal.SIGTERM)
    assert peer.closed()
    assert start.processes[0].child.wait(120) == 0
    said = start.processes[0].said()
    assert f"MLLP listens on 127.0.0.1, port {port}." in said
    assert "Traceback" not in said


def test_after_its_connections_were_cut_it_goes_on(start):
    """As a restart of the database leaves it."""
    port = start("manage", "mllp")
    peer = Peer(port)
    assert msa(peer.ask(adt()))[0] == "AA"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database() AND state = 'idle'"
        )
    answer = msa(peer.ask(adt(pid("N-2", "Cole", "Ada", "19500102"), key="2")))
    if answer[0] == "AE":
        answer = msa(peer.ask(adt(pid("N-2", "Cole", "Ada", "19500102"), key="2")))
    assert answer == ["AA", "2", "Taken in"]


def test_without_a_database_it_listens_and_asks_to_try_again():
    port, nowhere = free_port(), f"postgresql://rpm_app@127.0.0.1:{free_port()}/rpm"
    given = {"MLLP_TOKEN": f"rpm_abcdefgh_{'x' * 43}", "MLLP_PORT": str(port), "PROCESS": "mllp"}
    process = Process("manage", "mllp", **given, DATABASE_URL=nowhere).start()
    try:
        wait_until(lambda: answers(port) or not process.alive(), "the listener did not begin")
        assert process.alive(), process.said()
        peer = Peer(port)
        for _ in range(2):
            assert msa(peer.ask(adt())) == ["AE", "M-1", "Not done: try again later"]
        assert process.alive()
        assert "Bell" not in process.said()
    finally:
        process.kill()


def test_it_does_not_begin_without_a_token():
    for given, said in (("", "MLLP is off."), ("rpm_x", "is not written as a token is")):
        process = Process("manage", "mllp", MLLP_TOKEN=given).start()
        assert process.child.wait(120) == 1
        assert said in process.said()
