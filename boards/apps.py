from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "boards"

    def ready(self):
        from audit.invariants import register
        from billing.claims import told_above
        from boards import tasks  # noqa: F401
        from boards.invariants import INVARIANTS
        from boards.month import preview
        from boards.outdated import outdated_claims

        register(*INVARIANTS)
        told_above.tell(preview=preview, outdated=outdated_claims)
