"""How the tests are shared out between workers: whole files, those that wait for browsers and processes first."""

from xdist.scheduler import LoadScopeScheduling

# Copies of ./dev look for free ports, and killed processes are timed: one worker has all of each kind.
TOGETHER = ("tests/launcher/",)
FIRST = (
    "tests/launcher/",
    "tests/faults/",
    "tests/model/",
    "tests/functional/",
    "tests/integration/test_demo",
)


class ByFile(LoadScopeScheduling):
    """Fixtures of a module are made once; files are taken in the order of `rank`."""

    def __init__(self, config, log):
        super().__init__(config, log)
        # Its own order, most tests first, would leave the long files with few tests to the end.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid.split("::")[0])


def rank(nodeid: str) -> int:
    return next((place for place, prefix in enumerate(FIRST) if nodeid.startswith(prefix)), len(FIRST))
