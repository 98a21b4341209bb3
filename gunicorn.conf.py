"""The web server's own settings, read by gunicorn from the folder it starts in."""

import os
import shutil
import tempfile

# Several processes count the times of requests; each keeps its counts in a file here, and /metrics adds them up.
# Fresh at each start: Prometheus expects counters to begin again at zero.
_given = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
_folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = _given or tempfile.mkdtemp(prefix="rpm-metrics-")


def on_exit(server):
    if not _given:
        shutil.rmtree(_folder, ignore_errors=True)
