"""An execution driven by hand: one actor advanced, stepped or killed, a segment unlinked."""

import fnmatch

from shmrace.engine.choosers import done_by, names
from shmrace.engine.execution import Execution
from shmrace.errors import UsageError


def advance(execution: Execution, actor: str, until: str | None) -> None:
    """Let an actor go on until it stands before an operation, or to its end or until it has to
    wait.  Raises `UsageError` if there is no such actor, or if it never comes there."""
    _known(execution, actor)
    while not execution.finished:
        standing = execution.standing(actor)
        if until is not None and standing is not None and fnmatch.fnmatchcase(standing, until):
            return
        if not any(one.actor == actor and not one.fault for one in execution.choices()):
            break
        step(execution, actor)
    if until is not None:
        raise UsageError(
            f"{actor} does not come to {until!r} from here: {done_by(execution, actor)}"
        )


def step(execution: Execution, actor: str) -> None:
    """One operation of one actor.  Raises `UsageError` if it cannot go on now."""
    _known(execution, actor)
    for index, choice in enumerate(execution.choices()):
        if choice.actor == actor and not choice.fault:
            execution.take(index)
            return
    able = ", ".join(execution.enabled) or "nobody"
    raise UsageError(f"{actor} cannot go on now; {able} can")


def kill(execution: Execution, actor: str) -> None:
    """SIGKILL an actor where it stands.  Raises `UsageError` if it has ended."""
    _known(execution, actor)
    if not execution.kill(actor):
        raise UsageError(f"{actor} has ended already")


def unlink(execution: Execution, name: str) -> None:
    """Unlink a segment's names from outside, by its label or by one of its names.  Raises
    `UsageError` if there is none."""
    if execution.finished:
        raise UsageError(f"this execution is over: {name!r} can be unlinked no more")
    for one, segment in execution.ledger.linked():
        if name in (one, segment.label):
            execution.unlink(segment)
            return
    raise UsageError(f"nothing in /dev/shm is called {name!r}")


def _known(execution: Execution, actor: str) -> None:
    if actor not in {one.name for one in execution.actors}:
        raise UsageError(f"there is no actor {actor!r}; there are: {names(execution)}")
