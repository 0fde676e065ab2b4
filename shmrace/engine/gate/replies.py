"""Replies at the primitive gate: written into the memory of who has asked.

One that is longer than its caller's room is kept until the caller comes back with enough of it.
"""

import errno

from shmrace.linux.listener import Listener, Notification
from shmrace.linux.memory import Memory


class Replies:
    """Those of one execution."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._long: dict[int, bytes] = {}  # by thread

    def give(self, at: Notification, content: bytes, memory: Memory) -> None:
        """Answer a primitive."""
        where, room = at.arguments[3], at.arguments[4]
        if len(content) <= room:
            self._write(at, memory, where, content)
        else:
            self._long[at.thread] = content
            self._listener.answer(at.id, len(content))

    def fetch(self, at: Notification, memory: Memory) -> bool:
        """Answer a caller who comes back; False if nothing was kept for it."""
        content = self._long.pop(at.thread, None)
        if content is None:
            self._listener.refuse(at.id, errno.ENOSYS)
            return False
        self._write(at, memory, at.arguments[3], content)
        return True

    def _write(self, at: Notification, memory: Memory, where: int, content: bytes) -> None:
        """Where nothing can be written, say so: the call was made by hand, or its process is
        gone."""
        try:
            memory.write(where, content)
        except OSError:
            self._listener.refuse(at.id, errno.EFAULT)
        else:
            self._listener.answer(at.id, len(content))
