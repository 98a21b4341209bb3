from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self):
        from audit import accounts_history, listeners  # noqa: F401
        from audit.invariants import register
        from audit.own_invariants import own_invariants

        register(*own_invariants())
