"""Who may sign in with a password."""

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

# Reserved by RFC 6761: nobody real has an address under .test.
DEMO_DOMAIN = "@demo.test"


class PasswordBackend(ModelBackend):
    """E-mail and password. The demo's people, whose password is published, come in only where DEMO=1.

    Asked at every request too, so that a session from the demo ends when the switch is turned off.
    """

    def user_can_authenticate(self, user):
        return super().user_can_authenticate(user) and (settings.DEMO or not user.email.endswith(DEMO_DOMAIN))
