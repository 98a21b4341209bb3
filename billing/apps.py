from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "billing"

    def ready(self):
        from audit.invariants import register
        from billing import handlers, history  # noqa: F401
        from billing.claims import merging  # noqa: F401
        from billing.invariants import INVARIANTS

        register(*INVARIANTS)
