"""The model of one claim: what a biller may do to it when, and what it comes to. All its codes are held by one rule."""

from dataclasses import dataclass, field

from billing.models import ClaimState
from tests.model.sessions import no_if

CODES = ("99454", "99457")


@dataclass
class Paper:
    """The claim as it should be. `forces`: code → (who asked, who confirmed or None)."""

    closed: bool = True
    on_hold: bool = False
    approved_by: str | None = None
    blocked: set[str] = field(default_factory=set)
    forces: dict[str, tuple[str, str | None]] = field(default_factory=dict)

    @property
    def state(self) -> ClaimState:
        if self.approved_by:
            return ClaimState.APPROVED
        return ClaimState.ON_HOLD if self.on_hold else ClaimState.ATTENTION

    def released(self) -> set[str]:
        return {code for code, (_, by) in self.forces.items() if by and code not in self.blocked}

    def touched(self, *, stale: bool) -> None:
        no_if(not self.closed or stale)

    def approve(self, by: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        asked = any(confirmed is None for _, confirmed in self.forces.values())
        no_if(self.approved_by or self.on_hold or asked or not self.released())
        self.approved_by = by

    def hold(self, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(self.on_hold)
        self.on_hold, self.approved_by = True, None

    def lift(self, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(not self.on_hold)
        self.on_hold = False

    def block(self, code: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(code in self.blocked)
        self.blocked.add(code)
        self.approved_by = None

    def unblock(self, code: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(code not in self.blocked)
        self.blocked.remove(code)
        self.approved_by = None

    def ask(self, code: str, by: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(self.approved_by or code in self.blocked or code in self.forces)
        self.forces[code] = (by, None)

    def confirm(self, code: str, by: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        asked, confirmed = self.forces.get(code, ("", ""))
        no_if(confirmed is not None or asked == by or self.approved_by or code in self.blocked)
        self.forces[code] = (asked, by)

    def end(self, code: str, *, stale: bool) -> None:
        self.touched(stale=stale)
        no_if(code not in self.forces)
        del self.forces[code]
        self.approved_by = None

    def reopen(self) -> None:
        no_if(not self.closed)
        self.closed = False

    def close(self) -> None:
        """Decided again on the same record: what was approved, blocked and forced stays."""
        self.closed = True
