"""Charts whose clock this person did not want today, kept with her sign-in."""

_KEY = "charts_without_clock"


def declined(request, patient) -> bool:
    """Whether she said no to a clock of this chart today."""
    return request.session.get(_KEY, {}).get(str(patient.pk)) == request.practice.today().isoformat()


def decline(request, patient) -> None:
    """Opening this chart starts no clock any more today."""
    today = request.practice.today().isoformat()
    kept = {chart: day for chart, day in request.session.get(_KEY, {}).items() if day == today}
    request.session[_KEY] = kept | {str(patient.pk): today}
