from django.apps import AppConfig


class TimelogsConfig(AppConfig):
    name = "timelogs"

    def ready(self):
        from audit.invariants import register
        from timelogs import history  # noqa: F401
        from timelogs.clock import listeners  # noqa: F401
        from timelogs.invariants import INVARIANTS

        register(*INVARIANTS)
