"""What a step does to the file locks, entered just before it is let through.

Before, because its actor may come to its next gate, a close say, before the step is measured.
"""

from dataclasses import dataclass, replace

from shmrace.engine.gate import closing
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.file_locks import OpenFile
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.process import Process
from shmrace.engine.waits import locks
from shmrace.linux import open_files
from shmrace.model.effect import Effect
from shmrace.model.locks import LockFamily, LockRequest
from shmrace.model.operations import LockPlace, Operation, Outcome


@dataclass(frozen=True)
class Locking:
    """How a lock operation comes out."""

    error: str = ""
    asks: bool = False  # it would have come out otherwise, had another lock been held or free
    detail: str = ""


_UNCONCERNED = Locking()


def enter(actor: Actor, gate: Gate) -> Locking:
    """Enter what the operation at this gate takes and gives back."""
    process = actor.process
    if gate.lock is not None:
        return _enter_lock(actor, gate, gate.lock)
    if gate.shape.family == "close":
        if process.has_relatives:
            closing.look(process, gate.closes)
        files = closing.record_files(process, gate.closes)
        process.locks.closed(process.pid, gate.closes, files)
    elif gate.shape.family == "exec":
        closed = closing.closed_by_exec(process)
        process.locks.executes(process.pid, closed, closing.record_files(process, closed))
        if process.has_relatives:
            closing.look(process, closed)
    elif gate.operation == Operation.EXIT and process.has_relatives:
        look_at_all(actor)
    return _UNCONCERNED


def look_at_all(actor: Actor) -> None:
    """Note that a process lets go of all its descriptors."""
    closing.look(actor.process, tuple(open_files.links(actor.process.pid)))


def looked_at(process: Process) -> tuple[LockPlace, ...]:
    """Where a process would have given back a lock in this step, had it been held."""
    found, process.looked_at = process.looked_at, set()
    spaces = {family.space for family in LockFamily if family.of_description}
    return tuple(sorted((inode, space) for inode in found for space in spaces))


def give_up_first(actor: Actor, gate: Gate) -> bool:
    """Does this operation begin with giving up a lock, and then wait?"""
    if gate.lock is None or gate.lock.operation is not Operation.LOCK:
        return False
    return locks.converts(actor, gate) and locks.is_taken(actor, gate)


def give_up(actor: Actor, gate: Gate) -> tuple[Gate, Locking]:
    """Give it up; the gate at which that would have been an operation of its own."""
    locks.give_up(actor, gate)
    alone = Gate(
        gate.notification, gate.call, gate.shape, gate.operation, inode=gate.inode,
        descriptor=gate.descriptor, lock=LockRequest(Operation.UNLOCK, LockFamily.FLOCK),
    )  # fmt: skip
    return alone, replace(enter(actor, alone), asks=True)


def effect(gate: Gate, came_out: Locking) -> Effect:
    """The effect of a lock operation."""
    assert gate.lock is not None
    return Effect(
        gate.lock.operation, came_out.error, inode=gate.inode, lock=gate.lock,
        asks=came_out.asks, detail=came_out.detail,
    )  # fmt: skip


def _enter_lock(actor: Actor, gate: Gate, asked: LockRequest) -> Locking:
    table, place = actor.process.locks, locks.place_of(gate)
    owner = table.owner(asked.family, (actor.process.pid, gate.descriptor), place[0])
    if asked.operation is Operation.UNLOCK:
        shared = isinstance(owner, OpenFile) and (
            actor.process.has_relatives or table.is_shared(actor.process.pid, owner)
        )  # then another may take, before or behind it, what it gives back
        found = table.give_back(place, asked, owner)
        return Locking("" if found else Outcome.NOTHING, asks=shared or not found)
    taken, converts = locks.is_taken(actor, gate), locks.converts(actor, gate)
    if asked.operation is Operation.ASK_LOCK:
        return Locking(asks=True, detail="held" if taken else "free")
    asks = converts or asked.operation is Operation.TRY_LOCK
    if not taken:
        table.take(place, asked, owner)
        return Locking(asks=asks)
    if converts:
        table.give_back(place, asked, owner)
    return Locking("EWOULDBLOCK", asks)
