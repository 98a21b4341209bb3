"""Time stamps of HL7 version 2: with a zone, with that of the header, or none."""

from datetime import UTC, datetime

import pytest

from interchange.hl7.moments import NoMoment, moment

ZONED = "20260105093000-0500"


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "header", "at"),
    [
        ("20260105073000-0500", "", utc(2026, 1, 5, 12, 30)),
        ("202601050730+0530", ZONED, utc(2026, 1, 5, 2, 0)),
        ("20260105073015.1234-0500", "", utc(2026, 1, 5, 12, 30, 15)),
        ("20260105073000", ZONED, utc(2026, 1, 5, 12, 30)),
        ("20260105073000+0000", ZONED, utc(2026, 1, 5, 7, 30)),
        ("20260105233000-0500", "", utc(2026, 1, 6, 4, 30)),
    ],
)
def test_a_time_with_a_zone_of_its_own_or_of_the_header(text, header, at):
    assert moment(text, zone_of=header) == at


@pytest.mark.parametrize(
    ("text", "header", "said"),
    [
        ("20260105073000", "20260105093000", "has no time zone, nor has MSH-7"),
        ("20260105073000", "", "has no time zone, nor has MSH-7"),
        ("20260105-0500", ZONED, "gives no minute"),
        ("2026010507-0500", ZONED, "is no time as HL7 writes it"),
        ("2026-01-05T07:30:00Z", ZONED, "is no time as HL7 writes it"),
        ("20260230073000-0500", ZONED, "is no day or time that exists"),
        ("00010101000000+0500", ZONED, "is no day or time that exists"),
        ("20260105073000-9900", "", "has no time zone"),
        ("", ZONED, "is no time as HL7 writes it"),
    ],
)
def test_what_is_none_is_said(text, header, said):
    with pytest.raises(NoMoment, match=said):
        moment(text, zone_of=header)
