from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "dispatch"

    def ready(self):
        from audit.invariants import register
        from dispatch import history  # noqa: F401
        from dispatch.invariants import INVARIANTS

        register(*INVARIANTS)
