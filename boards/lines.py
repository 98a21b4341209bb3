"""How near a month's time is to one of its lines, as SQL. `%(lead)s`: seconds before a line from which it is near."""

from datetime import date

from accounts.practice_policies import policy
from timelogs.counting.totals import LINES


def lead_minutes(practice, on: date) -> int:
    """As the practice has set it; 0: it counts nobody as near."""
    return policy(practice, "alert_lead_minutes", on=on)


def near_in_sql(seconds: str) -> str:
    """Whether a column of seconds is near a line that it has not reached."""
    return "(" + " OR ".join(_span(seconds, line) for line in LINES) + ")"


def line_in_sql(seconds: str) -> str:
    """The line, in minutes, that it is near; null where it is near none."""
    cases = " ".join(f"WHEN {_span(seconds, line)} THEN {line}" for line in LINES)
    return f"CASE {cases} END"


def span_in_words(line: int, lead: int) -> str:
    """`16–19 min`: the whole minutes before a line that are near it."""
    return f"{line - lead}–{line - 1} min" if lead > 1 else f"{line - 1} min"


def _span(seconds: str, line: int) -> str:
    return f"({seconds} >= {line * 60} - %(lead)s AND {seconds} < {line * 60})"
