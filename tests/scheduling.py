"""How the tests are shared out between workers: whole files, those that wait beside those that compute."""

from collections import OrderedDict

from xdist.scheduler import LoadScopeScheduling

# Copies of ./dev look for free ports, and killed processes are timed: one worker has all of each kind.
TOGETHER = ("tests/launcher/",)
# What waits for browsers and processes. The long ones first, so that no worker is left alone with one at the end.
WAITING = ("tests/launcher/", "tests/faults/", "tests/functional/")
# Files of a minute and more of processor time, for the same reason.
LONG = (
    "tests/model/",
    "tests/integration/test_fuzz",
    "tests/integration/test_authorization_matrix",
    "tests/integration/test_second_wall",
    "tests/integration/billing/facts/test_corners",
    "tests/integration/billing/claims/",
    "tests/rulebook/test_properties",
    "tests/integration/test_demo",
)
FIRST = WAITING + LONG


class ByFile(LoadScopeScheduling):
    """Fixtures of a module are made once; files are taken in the order of `rank`.

    The first worker begins with what computes, the others with what waits: the processors have work meanwhile.
    `./dev test` has a worker more than processors for this.
    """

    def __init__(self, config, log):
        super().__init__(config, log)
        # Its own order, most tests first, would leave the long files with few tests to the end.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid.split("::")[0])

    def _assign_work_unit(self, node) -> None:
        if self.numnodes > 1 and node.gateway.id == "gw0":
            self._bring_forward(self.workqueue)
        super()._assign_work_unit(node)

    @staticmethod
    def _bring_forward(queue: OrderedDict) -> None:
        """To the front: the first file that computes, where one is left."""
        if computing := next((scope for scope in queue if not waits(scope)), None):
            queue.move_to_end(computing, last=False)


def waits(nodeid: str) -> bool:
    return nodeid.startswith(WAITING)


def rank(nodeid: str) -> int:
    return next((place for place, prefix in enumerate(FIRST) if nodeid.startswith(prefix)), len(FIRST))
