"""Rounds in vain: which actors poll, and what lets one of them look again.

A round is what an actor does from one sleep to the next.  An actor that has made the same round as
before, and of whose objects nothing has changed since the round began, would see the same again: it
waits for a change of one of them, as an actor waits for a message.  Source: Kokologiannakis, Ren,
Vafeiadis, "Dynamic Partial Order Reductions for Spinloops", FMCAD'21.  Departures: a round is known
from the steps of an earlier one and not from the code; an actor that waits so may still be chosen,
since it may count its rounds and give up.
"""

from collections.abc import Collection, Iterable

from shmrace.engine.state.actor import NO_RETRIES, Actor
from shmrace.model.objects import (
    CHANNELS,
    EVERYTHING,
    Mode,
    Object,
    ObjectKind,
    is_private,
    moves_of,
)
from shmrace.model.operations import PRIMITIVES, SLEEPING, Operation, Outcome
from shmrace.model.trace import Step

_MERELY = frozenset({Operation.CHECKPOINT, Operation.LINE, Operation.RANK})
"""Primitives that change nothing."""

_OF_CHANNELS = (ObjectKind.CHANNELS, ObjectKind.CHANNEL_INTO, ObjectKind.NEWS)


def polls_in_vain(actor: Actor) -> bool:
    """Would this actor do at its gate what it has just done in vain?"""
    gate = actor.gate
    if gate is None or not actor.retries.count:
        return False
    if gate.operation in SLEEPING:
        return actor.rounds.goes_on_as_before
    repeated = actor.last.repeats
    return repeated is not None and actor.retries.goes_on_with(repeated, gate.asks)


def enter(
    step: Step, actor: Actor | None, everybody: Iterable[Actor], impatient: Collection[str]
) -> None:
    """Let those look again who look at what a step has changed.  It comes before their next turn,
    but for the `impatient`, who count their rounds: they might have gone on without it."""
    turn = actor.last.turn if actor is not None else -1
    sure, unsure = _changes(step)
    if actor is not None and actor.last.used_channel:
        sure, unsure = sure | (unsure & {CHANNELS}), unsure - {CHANNELS}
    goes_on = step.operation in PRIMITIVES - _MERELY and step.outcome != Outcome.NOTHING
    repeats = step.operation in SLEEPING or (actor is not None and actor.retries.count > 1)
    changed = sure if repeats else sure | unsure
    moved = moves_of(step.actor)  # seen by those who look into its process
    for one in everybody:
        if one is actor:
            if sure or goes_on:
                one.retries = NO_RETRIES
        elif (
            step.outcome == Outcome.KILLED or _is_news(changed, one) or moved in one.rounds.objects
        ):
            if turn >= 0 and polls_in_vain(one) and one.name not in impatient:
                one.heard.add(turn)
            one.retries = NO_RETRIES


def _is_news(changed: set[Object], actor: Actor) -> bool:
    """May this actor see anything else because these objects have changed?  What comes over the
    channels of a process is no object of its steps."""
    looks_at = actor.rounds.objects
    if EVERYTHING in changed or changed & looks_at or (changed and not looks_at):
        return True
    return actor.process.channels.in_use and any(one.kind in _OF_CHANNELS for one in changed)


def note(step: Step, actor: Actor) -> None:
    """Enter what an actor has done into its round."""
    rounds = actor.rounds
    if step.operation in SLEEPING:
        rounds.end()
    elif rounds.steps is not None:
        rounds.steps.append(step.signature[1:])
    own = (actor.name, actor.process.name)
    rounds.looks_at |= {
        one
        for one, _ in step.accesses
        if not (one.kind in (ObjectKind.LIFE, ObjectKind.COURSE) and one.whose[0] in own)
    }


def _changes(step: Step) -> tuple[set[Object], set[Object]]:
    """What a step has changed, and what it may have changed: nobody compares the memory that
    threads share, or a file elsewhere."""
    changed = {one for one, mode in step.accesses if mode is not Mode.READ}
    unsure = {one for one in changed if is_private(one) or one == CHANNELS}
    return changed - unsure, unsure
