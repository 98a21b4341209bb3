"""The bytes of a file as text. What is no text is refused with what to do. No database here."""

from foundation.refusals import Refused
from monitoring.columns import MAX_BYTES

AS_CSV = "In the program that shows it, save it as CSV, then choose that file"
_OTHER_FILES = (
    (b"PK\x03\x04", f"This is a workbook (.xlsx), not a CSV. {AS_CSV}"),
    (b"\xd0\xcf\x11\xe0", f"This is a workbook (.xls), not a CSV. {AS_CSV}"),
    (
        b"%PDF",
        "This is a PDF, which shows readings and holds none. Export them as CSV, then choose that file",
    ),
    (b"\x1f\x8b", "This file is compressed. Unpack it, then choose the CSV in it"),
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_OTHER_TEXTS = {"<": "XML or a web page", "{": "JSON", "[{": "JSON"}
NOT_TEXT = "This is not a text file. Save the sheet as CSV, UTF-8"


def decoded(content: bytes) -> tuple[str, bool]:
    """The text, and whether it was read as Windows-1252 because it is not Unicode."""
    if len(content) > MAX_BYTES:
        raise Refused("The file is larger than 5 MB. Split it")
    for start, sentence in _OTHER_FILES:
        if content.startswith(start):
            raise Refused(sentence)
    text, windows = _text(content)
    if "\x00" in text:
        raise Refused(NOT_TEXT)
    if not text.strip():
        raise Refused("The file is empty")
    for start, what in _OTHER_TEXTS.items():
        if text.lstrip().startswith(start):
            raise Refused(f"This is {what}, not a CSV. Export the readings as CSV, then choose that file")
    return text, windows


def _text(content: bytes) -> tuple[str, bool]:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), _without_mark(content))
    try:
        return content.decode(encoding), False
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), True
    except UnicodeDecodeError:
        raise Refused("The file is neither Unicode nor Windows-1252. Save it as “CSV UTF-8”") from None


def _without_mark(content: bytes) -> str:
    """Text in UTF-16 shows by its zeros: of digits and separators every second byte is one."""
    start = content[:400]
    even, odd = start[::2].count(0), start[1::2].count(0)
    if len(content) % 2 == 0 and odd > len(start) // 4 > even:
        return "utf-16-le"
    if len(content) % 2 == 0 and even > len(start) // 4 > odd:
        return "utf-16-be"
    return "utf-8"
