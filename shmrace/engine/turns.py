"""Turns: what one decision set off, as the explorers see it.

A turn is the step that was decided and the waits that ended because of it.  Besides what its steps
touched, it is ordered by the turns that enabled it, by the fork that its actor came from, and by
the turns that gave back the lock that it takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from shmrace.engine.state.actor import Actor
from shmrace.model.objects import Access, Mode, is_private, moves_of, with_everything
from shmrace.model.schedule import Choice
from shmrace.model.trace import Step, Turn, visible


def made(
    index: int, choice: Choice, steps: Sequence[Step], moved: Sequence[str],
    actors: Sequence[Actor], heard: Iterable[int] = (), looked: Iterable[Access] = (),
    released_by: Iterable[int] = (),
) -> Turn:  # fmt: skip
    """The turn with this index; in it the waits of `moved` ended, `heard` are the turns that told
    its actor what it acts upon, and those of `released_by` gave back the lock that it takes.

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
        released_by=tuple(sorted(released_by)),
        moved=tuple(sorted(moved)),
        signature=tuple(one.signature for one in visible(steps)),
        steps=len(steps),
    )


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
