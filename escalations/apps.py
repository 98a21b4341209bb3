from django.apps import AppConfig


class EscalationsConfig(AppConfig):
    name = "escalations"

    def ready(self):
        from audit.invariants import register
        from escalations import handlers, history, listeners, merging  # noqa: F401
        from escalations.invariants import INVARIANTS

        register(*INVARIANTS)
