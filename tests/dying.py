"""Kills a piece of work at its n-th touch of the file system, in a process of its own."""

import os
import signal
import sys
from collections.abc import Callable, Iterator

TOUCHES = frozenset({"os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir"})
"""What Python tells an audit hook of, just before it is done."""
MOST = 500


def deaths(work: Callable[[], object], touches: frozenset[str] = TOUCHES) -> Iterator[int]:
    """Yield after each death of `work`, the first touch first, until it lives to its end."""
    for touch in range(1, MOST):
        child = os.fork()
        if child == 0:
            _run(work, touch, touches)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
            return
        yield touch
    raise AssertionError(f"still dying after {MOST} touches")


def _run(work: Callable[[], object], last: int, touches: frozenset[str]) -> None:
    seen = 0

    def die(event: str, _arguments: object) -> None:
        nonlocal seen
        if event not in touches:
            return
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(die)
    try:
        work()
    except BaseException as fault:  # noqa: BLE001  (a child never goes back into pytest)
        os.write(2, f"{type(fault).__name__}: {fault}\n".encode())
        os._exit(1)
    os._exit(0)
