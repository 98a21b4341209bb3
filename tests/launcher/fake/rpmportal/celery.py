"""A worker and a clock with nothing to do."""

import os

from celery import Celery

app = Celery("rpmportal", broker=os.environ["REDIS_URL"].replace("unix://", "redis+socket://", 1))
app.conf.task_default_queue = "interactive"
app.conf.worker_prefetch_multiplier = 1
app.conf.broker_connection_retry_on_startup = True
