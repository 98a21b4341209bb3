"""Half signed in: the password was right and a second factor is still to come. Nothing else opens meanwhile."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from accounts.models import User
from authentication.models import SecondFactor
from authentication.policies import second_factor_required

PENDING, VALID = "half_signed_in", timedelta(minutes=10)
BACKEND = "accounts.backends.PasswordBackend"


def go_on(request, user: User, *, next_url: str) -> str:
    """After the right password: signs in, or asks for more. The address to go to."""
    has_factor = SecondFactor.objects.of(user).exists()
    if not has_factor and not second_factor_required(user, at=timezone.now()):
        login(request, user, backend=BACKEND)
        return next_url
    request.session.cycle_key()
    request.session[PENDING] = {
        "user": user.pk.hex,
        "mark": user.get_session_auth_hash(),
        "at": timezone.now().isoformat(),
        "next": next_url,
    }
    return "authentication:second_factor" if has_factor else "authentication:set_up"


def pending_user(request) -> User | None:
    """Whose password was right in this browser within ten minutes, and is still the same."""
    state = request.session.get(PENDING)
    if state is None or timezone.now() - parse_datetime(state["at"]) > VALID:
        return None
    user = User.objects.filter(pk=UUID(state["user"]), is_active=True).first()
    return user if user and user.get_session_auth_hash() == state["mark"] else None


def finish(request, user: User) -> str:
    """Signed in, with a new session key; the address that she wanted."""
    state = request.session.pop(PENDING, {})
    login(request, user, backend=BACKEND)
    return state.get("next") or resolve_url(settings.LOGIN_REDIRECT_URL)
