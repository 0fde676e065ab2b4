"""What a call at the gate is about, and whether it needs a gate at all.

A call that is no shared-memory operation, does not wait, and starts, ends or signals no process is
let through at once, and `gate_for` returns None.
"""

import stat
from typing import Any

from shmrace.engine.gate import (
    closing,
    liveness,
    opaque,
    randomness,
    requests,
    socket_names,
    subjects,
)
from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.protocol import Primitive
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations, RealEnds
from shmrace.engine.state.question import Question
from shmrace.engine.waits import calls, channels
from shmrace.linux import ipc, open_files
from shmrace.linux.calls.line import Shape
from shmrace.linux.calls.table import SHAPES, line_of
from shmrace.linux.decode import (
    CLONE_PIDFD,
    CLONE_THREAD,
    CLONE_VFORK,
    clone_flags,
    signed,
)
from shmrace.linux.listener import Notification
from shmrace.linux.paths import Location
from shmrace.linux.syscalls import PRIMITIVE_NUMBER, native
from shmrace.model.assumptions import Assumption
from shmrace.model.operations import Operation

_ENOSYS = 38
_MACHINE = native()
BIRTH_NUMBER = _MACHINE.numbers["set_robust_list"]
_PRIMITIVE, _OPAQUE = Shape("primitive", "primitive"), Shape("opaque", "opaque")
_THROUGH = Shape("through", Operation.THROUGH)
_MOST_FRUITLESS = 16
"""Looks at a channel that find nothing, in a row, after which each is a step like a sleep."""


def gate_for(
    actor: Actor, at: Notification, server: ForkServer, observations: Observations
) -> Gate | None:
    """The gate at which the actor stands now, or None if it was let through."""
    if at.architecture != _MACHINE.audit or (_MACHINE.has_x32 and at.number & 0x40000000):
        table = "i386" if at.architecture != _MACHINE.audit else "x32"
        observations.attempts.append(f"{actor.name} called through the {table} table")
        server.listener.refuse(at.id, _ENOSYS)
        return None
    if at.number == PRIMITIVE_NUMBER:
        return _own_call(actor, at, server, observations)
    call = _MACHINE.name_of(at.number)
    line = line_of(call, at.arguments)
    if not line.stops:
        server.listener.proceed(at.id)
        return None
    shape = line.shape
    gate = Gate(at, call or f"call {at.number}", shape, shape.kind)
    try:
        needed = _FAMILIES[shape.family](actor, gate, server)
    except OSError as error:
        gate.close()
        if server.listener.valid(at.id):
            observations.ungated.append(f"{actor.name}: {call} could not be judged: {error}")
        needed = False
    if shape.family == "closed":
        observations.attempts.append(f"{actor.name} called {call}")
    if needed:
        if gate.opaque:
            observations.rests_on_opaque(f"{gate.call} of {actor.name}")
            observations.made_ipc_objects |= gate.call in ipc.CALLS
        elif gate.question is not None and gate.question.closely:
            observations.rests_on_opaque(f"{gate.call} into another process, of {actor.name}")
        if gate.operation == Operation.SIGNAL:
            observations.assumed.add(Assumption.SIGNALS)
        if gate.question is not None and gate.shape.kind != "child":
            observations.real_ends = RealEnds.ASKS_FOR_LIVENESS
        return gate
    if not gate.answered:
        server.listener.proceed(at.id)
    gate.close()
    return None


def judge_again(actor: Actor, gate: Gate, server: ForkServer, observations: Observations) -> None:
    """The actor goes on: a path may lead elsewhere than when it came to the gate.

    Links, and directories below ``/dev/shm`` and ``/proc``, may have come, gone, or changed.
    """
    shape = line_of(gate.call, gate.notification.arguments).shape
    if shape.family not in ("name", "look") or not any(
        _may_lead_elsewhere(location, server) for location in gate.locations
    ):
        return
    anew = Gate(gate.notification, gate.call, shape, shape.kind)
    try:
        if not _FAMILIES[shape.family](actor, anew, server):
            anew.shape, anew.operation = _THROUGH, Operation.THROUGH
    except OSError as error:
        observations.ungated.append(f"{actor.name}: {gate.call} could not be judged: {error}")
        anew.close()
        return
    gate.close()
    gate.shape, gate.operation, gate.flags = anew.shape, anew.operation, anew.flags
    gate.locations, gate.through, gate.inode = anew.locations, anew.through, anew.inode
    gate.question, gate.opaque, gate.descriptor = anew.question, anew.opaque, anew.descriptor
    if gate.opaque:
        observations.rests_on_opaque(f"{gate.call} of {actor.name}")


def _may_lead_elsewhere(location: Location, server: ForkServer) -> bool:
    shm = server.shm
    below = location.device == shm.device and location.inode != shm.root[1]
    if location.links or not location.leads_there or below:
        return True
    found = location.lookup() if location.device == shm.device else None
    is_link = found is not None and stat.S_ISLNK(found.st_mode)
    return is_link or location.device == server.proc_device


def _own_call(
    actor: Actor, at: Notification, server: ForkServer, observations: Observations
) -> Gate | None:
    """The gate of one of the harness' own calls; None if the actor has made it by hand."""
    try:
        kind, request = requests.read(at, actor.process.memory)
        if requests.is_due(actor, kind, request):
            return primitive_gate(at, kind, request)
    except requests.NotAsked:
        pass
    observations.attempts.append(requests.made_by_hand(actor))
    server.listener.refuse(at.id, _ENOSYS)
    return None


def primitive_gate(at: Notification, kind: Primitive, request: tuple[Any, ...]) -> Gate:
    """The gate at which an actor asks this."""
    operation = request[1] if kind is Primitive.SEND else kind.name.lower()
    gate = Gate(at, "primitive", _PRIMITIVE, operation, primitive=kind, request=request)
    if kind in (Primitive.CHECKPOINT, Primitive.LINE):
        gate.detail = request[0]
    return gate


def _always(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    return True


def _close(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    return closing.gives_back(actor, gate)


def _fork(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    arguments = gate.notification.arguments
    structure = actor.process.memory.read(arguments[0], 8) if gate.call == "clone3" else b""
    gate.flags = clone_flags(gate.call, arguments, structure)
    gate.operation = Operation.THREAD if gate.flags & CLONE_THREAD else Operation.FORK
    server.has_pidfds = server.has_pidfds or bool(gate.flags & CLONE_PIDFD)
    return True


def suspends(gate: Gate) -> bool:
    """Does this fork suspend its caller until the child executes or ends?"""
    return bool(gate.flags & CLONE_VFORK)


def _birth(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    born = not actor.started and not actor.part
    actor.started = True
    return born


def _random_call(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    """Answer with bytes derived from the caller's name and the number of its earlier calls, so that
    generated names and seeds repeat from run to run."""
    actor.random_calls += 1
    seed = f"{actor.name} {actor.random_calls}"
    randomness.give(seed, gate.notification, actor.process.memory, server.listener)
    gate.answered = True
    return False


def _closed(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    server.listener.refuse(gate.notification.id, _ENOSYS)
    gate.answered = True
    return False


def _wait(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    if calls.only_sleeps(gate):
        gate.shape = SHAPES["nanosleep"]
        gate.operation = Operation.SLEEP
        return calls.timeout(actor, gate) != 0
    if gate.shape.kind in ("read", "write") and subjects.by_content(actor, gate, server):
        return True
    if gate.question is not None:  # by what is read
        return True
    if socket_names.used_by(actor, gate, server):
        return True
    gate.channel = _uses_channel(actor, gate, server)
    state = calls.state(actor, gate)
    question = liveness.waited_for(actor, gate, server)
    if question is not None:
        return _question_of_wait(actor, gate, question, state)
    if state == calls.WAITS and opaque.waits_for_its_own(actor, gate):
        gate.shape = _OPAQUE
        return opaque.always(actor, gate, server)
    if _is_opaque(actor, gate) and (state == calls.WAITS or opaque.always(actor, gate, server)):
        gate.opaque = True
        if state != calls.WAITS:
            gate.shape = _OPAQUE
            return True
    if state == calls.WAITS:
        gate.waited = True
        gate.operation = Operation.WAIT
        gate.detail = gate.call
        return True
    if gate.channel:
        actor.process.channels.in_use = True
        channels.use(actor, gate, state)
    if state == calls.NOTHING:
        actor.fruitless_looks += 1
        if actor.fruitless_looks > _MOST_FRUITLESS:
            gate.operation = Operation.POLL
            return True
    return False


def _is_opaque(actor: Actor, gate: Gate) -> bool:
    """Does the call read what nobody knows, or ask whether that is there?"""
    kind = gate.shape.kind
    if kind in ("poll", "select", "epoll"):
        return actor.process.has_watches
    if kind != "read":
        return False
    descriptor = signed(gate.notification.arguments[0])
    return opaque.is_unknown(open_files.link(actor.process.pid, descriptor))


def _question_of_wait(actor: Actor, gate: Gate, question: Question, state: str) -> bool:
    """Whether a process has ended by now is for the schedule to decide, and when one takes note of
    it: until its parent does, a dead child can be seen by others."""
    patient = not calls.is_impatient(actor, gate)
    if gate.shape.kind == "child" and patient and calls.is_join(actor, gate):
        return state == calls.WAITS  # the harness' own: the join was the decision
    gate.question, gate.decided = question, True
    gate.waited = state == calls.WAITS
    if patient:
        gate.operation, gate.detail = Operation.WAIT, gate.call
    else:
        child = gate.shape.kind == "child"
        gate.operation = Operation.HAS_ENDED if child else Operation.IS_ALIVE
    return True


def _uses_channel(actor: Actor, gate: Gate, server: ForkServer) -> bool:
    if gate.shape.kind in ("futex", "child"):
        return False
    if gate.shape.kind in ("poll", "select", "epoll"):
        return True
    descriptor = signed(gate.notification.arguments[0])
    link = open_files.link(actor.process.pid, descriptor)
    if link.startswith("/"):
        return stat.S_ISFIFO(open_files.status(actor.process.pid, descriptor).st_mode)
    return True


_FAMILIES = {
    "name": subjects.by_name,
    "look": subjects.by_name,
    "segment": subjects.by_descriptor,
    "memfd": _always,
    "lock": subjects.locked_file,
    "close": _close,
    "signal": liveness.signal,
    "ask": liveness.about_process,
    "sleep": _always,
    "fork": _fork,
    "exec": opaque.executes,
    "exit": _always,
    "birth": _birth,
    "random": _random_call,
    "closed": _closed,
    "wait": _wait,
    "opaque": opaque.always,
    "on-shm": opaque.on_shm,
    "space": opaque.asks_for_space,
    "about-process": opaque.about_process,
    "shared": opaque.shared,
}
