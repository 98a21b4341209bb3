"""Reads a note against what is stored: numbers, minutes, empty phrases, who and how. Advice only."""

from itertools import islice

from timelogs.note.lint.contact import contact_defects
from timelogs.note.lint.counts import count_defects
from timelogs.note.lint.minutes import minute_defects
from timelogs.note.lint.readings import reading_defects
from timelogs.note.lint.shapes import FIELDS, Defect, Fact, Kind, LintNote
from timelogs.note.lint.vague import vague_defects

__all__ = ["FIELDS", "Defect", "Fact", "Kind", "LintNote", "lint"]

# More than these in one kind help nobody, and bound what a text made of numbers alone can cost.
_MOST = 12
_CHECKS = (reading_defects, count_defects, minute_defects, vague_defects, contact_defects)


def lint(note: LintNote) -> list[Defect]:
    """Everything in the note's words that the stored facts contradict or that says nothing, field by field."""
    found = [defect for check in _CHECKS for defect in islice(check(note), _MOST)]
    return sorted(found, key=lambda defect: FIELDS.index(defect.field))
