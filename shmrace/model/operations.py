"""Operations: what an actor does that others can notice, and what came of it.

An `Effect` is one operation with its outcome, as plain data: the engine measures it, the ledger
and `dependence` read it.  Segments are known by inode and names by their place in ``/dev/shm``.
"""

from dataclasses import dataclass

SEGMENT = frozenset("size reserve stat seek map read write".split())
"""Operations on a segment through a descriptor."""

SLEEPING = frozenset({"sleep", "yield", "poll"})
"""Operations that only let time pass."""

PRIMITIVES = frozenset("start end barrier send recv broadcast join spawn checkpoint line".split())
"""Operations that the harness itself offers to the scenario."""

INJECTED = "injected"
"""The error of an operation that a fault made fail: the kernel never saw it."""

QUIET = frozenset("start stat seek exit birth fork thread list rank".split())
"""Operations that change nothing which others act upon: shown only where they fail or race."""

Inode = tuple[int, int]
"""(device, inode number): what a segment is, whatever it is called."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One operation with its outcome."""

    kind: str
    error: str = ""  # errno's name, "failed" where the kernel's errno is not known; empty: success
    names: tuple[str, ...] = ()  # as /dev/shm calls them; a rename has two
    inode: Inode | None = None  # the segment it was about
    replaced: Inode | None = None  # what a rename pushed out
    size: int | None = None  # bytes, where the operation sets or sees it
    truncates: bool = False  # an open with O_TRUNC
    through: tuple[str, ...] = ()  # names of directories on the way to these names
    written: tuple[Inode, ...] = ()  # segments whose bytes changed in this step
    resized: tuple[Inode, ...] = ()  # those among them whose size changed
    unlocked: tuple[Inode, ...] = ()  # files whose lock was given back by a close or an end
    held: tuple[Inode, ...] = ()  # segments that the actor's process has mapped
    channel: bool = False  # a pipe, socket or the like was used
    process: str = ""  # set where several threads share this process' memory
    detail: str = ""  # for the reader: "-> rank0", "for rank1, rank2"

    @property
    def ok(self) -> bool:
        return not self.error
