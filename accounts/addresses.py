"""Where a request comes from."""

from ipaddress import ip_address

from django.conf import settings


def client_address(request) -> str:
    """The person's address: behind our proxy the last one it wrote, which the person cannot forge; else the peer's."""
    peer = request.META.get("REMOTE_ADDR", "")
    if not settings.BEHIND_PROXY:
        return peer
    return _address(request.META.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", 1)[-1].strip()) or peer


def _address(text: str) -> str:
    """The address alone: some gateways write a port behind it or brackets around it. Empty if it is none."""
    bare = text.removeprefix("[").split("]")[0] if text.startswith("[") else text
    for candidate in (bare, bare.rsplit(":", 1)[0]):
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return ""
