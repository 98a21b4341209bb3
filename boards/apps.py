from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"

    def ready(self):
        from audit.invariants import register
        from boards import tasks  # noqa: F401
        from boards.invariants import INVARIANTS

        register(*INVARIANTS)
