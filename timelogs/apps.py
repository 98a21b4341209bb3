from django.apps import AppConfig


class TimelogsConfig(AppConfig):
    name = "timelogs"

    def ready(self):
        from audit.invariants import register
        from monitoring.axis import tell
        from timelogs import history  # noqa: F401
        from timelogs.clock import escalations  # noqa: F401
        from timelogs.clock import listeners as of_the_clock  # noqa: F401
        from timelogs.counting import merging  # noqa: F401
        from timelogs.invariants import INVARIANTS
        from timelogs.pages.axis import events
        from timelogs.signing import listeners as of_drafts  # noqa: F401

        register(*INVARIANTS)
        tell(events)
