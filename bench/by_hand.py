"""What the pages are measured against: a page that only says hello to who is signed in, and a list written by hand."""

from django.db import connection
from django.http import HttpResponse
from django.template import engines
from django.urls import include, path

from accounts.permissions import Permission, requires

# The counters and the first twenty-five, by one statement each, as somebody would write them for this page alone.
COUNTERS = """
    SELECT count(*) FILTER (WHERE severity > 0), count(*) FILTER (WHERE live_contact_on IS NULL),
           count(*) FILTER (WHERE silent_from <= now()), count(*) FILTER (WHERE review_from <= %(today)s), count(*)
    FROM boards_patientsummary
    WHERE practice_id = %(practice)s AND month = %(month)s AND started_on <= %(today)s
      AND (ended_on IS NULL OR ended_on > %(today)s)
"""
ROWS = """
    SELECT s.patient_id, s.name, s.seconds, s.device_days, s.severity, s.live_contact_on, r.value, r.second_value,
           r.taken_at
    FROM (SELECT * FROM boards_patientsummary
          WHERE practice_id = %(practice)s AND month = %(month)s AND started_on <= %(today)s
            AND (ended_on IS NULL OR ended_on > %(today)s)
          ORDER BY severity DESC, coalesce(silent_from <= now(), false) DESC, live_contact_on NULLS FIRST, name
          LIMIT 25) s
    LEFT JOIN LATERAL (SELECT * FROM monitoring_reading r WHERE r.patient_id = s.patient_id AND r.excluded_reason = ''
                       ORDER BY r.taken_at DESC LIMIT 1) r ON true
"""
STATEMENTS = (COUNTERS, ROWS)
PAGE = engines["django"].from_string(
    """{% extends "base.html" %}{% block content %}<h1>Caseload</h1>
    <ul>{% for count in counters %}<li>{{ count }}</li>{% endfor %}</ul><table>{% for row in rows %}<tr>
    <td><a href="/patients/{{ row.0 }}/">{{ row.1 }}</a></td>
    <td>{{ row.2 }}</td><td>{{ row.3 }}</td><td>{{ row.4 }}</td>
    <td>{{ row.5|date:"j M" }}</td><td>{{ row.6 }}/{{ row.7 }}</td><td>{{ row.8|date:"j M H:i" }}</td>
    </tr>{% endfor %}</table>{% endblock %}"""
)


@requires(Permission.OWN_ACCOUNT)
def hello(request):
    return HttpResponse(f"Hello {request.user.name}")


def asked(practice, today) -> tuple[tuple, list[tuple]]:
    given = {"practice": practice.pk, "today": today, "month": today.replace(day=1)}
    with connection.cursor() as cursor:
        cursor.execute(COUNTERS, given)
        counters = cursor.fetchone()
        cursor.execute(ROWS, given)
        return counters, cursor.fetchall()


@requires(Permission.CHART_VIEW)
def caseload(request):
    counters, rows = asked(request.practice, request.practice.today())
    return HttpResponse(PAGE.render({"counters": counters, "rows": rows}, request))


urlpatterns = [
    path("bench/hello/", hello, name="bench_hello"),
    path("bench/caseload/", caseload, name="bench_caseload"),
    path("", include("rpmportal.urls")),
]
