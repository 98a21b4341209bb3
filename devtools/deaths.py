"""How often something died lately: once is bad luck, five times in a minute is broken."""

import time

TOO_MANY, WINDOW = 5, 60.0


class Deaths:
    def __init__(self):
        self.moments: list[float] = []

    def another(self) -> int:
        """Notes a death; how many there were within the last minute."""
        now = time.monotonic()
        self.moments = [moment for moment in self.moments if now - moment < WINDOW] + [now]
        return len(self.moments)

    @property
    def too_many(self) -> bool:
        return len(self.moments) >= TOO_MANY

    @property
    def pause(self) -> float:
        """Seconds to wait before the next start: doubling, so that a broken start does not spin."""
        return 0.25 * 2 ** len(self.moments)
