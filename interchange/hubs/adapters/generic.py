"""Our own shape, as docs/devices.md describes it: for vendors who can choose what they send."""

from typing import Any

from interchange.hubs.adapter import (
    Adapter,
    Unusable,
    Value,
    adapter,
    incoming,
    moment,
    needed,
    text_of,
)
from interchange.hubs.body import Malformed
from monitoring.readings.incoming import Status
from patients.models import Measure

MOST = 500
_MESSAGE = frozenset({"id", "readings"})
_READING = frozenset(
    {
        "id", "device", "patient", "measure", "value", "systolic", "diastolic", "unit", "taken_at", "status", "typed",
    }
)  # fmt: skip


@adapter
class Generic(Adapter):
    slug, label = "generic", "RPM Portal’s own shape"

    def message_id(self, body: dict[str, Any]) -> str:
        return text_of(body, "id")

    def readings(self, body: dict[str, Any]) -> list[Value]:
        _known(body, _MESSAGE, "")
        rows = body.get("readings")
        if not isinstance(rows, list) or not rows:
            raise Malformed("This property must be a list of readings.", "readings")
        if len(rows) > MOST:
            raise Malformed(f"More than {MOST} readings. Send the others in another message.", "readings")
        return [_reading(row, f"readings[{place}]") for place, row in enumerate(rows)]


def _reading(row: Any, where: str) -> Value:
    if not isinstance(row, dict):
        raise Malformed("A reading must be an object.", where)
    _known(row, _READING, where)
    measure = needed(row, "measure", where=f"{where}.measure")
    status = text_of(row, "status", where=f"{where}.status") or Status.FINAL
    if not isinstance(typed := row.get("typed", False), bool):
        raise Malformed("This property must be true or false.", f"{where}.typed")
    if measure not in Measure.values:
        return Unusable(f"{where}.measure", f"The measure must be one of {', '.join(Measure.values)}.")
    if status not in set(Status):
        return Unusable(f"{where}.status", f"The status must be one of {', '.join(Status)}.")
    first, second = ("systolic", "diastolic") if measure == Measure.BLOOD_PRESSURE else ("value", "")
    if second and row.get(second) is None:
        return Unusable(f"{where}.{second}", "A blood pressure needs systolic and diastolic.")
    return incoming(
        where,
        measure=measure,
        value=row.get(first),
        second_value=row.get(second) if second else None,
        unit=text_of(row, "unit", where=f"{where}.unit"),
        taken_at=moment(row.get("taken_at")),
        serial=text_of(row, "device", where=f"{where}.device"),
        mrn=text_of(row, "patient", where=f"{where}.patient"),
        identifier=text_of(row, "id", where=f"{where}.id"),
        status=status,
        typed=typed,
    )


def _known(row: dict[str, Any], names: frozenset[str], where: str) -> None:
    """A misspelled `status` must not turn a value that was taken back into one that counts."""
    if set(row) - names:
        raise Malformed(f"Only these properties are known: {', '.join(sorted(names))}.", where)
