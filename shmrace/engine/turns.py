"""Turns: what one decision set off, as the explorers see it.

A turn is the step that was decided and the waits that ended because of it.  Besides what its steps
touched, it is ordered by the turns that enabled it, by the fork that its actor came from, and by
the turn that gave back the lock that it takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.model.objects import Access, Mode, is_private, moves_of, with_everything
from shmrace.model.operations import Inode, Operation
from shmrace.model.schedule import Choice
from shmrace.model.trace import Step, Turn, visible


class TurnBuilder:
    """Makes the turns of one execution, in their order."""

    def __init__(self) -> None:
        self._releases: dict[Inode, int] = {}  # the turn that gave back the lock of a file last
        self._taken: dict[Inode, int] = {}  # the turn that took it last

    def turn(
        self, index: int, choice: Choice, gate: Gate | None, steps: Sequence[Step],
        moved: Sequence[str], actors: Sequence[Actor], heard: Iterable[int] = (),
        looked: Iterable[Access] = (),
    ) -> Turn:  # fmt: skip
        """The turn with this index; `gate` is where its actor stood, `moved` whose waits ended,
        `heard` the turns that told its actor what it acts upon.

        Other actors move in it, in their own memory.  That is no race with what they did before.
        """
        decided = steps[0]
        own = {
            one.name
            for process in {one.process for one in actors if one.name == choice.actor}
            for one in process.actors
        }
        accesses, along, beside = set(looked), set[Access](), set[str]()
        process_of = {one.name: one.process for one in actors}
        for step in steps:
            if step.automatic and step.actor not in own:
                along |= {one for one in step.accesses if not is_private(one[0])}
                beside |= {one.name for one in process_of[step.actor].actors}
            else:
                accesses |= step.accesses
        accesses |= _moves((choice.actor, *moved))
        return Turn(
            actor=choice.who,
            operation=decided.operation,
            accesses=with_everything(accesses | along),
            along=frozenset(along - accesses),
            beside=tuple(sorted(beside - {*moved})),
            after=tuple(sorted({*decided.after, *_births(index, actors), *heard})),
            told_by=decided.told_by,
            released_by=self._released_by(index, gate, decided.operation),
            moved=tuple(sorted(moved)),
            signature=tuple(one.signature for one in visible(steps)),
            steps=len(steps),
        )

    def _released_by(self, index: int, gate: Gate | None, operation: str) -> tuple[int, ...]:
        """The turn that gave back the lock which this one takes.  A lock that was given back by a
        close, which is no gate, was given back by the turn that let its taker go on."""
        if gate is None or gate.inode is None:
            return ()
        if operation == Operation.UNLOCK:
            self._releases[gate.inode] = index
        if operation not in (Operation.LOCK, Operation.TRY_LOCK):
            return ()
        released = self._releases.get(gate.inode, -1)
        if gate.waited and released < self._taken.get(gate.inode, -1):
            released = index - 1
        self._taken[gate.inode] = index
        return (released,) if released >= 0 else ()


def _moves(actors: Iterable[str]) -> set[Access]:
    """What a turn is for those who look into the processes of the actors that move in it."""
    return {(moves_of(one), Mode.UPDATE) for one in actors}


def _births(index: int, actors: Sequence[Actor]) -> list[int]:
    """The turns of the forks whose children have moved for the first time in this one."""
    found = []
    for actor in actors:
        if actor.born_after >= 0 and actor.last.turn == index != actor.born_after:
            found.append(actor.born_after)
            actor.born_after = -1
    return found


def extend_last(turns: list[Turn], steps: Sequence[Step], moved: Sequence[str]) -> None:
    """Waits that ended by time belong to the turn after which no actor was enabled; `steps` are all
    steps so far."""
    if not turns:
        return
    last = turns[-1]
    more = steps[sum(turn.steps for turn in turns) :]
    turns[-1] = replace(
        last,
        accesses=last.accesses.union(_moves(moved), *(step.accesses for step in more)),
        moved=tuple(sorted({*last.moved, *moved})),
        signature=last.signature + tuple(step.signature for step in visible(more)),
        steps=last.steps + len(more),
    )
