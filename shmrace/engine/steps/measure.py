"""What a step was: its effect, measured once it is over, and what it read and wrote.

Puts together the outcome of the operation, the witness' word, the segments whose bytes the actor
changed on its way to the next gate, and the channels it used; enters them in the ledger; and makes
the step of them.
"""

import mmap
from dataclasses import replace

from shmrace.engine.gate.event_loop import EventLoop
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.engine.state.observations import Observations
from shmrace.engine.state.process import Process, Traffic
from shmrace.engine.steps import locking, outcomes
from shmrace.engine.steps.contents import SegmentContents
from shmrace.engine.steps.lives import Lives
from shmrace.engine.waits.channels import MessagesUnderWay
from shmrace.linux import mappings, open_files
from shmrace.linux.decode import O_TMPFILE
from shmrace.model.assumptions import Assumption
from shmrace.model.effect import Effect
from shmrace.model.footprints import accesses_of
from shmrace.model.ledger import Ledger, Segment
from shmrace.model.objects import (
    EVERYTHING,
    SPACE,
    Access,
    Accesses,
    Mode,
    course_of,
    life_of,
    position_in,
)
from shmrace.model.operations import TAKES_SPACE, Inode, Operation, Outcome, SegmentKind
from shmrace.model.record import Tracked
from shmrace.model.trace import Step

_MOVES_POSITION = frozenset("lseek read readv write writev sendfile splice copy_file_range".split())
"""Calls that use the position of an open file description, which lseek(2) sets."""
_NOT_YET = ("ENOENT", "EEXIST", "EWOULDBLOCK")
"""What an operation fails with that may succeed once another actor has done something."""


class Measurer:
    """Measures the steps of one execution."""

    def __init__(
        self, loop: EventLoop, ledger: Ledger, observations: Observations, deaths_possible: bool,
        faults_possible: bool, tells_links: bool = False,
    ) -> None:  # fmt: skip
        self.lives = Lives(loop)
        server, population = loop.server, loop.population
        self._server = server
        self._population = population
        self._ledger = ledger
        self._observations = observations
        self._limited_space = server.scenario.shm_size is not None
        self._deaths_possible = deaths_possible
        self._faults_possible = faults_possible
        self._tells_links = tells_links
        self._contents = SegmentContents(server.shm.directory)
        self._usage = server.shm.baseline
        self._channels = MessagesUnderWay(population, observations.assumed)
        self._nameless: list[tuple[Actor, int]] = []  # creations whose inode is not known yet

    def step(self, actor: Actor, gate: Gate, was: outcomes.Before, step: Step) -> Step:
        """The step, completed by what it did; `step` holds what its decision said of it."""
        effect = self._effect(actor, gate, was, step.index)
        process = actor.process
        for said in process.traffic.tracked:
            self._observations.tracked.append(Tracked(step.index, actor.name, *said))
        segment = self._ledger.record(step.index, actor.name, effect)
        if segment is not None and effect.ok and effect.names:
            if effect.kind in (Operation.CREATE, Operation.LINK, Operation.RENAME):
                self._server.shm.created(effect.names[-1], segment.inode)
        if segment is None and gate.shape.family == "memfd" and effect.ok:
            segment = self._ledger.segments[-1]
        name = effect.names[-1] if effect.names else None
        kind = effect.kind if gate.shape.family in ("name", "lock") else gate.operation
        accesses = self._accesses(actor, gate, effect)
        process.traffic = Traffic()
        return replace(
            step,
            operation=kind,
            outcome=step.outcome or effect.error or Outcome.OK,
            name=self._ledger.label(name) if name is not None else None,
            segment=segment.label if segment is not None else None,
            subject=step.subject or self._subject(name, segment),
            detail=_detail(step.detail or effect.detail or str(effect.made or ""), effect),
            accesses=step.accesses | accesses,
        )

    def look_before(self, actor: Actor) -> None:
        """A step of the actor begins."""
        views = actor.process.holdings.views
        if views and not self._limited_space:  # what is held here takes space
            self._contents.hold(actor.process, self._population.processes(), self._names_of)
            self._server.shm.witness.events()  # opening what is written only shows up there

    def is_in_vain(self, step: Step) -> bool:
        """Did the step find nothing: no such name, or a segment that has no size yet; or a name or
        lock that another one has; or no message?"""
        if step.outcome == Outcome.NOTHING:
            return True
        if step.name is None and step.segment is None:
            return False
        if step.outcome in _NOT_YET:
            return True
        return any(
            one.label == step.segment and one.looks_at_nothing[-1:] == [(step.actor, step.index)]
            for one in self._ledger.segments
        )

    def _effect(self, actor: Actor, gate: Gate, was: outcomes.Before, index: int) -> Effect:
        events = self._server.shm.witness.events()
        if gate.flags & O_TMPFILE == O_TMPFILE:  # a nameless file is opened as "#inode"
            events = [event for event in events if not event.name.startswith("#")]
        if gate.shape.family == "memfd" and not gate.refused:
            effect = self._memfd(actor, index)
        else:
            effect = outcomes.effect(actor, gate, was, events, self._server.shm.root)
        if effect.kind == Operation.CREATE and effect.ok and effect.inode is None:
            self._nameless.append((actor, index))
        elif effect.inode is not None and gate.descriptor >= 0:
            self._adopt_nameless(actor, effect.inode)
        if (
            effect.kind in (Operation.CREATE, Operation.ATTACH)
            and effect.ok
            and effect.inode is not None
        ):
            self._note_descriptor(actor.process, effect)
        if effect.kind == Operation.MAP and effect.inode is not None:
            view = actor.process.holdings.view(effect.inode)
            view.mapped, view.in_memory, view.place = True, True, None
            view.private |= not gate.notification.arguments[3] & mmap.MAP_SHARED
        segment = self._ledger.segment(effect.inode)
        names = (*effect.names, *(segment.names if segment else ()))
        for text in self._server.shm.unexplained(events, names, self._ledger):
            self._observations.ungated.append(f"{text} while {actor.name} was at {gate.operation}")
        return self._with_contents(actor, effect)

    def _memfd(self, actor: Actor, index: int) -> Effect:
        known = {segment.inode for segment in self._ledger.segments} | self._server.own_files
        made = outcomes.new_memfd(actor.process, known)
        if made is None:
            return Effect(Operation.CREATE, Outcome.FAILED, made=SegmentKind.MEMFD)
        descriptor, inode = made
        actor.process.holdings.view(inode).descriptors.add(descriptor)
        self._ledger.adopt(index, actor.name, inode, SegmentKind.MEMFD)
        return Effect(Operation.CREATE, inode=None, made=SegmentKind.MEMFD)

    def _adopt_nameless(self, actor: Actor, inode: Inode) -> None:
        """The first descriptor seen of an unknown inode belongs to the last nameless create."""
        if self._ledger.segment(inode) is not None or inode[0] not in (
            self._server.shm.device,
            self._server.memfd_device,
        ):
            return
        for creator, index in reversed(self._nameless):
            if creator is actor:
                self._ledger.adopt(index, actor.name, inode, SegmentKind.NAMELESS)
                self._nameless.remove((creator, index))
                return
        self._ledger.adopt(len(self._observations.steps), actor.name, inode, SegmentKind.UNKNOWN)

    def _with_contents(self, actor: Actor, effect: Effect) -> Effect:
        process = actor.process
        actor.last.used_channel = actor.last.used_channel or _lost_a_channel(process, effect)
        held = tuple(inode for inode, view in process.holdings.views.items() if view.mapped)
        in_memory = _in_memory(process) if effect.kind != Operation.EXIT else ()
        held_before = tuple(process.holdings.views)
        written: list[Inode] = []
        resized: list[Inode] = []
        everybody = self._population.processes()
        inode = effect.inode if effect.ok and effect.kind == Operation.TRUNCATE else None
        if inode is not None and inode not in process.holdings.views:
            self._contents.look_again(inode, everybody, self._names_of(inode))
        if held_before:
            written, resized = self._contents.changed(process, everybody, self._names_of)
        if inode is not None or held_before:
            self._server.shm.witness.events()  # reading by name shows up there
        memory = _memory(process)
        if memory:
            self._observations.assumed.add(Assumption.DATA_RACES)
        return replace(
            effect,
            written=tuple(written),
            resized=tuple((one, self._contents.size_of(one)) for one in resized),
            released=tuple(one for one in held_before if one not in process.holdings.views),
            held=held,
            in_memory=in_memory,
            unlocked=tuple(sorted(process.locks.take_changed())),
            looked=locking.looked_at(process),
            channel=actor.last.used_channel or process.channels.maps_file,
            process=memory,
        )

    def _note_descriptor(self, process: Process, effect: Effect) -> None:
        """Whoever has opened a segment may read and write it, mapped or not."""
        assert effect.inode is not None
        if effect.kind == Operation.CREATE:
            if effect.made not in (None, SegmentKind.FILE):
                return  # a directory or a link
            self._contents.born(effect.inode)
        found = open_files.of_file(process.pid, effect.inode)
        if found:
            process.holdings.view(effect.inode).descriptors.update(found)

    def _names_of(self, inode: Inode) -> list[str]:
        return [name for name, segment in self._ledger.linked() if segment.inode == inode]

    def _subject(self, name: str | None, segment: Segment | None) -> str:
        if segment is not None:
            return segment.subject
        return self._ledger.keys(name)[-1] if name is not None else ""

    def _key(self, inode: Inode) -> str:
        return self._population.locks.key(self._ledger, inode)

    def _accesses(self, actor: Actor, gate: Gate, effect: Effect) -> Accesses:
        found: set[Access] = set(
            accesses_of(
                effect, self._ledger.keys, self._key, self._limited_space, self._tells_links
            )
        )
        if gate.opaque:
            found.add((EVERYTHING, Mode.WRITE))
        if effect.inode is not None and gate.call in _MOVES_POSITION and _may_share(actor.process):
            found.add((position_in(self._ledger.key(effect.inode)), Mode.WRITE))
        found |= self.lives.accesses(actor, gate)
        if self._limited_space:
            usage = self._server.shm.witness.usage()
            if usage < self._usage and gate.operation not in TAKES_SPACE:
                self._observations.rests_on_opaque(f"munmap or close of {actor.name}, frees space")
            if usage != self._usage:
                self._usage = usage
                found.add((SPACE, Mode.WRITE))
        if actor.process.traffic.found_closed:
            self._observations.assumed.add(Assumption.MESSAGE_ORDER)
        if actor.process.traffic.uses:
            found |= self._channels.accesses(actor, actor.last.turn)
        if self._deaths_possible:
            found.add((life_of(actor.process.name), Mode.READ))
        if self._faults_possible:
            found.add((course_of(actor.name), Mode.READ))
        return frozenset(found)


def _in_memory(process: Process) -> tuple[Inode, ...]:
    """The segments that the process had mapped at some time behind the call of this step.  To unmap
    is no gate."""
    found = tuple(inode for inode, view in process.holdings.views.items() if view.in_memory)
    for inode in found:
        view = process.holdings.views[inode]
        view.in_memory = view.private or mappings.shares(process.pid, inode)
    return found


def _may_share(process: Process) -> bool:
    """May another process have, or have had, the same open file description: inherited, or sent
    over a socket?"""
    return process.has_relatives or process.channels.in_use


def _lost_a_channel(process: Process, effect: Effect) -> bool:
    """Closing an end of a pipe is noticed by others, and no gate."""
    if not process.channels.in_use:
        return False
    if effect.kind == Operation.EXIT:
        return False  # what it closes was noted before
    if effect.kind in (Operation.FORK, Operation.EXEC) or not process.alive:
        return True
    known = process.channels.links
    process.look_at_channels()
    return not known.items() <= process.channels.links.items()


def _memory(process: Process) -> str:
    """The process, or shared mapping, whose memory other threads see without a gate; empty if there
    is none."""
    if process.holdings.shares_memory:
        return "a shared mapping"
    return process.name if len(process.actors) > 1 else ""


def _detail(detail: str, effect: Effect) -> str:
    if (
        effect.kind in (Operation.SIZE, Operation.RESERVE, Operation.TRUNCATE)
        and effect.size is not None
    ):
        return f"{effect.size} B"
    return detail
