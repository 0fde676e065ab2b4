"""How code asks whether a process lives, whichever call it uses, and what else the call tells.

A signal, a pidfd, a path in ``/proc/PID``, a listing of ``/proc``, and calls that take the id of a
process all tell whether it is there.  Each becomes a `Question` at a gate of its own.  What a
process asks about itself and its own threads is no question, nor is what it asks about the fork
server, which outlives it.  Source: kill(2), pidfd_open(2), proc(5), wait(2).
"""

import re
from collections.abc import Iterable

from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.question import Question
from shmrace.engine.waits import calls
from shmrace.linux import open_files
from shmrace.linux.decode import signed
from shmrace.linux.paths import Location, folder
from shmrace.model.operations import Operation

_GROUP = 0  # a target of kill(2)
_PROCESS_OF = {"getpriority": 0, "setpriority": 0, "ioprio_get": 1, "ioprio_set": 1}
"""What the first argument is where the second is a process and no group or user."""

_NUMBER = re.compile(r"(?:^|/)(\d+)(?:/|$)")
_MADE_AT_ONCE = frozenset(
    "stat status statm comm limits io wchan oom_score oom_adj oom_score_adj cgroup cpuset".split()
)
"""Files of a process that tell nothing when they are opened, and all when they are read first:
what is read behind that was made then.  Source: fs/proc/base.c, fs/seq_file.c."""


def about_process(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """A call that takes the id of a process, or the caller's parent for granted."""
    arguments = gate.notification.arguments
    if gate.shape.descriptor is not None:
        return ask(gate, of_pidfd(actor, signed(arguments[0]), closely=True))
    if gate.shape.process is None:  # getppid
        parent = actor.process.parent
        return parent is not None and ask(gate, Question((parent.inner,)))
    if arguments[0] != _PROCESS_OF.get(gate.call, arguments[0]):
        return ask(gate, Question(closely=True, everybody=True))
    if gate.call == "pidfd_open":
        server.has_pidfds = True
    number = signed(arguments[gate.shape.process])
    return ask(gate, _of(actor, [number], server, closely=gate.call != "pidfd_open"))


def signal(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Sending a signal tells whether the process was there; signal 0 does nothing else."""
    arguments = gate.notification.arguments
    number = arguments[2 if gate.call == "tgkill" else 1]
    question: Question | None
    if gate.call == "pidfd_send_signal":
        question = of_pidfd(actor, signed(arguments[0]))
    else:
        target = signed(arguments[0])
        ids = [target, signed(arguments[1])] if gate.call == "tgkill" else [target]
        if gate.call != "kill" or target > 0:
            question = _of(actor, ids, server)
        elif target == _GROUP and number == 0:
            return False  # the caller itself is there
        else:
            question = Question(closely=True, everybody=True)
    if question is None or question.everybody:
        actor.process.signalled_by.setdefault(number, actor.process.name)
    if not ask(gate, question):
        return False
    gate.operation = Operation.IS_ALIVE if number == 0 else Operation.SIGNAL
    gate.signal = number
    return True


def by_path(
    actor: Actor, gate: Gate, locations: Iterable[Location], server: ForkServer
) -> Question | None:
    """What paths ask that lead into the directory of another process, or through its links."""
    found: Question | None = None
    for location in locations:
        paths = [
            (folder(link.directory), True)
            for link in location.links
            if link.device == server.proc_device
        ]
        if location.device == server.proc_device:
            place = folder(location.directory)
            paths.append((f"{place}/{location.name}" if location.name else place, False))
        for path, through in paths:
            number, rest = _process_in(path)
            plain = not rest or rest in _MADE_AT_ONCE
            closely = through or not plain or (bool(rest) and "readlink" in gate.call)
            question = _of(actor, [number], server, closely, "ENOENT") if number else None
            found = question.with_(found) if question is not None else found
    return found


_PLAIN = frozenset(
    (
        "cmdline cpuinfo devices filesystems kallsyms meminfo misc modules mounts partitions self"
        " stat swaps sys thread-self uptime version vmstat"
    ).split()
)
"""What lies in ``/proc`` itself and tells nothing of what actors do; the figures of the machine
among it differ from run to run anyway."""


def tells_of_all(location: Location, server: ForkServer) -> bool:
    """Is it a file in ``/proc`` that may tell of all processes, such as ``/proc/locks``?"""
    if location.device != server.proc_device:
        return False
    place = folder(location.directory)
    path = f"{place}/{location.name}" if location.name else place
    _, _, inner = path.partition("/proc/")
    first = inner.split("/")[0]
    return bool(first) and not first.isdigit() and first not in _PLAIN


def by_content(actor: Actor, gate: Gate, descriptor: int, server: ForkServer) -> bool:
    """Reading or listing what a descriptor of ``/proc`` refers to."""
    path = open_files.link(actor.process.pid, descriptor).removesuffix(" (deleted)")
    number, rest = _process_in(path)
    if not number:
        listing = gate.operation == Operation.LIST and path.endswith("/proc")
        return listing and ask(gate, Question(closely=True, everybody=True))
    if rest in _MADE_AT_ONCE and open_files.position(actor.process.pid, descriptor) > 0:
        return False
    return ask(gate, _of(actor, [number], server, closely=True))


def waited_for(actor: Actor, gate: Gate, server: ForkServer) -> Question | None:
    """The question of a wait: for children, or for what pidfds refer to."""
    if gate.shape.kind == "child":
        children = calls.awaited_children(actor, gate)
        return Question(tuple(one.inner for one in children)) if children else None
    if not server.has_pidfds:
        return None
    found: Question | None = None
    for descriptor in calls.looked_at(actor, gate):
        if open_files.is_pidfd(actor.process.pid, descriptor):
            question = of_pidfd(actor, descriptor)
            found = question.with_(found) if question is not None else found
    return found


def of_pidfd(actor: Actor, descriptor: int, closely: bool = False) -> Question | None:
    """A question about the process that a pidfd refers to; None about the caller's own."""
    number = open_files.pidfd_target(actor.process.pid, descriptor)
    if number in _own(actor):
        return None
    if number > 0:
        return Question((number,), closely=closely)
    try:
        inode = open_files.status(actor.process.pid, descriptor).st_ino
    except OSError:
        return None  # no such descriptor: the call fails
    return Question(pidfds=(inode,), closely=closely)


def ask(gate: Gate, question: Question | None) -> bool:
    """Let the gate ask this; False if there is nothing to ask."""
    if question is None:
        return False
    gate.question = question
    gate.operation = Operation.IS_ALIVE
    return True


def _of(
    actor: Actor, numbers: list[int], server: ForkServer, closely: bool = False,
    missing: str = "ESRCH",
) -> Question | None:  # fmt: skip
    others = [one for one in numbers if one != server.inner and one not in _own(actor)]
    return Question(tuple(others), closely=closely, missing=missing) if others else None


def _own(actor: Actor) -> set[int]:
    return {0, actor.process.inner, *(one.inner for one in actor.process.actors)}


def _process_in(path: str) -> tuple[int, str]:
    """(id, rest of the path) of a path in the directory of a process; (0, "") for any other."""
    found = _NUMBER.search(path)
    return (int(found[1]), path[found.end() :]) if found is not None else (0, "")
