"""The front-end files we serve: fetched by npm by hash, and only the used ones copied to assets/vendor/."""

import hashlib
import os
import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "assets" / "vendor"
LOCK_FILE = ROOT / "package-lock.json"
NODE = ROOT / ".local" / "node"
SERVED = {
    "bootstrap.min.css": "bootstrap/dist/css/bootstrap.min.css",
    "bootstrap.bundle.min.js": "bootstrap/dist/js/bootstrap.bundle.min.js",
}
# For the accessibility tests; absent from a production build.
TESTED = {"axe.min.js": "axe-core/axe.min.js"}
# A Manifest storage refuses to build when a file names a map that is not there.
MAP_COMMENT = re.compile(rb"(/\*|//)# sourceMappingURL=[^\n]*")


def ready() -> bool:
    stamp = VENDOR / ".stamp"
    return stamp.exists() and stamp.read_text() == digest()


def digest() -> str:
    return hashlib.sha256(LOCK_FILE.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def install(run) -> None:
    """Fetches with npm and copies; `run` runs one command and raises what it said when it fails."""
    npm, environment = (
        ("npm", dict(os.environ)) if shutil.which("npm") else (NODE / "bin" / "npm", with_own_node(run))
    )
    run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"], env=environment)
    copy({**SERVED, **TESTED})
    (VENDOR / ".stamp").write_text(digest())


def with_own_node(run) -> dict[str, str]:
    """Node.js from a locked wheel, put aside in `.local/node`; the environment that finds it."""
    if not (NODE / "bin" / "npm").exists():
        uv = ROOT / ".venv" / "bin" / "uv"
        wanted = Path(__file__).with_name("node.txt")
        run([uv, "pip", "install", "-q", "--require-hashes", "--target", NODE, "-r", wanted])
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(NODE)}


def copy(files: dict[str, str]) -> None:
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in files.items():
        content = (ROOT / "node_modules" / source).read_bytes()
        (VENDOR / name).write_bytes(MAP_COMMENT.sub(b"", content))


if __name__ == "__main__":
    # The container build has run npm itself.
    copy(SERVED)
