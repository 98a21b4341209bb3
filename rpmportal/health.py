"""Is it alive, is it ready: two public answers for the machines that watch over us, without any detail."""

import logging

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis

from accounts.permissions import public
from dispatch import pulse
from rpmportal.crashes import where

log = logging.getLogger(__name__)
LIVE_PATH = "/healthz"
# More rows than fit into the memory that `_disk` allows, so that they go to the disk: a quarter of a megabyte.
SPILLED = 20_000


class LiveMiddleware:
    """Answers `/healthz` before the person's session is looked for, which is a question to the database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return live(request) if request.path == LIVE_PATH else self.get_response(request)


@public
@never_cache
@require_safe
@transaction.non_atomic_requests
def live(request):
    """200 while the process answers at all; asks nobody else."""
    return JsonResponse({"alive": True})


@public
@never_cache
@require_safe
@transaction.non_atomic_requests
def ready(request):
    """200 when all that `CHECKS` asks is well; else 503 with what is not."""
    found = {name: _passes(name, check) for name, check in CHECKS.items()}
    good = all(found.values())
    return JsonResponse({"ready": good, **found}, status=200 if good else 503)


def _passes(name: str, check) -> bool:
    try:
        return check()
    except Exception as error:  # whatever it is, the answer is "not ready"; its text may hold a password
        log.warning("Not ready: %s (%s)", name, where(error))
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker() -> bool:
    with Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2) as redis:
        return bool(redis.ping())


def _write() -> bool:
    """A read-only standby answers every question and takes nothing in."""
    pulse.note(pulse.READY, at=timezone.now())
    return True


def _disk() -> bool:
    """A full disk takes one small row in for a long time yet, where an old one lay: ask for space that is not there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute("SELECT count(*) FROM generate_series(1, %s)", [SPILLED])
        return cursor.fetchone() == (SPILLED,)


# The disk comes before the write: a server that cannot write its log any more stops, and would be asked to here.
CHECKS = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
    "disk": _disk,
    "write": _write,
}
