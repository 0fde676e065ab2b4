"""Try irreversible system calls (unshare, seccomp) in a child process.

The child is a fork of the caller, reports how the call went, and ends.
"""

import os
import posix
import warnings
from collections.abc import Callable

from shmrace.linux import namespaces, process, seccomp


def tried(attempt: Callable[[], str]) -> tuple[str, str]:
    """What `attempt` said, and the `OSError` that it raised as text; one of both is empty."""
    incoming, outgoing = os.pipe()
    with process.undisturbed(), warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads, which are not needed
        pid = os.fork()
        if pid == 0:
            try:
                os.write(outgoing, f"+{attempt()}".encode())
            except OSError as error:
                os.write(outgoing, f"-{error}".encode())
            finally:
                posix._exit(0)  # coverage.py may have put something in the place of os._exit
        os.close(outgoing)
        with os.fdopen(incoming) as said:
            text = said.read()
        os.waitpid(pid, 0)
    return (text[1:], "") if text.startswith("+") else ("", text[1:] or "it ended at once")


def gate_refused() -> str:
    """Why no system call can be held here; empty if some can."""

    def attempt() -> str:
        seccomp.install(seccomp.build_trial())
        pidfd = os.pidfd_open(os.getpid())
        process.copy_descriptor(pidfd, pidfd)
        return ""

    return tried(attempt)[1]


def private_shm() -> tuple[int, str]:
    """The bytes of a ``/dev/shm`` of one's own, and why there can be none."""

    def attempt() -> str:
        namespaces.enter(None)
        use = os.statvfs(namespaces.SHM)
        return str(use.f_frsize * use.f_blocks)

    size, refused = tried(attempt)
    return int(size or 0), refused
