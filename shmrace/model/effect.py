"""What one operation came to: the segments, names and locks that it was about.

The engine makes an effect after a step.  The ledger enters it, and the footprint follows from it.
"""

from dataclasses import dataclass

from shmrace.model.locks import LockRequest
from shmrace.model.operations import Inode, LockPlace, SegmentKind


@dataclass(frozen=True, slots=True)
class Effect:
    """One operation with its outcome."""

    kind: str  # an `Operation`
    error: str = ""  # errno's name, "failed" where the kernel's errno is not known; empty: success
    names: tuple[str, ...] = ()  # in /dev/shm; a rename has two
    inode: Inode | None = None  # the segment it was about
    replaced: Inode | None = None  # the segment that a rename pushed out
    size: int | None = None  # bytes, if the operation sets or sees it
    truncates: bool = False  # an open with O_TRUNC
    exchanges: bool = False  # a rename that gives the old name to the segment it would push out
    lists: bool = False  # it sees whether a directory is empty, or when its list changed
    through: tuple[str, ...] = ()  # the directories and symbolic links on the way to `names`
    sources: tuple[Inode, ...] = ()  # segments out of which it copies to another one
    written: tuple[Inode, ...] = ()  # segments whose bytes changed in this step
    resized: tuple[tuple[Inode, int], ...] = ()  # segments whose size changed, with the new one
    released: tuple[Inode, ...] = ()  # segments that the process holds no more
    lock: LockRequest | None = None  # what a lock operation asked for
    asks: bool = False  # a lock operation that goes on even if the lock is held
    unlocked: tuple[LockPlace, ...] = ()  # where locks were given back, by whatever it did
    looked: tuple[LockPlace, ...] = ()  # where it would have given one back, had it been held
    held: tuple[Inode, ...] = ()  # segments that the actor's process has mapped
    in_memory: tuple[Inode, ...] = ()  # those from which it may have loaded behind the call
    channel: bool = False  # a pipe, a socket or the like was used
    process: str = ""  # set if several threads share this process' memory
    made: SegmentKind | None = None  # of a create
    detail: str = ""  # for reports: "-> rank0", "for rank1, rank2"

    @property
    def ok(self) -> bool:
        return not self.error
