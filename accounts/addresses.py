"""Where a request comes from."""

from django.conf import settings


def client_address(request) -> str:
    """The person's address: behind our proxy the last one it wrote, which the person cannot forge; else the peer's."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if settings.BEHIND_PROXY and forwarded:
        return forwarded.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")
