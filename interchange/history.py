"""How the histories of hubs and their secrets are shown."""

from accounts.permissions import Permission
from audit.registry import present, present_programs
from interchange.models import Hub, HubSecret

present(
    Hub,
    label="Hub of devices",
    needs=Permission.INTEGRATIONS_VIEW,
    name=lambda row, names: row.name,
    labels={"made_by": "made by", "ended_by": "ended by"},
)
present(
    HubSecret,
    label="Secret of a hub",
    needs=Permission.INTEGRATIONS_VIEW,
    name=lambda row, names: f"Secret {row.number}",
    labels={"made_by": "made by"},
)


def _by_hub(practice) -> dict[str, str]:
    hubs = Hub.objects.for_practice(practice).order_by("name", "made_at")
    return {str(hub.pk): f"hub: {hub.name}" for hub in hubs}


present_programs(_by_hub)
