from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "monitoring"

    def ready(self):
        from audit.invariants import register
        from monitoring import history  # noqa: F401
        from monitoring.invariants import INVARIANTS

        register(*INVARIANTS)
