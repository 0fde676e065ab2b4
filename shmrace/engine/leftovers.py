"""What an execution leaves behind: dead processes, and memory that is still held."""

import signal
from collections.abc import Iterable

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.process import Process
from shmrace.linux import mappings
from shmrace.model.faults import DEADLY
from shmrace.model.ledger import Ledger, Segment
from shmrace.model.operations import Inode
from shmrace.model.record import Death

_CAUSED_BY_ITSELF = (signal.SIGPIPE, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF)


def deaths(processes: Iterable[Process]) -> tuple[Death, ...]:
    """The processes that were killed or told to leave, or that ended by a signal or with an exit
    code although no body of theirs had ended.

    The exit code of a resource tracker is no failure: since CPython 3.13 it says whether it has had
    to clean up, and whether somebody else has done so before.
    """
    found = []
    for process in processes:
        if not process.actors:
            continue
        first = process.actors[0]
        left = first.struck in DEADLY and (first.outcome is None or first.outcome.raised)
        if process.alive and not left:
            continue
        fault = left or any(actor.killed for actor in process.actors)
        by_signal = bool(process.status and process.status & 0x7F)
        failed = process.status and first.outcome is None and not process.is_tracker
        if fault or by_signal or failed:
            found.append(
                Death(
                    first.name, process.status, first.last.index, fault, first.part,
                    _ended_by(process, first),
                )
            )  # fmt: skip
    return tuple(found)


def _ended_by(process: Process, first: Actor) -> str:
    """Who caused the signal that has ended a process; empty if that is not known.

    A child may have sent one to itself, waited for a timer of its own, or written to a pipe that
    nobody reads.  Source: signal(7).
    """
    number = (process.status or 0) & 0x7F
    sender = process.signalled_by.get(number, "")
    if first.is_role:
        return sender if sender != first.name else ""
    return sender or (first.name if number in _CAUSED_BY_ITSELF else "")


Held = tuple[str, Inode, str]
"""(actor, segment, "mapping" or "fd")."""


def held(actor: Actor) -> list[Held]:
    """What is still held by an actor that has ended well and is about to exit."""
    if not actor.part or actor.outcome is None or actor.outcome.raised:
        return []
    found = []
    for inode in actor.process.holdings.views:
        mapped = any((one.device, one.inode) == inode for one in mappings.shared(actor.process.pid))
        found.append((actor.name, inode, "mapping" if mapped else "fd"))
    return found


_SEMAPHORE = "sem."
"""With which the names of POSIX semaphores begin.  Source: sem_overview(7)."""


def _is_semaphore(segment: Segment) -> bool:
    """A semaphore is closed by the end of its process; nothing is lost if it is open until then."""
    return all(name.startswith(_SEMAPHORE) for name in segment.names)


def leaked(held: Iterable[Held], ledger: Ledger) -> list[tuple[str, str, str]]:
    """Of what actors held at their exit: the segments that were handed over by name, and that have
    no name at the end of the execution.  Whether they had one at the exit depends on others."""
    linked = [segment for _, segment in ledger.linked()]
    found = []
    for actor, inode, how in held:
        segment = ledger.segment(inode)
        if segment is not None and segment not in linked and not _is_semaphore(segment):
            if segment.unlinked and segment.attached:
                found.append((actor, segment.label, how))
    return found
