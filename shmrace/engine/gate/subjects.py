"""Which name or segment a call is about: its paths and descriptors, read and judged.

Each function fills in a gate and says whether the call concerns ``/dev/shm`` (or a memfd) at all.
A place is judged by the device it lies on, never by the text of a path.
"""

import mmap
import os
import stat
from dataclasses import replace

from shmrace.engine.gate import liveness, opaque
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.engine.waits import locks
from shmrace.linux import mappings, open_files, procfs
from shmrace.linux.calls.line import Shape
from shmrace.linux.calls.table import SHAPES
from shmrace.linux.decode import (
    MAP_ANONYMOUS,
    O_TMPFILE,
    directory_argument,
    follows_last,
    open_flags,
    signed,
)
from shmrace.linux.paths import AT_FDCWD, Location
from shmrace.model.operations import Inode, Operation

_COPIES = {"sendfile": (0, 1), "copy_file_range": (2, 0), "splice": (2, 0), "tee": (1, 0)}
"""Which arguments are the descriptors that these calls write to, and read from."""

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
    if gate.shape.kind == "open" and gate.flags & os.O_PATH:  # a handle: nothing is opened
        gate.shape = replace(gate.shape, family="look", kind=Operation.ACCESS)
        gate.operation = Operation.ACCESS
    follow = follows_last(gate.call, arguments, gate.flags)
    for place, (directory, path) in enumerate(gate.shape.paths):
        where = directory_argument(arguments, directory)
        text = memory.read_text(arguments[path]) if arguments[path] else b""
        if not text:
            if where != AT_FDCWD and gate.shape.kind in ("look", "access", "readlink", "change"):
                return _descriptor_instead(actor, gate, where, server)
            continue
        if gate.shape.kind == "open" and gate.flags & O_TMPFILE == O_TMPFILE:
            text += b"/."
        found = actor.process.resolver.resolve(where, text, follow and place == 0)
        gate.locations = (*gate.locations, found)
    return by_locations(actor, gate, server)


def by_locations(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Fill in a gate that is about these places."""
    concerned = any(_lies_in(location, server) for location in gate.locations)
    shm = server.shm
    gate.through = tuple(
        name_of(link, shm.root)
        for location in gate.locations
        for link in location.links
        if link.device == shm.device
    )
    question = liveness.by_path(actor, gate, gate.locations, server)
    if any(liveness.tells_of_all(location, server) for location in gate.locations):
        return opaque.always(actor, gate, server)
    if concerned:
        gate.question = question
        return _name_operation(gate, server) or liveness.ask(gate, question)
    for location in gate.locations:
        _note_file(actor, gate, location, server)
    if gate.through:
        gate.shape = Shape("through", Operation.THROUGH)
        gate.operation = Operation.THROUGH
        gate.question = question
        return True
    return liveness.ask(gate, question)


def _lies_in(location: Location, server: ForkServer) -> bool:
    """Does a name lie in ``/dev/shm``, or mean its root; or lead to a memfd by ``/proc``?"""
    if location.device in (server.shm.device, server.memfd_device):
        return True
    return location.name == "shm" and _is_root(location.lookup(), server)


def _is_root(found: os.stat_result | None, server: ForkServer) -> bool:
    return found is not None and (found.st_dev, found.st_ino) == server.shm.root


def name_of(location: Location, root: Inode) -> str:
    """How the ledger calls a name: relative to ``/dev/shm``, whose inode is `root`."""
    if (location.device, location.inode) == root:
        return location.name
    folder = open_files.link(os.getpid(), location.directory).removesuffix(" (deleted)")
    return f"{folder.partition('/dev/shm/')[2]}/{location.name}"


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


def _name_operation(gate: Gate, server: ForkServer) -> bool:
    """Name the operation as the state of its name makes it; False if it touches nothing."""
    first = gate.locations[0]
    found = first.lookup()
    nameless = gate.shape.kind == "open" and gate.flags & O_TMPFILE == O_TMPFILE
    if _is_root(found, server) and not nameless:  # a directory that is always there
        return gate.shape.kind in ("look", "rename", "link") or bool(gate.through)
    is_nameless_folder = not first.name and found is not None and stat.S_ISDIR(found.st_mode)
    if gate.shape.kind == "open":
        if nameless:
            gate.operation = Operation.CREATE
        elif is_nameless_folder:
            return bool(gate.through)
        elif gate.flags & os.O_CREAT and (gate.flags & os.O_EXCL or found is None):
            gate.operation = Operation.CREATE
        else:
            gate.operation = Operation.ATTACH
    elif is_nameless_folder:
        return gate.shape.kind in ("look", "rename", "link") or bool(gate.through)
    if found is not None and not first.name and not stat.S_ISDIR(found.st_mode):
        gate.inode = (found.st_dev, found.st_ino)
    return True


def name_again(gate: Gate) -> None:
    """An open that may create does so only if its name is still missing when it goes on."""
    if gate.shape.kind != "open" or gate.operation not in (Operation.CREATE, Operation.ATTACH):
        return
    if gate.flags & os.O_CREAT and not gate.flags & os.O_EXCL and gate.locations[0].name:
        there = gate.locations[0].lookup() is not None
        gate.operation = Operation.ATTACH if there else Operation.CREATE


def _descriptor_instead(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    """An empty path means the descriptor: ``fstat`` and ``futimens`` of today's C library."""
    changes = gate.shape.kind == "change"
    gate.shape = SHAPES["fchmod" if changes else "fstat"]
    gate.operation = Operation.CHANGE if changes else Operation.STAT
    return _on_segment(actor, gate, descriptor, server)


def by_descriptor(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    arguments = gate.notification.arguments
    assert gate.shape.descriptor is not None
    if gate.call == "mmap" and arguments[3] & MAP_ANONYMOUS:
        return False
    descriptor = signed(arguments[gate.shape.descriptor])
    if _on_segment(actor, gate, descriptor, server):
        return True
    process = actor.process
    if process.channels.shares_file and _is_shared(
        process, open_files.link(process.pid, descriptor), server
    ):  # it sets the file's size, asks for it, or maps it
        actor.last.used_channel = True
        maps = gate.call == "mmap" and bool(arguments[3] & mmap.MAP_SHARED)
        process.channels.maps_file = process.channels.maps_file or maps
    return False


def by_content(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Reading and writing a file: a segment, or one through which processes may talk."""
    places = _COPIES.get(gate.call, (0,))
    descriptors = [signed(gate.notification.arguments[place]) for place in places]
    if len(places) == 2 and _content(actor, gate, descriptors[1], server):
        source, gate.sources = gate.inode, (gate.inode,) if gate.inode is not None else ()
        if not _content(actor, gate, descriptors[0], server):
            gate.inode, gate.sources = source, ()
            gate.operation = Operation.READ
        else:
            gate.operation = Operation.WRITE
        return True
    return _content(actor, gate, descriptors[0], server)


def _content(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    try:
        found = open_files.status(actor.process.pid, descriptor)
    except OSError:
        return False
    if found.st_dev == server.proc_device and liveness.by_content(actor, gate, descriptor, server):
        gate.shape = replace(gate.shape, family="ask")
        return True
    if not stat.S_ISREG(found.st_mode) or (found.st_dev, found.st_ino) in server.own_files:
        return False
    if _on_segment(actor, gate, descriptor, server):
        gate.shape = replace(gate.shape, family="segment")
        return True
    if server.setting_up:
        return False  # no other actor moves before this one does something else
    if actor.process.channels.shares_file and _is_shared(
        actor.process, open_files.link(actor.process.pid, descriptor), server
    ):
        gate.shape = replace(gate.shape, family="file")
        gate.channel = True
        return True
    return False


def look_for_shared_files(process: Process, server: ForkServer) -> None:
    """Find out whether the process has a file open, or mapped, through which it may talk to
    others."""
    opened = open_files.links(process.pid).values()
    mapped = [mapping.path for mapping in mappings.shared(process.pid)]
    process.channels.maps_file = any(_is_shared(process, link, server) for link in mapped)
    process.channels.shares_file = process.channels.maps_file or any(
        _is_shared(process, link, server) for link in opened
    )


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
        found = open_files.status(actor.process.pid, descriptor)
    except OSError:
        return False  # no such descriptor: the call fails
    if found.st_dev == server.proc_device and gate.operation == Operation.LIST:
        if liveness.by_content(actor, gate, descriptor, server):
            gate.shape = replace(gate.shape, family="ask")
            return True
        return False
    if found.st_dev == server.memfd_device:
        link = open_files.link(actor.process.pid, descriptor)
        if not link.startswith("/memfd:"):
            return False
    elif found.st_dev != server.shm.device:
        return False
    if stat.S_ISDIR(found.st_mode):
        gate.inode = (found.st_dev, found.st_ino)
        return gate.operation in (Operation.LIST, Operation.STAT)
    if (found.st_dev, found.st_ino) in server.own_files:
        return False
    gate.descriptor = descriptor
    gate.inode = (found.st_dev, found.st_ino)
    actor.process.holdings.view(gate.inode).descriptors.add(descriptor)
    return True


def locked_file(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    gate.descriptor = signed(gate.notification.arguments[0])
    try:
        found = open_files.status(actor.process.pid, gate.descriptor)
    except OSError:
        return False
    gate.inode = (found.st_dev, found.st_ino)
    gate.lock = locks.request(actor, gate)
    link = open_files.link(actor.process.pid, gate.descriptor)
    actor.process.locks.name(gate.inode, link)
    return gate.lock is not None
