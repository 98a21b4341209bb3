"""Time stamps of HL7 version 2, as moments. One without a zone has that of its message's header, or is none."""

import re
from datetime import UTC, datetime

_STAMP = re.compile(
    r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(?:(\d\d)(?:\.\d{1,6})?)?)?(?:([+-])(\d\d)(\d\d))?", re.ASCII
)


class NoMoment(Exception):
    """Why it is none, behind the name of its field."""


def moment(text: str, *, zone_of: str) -> datetime:
    """Whole seconds in UTC. `zone_of`: the time stamp of the header (MSH-7). Raises `NoMoment`."""
    found = _STAMP.fullmatch(text)
    if found is None:
        raise NoMoment("is no time as HL7 writes it (YYYYMMDDHHMM and a zone such as -0500)")
    if found[5] is None:
        raise NoMoment("gives no minute")
    zone = _zone(found) or _zone(_STAMP.fullmatch(zone_of))
    if not zone:
        raise NoMoment("has no time zone, nor has MSH-7. Send one, such as -0500")
    digits = "".join(part or "00" for part in found.groups()[:6])
    try:
        return datetime.strptime(digits + zone, "%Y%m%d%H%M%S%z").astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoMoment("is no day or time that exists") from None


def _zone(found: re.Match | None) -> str:
    """`-0500`; empty where there is none that is somewhere on Earth."""
    if found is None or found[7] is None or int(found[8]) > 14 or int(found[9]) > 59:
        return ""
    return "".join(found.group(7, 8, 9))
