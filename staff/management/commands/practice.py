import os
from getpass import getpass
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import LOGS_TIME, Membership, Practice, User, staff_kind_of
from accounts.permissions import Role
from accounts.practices import open_practice
from foundation.context import acting
from foundation.npi import why_not_npi
from foundation.practice_scope import every_practice
from staff import first_day


class Command(BaseCommand):
    help = (
        "Without arguments: prints the code that opens an empty server's first practice in the browser. "
        "Else makes a practice, or adds a person to one: manage.py practice NAME SLUG --npi … --admin E-MAIL --name …"
    )

    def add_arguments(self, parser):
        parser.add_argument("practice_name", nargs="?")
        parser.add_argument("slug", nargs="?")
        parser.add_argument("--npi", help="ten digits; needed for a new practice")
        parser.add_argument("--time-zone", default="America/New_York")
        parser.add_argument("--admin", metavar="E-MAIL", help="the person to add")
        parser.add_argument("--name", help="the person's name")
        parser.add_argument("--role", choices=Role.values, default=Role.ADMINISTRATOR)
        parser.add_argument("--credential", default="", help="RN, LPN, MD …")

    def handle(self, *args, **options):
        if not options["practice_name"]:
            return self._first_day()
        if not (options["slug"] and options["admin"] and options["name"]):
            raise CommandError("Give the practice's name and slug, --admin and --name.")
        if options["time_zone"] not in available_timezones():
            raise CommandError("--time-zone must be a name like America/Chicago.")
        with (
            acting("system: manage.py practice", reason="set up from the command line"),
            every_practice(),
            transaction.atomic(),
        ):
            practice = self._practice(options)
            user = self._user(options)
            self._membership(practice, user, options)
        self.stdout.write(f"{user.email} is {Role(options['role']).label.lower()} of {practice.name}.")

    def _first_day(self) -> None:
        if why := first_day.why_not_first():
            raise CommandError(
                f"{why} For another practice give its name and slug, --npi, --admin and --name."
            )
        address = f"{settings.SITE_URL}{reverse('staff:first_practice')}"
        self.stdout.write(f"Open {address} and enter the set-up code {first_day.set_up_code()}")

    def _practice(self, options) -> Practice:
        if found := Practice.objects.filter(slug=options["slug"]).first():
            return found
        if why := why_not_npi(options["npi"] or ""):
            raise CommandError(f"A new practice needs --npi. {why}.")
        return open_practice(
            name=options["practice_name"],
            slug=options["slug"],
            npi=options["npi"],
            time_zone=options["time_zone"],
        )

    def _user(self, options) -> User:
        email = options["admin"].lower()
        if found := User.objects.filter(email=email).first():
            return found
        user = User(email=email, name=options["name"])
        password = os.environ.get("RPM_NEW_PASSWORD") or getpass(f"Password for {email}: ")
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        user.set_password(password)
        user.save()
        return user

    def _membership(self, practice, user, options) -> None:
        if options["role"] in LOGS_TIME and not options["credential"].strip():
            raise CommandError(
                "--credential is missing: who logs time signs with one, such as RN, LPN or MD."
            )
        today = practice.today(timezone.now())
        if Membership.objects.filter(practice=practice, user=user).on(today).exists():
            raise CommandError(f"{user.email} already works in {practice.name}.")
        Membership(
            practice=practice,
            user=user,
            role=options["role"],
            credential=options["credential"],
            staff_kind=staff_kind_of(options["role"]),
            starts_on=today,
        ).save()
