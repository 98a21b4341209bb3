"""What the guards look at: every view with its address, our modules as syntax trees, our templates."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parents[2]
APPS = (
    "foundation",
    "accounts",
    "audit",
    "authentication",
    "staff",
    "dispatch",
    "patients",
    "payers",
    "intake",
    "monitoring",
    "escalations",
    "interchange",
    "timelogs",
    "boards",
    "billing",
    "reports",
    "rpmportal",
)


@dataclass(frozen=True, slots=True)
class Route:
    """An address: `name` with its namespace, `address` as written in urls.py, the view behind all its decorators."""

    name: str
    address: str
    view: object

    @property
    def places(self) -> list[str]:
        """The names of what the address takes: patient_id, month …"""
        return [
            part.split(":")[-1].rstrip(">")
            for part in self.address.split("<")[1:]
            for part in [part.split(">")[0]]
        ]


def every_route(patterns=None, prefix: str = "", space: str = "") -> Iterator[Route]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from every_route(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            yield Route(f"{space}{pattern.name}", prefix + str(pattern.pattern), pattern.callback)


def layers(view) -> Iterator:
    """The view from its outermost decorator inwards."""
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)


def methods_of(route: Route) -> set[str] | None:
    """The methods that Django's own decorators let in; None if none of them is there."""
    for layer in layers(route.view):
        code = getattr(layer, "__code__", None)
        if code and "request_method_list" in code.co_freevars:
            return set(layer.__closure__[code.co_freevars.index("request_method_list")].cell_contents)
    return None


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules(*, migrations: bool = False, also: tuple[str, ...] = ()) -> list[Path]:
    """Every Python file of the product."""
    found = [path for app in (*APPS, *also) for path in sorted((ROOT / app).rglob("*.py"))]
    return [path for path in found if migrations or "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


def our_models() -> list[type]:
    """Models of ours, without the generated histories."""
    models = [m for m in apps.get_models() if m._meta.app_label in APPS]
    return [m for m in models if not hasattr(m, "history_object")]


def tracked_models() -> list[type]:
    return [m for m in our_models() if hasattr(m._meta, "simple_history_manager_attribute")]


def table_of(what: list[str]) -> str:
    """The list for a failure message, one thing a line."""
    return "\n  " + "\n  ".join(what)
