from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"

    def ready(self):
        from audit.invariants import register
        from intake import handlers, history  # noqa: F401
        from intake.invariants import INVARIANTS

        register(*INVARIANTS)
