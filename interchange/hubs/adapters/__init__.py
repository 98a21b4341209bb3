"""The vendors whose shapes are read. A new one is a module here, and a line below. docs/devices.md shows one."""

from interchange.hubs.adapter import Adapter, adapters
from interchange.hubs.adapters import cellular, generic

__all__ = ["cellular", "generic", "adapter_of", "choices"]


def adapter_of(vendor: str) -> Adapter:
    return adapters()[vendor]


def choices() -> list[tuple[str, str]]:
    return [(slug, found.label) for slug, found in adapters().items()]
