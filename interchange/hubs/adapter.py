"""What a vendor's adapter is, and what it needs to write one in a few lines. Pure: no database, no clock.

An adapter turns a vendor's body into values. A value that cannot be read is there as `Unusable`,
so that the sender is told of each one what became of it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from interchange.hubs.body import Malformed
from interchange.keys import LONGEST
from interchange.measured import Unfit, measured, number
from monitoring.models import Source
from monitoring.readings.incoming import Incoming, Status


@dataclass(frozen=True, slots=True)
class Unusable:
    """One value that is refused; `problem` repeats nothing of it."""

    where: str
    problem: str


Value = Incoming | Unusable


class Adapter(ABC):
    """One for each vendor's shape. `slug` stands in the database for ever, `label` on pages."""

    slug: ClassVar[str]
    label: ClassVar[str]

    def message_id(self, body: dict[str, Any]) -> str:
        """The message's own id, where the vendor gives it one: the same id is done once. Else its signature is."""
        return ""

    @abstractmethod
    def readings(self, body: dict[str, Any]) -> list[Value]:
        """All values of the body, in its order. Raises `Malformed` where the body as a whole is none of this shape."""


_found: dict[str, Adapter] = {}


def adapter(kind: type[Adapter]) -> type[Adapter]:
    """Makes a vendor one that a hub can be of."""
    _found[kind.slug] = kind()
    return kind


def adapters() -> dict[str, Adapter]:
    return dict(sorted(_found.items()))


def needed(body: dict[str, Any], name: str, *, where: str = "") -> str:
    """A text that must be there; a whole number is one too. Raises `Malformed`."""
    found = text_of(body, name, where=where)
    if not found:
        raise Malformed("This property is missing or empty.", where or name)
    return found


def text_of(body: dict[str, Any], name: str, *, where: str = "") -> str:
    """The same, empty where there is none."""
    value = body.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int) or len(str(value)) > LONGEST:
        raise Malformed(f"This property must be a text of {LONGEST} characters or fewer.", where or name)
    return str(value).strip()


def moment(value: Any) -> datetime | None:
    """ISO 8601 with its zone."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at.astimezone(UTC) if at and at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def from_ms(value: Any) -> datetime | None:
    """Milliseconds since 1970."""
    return _from_epoch(value, 1000)


def from_seconds(value: Any) -> datetime | None:
    return _from_epoch(value, 1)


def _from_epoch(value: Any, parts: int) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    try:
        return datetime.fromtimestamp(int(value) // parts, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def incoming(
    where: str,
    *,
    measure: str,
    value: Any,
    unit: str,
    taken_at: datetime | None,
    serial: str = "",
    mrn: str = "",
    second_value: Any = None,
    identifier: str = "",
    status: str = Status.FINAL,
    typed: bool = False,
) -> Value:
    """One value in our own unit, or why there is none. `where`: its place in the body, for the answer."""
    numbers = [_number(each) for each in (value, second_value) if each is not None]
    if not numbers or None in numbers:
        return Unusable(where, "The value must be a number.")
    if taken_at is None:
        return Unusable(where, "The time must be there, with its zone.")
    if not (serial or mrn):
        return Unusable(where, "It names no device and no patient.")
    try:
        found = measured(measure, *numbers[:1], unit, *numbers[1:])
    except Unfit as unfit:
        return Unusable(where, f"The {unfit.about} {unfit.problem}.")
    return Incoming(
        measure=measure,
        value=found.value,
        second_value=found.second_value,
        original=found.original,
        taken_at=taken_at,
        source=Source.TYPED if typed else Source.AUTOMATIC,
        serial=serial,
        mrn=mrn,
        identifier=identifier,
        status=Status(status),
    )


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    return number(str(value).strip())
