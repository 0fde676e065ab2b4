"""Which name or segment a call is about: its paths and descriptors, read and judged.

Each function fills in a gate and says whether the call concerns ``/dev/shm`` (or a memfd) at all.
A place is judged by the device it lies on, never by the text of a path.
"""

import os
import stat
from dataclasses import replace

from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.engine.waits import locks
from shmrace.linux import mappings, procfs
from shmrace.linux.decode import (
    MAP_ANONYMOUS,
    O_TMPFILE,
    SHAPES,
    directory_argument,
    follows_last,
    open_flags,
    signed,
)
from shmrace.linux.paths import AT_FDCWD, Location
from shmrace.model.operations import Operation

_CONTENT_OF = {"sendfile": (1, 0), "copy_file_range": (2, 0)}
"""Which arguments are the descriptors whose content these calls read or write."""

_CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def by_name(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    arguments = gate.notification.arguments
    memory = actor.process.memory
    if gate.call == "openat2":
        gate.flags = open_flags(gate.call, arguments, memory.read(arguments[2], 8))
    elif gate.shape.kind == "open":
        gate.flags = open_flags(gate.call, arguments)
    elif gate.shape.flags is not None:
        gate.flags = arguments[gate.shape.flags] & 0xFFFFFFFF
    follow = follows_last(gate.call, arguments, gate.flags)
    locations: list[Location] = []
    concerned = False
    for place, (directory, path) in enumerate(gate.shape.paths):
        where = directory_argument(arguments, directory)
        text = memory.read_text(arguments[path]) if arguments[path] else b""
        if not text:
            if gate.shape.family == "look" and where != AT_FDCWD:
                return _descriptor_instead(actor, gate, where, server)
            continue
        if gate.shape.kind == "open" and gate.flags & O_TMPFILE == O_TMPFILE:
            text += b"/."
        found = actor.process.resolver.resolve(where, text, follow and place == 0)
        if found is None:
            continue
        locations.append(found)
        gate.locations = tuple(locations)
        concerned = concerned or found.device == server.shm.device
    if not concerned:
        for location in locations:
            _note_file(actor, gate, location, server)
        return False
    return _name_operation(gate)


def _note_file(actor: Actor, gate: Gate, location: Location, server: ForkServer) -> None:
    """A file outside of ``/dev/shm`` is a channel if one process changes it and another looks.

    From now on each step of a process that writes one may send something over it.  Each step of a
    process that opens a file which was changed in any execution so far may receive something.  If a
    file was looked at before it was known to be changed, the verdict assumes an order of messages.
    """
    found = location.lookup()
    process = actor.process
    if found is not None and not stat.S_ISREG(found.st_mode):
        process.channels.in_use = process.channels.in_use or stat.S_ISFIFO(found.st_mode)
        return
    file = (location.device, location.inode, location.name)
    opens = gate.shape.kind == "open"
    if gate.shape.family == "look" or (opens and not gate.flags & _CHANGES):
        server.seen_files.setdefault(file, set()).add(process.name)
        if file in server.written_files:
            actor.last.used_channel = True
            process.channels.shares_file = process.channels.shares_file or opens
        return
    actor.last.used_channel = True
    process.channels.shares_file = process.channels.shares_file or opens
    server.written_files.add(file)
    if server.seen_files.get(file, set()) - {process.name}:
        server.files_seen_too_early = True


def _name_operation(gate: Gate) -> bool:
    """Name the operation as the state of its name makes it; False if it touches nothing."""
    first = gate.locations[0]
    found = first.lookup()
    if gate.shape.kind == "open":
        if gate.flags & O_TMPFILE == O_TMPFILE:
            gate.operation = Operation.CREATE
        elif not first.name and found is not None and stat.S_ISDIR(found.st_mode):
            return False
        elif gate.flags & os.O_CREAT and (gate.flags & os.O_EXCL or found is None):
            gate.operation = Operation.CREATE
        else:
            gate.operation = Operation.ATTACH
    elif not first.name and found is not None and stat.S_ISDIR(found.st_mode):
        return gate.shape.kind in ("rename", "link")
    if found is not None and not first.name and not stat.S_ISDIR(found.st_mode):
        gate.inode = (found.st_dev, found.st_ino)
    return True


def _descriptor_instead(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    """A look at an empty path is a look at the descriptor: ``fstat`` of today's C library."""
    gate.shape = SHAPES["fstat"]
    gate.operation = Operation.STAT
    return _on_segment(actor, gate, descriptor, server)


def by_descriptor(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    arguments = gate.notification.arguments
    assert gate.shape.descriptor is not None
    if gate.call == "mmap" and arguments[3] & MAP_ANONYMOUS:
        return False
    return _on_segment(actor, gate, signed(arguments[gate.shape.descriptor]), server)


def by_content(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Reading and writing a file: a segment, or one through which processes may talk."""
    places = _CONTENT_OF.get(gate.call, (0,))
    descriptors = [signed(gate.notification.arguments[place]) for place in places]
    return any(_content(actor, gate, descriptor, server) for descriptor in descriptors)


def _content(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    try:
        found = procfs.descriptor_stat(actor.process.pid, descriptor)
    except OSError:
        return False
    if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) in server.own_files:
        return False
    if _on_segment(actor, gate, descriptor, server):
        gate.shape = replace(gate.shape, family="segment")
        return True
    if server.setting_up:
        return False  # no other actor moves before this one does something else
    if actor.process.channels.shares_file and _is_shared(
        actor.process, procfs.descriptor_link(actor.process.pid, descriptor), server
    ):
        gate.shape = replace(gate.shape, family="file")
        gate.channel = True
        return True
    return False


def still_shares_file(process: Process, server: ForkServer) -> bool:
    """Has the process a file open, or mapped, through which it may talk to others?"""
    links = [*procfs.descriptors(process.pid).values()]
    links += [mapping.path for mapping in mappings.shared(process.pid)]
    return any(_is_shared(process, link, server) for link in links)


def _is_shared(process: Process, link: str, server: ForkServer) -> bool:
    """Is it a file outside of ``/dev/shm`` that some process has changed, as far as a link of
    ``/proc`` tells?"""
    folder, slash, name = link.removesuffix(" (deleted)").rpartition("/")
    if not slash or link.startswith("/memfd:"):
        return False
    try:
        found = os.stat(procfs.path_in(process.pid, folder or "/"))
    except OSError:
        return not link.startswith("anon_inode:")
    return (found.st_dev, found.st_ino, name) in server.written_files


def _on_segment(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    try:
        found = procfs.descriptor_stat(actor.process.pid, descriptor)
    except OSError:
        return False  # no such descriptor: the call fails
    if found.st_dev == server.memfd_device:
        link = procfs.descriptor_link(actor.process.pid, descriptor)
        if not link.startswith("/memfd:"):
            return False
    elif found.st_dev != server.shm.device:
        return False
    if stat.S_ISDIR(found.st_mode):
        return gate.operation == Operation.LIST
    if (found.st_dev, found.st_ino) in server.own_files:
        return False
    gate.descriptor = descriptor
    gate.inode = (found.st_dev, found.st_ino)
    actor.process.holdings.view(gate.inode).descriptors.add(descriptor)
    return True


def locked_file(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    gate.descriptor = signed(gate.notification.arguments[0])
    try:
        found = procfs.descriptor_stat(actor.process.pid, gate.descriptor)
    except OSError:
        return False
    gate.inode = (found.st_dev, found.st_ino)
    gate.lock = locks.request(actor, gate)
    link = procfs.descriptor_link(actor.process.pid, gate.descriptor)
    actor.process.locks.name(gate.inode, link)
    return gate.lock is not None
