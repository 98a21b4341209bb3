"""compose.yaml as Docker would read it, with made-up values for what it asks for."""

import re

import yaml

from tests.architecture.walk import ROOT

GIVEN = {
    "RPM_APP_PASSWORD": "apppassword",
    "RPM_OWNER_PASSWORD": "ownerpassword",
    "POSTGRES_PASSWORD": "superpassword",
    "SECRET_KEY": "made-up-" + "0123456789" * 5,
    "ALLOWED_HOSTS": "portal.example.test",
    "SITE_URL": "https://portal.example.test",
    "EMAIL_URL": "smtp://user:password@mail.example.test:587",
    "DEFAULT_FROM_EMAIL": "portal@example.test",
    "TLS_DIR": "/srv/tls",
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")
# The application's own: what the image of the Dockerfile runs as.
APP = ("migrate", "web", "worker", "beat", "relay")


class _OnceEach(yaml.SafeLoader):
    """Refuses a key that stands twice, as Docker does."""

    def construct_mapping(self, node, deep=False):
        keys = [key.value for key, _ in node.value if key.value != "<<"]
        assert len(keys) == len(set(keys)), f"A key stands twice: {keys}"
        return super().construct_mapping(node, deep)


def services(given: dict[str, str] = GIVEN) -> dict[str, dict]:
    return _filled(yaml.load(text(), _OnceEach), given)["services"]


def _filled(node, given):
    if isinstance(node, dict):
        return {key: _filled(value, given) for key, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, given) for value in node]
    return _VARIABLE.sub(lambda m: _value(given, *m.groups()), node) if isinstance(node, str) else node


def text() -> str:
    return (ROOT / "compose.yaml").read_text()


def _value(given, name, kind, otherwise) -> str:
    if name in given:
        return given[name]
    if kind == "-":
        return otherwise
    raise KeyError(f"{name}: {otherwise}")


def asked_for() -> set[str]:
    """Names without which compose does not start."""
    return {name for name, kind, _ in _VARIABLE.findall(text()) if kind == "?"}


def command(name: str) -> list[str]:
    """What the container runs: compose's word, else the Dockerfile's."""
    if "command" in (service := services()[name]):
        return service["command"]
    words = re.search(r"^CMD (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[1]
    return yaml.safe_load(words)


def environment(name: str) -> dict[str, str]:
    return {key: str(value) for key, value in services()[name].get("environment", {}).items()}
