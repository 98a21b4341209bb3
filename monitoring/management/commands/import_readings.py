"""`manage.py import_readings FILE --practice SLUG [--dry-run]`: readings from any vendor's CSV, all or the good lines.

A shape of file that the practice has met on the page is read as was chosen there. Another one is read by its headings
where these leave nothing open; else the command says what, writes nothing, and the file is opened on the page once.
"""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.practices import practice_named
from foundation.context import ActorKind, acting
from foundation.practice_scope import in_practice
from foundation.refusals import Refused
from monitoring.columns import MAX_BYTES, is_ours
from monitoring.files.mapping import Mapping
from monitoring.files.moments import ORDERS
from monitoring.files.understood import given_to, in_order, understand
from monitoring.intake import Sorted, look_through, take_in

SHOWN = 50
ON_THE_PAGE = (
    "Open such a file under Import readings once and say it there, or give --device, --mrn or --date-order"
)


class Command(BaseCommand):
    help = (
        "Takes in readings from a CSV: our own columns or any vendor's. Taking one in twice changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--practice", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="Look through the file and write nothing.")
        parser.add_argument("--good-lines", action="store_true", help="Leave out the lines that are wrong.")
        whose = parser.add_mutually_exclusive_group()
        whose.add_argument(
            "--device", default="", metavar="SERIAL", help="Where no column says whose they are."
        )
        whose.add_argument(
            "--mrn", default="", help="The same, without a device: the readings count as typed in."
        )
        parser.add_argument("--date-order", default="", choices=ORDERS, help="Where dates can be two days.")

    def handle(self, *, file: Path, practice: str, **options):
        content = self._content(file)
        where = practice_named(practice)
        if where is None:
            raise CommandError(f"There is no practice {practice}.")
        try:
            with in_practice(where):
                found = self._take_in(content, where, file.name, options)
        except Refused as refusal:
            raise CommandError(refusal.message) from refusal
        self._tell(found, dry_run=options["dry_run"])

    def _take_in(self, content: bytes, practice, name: str, options: dict) -> Sorted:
        at, mapping = timezone.now(), self._mapping(content, practice, options)
        found = look_through(content, practice=practice, at=at, mapping=mapping)
        if found.errors and not options["good_lines"]:
            raise CommandError(self._wrong(found.errors))
        if not options["dry_run"]:
            told = {"practice": practice, "file_name": name, "by": None, "at": at, "mapping": mapping}
            with acting(f"import: {name}", kind=ActorKind.IMPORT):
                take_in(content, **told, good_lines=bool(found.errors))
        return found

    def _mapping(self, content: bytes, practice, options: dict) -> Mapping | None:
        if is_ours(content):
            if options["device"] or options["mrn"] or options["date_order"]:
                raise CommandError(
                    "The file has our own columns, which say it. Leave out --device, --mrn and --date-order."
                )
            return None
        found = understand(content, practice)
        found = given_to(found, practice, serial=options["device"], mrn=options["mrn"])
        found = in_order(found, options["date_order"])
        if found.questions:
            asked = "\n".join(f"{question.sentence}." for question in found.questions)
            raise CommandError(f"{asked}\n{ON_THE_PAGE}.")
        return found.mapping

    def _content(self, file: Path) -> bytes:
        try:
            with file.open("rb") as stream:
                return stream.read(MAX_BYTES + 1)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from error

    def _tell(self, found: Sorted, *, dry_run: bool) -> None:
        done = "would be added" if dry_run else "added"
        wrong = f", {found.wrong_lines} wrong lines left out" if found.errors else ""
        self.stdout.write(
            f"{found.rows} readings: {found.good} {done}, {found.repeated} already here{wrong}."
        )
        if found.errors:
            self.stdout.write("\n".join(self._lines(found.errors)))
        if found.understood:
            self._tell_how(found)

    def _tell_how(self, found: Sorted) -> None:
        for remark in found.understood.remarks:
            self.stdout.write(remark)
        if columns := found.understood.left_out:
            self.stdout.write(f"Columns left out: {', '.join(columns)}.")
        if found.left_out:
            lines = ", ".join(str(each.line) for each in found.left_out[:SHOWN])
            self.stdout.write(
                f"Lines without a reading: {lines}{' …' if len(found.left_out) > SHOWN else ''}."
            )

    def _wrong(self, errors) -> str:
        return "\n".join([*self._lines(errors), "Nothing was taken in."])

    def _lines(self, errors) -> list[str]:
        lines = [str(error) for error in errors[:SHOWN]]
        return [*lines, f"… and {len(errors) - SHOWN} more"] if len(errors) > SHOWN else lines
