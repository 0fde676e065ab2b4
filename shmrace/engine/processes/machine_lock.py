"""One execution at a time on a machine, for those that share the host's ``/dev/shm``.

A lock on a file of the user's own; within one process it may be taken again, because its sessions
run one inside the other.  A process that is forked meanwhile must `forget` it, or it would hold the
lock as long as it lives.  Source: flock(2).
"""

import contextlib
import fcntl
import os
import tempfile
import time

from shmrace.errors import GateError

_PATIENCE = 60.0  # seconds
_STEP = 0.01


class MachineLock:
    """A context manager; raises `GateError` if another process holds it for a minute."""

    def __init__(self) -> None:
        self._users = 0
        self._file = -1

    def __enter__(self) -> None:
        if not self._users:
            path = os.path.join(tempfile.gettempdir(), f"shmrace-lock-{os.geteuid()}")
            flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o600)
            try:
                self._take(path)
            except BaseException:
                self.forget()
                raise
        self._users += 1

    def __exit__(self, *raised: object) -> None:
        self._users -= 1
        if not self._users:
            self.forget()

    def forget(self) -> None:
        """Close the file; in a forked process this leaves the lock with the one that took it."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _take(self, path: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while True:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            if time.monotonic() > deadline:
                raise GateError(
                    f"another run has worked in the host's /dev/shm for {_PATIENCE:.0f} s"
                    f" (it holds {path}): wait for it, or end it"
                )
            time.sleep(_STEP)


MACHINE_LOCK = MachineLock()
"""The one of this process."""
