"""The web server's limits, for production and `./dev run` alike."""

import os
from pathlib import Path

from prometheus_client import multiprocess

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

_figures = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if _figures:
    Path(_figures).mkdir(parents=True, exist_ok=True)


def child_exit(server, worker):
    """The figures of a process that has ended stay in the sums; its gauges go."""
    if _figures:
        multiprocess.mark_process_dead(worker.pid)
