"""Who holds which file locks, in one execution; when they were given back, and by whom.

The kernel's rules, by which a lock changes hands only where a gate is: a lock of flock(2) is held
by an open file description until the last of its descriptors is closed, in whichever process; a
record lock by a process until it closes any descriptor of the file.  A taker comes behind each turn
that gave back a lock which would have been in its way.  Source: flock(2), fcntl(2).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shmrace.linux import open_files
from shmrace.linux.process import same_open_file
from shmrace.model.ledger import Ledger
from shmrace.model.locks import LockFamily, LockRequest, overlap
from shmrace.model.operations import Inode, LockPlace

Carrier = tuple[int, int]
"""A process and a descriptor in it."""


class OpenFile:
    """An open file description through which a lock was taken."""

    def __init__(self, inode: Inode, carriers: Iterable[Carrier]) -> None:
        self.inode = inode
        self.carriers = set(carriers)
        """Of its descriptors one in each process at least."""
        self.shares: set[tuple[int, str]] = set()
        """The turns in which a process closed it while others did not, and who moved in them."""

    def has(self, carrier: Carrier) -> bool:
        """Does this descriptor refer to it?"""
        if carrier in self.carriers:
            return True
        return any(same_open_file(carrier, one) for one in self.carriers)


Owner = int | OpenFile
"""Who holds a lock: a process or an open file description."""


@dataclass(frozen=True)
class Held:
    """A lock that is held."""

    owner: Owner
    family: LockFamily
    exclusive: bool
    start: int
    end: int

    def is_in_the_way(self, owner: Owner | None, request: LockRequest) -> bool:
        """May the owner not have what is asked for meanwhile?"""
        if self.owner == owner or not (self.exclusive or request.exclusive):
            return False
        return overlap(self.start, self.end, request.start, request.end) is not None


@dataclass(frozen=True)
class _Release:
    """A lock that was given back."""

    what: Held
    who: str


class FileLocks:
    """Those of one execution."""

    def __init__(self) -> None:
        self._paths: dict[Inode, str] = {}
        self.unconcerned: set[Inode] = set()  # files of which no actor knows
        self.outsider = 0  # a process that is no actor, and has what all were forked with
        self.released_by: set[int] = set()
        """The earlier turns that gave back what was taken in the present one."""
        self._turn, self._who = -1, ""
        self._processes: set[int] = set()
        self._held: dict[LockPlace, list[Held]] = {}
        self._carried: dict[Carrier, OpenFile] = {}
        self._releases: dict[LockPlace, dict[_Release, int]] = {}
        self._changed: set[LockPlace] = set()
        self._lost_by_exec: dict[int, tuple[list[int], list[Inode]]] = {}

    def begin_turn(self, turn: int, who: str) -> None:
        """What is given back from now on is given back in this turn, in which `who` moves."""
        self._turn, self._who = turn, who
        self.released_by = set()

    def take_changed(self) -> set[LockPlace]:
        """Where locks were given back since it was asked last."""
        found, self._changed = self._changed, set()
        return found

    def name(self, inode: Inode, path: str) -> None:
        """A file that is no segment is known by its path, since its inode may be another one in
        another execution."""
        self._paths.setdefault(inode, path.removesuffix(" (deleted)"))

    def key(self, ledger: Ledger, inode: Inode) -> str:
        """The key of a file, the same in every execution."""
        is_segment = ledger.segment(inode) is not None
        return ledger.key(inode) if is_segment else self._paths.get(inode) or ledger.key(inode)

    # What is known

    def held(self, place: LockPlace) -> list[Held]:
        """The locks of a file."""
        return self._held.get(place, [])

    def in_the_way(self, place: LockPlace, request: LockRequest, owner: Owner | None) -> list[Held]:
        """The locks because of which the owner may not have what is asked for; None is a stranger,
        in whose way everybody is."""
        return [one for one in self.held(place) if one.is_in_the_way(owner, request)]

    def owner(self, family: LockFamily, carrier: Carrier, inode: Inode) -> Owner:
        """Who holds what is taken through this descriptor."""
        if not family.of_description:
            return carrier[0]
        known = self._carried.get(carrier)
        if known is not None:
            return known
        for one in {id(one): one for one in self._carried.values()}.values():
            if one.inode == inode and one.has(carrier):
                one.carriers.add(carrier)
                self._carried[carrier] = one
                return one
        return OpenFile(inode, [carrier])

    def holds(self, process: int) -> bool:
        """Would a process give something back if it ended?"""
        files = {file for one, file in self._carried.items() if one[0] == process}
        return any(map(self.is_locked, files)) or bool(self.records(process))

    def is_locked(self, file: OpenFile) -> bool:
        """Does this open file description hold a lock?"""
        return any(one.owner is file for held in self._held.values() for one in held)

    def records(self, process: int) -> set[Inode]:
        """The files in which a process has record locks."""
        return {
            inode
            for (inode, _), held in self._held.items()
            if any(one.owner == process for one in held)
        }

    def is_shared(self, process: int, file: OpenFile) -> bool:
        """Has another process a descriptor of it, as far as is known, or had all of them one when
        they were forked?"""
        if any(one[0] != process for one in file.carriers):
            return True
        return bool(self.outsider) and self.other_descriptor(self.outsider, file, ()) is not None

    def carried(self, process: int, descriptor: int) -> OpenFile | None:
        """What this descriptor refers to, if a lock was ever held through it."""
        return self._carried.get((process, descriptor)) if self._carried else None

    def descriptors(self, process: int) -> list[int]:
        """Those known in a process through which a lock was ever held."""
        return sorted(one[1] for one in self._carried if one[0] == process)

    def other_descriptor(self, process: int, file: OpenFile, but: Iterable[int]) -> Carrier | None:
        """One more descriptor of an open file description in a process."""
        return next(
            (
                (process, one)
                for one in open_files.of_file(process, file.inode)
                if one not in but and file.has((process, one))
            ),
            None,
        )

    # What changes it

    def take(self, place: LockPlace, request: LockRequest, owner: Owner) -> None:
        """The owner has taken what it asked for."""
        for one, turn in self._releases.get(place, {}).items():
            if turn >= 0 and one.what.is_in_the_way(owner, request):
                self.released_by.add(turn)
        self._cut(place, request, owner, give_back_shared=False)
        taken = Held(owner, request.family, request.exclusive, request.start, request.end)
        self._held.setdefault(place, []).append(taken)
        if isinstance(owner, OpenFile):
            for carrier in owner.carriers:
                self._carried[carrier] = owner

    def give_back(self, place: LockPlace, request: LockRequest, owner: Owner) -> bool:
        """The owner has unlocked this; False if it held nothing of it."""
        found = self._cut(place, request, owner, give_back_shared=True)
        if isinstance(owner, OpenFile) and not self.is_locked(owner):
            owner.shares.clear()
        return found

    def closed(self, process: int, descriptors: Iterable[int], files: Iterable[Inode]) -> None:
        """A process has closed descriptors; those of `files` among them ended its record locks."""
        closed = set(descriptors)
        for descriptor in sorted(closed):
            file = self._carried.get((process, descriptor))
            if file is not None:
                self._close(process, descriptor, closed, file)
        for inode in files:
            self._drop((inode, LockFamily.RECORD.space), process)

    def executes(self, process: int, descriptors: Iterable[int], files: Iterable[Inode]) -> None:
        """A process is about to execute a program, which will close these descriptors."""
        self._lost_by_exec[process] = ([*descriptors], [*files])

    def executed(self, process: int) -> None:
        """It has."""
        self.closed(process, *self._lost_by_exec.pop(process, ((), ())))

    def born(self, process: int, parent: int | None) -> None:
        """A process was forked: it has the descriptors of its parent."""
        self._processes.add(process)
        for (of, descriptor), file in list(self._carried.items()):
            if of == parent:
                file.carriers.add((process, descriptor))
                self._carried[process, descriptor] = file

    def gone(self, process: int) -> None:
        """A process is dead."""
        self._processes.discard(process)
        self.closed(process, self.descriptors(process), self.records(process))

    def correct(self, place: LockPlace, now: Iterable[Held]) -> None:
        """What the kernel says of a file is not what was known."""
        self._held[place] = [*now]
        for one in self._held[place]:
            if isinstance(one.owner, OpenFile):
                self._carried |= dict.fromkeys(one.owner.carriers, one.owner)

    def everybody(self) -> list[int]:
        """All processes that may have a descriptor."""
        return sorted(self._processes) + ([self.outsider] if self.outsider else [])

    def _close(self, process: int, descriptor: int, closed: set[int], file: OpenFile) -> None:
        locked = self.is_locked(file)
        another = self.other_descriptor(process, file, closed) if locked else None
        if another is None and locked and len(file.carriers) == 1:
            for one in self.everybody():
                another = self.other_descriptor(one, file, closed if one == process else ())
                if another is not None:
                    break
        del self._carried[process, descriptor]
        file.carriers.discard((process, descriptor))
        if another is not None:
            file.carriers.add(another)
            self._carried[another] = file
        if not file.carriers:
            for place in list(self._held):
                self._drop(place, file)
        elif locked and not any(one[0] == process for one in file.carriers):
            file.shares.add((self._turn, self._who))
            for place, held in self._held.items():
                if any(one.owner is file for one in held):
                    self._changed.add(place)

    def _drop(self, place: LockPlace, owner: Owner) -> None:
        for one in self.held(place):
            if one.owner == owner:
                self._enter_release(place, one)
        left = [one for one in self.held(place) if one.owner != owner]
        if left:
            self._held[place] = left
        else:
            self._held.pop(place, None)

    def _cut(
        self, place: LockPlace, request: LockRequest, owner: Owner, give_back_shared: bool
    ) -> bool:
        """Take a range out of what the owner holds; was there anything?"""
        found = False
        left: list[Held] = []
        for one in self.held(place):
            both = overlap(one.start, one.end, request.start, request.end)
            if one.owner != owner or both is None:
                left.append(one)
                continue
            found = True
            if give_back_shared or (one.exclusive and not request.exclusive):
                what = Held(owner, one.family, one.exclusive, *both)
                self._enter_release(place, what)
            for start, end in ((one.start, both[0]), (both[1], one.end)):
                if start < end:
                    left.append(Held(owner, one.family, one.exclusive, start, end))
        if left:
            self._held[place] = left
        else:
            self._held.pop(place, None)
        return found

    def _enter_release(self, place: LockPlace, what: Held) -> None:
        self._changed.add(place)
        known = self._releases.setdefault(place, {})
        shares = what.owner.shares if isinstance(what.owner, OpenFile) else set()
        for turn, who in (*shares, (self._turn, self._who)):
            known[_Release(what, who)] = turn
