"""Random bytes that are the same in every run, so that generated names and seeds repeat.

They answer getrandom(2) in the kernel's place, and fail where it would.  Source: getrandom(2).
"""

import errno
import hashlib

from shmrace.linux.listener import Listener, Notification
from shmrace.linux.memory import Memory
from shmrace.linux.syscalls import native

_FLAGS = 0x7  # GRND_NONBLOCK, GRND_RANDOM, GRND_INSECURE
_MOST = (32 << 20) - 1  # bytes that are given at once


def let_start_up(at: Notification, memory: Memory, listener: Listener, inner: int) -> None:
    """Let a process through that is not an actor yet."""
    if native().name_of(at.number) == "getrandom":
        give(f"boot {inner}", at, memory, listener)
    else:
        listener.proceed(at.id)


def give(seed: str, at: Notification, memory: Memory, listener: Listener) -> None:
    """Answer with bytes that follow from the seed."""
    where, asked, flags = at.arguments[:3]
    if flags & 0xFFFFFFFF & ~_FLAGS:
        listener.refuse(at.id, errno.EINVAL)
        return
    size = min(asked, _MOST)
    try:
        memory.write(where, hashlib.shake_128(seed.encode()).digest(size))
    except OSError:
        listener.refuse(at.id, errno.EFAULT)
    else:
        listener.answer(at.id, size)
