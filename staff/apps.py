from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "staff"

    def ready(self):
        from audit.invariants import register
        from staff import handlers, history  # noqa: F401
        from staff.invariants import INVARIANTS

        register(*INVARIANTS)
