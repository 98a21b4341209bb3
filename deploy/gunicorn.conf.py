"""The web server's limits, for production and `./dev run` alike."""

import os
import shutil
import tempfile
from pathlib import Path

worker_class = "rpmportal.web_worker.PatientWorker"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
control_socket_disable = True

# A worker that has not gone round for this long is ended; requests themselves end by the database's limits.
timeout = 60
graceful_timeout = 30
# Also how long a half-sent request may be silent.
keepalive = 15
worker_connections = 1000
backlog = 512

limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190

# The heartbeat's files: in memory, where the root is read-only.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None

# Several processes count the times of requests; each keeps its counts in a file here, and /metrics adds them up.
# Fresh at each start: Prometheus expects counters to begin again at zero. Set before anything imports its client.
_given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
_figures = os.environ["PROMETHEUS_MULTIPROC_DIR"] = _given or tempfile.mkdtemp(prefix="rpm-metrics-")
Path(_figures).mkdir(parents=True, exist_ok=True)


def on_exit(server):
    if not _given:
        shutil.rmtree(_figures, ignore_errors=True)
