"""Faults: what may strike an actor, or the segments of all, as a decision of the schedule."""

from shmrace.model.words import Word


class FaultKind(Word):
    """What strikes, besides an errno with which a call fails."""

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
"""Those that end an actor, or may."""

OUTSIDERS = frozenset({FaultKind.UNLINK, FaultKind.WIPE})
"""Those that no actor stands at a gate for: an outsider acts."""
