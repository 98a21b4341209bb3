"""What the practice chose for the columns of a shape of file, for its next one."""

from monitoring.files import headings
from monitoring.files.mapping import Mapping
from monitoring.files.sheet import Sheet
from monitoring.models import FileShape


def known_shapes(practice) -> set[str]:
    return set(FileShape.objects.for_practice(practice).values_list("shape", flat=True))


def kept_for(sheet: Sheet, practice) -> Mapping | None:
    row = FileShape.objects.for_practice(practice).filter(shape=sheet.shape).first() if sheet.shape else None
    return Mapping.of(row.mapping) if row else None


def keep(sheet: Sheet, mapping: Mapping, practice) -> None:
    """Not for a file without a header: another one with as many columns may hold anything."""
    if not sheet.shape:
        return
    row = FileShape.objects.for_practice(practice).select_for_update().filter(shape=sheet.shape).first()
    row = row or FileShape(practice=practice, shape=sheet.shape)
    if row.mapping == mapping.kept():
        return
    row.mapping = mapping.kept()
    row.headings = [
        headings.key(sheet.name(place)) for place, each in enumerate(mapping.columns) if each.meaning
    ]
    row.save()
