"""Sockets that have a name in ``/dev/shm``: bound there, or reached by it.

A bind makes a name, as mknod does.  A connect or a datagram looks for one, and only the socket
knows whether somebody listens: such a call is opaque.  Source: unix(7), sendmsg(2).
"""

import struct
from collections.abc import Iterator

from shmrace.engine.gate import opaque, subjects
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.linux.calls.line import Shape
from shmrace.linux.calls.table import SHAPES
from shmrace.linux.memory import Memory
from shmrace.linux.paths import AT_FDCWD

_OPAQUE = Shape("opaque", "opaque")
_UNIX = 1
_ADDRESS = {"bind": 1, "connect": 1, "sendto": 4}  # the argument; the next one is its length
_LONGEST = 110  # bytes of a struct sockaddr_un
_MESSAGE = "=QI4xQQQQI4x"  # struct msghdr, of 64-bit machines
_MOST_MESSAGES = 1024  # UIO_MAXIOV: a call sends no more


def used_by(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Is a call about such a name?  Raises `OSError` if its address cannot be read."""
    if gate.call not in _ADDRESS and gate.call not in ("sendmsg", "sendmmsg"):
        return False
    named = [
        path
        for path in _paths(gate, actor.process.memory)
        if opaque.is_on_shm(actor, AT_FDCWD, path, gate.call != "bind", server)
    ]
    if not named:
        return False
    if gate.call != "bind":
        stops = opaque.always(actor, gate, server)
        gate.shape = _OPAQUE if stops else gate.shape
        return stops
    gate.shape = SHAPES["mknod"]
    gate.operation = gate.shape.kind
    gate.locations = (actor.process.resolver.resolve(AT_FDCWD, named[0], False),)
    return subjects.by_locations(actor, gate, server)


def _paths(gate: Gate, memory: Memory) -> Iterator[bytes]:
    for place, length in _addresses(gate, memory):
        if not place or length <= 2:
            continue
        found = memory.read(place, min(length, _LONGEST))
        (family,) = struct.unpack_from("=H", found)
        path = found[2:].split(b"\0")[0]
        if family == _UNIX and path:  # an abstract name begins with a zero
            yield path


def _addresses(gate: Gate, memory: Memory) -> Iterator[tuple[int, int]]:
    arguments = gate.notification.arguments
    if gate.call in _ADDRESS:
        first = _ADDRESS[gate.call]
        yield arguments[first], arguments[first + 1] & 0xFFFFFFFF
        return
    size = struct.calcsize(_MESSAGE)
    headers = 1 if gate.call == "sendmsg" else min(arguments[2] & 0xFFFFFFFF, _MOST_MESSAGES)
    apart = size if gate.call == "sendmsg" else size + 8  # struct mmsghdr has a length behind it
    for index in range(headers):
        place, length, *_ = struct.unpack(_MESSAGE, memory.read(arguments[1] + index * apart, size))
        yield place, length
