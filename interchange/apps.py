from django.apps import AppConfig


class InterchangeConfig(AppConfig):
    name = "interchange"

    def ready(self):
        from audit.invariants import register
        from interchange import history, listeners  # noqa: F401
        from interchange.invariants import INVARIANTS

        register(*INVARIANTS)
