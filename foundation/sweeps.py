"""Work on many rows in one task: one that fails does not stop the others."""

import logging
from contextlib import contextmanager

log = logging.getLogger(__name__)


@contextmanager
def going_on(kind: str, pk):
    """What fails inside is written down by id, without its message, and comes again with the next round."""
    try:
        yield
    except Exception as error:
        log.error("%s %s was passed over: %s", kind, pk, type(error).__name__)
