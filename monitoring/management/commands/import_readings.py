"""`manage.py import_readings FILE --practice SLUG [--dry-run]`: readings from a CSV, all or none."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.practices import practice_named
from foundation.context import ActorKind, acting
from foundation.practice_scope import in_practice
from foundation.refusals import Refused
from monitoring.columns import COLUMNS, MAX_BYTES
from monitoring.intake import look_through, take_in

SHOWN = 50


class Command(BaseCommand):
    help = f"Takes in readings from a CSV with the columns {', '.join(COLUMNS)}. Taking one in twice changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="Look through the file and write nothing.")

    def handle(self, *, file: Path, practice: str, dry_run: bool, **options):
        content = self._content(file)
        where = practice_named(practice)
        if where is None:
            raise CommandError(f"There is no practice {practice}.")
        try:
            with in_practice(where):
                found = self._take_in(content, where, file.name, dry_run=dry_run)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        done = "would be added" if dry_run else "added"
        self.stdout.write(f"{found.rows} readings: {len(found.new)} {done}, {found.repeated} already here.")

    def _take_in(self, content: bytes, practice, name: str, *, dry_run: bool):
        at = timezone.now()
        found = look_through(content, practice=practice, at=at)
        if found.errors:
            raise CommandError(self._wrong(found.errors))
        if not dry_run:
            with acting(f"import: {name}", kind=ActorKind.IMPORT):
                take_in(content, practice=practice, file_name=name, by=None, at=at)
        return found

    def _content(self, file: Path) -> bytes:
        try:
            with file.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error

    def _wrong(self, errors) -> str:
        lines = [str(error) for error in errors[:SHOWN]]
        if len(errors) > SHOWN:
            lines.append(f"… and {len(errors) - SHOWN} more")
        return "\n".join([*lines, "Nothing was taken in."])
