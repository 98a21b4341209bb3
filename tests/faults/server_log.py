"""What came to a web server and when, by its own note: how long a clock truly ran, without asking the database."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

ON, OFF = ("/sessions/start/", "/resume/"), ("/pause/",)


@dataclass
class Visit:
    """One request. `read` and `answered` stay empty when the server died before it came to that."""

    came: datetime
    method: str
    path: str
    read: datetime | None = None
    answered: datetime | None = None
    status: int = 0

    def __str__(self) -> str:
        read, done = (f"{at:%S.%f}"[:-3] if at else "-" for at in (self.read, self.answered))
        return f"{self.came:%H:%M:%S.%f} {self.method} {self.path} read {read} answered {done} {self.status}"

    @property
    def opens(self) -> bool:
        """A session's page is asked for."""
        return self.method == "GET" and self.path.startswith("/sessions/") and self.path.count("/") == 3

    @property
    def proves(self) -> bool:
        """The page, or the person, was there."""
        return self.is_switch or (bool(self.read) and self.path.endswith(("/heartbeat/", "/on-call/")))

    @property
    def turns_on(self) -> bool:
        return self.path.endswith(ON)

    @property
    def decided(self) -> datetime:
        """The last moment at which it can have counted."""
        return self.answered or self.read

    @property
    def is_switch(self) -> bool:
        return bool(
            self.method == "POST" and self.path.endswith(ON + OFF) and self.read and self.status < 400
        )


class ServerLog:
    """The file that `logging_web` writes."""

    def __init__(self, path: Path):
        self.path = path

    def visits(self) -> list[Visit]:
        found: dict[str, Visit] = {}
        for line in self._lines():
            what, key, at, *rest = line.split()
            moment = datetime.fromtimestamp(float(at), UTC)
            if what == "came":
                found[key] = Visit(moment, *rest)
            elif what == "read":
                found[key].read = moment
            else:
                found[key].answered, found[key].status = moment, int(rest[0])
        return list(found.values())

    def _lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def since(self, moment: datetime) -> list[Visit]:
        return [visit for visit in self.visits() if visit.came >= moment]

    def is_quiet(self, moment: datetime) -> bool:
        """Whether everything that came since has its answer."""
        return all(visit.answered for visit in self.since(moment))


def true_seconds(visits: list[Visit], *, until: datetime) -> tuple[float, float]:
    """How long the clock truly ran, at least and at most: from each press that starts it to the press that stops it,
    else to `until`.

    A press counts somewhere between its reading and its answer, which are far apart on a busy machine. One that the
    server died over counts if the person had no need to press again: she looked at the page afterwards, and left it
    paused.
    """
    switches = [visit for visit in visits if visit.is_switch and visit.read < until]
    counted = [visit for visit, after in pairwise([*switches, None]) if _counted(visit, after)]
    least = [(v.decided if v.turns_on else v.read, v.turns_on) for v in counted]
    most = [(v.read if v.turns_on else v.decided, v.turns_on) for v in counted]
    return _running(least, until), _running(most, until)


def _running(moments: list[tuple[datetime, bool]], until: datetime) -> float:
    total, since = timedelta(0), None
    for moment, on in [*moments, (until, False)]:
        if on:
            since = since or moment
        elif since:
            total, since = total + (moment - since), None
    return total.total_seconds()


def loading_seconds(visits: list[Visit], *, until: datetime) -> float:
    """How long a running clock had had no open page at the end: one was asked for, and had not proved itself yet."""
    before = [visit for visit in visits if visit.came < until]
    last = max((place for place, visit in enumerate(before) if visit.proves), default=-1)
    if last >= 0 and before[last].path.endswith(OFF):
        return 0.0
    asked = next((visit.came for visit in before[last + 1 :] if visit.opens), until)
    return (until - asked).total_seconds()


def _counted(visit: Visit, after: Visit | None) -> bool:
    on_afterwards = after is not None and not after.turns_on
    return visit.answered is not None or visit.turns_on == on_afterwards
