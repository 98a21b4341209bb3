from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch import pulse

PROCESSES = ("beat", "relay", "worker")


class Command(BaseCommand):
    help = "A container's health check: exit status 1 if a process was not at work within two minutes."

    def add_arguments(self, parser):
        parser.add_argument("process", choices=PROCESSES, help="the worker is the one of this host")

    def handle(self, *args, **options):
        name = pulse.worker_name() if options["process"] == "worker" else options["process"]
        if not pulse.is_alive(name, at=timezone.now()):
            raise CommandError(f"Nothing was heard of the {options['process']} for two minutes.")
