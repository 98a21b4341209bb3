from django.apps import AppConfig


class PayersConfig(AppConfig):
    name = "payers"

    def ready(self):
        from payers import history  # noqa: F401 - words for the histories
