"""Faults: what a decision of the schedule may inject into an actor or into segments."""

from shmrace.model.words import Word


class FaultKind(Word):
    """The kinds of fault, besides an errno with which a call fails."""

    KILL = "kill", "SIGKILL, where the actor stands, also while it waits"
    TERM = (
        "term",
        "SIGTERM: the handler runs, if there is one; with a handler, the signal is delivered only"
        " at system calls that a signal can interrupt",
    )
    EXIT = "exit", "the actor leaves as by `sys.exit`, and runs its exit handlers"
    RAISE = "raise", "`shmrace.InjectedFault` at a checkpoint, or at the one of this label"
    UNLINK = "unlink", "an outsider unlinks a segment; `unlink@sender`: one that the sender created"
    WIPE = "wipe", "an outsider unlinks every segment"


DEADLY = frozenset({FaultKind.KILL, FaultKind.TERM, FaultKind.EXIT})
"""Faults that end an actor, or may end it."""

OUTSIDERS = frozenset({FaultKind.UNLINK, FaultKind.WIPE})
"""Faults of an outsider: no actor has to stand at a gate for them."""
