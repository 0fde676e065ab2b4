"""Memory of a process that may be gone."""

import os
import signal

import pytest

from shmrace.linux.memory import Memory


def test_nobody_elses_descriptor_is_closed_once_the_process_is_gone() -> None:
    """Following it fails then; the number that was closed for it may be in use again."""
    pid = os.fork()
    if pid == 0:
        signal.pause()
        os._exit(0)
    memory = Memory(pid)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    with pytest.raises(OSError, match=f"/proc/{pid}/mem"):
        memory.reopen()
    taken = [os.open("/dev/null", os.O_RDONLY) for _ in range(8)]
    memory.close()
    for descriptor in taken:
        os.fstat(descriptor)
        os.close(descriptor)
