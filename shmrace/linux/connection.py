"""Where what is sent through a descriptor arrives: a place that sender and receiver share.

A pipe is known by its inode, an eventfd by its id, a TCP socket by the two addresses of its
connection, a Unix socket by its inode; its peer's the kernel tells over netlink.  Source: proc(5),
sock_diag(7), unix_diag in linux/unix_diag.h.
"""

import fcntl
import os
import re
import socket
import struct
from enum import Enum
from typing import NamedTuple

from shmrace.linux.open_files import EVENTFD
from shmrace.linux.process import copy_descriptor

_SOCK_DIAG, _BY_FAMILY, _REQUEST = 4, 20, 1
_SHOW_PEER, _PEER = 4, 2
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBHIIIII")
_ANSWER = struct.Struct("=BBBxIII")
_ATTRIBUTE = struct.Struct("=HH")
_ANY = 0xFFFFFFFF


class PlaceKind(Enum):
    """What messages pass through."""

    PIPE = "a pipe without a name"
    FIFO = "a pipe with a name"
    EVENTFD = "an eventfd"
    UNIX = "a Unix socket that is connected"
    DATAGRAMS = "a Unix socket for datagrams: its receiver does not notice that a sender is gone"
    TCP = "one direction of a TCP connection"


class Place(NamedTuple):
    """Where messages arrive."""

    kind: PlaceKind
    identity: str  # by which it is told from others of its kind


def arrival(process: int, pidfd: int, descriptor: int, link: str, sends: bool) -> Place | None:
    """Where what a process `sends` through a descriptor arrives, or what it reads from there;
    `link` is what ``/proc`` says of the descriptor.  None if it is not known."""
    if link.startswith(EVENTFD):
        return Place(PlaceKind.EVENTFD, _eventfd_id(process, descriptor))
    try:
        copy = copy_descriptor(pidfd, descriptor)
    except OSError:
        return None
    try:
        if not link.startswith("socket:"):
            mode = fcntl.fcntl(copy, fcntl.F_GETFL) & os.O_ACCMODE
            if not link or mode == (os.O_RDONLY if sends else os.O_WRONLY):
                return None
            return Place(PlaceKind.PIPE if link.startswith("pipe:") else PlaceKind.FIFO, link)
        return _at_socket(copy, int(link[len("socket:[") : -1]), sends)
    except OSError:
        return None
    finally:
        os.close(copy)


def _eventfd_id(process: int, descriptor: int) -> str:
    """One that all descriptors of the same eventfd share; Linux < 5.2 does not tell."""
    try:
        info = os.open(f"/proc/{process}/fdinfo/{descriptor}", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        found = re.search(rb"eventfd-id:\s*(\d+)", os.read(info, 4096))
    except OSError:
        return ""
    finally:
        os.close(info)
    return found[1].decode() if found else ""


def _at_socket(descriptor: int, inode: int, sends: bool) -> Place | None:
    with socket.socket(fileno=os.dup(descriptor)) as end:
        if end.family == socket.AF_UNIX:
            at = _unix_peer(inode) if sends else inode
            datagrams = end.type == socket.SOCK_DGRAM
            kind = PlaceKind.DATAGRAMS if datagrams else PlaceKind.UNIX
            return Place(kind, str(at)) if at else None
        if end.family in (socket.AF_INET, socket.AF_INET6):
            here, there = end.getsockname()[:2], end.getpeername()[:2]
            way = f"{here} -> {there}" if sends else f"{there} -> {here}"
            return Place(PlaceKind.TCP, way)
    return None


def _unix_peer(inode: int) -> int:
    """The inode of the other end of a Unix socket; 0 if it is not known."""
    question = _QUESTION.pack(socket.AF_UNIX, 0, 0, _ANY, inode, _SHOW_PEER, _ANY, _ANY)
    header = _HEADER.pack(_HEADER.size + len(question), _BY_FAMILY, _REQUEST, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG) as netlink:
        netlink.settimeout(1.0)
        netlink.send(header + question)
        answer = netlink.recv(4096)
    _, kind, *_ = _HEADER.unpack_from(answer)
    if kind != _BY_FAMILY:
        return 0
    place = _HEADER.size + _ANSWER.size
    while place + _ATTRIBUTE.size <= len(answer):
        length, attribute = _ATTRIBUTE.unpack_from(answer, place)
        if attribute == _PEER:
            return int(struct.unpack_from("=I", answer, place + _ATTRIBUTE.size)[0])
        place += max(_ATTRIBUTE.size, (length + 3) & ~3)
    return 0
