"""/metrics of a web server of several processes."""

import re
import signal
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from devtools.ports import free_port
from tests.faults.processes import Process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.kill]
TOKEN, SENT = "only-operations-know", 30


@pytest.fixture
def server():
    port = free_port()
    web = Process(
        *("gunicorn", "rpmportal.wsgi", "-c", "deploy/gunicorn.conf.py", "-b", f"127.0.0.1:{port}"),
        METRICS_TOKEN=TOKEN,
    ).start()
    wait_until(lambda: answer(port, "/healthz"), "the web server did not start")
    yield web, port
    web.kill()


def answer(port: int, path: str) -> str | None:
    request = Request(f"http://localhost:{port}{path}", headers={"Authorization": f"Bearer {TOKEN}"})
    try:
        with urlopen(request, timeout=20) as reply:
            return reply.read().decode()
    except OSError:
        return None


def counted(text: str, view: str) -> int:
    return sum(
        int(float(count))
        for count in re.findall(rf'rpm_request_seconds_count{{[^}}]*view="{view}"[^}}]*}} (\S+)', text)
    )


def workers_of(web: Process) -> list[str]:
    return Path(f"/proc/{web.child.pid}/task/{web.child.pid}/children").read_text().split()


def test_whichever_process_answers_the_figures_are_those_of_all(server):
    web, port = server
    for _ in range(SENT):
        answer(port, "/sign-in/")
    folder = next(Path(web.temporary.name).glob("rpm-metrics-*"))
    assert {path.stem.split("_")[-1] for path in folder.iterdir()} <= set(workers_of(web))
    assert {counted(answer(port, "/metrics"), "authentication:sign_in") for _ in range(8)} == {SENT}
    web.child.send_signal(signal.SIGTERM)
    web.child.wait(120)
    assert not folder.exists()
