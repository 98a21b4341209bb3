"""Names that senders give, as long as a column takes."""

import hashlib

LONGEST = 100


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def short_key(*parts: str) -> str:
    """One text from several: as it is, or its digest where it is longer."""
    text = "|".join(parts)
    return text if len(text) <= LONGEST else f"sha256:{digest_of(text.encode())}"
