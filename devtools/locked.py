"""Reading a lock file of pip's kind: blocks of `name==version` with hashes on the lines that follow."""

import re


def blocks(text: str) -> dict[str, str]:
    """Each requirement's lines by its name."""
    found: dict[str, str] = {}
    name = ""
    for line in text.splitlines(keepends=True):
        if start := re.match(r"([A-Za-z0-9._-]+)(\[.*?\])?==", line):
            name = start[1].lower()
            found[name] = ""
        if name and not line.lstrip().startswith("#"):
            found[name] += line
    return found


def only(text: str, *names: str) -> str:
    return "".join(lines for name, lines in blocks(text).items() if name in names)


def without(text: str, *names: str) -> str:
    return "".join(lines for name, lines in blocks(text).items() if name not in names)
