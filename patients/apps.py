from django.apps import AppConfig


class PatientsConfig(AppConfig):
    name = "patients"

    def ready(self):
        from audit.invariants import register
        from foundation.database_refusals import say
        from patients import history  # noqa: F401
        from patients.invariants import INVARIANTS
        from patients.merges import refusal

        register(*INVARIANTS)
        say("merged_record_is_closed", refusal)
