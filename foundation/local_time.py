"""Times as a practice's clocks show them. Twice a year an hour is skipped, and another comes twice: none is guessed."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from foundation.refusals import Refused


def moments(day: date, clock: time, *, tz: ZoneInfo) -> list[datetime]:
    """The instants, in UTC and in order, at which the clocks of `tz` showed this: one, none or two."""
    shown = datetime.combine(day, clock.replace(tzinfo=None))
    found = {shown.replace(tzinfo=tz, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(each for each in found if each.astimezone(tz).replace(tzinfo=None, fold=0) == shown)


def moment_of(day: date, clock: time, *, tz: ZoneInfo, which: str = "", field: str | None = None) -> datetime:
    """The instant that is meant; `which` says the first or second where there are two. Raises `Refused`."""
    found = moments(day, clock, tz=tz)
    if not found:
        raise Refused(why_skipped(day, clock), field=field)
    if len(found) == 1:
        return found[0]
    if which not in WHICH:
        raise Refused(
            f"The clocks showed {clock:%H:%M} twice on {day:%-d %b %Y}. Choose which is meant.", field=field
        )
    return found[WHICH.index(which)]


WHICH = ("first", "second")


def why_skipped(day: date, clock: time) -> str:
    return f"The clocks skipped {clock:%H:%M} on {day:%-d %b %Y}. Enter the time that they showed."


def which_choices(day: date, clock: time, *, tz: ZoneInfo) -> list[tuple[str, str]]:
    """`[("first", "01:30 EDT, the first"), …]` where the clocks showed this twice; else nothing."""
    found = moments(day, clock, tz=tz)
    if len(found) < 2:
        return []
    return [
        (name, f"{each.astimezone(tz):%H:%M %Z}, the {name}") for name, each in zip(WHICH, found, strict=True)
    ]


def comes_twice(local: datetime) -> bool:
    """Whether clocks show this local time twice that night, so that it needs its zone to be understood."""
    return (
        isinstance(local.tzinfo, ZoneInfo) and len(moments(local.date(), local.time(), tz=local.tzinfo)) > 1
    )


def on_clock(moment: datetime, *, tz: ZoneInfo, form: str = "%H:%M") -> str:
    """`01:30`, and `01:30 EDT` where that time comes twice."""
    local = moment.astimezone(tz)
    return f"{local:{form}}" + (f" {local:%Z}" if comes_twice(local) else "")
