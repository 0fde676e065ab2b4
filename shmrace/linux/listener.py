"""The orchestrator's end of the gate: receive a notification, answer it.

A `Notification` is one thread that stands stopped before one system call.  It stays stopped until
it is answered, is killed, or is interrupted by a signal, in which case it comes again under
another id.  Source: seccomp_unotify(2); measured: RECV zeroed first, 80 bytes; SEND 24 bytes.
"""

import errno
import fcntl
import os
import struct
from typing import NamedTuple

_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_VALID = 0x40082102
_ZEROES = bytes(80)
_IN = struct.Struct("=QIIiIQ6Q")
_OUT = struct.Struct("=QqiI")
_CONTINUE = 1


class Notification(NamedTuple):
    """One stopped system call: `thread` is the thread's id as the orchestrator sees it."""

    id: int
    thread: int
    number: int
    architecture: int
    arguments: tuple[int, ...]


class Listener:
    """Owns the listener's descriptor; `close` it."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._request = bytearray(80)

    def receive(self) -> Notification | None:
        """The next notification; None if its thread was killed meanwhile."""
        self._request[:] = _ZEROES
        try:
            fcntl.ioctl(self.descriptor, _RECEIVE, self._request)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.EINTR):
                return None
            raise
        id_, thread, _, number, architecture, _, *arguments = _IN.unpack(self._request)
        return Notification(id_, thread, number, architecture, tuple(arguments))

    def proceed(self, id_: int) -> bool:
        """Let the call run; False if its thread is gone."""
        return self._send(id_, 0, 0, _CONTINUE)

    def answer(self, id_: int, value: int) -> bool:
        """Return `value` from the call without running it; False if its thread is gone."""
        return self._send(id_, value, 0, 0)

    def refuse(self, id_: int, number_of_error: int) -> bool:
        """Fail the call with an errno without running it; False if its thread is gone."""
        return self._send(id_, 0, -number_of_error, 0)

    def valid(self, id_: int) -> bool:
        """Does the notification still stand?  Ask after reading its thread's memory."""
        try:
            fcntl.ioctl(self.descriptor, _VALID, struct.pack("=Q", id_))
        except OSError:
            return False
        return True

    def close(self) -> None:
        os.close(self.descriptor)

    def _send(self, id_: int, value: int, error: int, flags: int) -> bool:
        try:
            fcntl.ioctl(self.descriptor, _SEND, _OUT.pack(id_, value, error, flags))
        except OSError as failure:
            if failure.errno == errno.ENOENT:
                return False
            raise
        return True
