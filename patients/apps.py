from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from audit.invariants import register
        from patients import history  # noqa: F401
        from patients.invariants import INVARIANTS

        register(*INVARIANTS)
