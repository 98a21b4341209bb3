"""Addresses that lead elsewhere, in the ways in which checks were gone around, and where a browser would go."""

import re
from itertools import product
from urllib.parse import quote, urljoin, urlsplit

HERE = "http://testserver/"
_HOSTS = (
    "evil.example",
    "evil.example:443",
    "127.0.0.1.evil.example",
    "2130706433",
    "[::1]",
    "ev\u00ef\u217c.example",
)
_BEFORE = (
    "//", "///", "////", "/\\", "\\\\", "\\/", "/\t/", "/\n/", "/\r\n/", "/\x00/", "http://", "https://", "HtTpS://",
    "http:", "https:/", "http:///", "https:\\\\", "ftp://", "//testserver@", "http://testserver@", "http://testserver:80@",
    "//testserver%40", "/%2f", "/%5c", "%2f%2f", "/%09/", "/.//", "/..//", "/x/..//", "./\\", " //", "\t//", "\x01//",
    "\u3000//", "\u2215\u2215", "\uff0f\uff0f", "/\uff0f", "http:\u2044\u2044", "http://testserver.", "http://testserver\\@",
    "http://testserver#@", "http://testserver?@", "//\\", "/\r", "jar:http://", "view-source:http://",
)  # fmt: skip
_SCRIPTS = (
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)",
    "\x01javascript:alert(1)",    " javascript:alert(1)", "javascript://testserver/%0aalert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=", "vbscript:msgbox(1)", "file:///etc/passwd", "blob:http://evil.example/1",
    "about:blank", "mailto:evil@evil.example", "tel:1", "ws://evil.example",
)  # fmt: skip
_SPLIT = (
    "/\r\nLocation: http://evil.example/", "/%0d%0aLocation:%20http://evil.example/", "/\r\nSet-Cookie: session=x",
    "/\u560d\u560aLocation: http://evil.example/", "http://[",
    "http://[::1", "//[evil.example", "http://%",
)  # fmt: skip
_LONG = (
    "http://evil.example/" + "a" * 4000,
    "//" + "a" * 4000 + ".evil.example",
    "/" * 3000 + "evil.example",
)
PAYLOADS = [
    *(before + host for before, host in product(_BEFORE, _HOSTS)), *_SCRIPTS, *_SPLIT, *_LONG,
    *(quote(text, safe="") for text in _SCRIPTS),
]  # fmt: skip


def leads_away(target: str) -> bool:
    """As a browser reads it: without controls and spaces around, tabs and line ends gone, backslashes as slashes."""
    text = re.sub(r"[\t\r\n]", "", target.strip("".join(map(chr, range(33))))).replace("\\", "/")
    if re.match(r"^/{2,}", text):
        text = "//" + text.lstrip("/")
    found = re.match(r"(?i)^(https?):/*(.*)", text)
    if found:
        text = f"{found[1]}://{found[2]}"
    try:
        parts = urlsplit(urljoin(HERE, text))
    except ValueError:
        return True
    return (parts.scheme, parts.netloc) != ("http", "testserver")
