"""A worker killed in the middle of taking patients in: none lost, none doubled."""

import pytest

from intake import taking
from intake.models import Candidate, ImportedPatient, PatientImport, State
from patients.models import Patient
from tests.cast import make_cast
from tests.faults.processes import Process, empty_broker, wait_until
from tests.integration.intake.files import matched
from tests.integration.intake.test_taking_in import many

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
WORKER = ("celery", "-A", "tests.faults.dying_intake:app", "worker", "-c", "1", "-Q", "close")
QUIET = ("--without-gossip", "--without-mingle", "-l", "ERROR")


@pytest.fixture
def start(tmp_path):
    processes: list[Process] = []

    def run(*command):
        processes.append(Process(*command, DIE_FILE=str(tmp_path / "die")).start())
        return processes[-1]

    empty_broker()
    yield run
    for process in processes:
        process.kill()
        print(process.said())


def done() -> bool:
    return PatientImport.objects.filter(state=State.DONE).exists()


def test_a_worker_killed_in_the_middle_of_a_chunk_loses_and_doubles_nobody(start, tmp_path, transactional_db):
    cast, count = make_cast(), taking.CHUNK + 5
    taking.start(matched(cast.rosa, *many(count)), everything=True, by=cast.rosa)
    (tmp_path / "die").touch()
    start("manage", "relay", "--idle", "0.2")
    start(*WORKER, *QUIET).wait_dead()
    assert not (tmp_path / "die").exists()
    assert Patient.objects.filter(mrn__startswith="N-").count() == 0, "What it began was rolled back whole."
    assert Candidate.objects.count() == count
    start(*WORKER, *QUIET)
    wait_until(done, "the import did not end")
    assert PatientImport.objects.get().created == count
    assert Patient.objects.filter(mrn__startswith="N-").count() == count
    assert ImportedPatient.objects.count() == count
