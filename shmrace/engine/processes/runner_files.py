"""The files of the program that runs the tests: its terminal, what it captures, its workers' pipes.

Everything that the fork server forks inherits their descriptors.  They are noted before any code of
the user's runs, and in the fork server ``/dev/null`` takes their place: what an actor writes into a
number that it did not open reaches nobody.  Source: dup2(2).
"""

import contextlib
import os
import stat

_FIRST = 3  # the standard streams are given to each actor anew


class RunnerFiles:
    """Those of one program, as (device, inode)."""

    def __init__(self) -> None:
        self._known: set[tuple[int, int]] = set()

    def note(self) -> None:
        """What is open now is the program's own."""
        self._known.update(file for _, file in _open_files())

    def leave(self) -> None:
        """Let go of them, in a process that was forked from it; the numbers stay taken."""
        nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
        for descriptor, file in _open_files():
            if descriptor >= _FIRST and descriptor != nothing and file in self._known:
                os.dup2(nothing, descriptor, inheritable=os.get_inheritable(descriptor))
        os.close(nothing)


def _open_files() -> list[tuple[int, tuple[int, int]]]:
    found = []
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            at = os.fstat(int(name))
            if not stat.S_ISDIR(at.st_mode):
                found.append((int(name), (at.st_dev, at.st_ino)))
    return sorted(found)


RUNNER_FILES = RunnerFiles()
"""Of this process."""
