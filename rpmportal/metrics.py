"""Figures for operations, in Prometheus' format: the times of requests, and what nobody would notice otherwise."""

import os
import time
from collections.abc import Iterator
from hmac import compare_digest

from django.conf import settings
from django.db import Error as DatabaseDown
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import REGISTRY

from accounts.permissions import public
from audit.models import InvariantRun
from boards.refresh import oldest_mark
from dispatch import outbox, pulse
from foundation.practice_scope import every_practice

REQUESTS = Histogram(
    "rpm_request_seconds",
    "Time to answer, by the view's name; addresses hold ids and are left out.",
    ["view", "method", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 15),
)
# A request may call its method anything, and each new label is a new series.
METHODS = {"GET", "HEAD", "POST"}


class RequestTimeMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = time.perf_counter()
        response = self.get_response(request)
        REQUESTS.labels(*_labels(request, response)).observe(time.perf_counter() - began)
        return response


def _labels(request, response) -> tuple[str, str, int]:
    match = getattr(request, "resolver_match", None)
    view = (match.view_name or "unnamed") if match else "none"
    return view, request.method if request.method in METHODS else "other", response.status_code


@public
@never_cache
@require_safe
@transaction.non_atomic_requests
def metrics(request):
    """For whoever has the token of the environment, which no person of a practice has. Without one it is not there."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(
        generate_latest(_registry()) + generate_latest(_Now()), content_type=CONTENT_TYPE_LATEST
    )


def _registry() -> CollectorRegistry:
    """Of all processes of the web server, where they share a folder; else of this one."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return REGISTRY
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return registry


class _Now:
    """What the database says at this moment; one that is away says only that, and the request times still come."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = list(self._asked())
        except DatabaseDown:
            connection.close()
            found = []
        yield _gauge("rpm_database_answers", "1 while the database answers, else 0.", float(bool(found)))
        yield from found

    def _asked(self) -> Iterator[GaugeMetricFamily]:
        at = timezone.now()
        with every_practice():
            waiting, marked = outbox.waiting(at=at), oldest_mark(at=at)
        yield _gauge("rpm_outbox_waiting", "Messages not done yet.", waiting.count)
        yield _gauge("rpm_outbox_set_aside", "Messages that failed too often.", waiting.set_aside)
        yield _gauge(
            "rpm_outbox_oldest_seconds", "Age of the oldest message not done.", waiting.oldest.total_seconds()
        )
        yield _gauge("rpm_boards_oldest_seconds", "Age of the oldest mark not done.", marked.total_seconds())
        silent = GaugeMetricFamily(
            "rpm_silent_seconds", "Since a process was last known to be at work.", labels=["process"]
        )
        for name, age in pulse.ages(at=at).items():
            silent.add_metric([name], age.total_seconds())
        yield silent
        if run := InvariantRun.objects.order_by("-started_at").first():
            yield _gauge(
                "rpm_invariants_broken", "Rules of the records broken at the last check.", len(run.broken)
            )
            yield _gauge(
                "rpm_invariants_age_seconds", "Since the last check.", (at - run.ended_at).total_seconds()
            )


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)
