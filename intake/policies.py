"""When an import of patients may not be opened, decided, taken in or ended: the sentence to say, or None."""

from django.db.models import Q

from intake.cells import REQUIRED
from intake.covering import choosable, why_not_parts
from intake.models import Candidate, Decision, PatientImport, Standing, State

# What is asked of a row that stands so. Rows that are new or the same need no decision.
CHOICES: dict[str, tuple[Decision, ...]] = {
    Standing.CHANGED: (Decision.THEIRS, Decision.OURS, Decision.LEAVE),
    Standing.OTHER_NAME: (Decision.THEIRS, Decision.OURS, Decision.LEAVE),
    Standing.DOUBLE: (Decision.ANOTHER, Decision.LEAVE),
}
# Rows of which many may be decided at once: name and date of birth say that it is the same person.
AT_ONCE = Q(standing=Standing.CHANGED) & ~Q(differs__has_any_keys=["family_name", "given_name", "born_on"])


def why_not_choose_columns(found: PatientImport) -> str | None:
    if found.state not in {State.COLUMNS, State.CHECKING}:
        return "This import is being taken in or has ended. Its columns stay as they are"
    return (
        "Part of this file is taken in already. Finish it, then bring in the file again"
        if found.finished
        else None
    )


def why_not_decide(found: PatientImport) -> str | None:
    if found.state == State.CHECKING:
        return None
    return "Rows are decided while an import is being checked. This one is not"


def why_not_so(row: Candidate, decision: str, fields: list[str]) -> str | None:
    """Whether the row can be decided that way. Somebody else's record is not written over under her MRN."""
    if decision not in CHOICES.get(row.standing, ()):
        return "This row needs no such decision. Look at it again"
    if decision != Decision.THEIRS:
        return None
    if not fields or set(fields) - set(choosable(row.differs)):
        return "Choose what to take over, or keep what is here"
    if parts := why_not_parts(set(fields), row.differs):
        return parts
    if "born_on" in row.differs and {"family_name", "given_name"} & set(row.differs):
        return (
            "The name and the date of birth both differ: this is likely another person under the same MRN. "
            "Keep what is here, or leave the row out and correct the MRN where it comes from"
        )
    return None


def why_not_without_errors(row: Candidate) -> str | None:
    """Whether what is left of a message says whom it is about."""
    if row.standing == Standing.WRONG and set(REQUIRED) - set(row.values):
        return "The name or the date of birth cannot be read. Correct it in the other system, which sends it again"
    return None


def why_not_take_in(found: PatientImport, *, everything: bool, left: int) -> str | None:
    """`left`: rows with errors or not yet decided."""
    if found.state != State.CHECKING:
        return "This import is not waiting to be taken in"
    if everything and left:
        rows = "1 row has an error or is" if left == 1 else f"{left:,} rows have errors or are"
        return f"{rows} not decided yet. Decide, or take in the good rows"
    return None


def why_not_again(row: int | None) -> str | None:
    """`row`: the one of the same file by which this patient was brought, kept or changed before."""
    return (
        None if row is None else f"Row {row} of this file brought this patient already. Leave one of them out"
    )


def why_not_end(found: PatientImport, *, stalled: bool) -> str | None:
    if found.state == State.TAKING and not stalled:
        return "Rows of this import are being taken in. Wait until that is done"
    return None if found.is_open else "This import has ended already"
