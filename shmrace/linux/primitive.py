"""How an actor talks to the orchestrator: a call of an unused system-call number.

The request and the reply travel through the actor's own memory, which the orchestrator reads and
writes while the actor stands at the gate: primitives and system calls share one source of events.
Arguments: kind, request's address and size, reply's address and room.  The call returns the
reply's size; if it is larger than the room, `FETCH` asks for it once more.
"""

import errno

from shmrace.linux import libc
from shmrace.linux.syscalls import PRIMITIVE_NUMBER

FETCH = 0
_ROOM = 4096


def call(kind: int, request: bytes = b"") -> bytes:
    """The orchestrator's reply to one primitive.

    Raises `OSError` (`ENOSYS`) in a process that no orchestrator listens to.
    """
    sent = libc.buffer(request)
    reply = libc.buffer(_ROOM)
    size = _ask(kind, libc.address(sent), len(request), libc.address(reply), _ROOM)
    if size > _ROOM:
        reply = libc.buffer(size)
        _ask(FETCH, 0, 0, libc.address(reply), size)
    return reply.raw[:size]


def _ask(*arguments: int) -> int:
    while True:
        try:
            return libc.syscall(PRIMITIVE_NUMBER, *arguments)
        except OSError as error:
            if error.errno != errno.EINTR:
                raise
