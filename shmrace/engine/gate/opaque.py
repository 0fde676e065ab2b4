"""Calls that shmrace does not know: which of them are opaque after all.

Such a call is a step that depends on every step of every other actor.  Some calls are opaque only
if they are about ``/dev/shm``, about another process, or about an open file description that
another process may have, too.  Each function here fills in a gate, and says whether the call stops
there.
"""

from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.waits import calls
from shmrace.linux import open_files, procfs
from shmrace.linux.decode import directory_argument, follows_last, signed
from shmrace.model.operations import Operation

_GIVES_EVENTS = frozenset(
    (
        "inotify_add_watch fanotify_mark timerfd_settime perf_event_open userfaultfd mq_open"
        " pidfd_getfd open_by_handle_at io_setup bpf"
    ).split()
)
"""Calls behind which a poll may find something of which nobody knows why."""

_PR_SET_PDEATHSIG = 1


def always(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """In a setup, which is not explored, it is let through."""
    process = actor.process
    process.opaque_calls += 1
    process.has_watches = process.has_watches or gate.call in _GIVES_EVENTS
    if gate.call == "prctl" and gate.notification.arguments[0] == _PR_SET_PDEATHSIG:
        process.ends_with_parent = gate.notification.arguments[1]
    if gate.call == "shmat":  # memory of which no store is seen
        process.holdings.shares_memory = True
    if server.setting_up:
        return False
    gate.opaque = True
    gate.operation = Operation.OPAQUE
    gate.detail = gate.call
    return True


def on_shm(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Is a path or descriptor about ``/dev/shm`` or a memfd?"""
    if _leads_to_shm(actor, gate, server):
        return always(actor, gate, server)
    return False


def asks_for_space(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """How much of ``/dev/shm`` is free is always answered alike, as if the machine had plenty, so
    that nobody notices what others take.  Where the size is limited the call is opaque."""
    if not _leads_to_shm(actor, gate, server):
        return False
    if server.scenario.shm_size is not None:
        return always(actor, gate, server)
    actor.process.memory.write(gate.notification.arguments[1], server.shm.statistics)
    server.listener.answer(gate.notification.id, 0)
    gate.answered = True
    return False


def executes(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """An exec is a step; a program that lies in ``/dev/shm`` makes it opaque."""
    gate.opaque = _leads_to_shm(actor, gate, server)
    return True


def about_process(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Is it about another process, or a thread of one?"""
    assert gate.shape.process is not None
    target = signed(gate.notification.arguments[gate.shape.process])
    if target in (0, actor.process.inner, *_inner_threads(actor)):
        return False
    return always(actor, gate, server)


def shared(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """May another process have the same open file description?"""
    assert gate.shape.descriptor is not None
    process = actor.process
    if process.parent is None and not process.children:
        return False
    descriptor = signed(gate.notification.arguments[gate.shape.descriptor])
    link = open_files.link(process.pid, descriptor)
    for other in process.relatives():
        if link in open_files.links(other.pid).values():
            return always(actor, gate, server)
    return False


_PRIVATE_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
                    "/dev/tty", "/dev/pts/", "/dev/ptmx", "/dev/console")  # fmt: skip
_KNOWN_DESCRIPTORS = (open_files.EVENTFD, "anon_inode:[signalfd", "anon_inode:[eventpoll")


def is_unknown(link: str) -> bool:
    """Is this a descriptor of which reading tells what nobody knows, by its link in ``/proc``: a
    watch, a timer, a device?"""
    if link.startswith("anon_inode:"):
        return not link.startswith(_KNOWN_DESCRIPTORS)
    return link.startswith("/dev/") and not link.startswith((*_PRIVATE_DEVICES, "/dev/shm/"))


_ITS_OWN = ("anon_inode:[signalfd", "anon_inode:[timerfd")


def waits_for_its_own(actor: Actor, gate: Gate) -> bool:
    """Does the call wait for signals of the caller's own, or for real time to pass?  No duplicate
    of its descriptor tells when that is over.  Source: signalfd(2), timerfd_create(2)."""
    if gate.shape.kind == "read":
        looked_at = [signed(gate.notification.arguments[0])]
    else:
        looked_at = calls.looked_at(actor, gate)
    links = (open_files.link(actor.process.pid, one) for one in looked_at)
    return any(link.startswith(_ITS_OWN) for link in links)


def _leads_to_shm(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    arguments, process = gate.notification.arguments, actor.process
    devices = (server.shm.device, server.memfd_device)
    if gate.shape.descriptor is not None:
        descriptor = signed(arguments[gate.shape.descriptor])
        return _device_of(process.pid, descriptor) in devices
    for directory, path in gate.shape.paths:
        text = process.memory.read_text(arguments[path]) if path >= 0 else b"."
        where = directory_argument(arguments, directory)
        if not text:
            return _device_of(process.pid, where) in devices
        if is_on_shm(actor, where, text, follows_last(gate.call, arguments, 0), server):
            return True
    return False


def is_on_shm(actor: Actor, directory: int, path: bytes, follow: bool, server: ForkServer) -> bool:
    """Does a path, relative to a descriptor, lead to ``/dev/shm`` or a memfd, or past it?"""
    location = actor.process.resolver.resolve(directory, path, follow)
    try:
        found = location.lookup()
        passed = [location.device, *(link.device for link in location.links)]
        devices = (server.shm.device, server.memfd_device)
        return server.shm.device in passed or (found is not None and found.st_dev in devices)
    finally:
        location.close()


def _device_of(process: int, descriptor: int) -> int:
    try:
        return open_files.status(process, descriptor).st_dev
    except OSError:
        return -1


def _inner_threads(actor: Actor) -> list[int]:
    """The threads of the actor's process as it counts them itself."""
    found = []
    for one in actor.process.actors:
        try:
            found.append(procfs.identity(one.thread).inner)
        except OSError:
            continue
    return found
