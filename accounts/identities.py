"""Who a practice is on its claims, on any day: read from here."""

from datetime import date

from accounts.models import PracticeIdentity


class IdentityBook:
    """Every identity of a practice, from one query, the earliest first."""

    def __init__(self, practice) -> None:
        self.rows = list(PracticeIdentity.objects.for_practice(practice).order_by("starts_on"))

    def on(self, day: date) -> PracticeIdentity:
        """The one in effect on a day. A practice is somebody on every day: before its first row, the first counts."""
        return next((row for row in reversed(self.rows) if row.starts_on <= day), self.rows[0])

    def starting(self, day: date) -> PracticeIdentity | None:
        return next((row for row in self.rows if row.starts_on == day), None)

    def window(self, starts_on: date) -> tuple[date, date | None]:
        """The days `[from, until)` for which an identity of that start would count; None: for good."""
        until = next((row.starts_on for row in self.rows if row.starts_on > starts_on), None)
        return (date.min if starts_on <= self.rows[0].starts_on else starts_on), until


def identity_on(practice, day: date) -> PracticeIdentity:
    return IdentityBook(practice).on(day)
