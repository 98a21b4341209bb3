from django.apps import AppConfig


class AuthenticationConfig(AppConfig):
    name = "authentication"

    def ready(self):
        from audit.invariants import register
        from authentication import handlers, history, listeners  # noqa: F401
        from authentication.invariants import INVARIANTS

        register(*INVARIANTS)
