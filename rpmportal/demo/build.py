"""The whole demo practice, in one transaction."""

from collections.abc import Sequence

from django.db import connection, transaction

from accounts.models import Practice
from foundation.context import acting
from rpmportal.demo import (
    alerts,
    beside,
    billing_office,
    charts,
    corrections,
    keys,
    open_work,
    range_templates,
    readings,
    sessions,
    sites,
)
from rpmportal.demo.cases import Case, ordinary
from rpmportal.demo.diary import Diary, Session, ordinary_month
from rpmportal.demo.people import open_practice
from rpmportal.demo.scenes import SCENES, Scene
from rpmportal.demo.stage import Stage
from timelogs.locks import period_of


@transaction.atomic
def load(stage: Stage) -> Practice:
    """The practice with everything in it. The caller has made sure that it is wanted and not there yet."""
    with keys.from_seed(stage.seed), acting("system: demo"):
        practice, team = open_practice(stage.patients)
        cast = _cast(stage)
        kits, episodes = charts.write(stage, practice, team, [case for case, _ in cast])
        range_templates.write(practice, team)
        sites.write(practice, team, episodes.values())
        beside.write(stage, team, [case for case, _ in cast], kits)
        rows = readings.write(stage, [case for case, _ in cast], kits)
        written = sessions.write(sessions.shelf(stage, team, kits, episodes, rows), _sessions(stage, cast))
        for month in stage.months:
            period_of(practice, month)
        alerts.write(stage, practice, team, written)
        corrected_at = corrections.within_the_month(stage, team, written)
        billing_office.look_again(practice, at=corrected_at)
        open_work.leave(stage, team, [kit.patient for kit in kits.values()])
        billing_office.close_months(stage, practice, team, written)
        billing_office.tidy_inboxes(stage, practice)
    _check_now()
    return practice


def _cast(stage: Stage) -> list[tuple[Case, Scene | None]]:
    """The scripted patients first, then the ordinary ones."""
    scripted = [(scene.case(stage, n), scene) for n, scene in enumerate(SCENES[: stage.patients], start=1)]
    return scripted + [(ordinary(stage, n), None) for n in range(len(scripted) + 1, stage.patients + 1)]


def _sessions(stage: Stage, cast: Sequence[tuple[Case, Scene | None]]) -> list[tuple[Case, Session]]:
    """Everybody's sessions without anybody in two places: what has its exact time first, then as it fits."""
    diary = Diary()
    open_work.keep_free(stage, diary)
    wanted = [(case, session) for case, scene in cast for session in _of(stage, case, scene)]
    wanted.sort(key=lambda pair: (not pair[1].exact, pair[1].starts_at, pair[0].number))
    return [(case, diary.book(session)) for case, session in wanted]


def _of(stage: Stage, case: Case, scene: Scene | None) -> list[Session]:
    found = list(scene.extra(stage)) if scene else []
    for month in stage.months:
        scripted = scene and scene.month and month == stage.shown
        found += scene.month(stage) if scripted else ordinary_month(stage, case, month)
    return found


def _check_now() -> None:
    """Ask for the database's objections here, where they name the demo, not at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
