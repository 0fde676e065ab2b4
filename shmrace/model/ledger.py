"""The ledger: the history of every segment and every name of one execution.

A segment is identified by its inode; a name is its entry in ``/dev/shm``.  One name may mean
several segments, one after the other.  The ledger is given the effect of each step.  It knows which
segment each name means, which actor created, sized, attached and unlinked each segment, and which
operations found no segment.  Pure: it makes no system calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from shmrace.model.effect import Effect
from shmrace.model.operations import LOOKING, Inode, Operation, SegmentKind

_TELLS_SIZE = (Operation.SIZE, Operation.RESERVE, Operation.TRUNCATE, Operation.WRITE)
_SEES_SIZE = (*LOOKING, Operation.MAP)


def alias_of(subject: str) -> str:
    """The alias of a name, made of its segment's subject, because its text may be random."""
    return f"@{subject}"


@dataclass
class Segment:
    """One segment.  Its lists hold (actor, step), in the order of the steps."""

    label: str  # seg0, seg1, ...: in the order of creation in this execution
    subject: str  # "sender#0": the creator and its n-th creation, the same in every execution
    inode: Inode
    creator: str
    created: int
    kind: SegmentKind = SegmentKind.FILE
    size: int = 0  # bytes
    sized: int | None = None  # the step that first gave it a size
    names: list[str] = field(default_factory=list)
    attached: list[tuple[str, int]] = field(default_factory=list)
    mapped: list[tuple[str, int]] = field(default_factory=list)
    unlinked: list[tuple[str, int]] = field(default_factory=list)
    wrote: list[tuple[str, int]] = field(default_factory=list)
    in_memory: list[tuple[str, int]] = field(default_factory=list)  # it may have loaded or stored
    let_go: list[tuple[str, int]] = field(default_factory=list)  # of its last descriptor or mapping
    looks_at_nothing: list[tuple[str, int]] = field(default_factory=list)  # a look that saw size 0

    @property
    def measure(self) -> str:
        """Its size as of now, such as "64 B"; or what it is, if it is no file."""
        return f"{self.size} B" if self.kind is SegmentKind.FILE else f"a {self.kind}"


@dataclass(frozen=True)
class Miss:
    """An operation on a name that means no segment."""

    actor: str
    step: int
    operation: str
    name: str
    last: Segment | None  # the segment that the name meant before, if any
    by: int | None  # the step that removed the name


@dataclass
class Name:
    """The history of one name: the segments that it means and meant, and its removal."""

    alias: str
    means: Segment | None = None  # now
    last: Segment | None = None
    removed: int | None = None  # the step that removed it last
    history: list[tuple[int, str, Segment | None]] = field(default_factory=list)
    """(step, actor, segment) for each change; the segment is None for a removal."""


class Ledger:
    """`record` enters a step; the other methods ask about the steps so far."""

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.misses: list[Miss] = []
        self.names: dict[str, Name] = {}
        self._by_inode: dict[Inode, Segment] = {}
        self._creations: dict[str, int] = {}

    def record(self, step: int, actor: str, effect: Effect) -> Segment | None:
        """Enter the effect of one step, and return the segment that it was about."""
        segment = self._by_inode.get(effect.inode) if effect.inode is not None else None
        if effect.ok:
            segment = self._done(step, actor, effect, segment)
        else:
            self._failed(step, actor, effect)
        for inode, size in effect.resized:
            if inode in self._by_inode:
                _set_size(self._by_inode[inode], step, size)
        for inode in effect.written:
            if inode in self._by_inode:
                self._by_inode[inode].wrote.append((actor, step))
        for inode in effect.in_memory:
            if inode in self._by_inode:
                self._by_inode[inode].in_memory.append((actor, step))
        for inode in effect.released:
            if inode in self._by_inode:
                self._by_inode[inode].let_go.append((actor, step))
        return segment

    def segment(self, inode: Inode | None) -> Segment | None:
        """The segment with this inode; None if the ledger does not know it."""
        return self._by_inode.get(inode) if inode is not None else None

    def adopt(self, step: int, actor: str, inode: Inode, kind: SegmentKind) -> Segment:
        """Enter a segment without a name, such as a memfd or an ``O_TMPFILE``."""
        return self._by_inode.get(inode) or self._new(step, actor, inode, kind)

    def meaning(self, name: str) -> Segment | None:
        """The segment that the name means now."""
        entry = self.names.get(name)
        return entry.means if entry else None

    def meant(self, name: str, step: int) -> Segment | None:
        """The segment that the name meant just before a step."""
        meaning = None
        for changed, _, segment in self.names[name].history if name in self.names else ():
            if changed >= step:
                break
            meaning = segment
        return meaning

    def keys(self, name: str) -> tuple[str, ...]:
        """All keys of a name: its text and, once it was created, its alias."""
        entry = self.names.get(name)
        return (name, alias_of(entry.alias)) if entry else (name,)

    def key(self, inode: Inode) -> str:
        """The key of a segment, the same in every execution."""
        segment = self._by_inode.get(inode)
        return segment.subject if segment else f"inode {inode[1]}"

    def label(self, name: str) -> str:
        """The label of the segment that the name means or meant last, else the name itself."""
        entry = self.names.get(name)
        owner = entry and (entry.means or entry.last)
        return owner.label if owner else name

    def linked(self) -> list[tuple[str, Segment]]:
        """(name, segment) for each name that means a segment now, in the order of creation."""
        return [(name, entry.means) for name, entry in self.names.items() if entry.means]

    def life(self, segment: Segment) -> str:
        """One line with the segment's life: creation, attaches, unlinks and misses."""
        text = f"created by {segment.creator}:{segment.created + 1}"
        if segment.attached:
            text += " -> attached by " + ", ".join(f"{a}:{s + 1}" for a, s in segment.attached)
        if segment.unlinked:
            text += " -> unlinked by " + ", ".join(f"{a}:{s + 1}" for a, s in segment.unlinked)
        elif segment.names:
            text += " -> never unlinked: LEAK"
        missed = [miss for miss in self.misses if miss.last is segment]
        for miss in missed:
            text += f" -> {miss.actor}:{miss.step + 1} missing"
        return text

    def _done(
        self, step: int, actor: str, effect: Effect, segment: Segment | None
    ) -> Segment | None:
        """Enter an operation that succeeded."""
        if effect.kind == Operation.CREATE and effect.inode is not None:
            segment = self._create(step, actor, effect)
        elif effect.kind == Operation.ATTACH and segment is not None:
            segment.attached.append((actor, step))
        elif effect.kind == Operation.UNLINK and effect.names:
            self._remove(effect.names[0], step, actor, segment)
        elif effect.kind == Operation.LINK and segment is not None:
            self._give(effect.names[-1], step, actor, segment)
        elif effect.kind == Operation.RENAME and segment is not None:
            self._rename(step, actor, effect, segment)
        if segment is not None:
            self._resize(step, actor, effect, segment)
        return segment

    def _failed(self, step: int, actor: str, effect: Effect) -> None:
        if effect.error != "ENOENT" or not effect.names:
            return
        name = effect.names[0]
        entry = self.names.get(name)
        self.misses.append(
            Miss(
                actor, step, effect.kind, name,
                entry.last if entry else None, entry.removed if entry else None,
            )
        )  # fmt: skip

    def _new(self, step: int, actor: str, inode: Inode, kind: SegmentKind) -> Segment:
        nth = self._creations.get(actor, 0)
        self._creations[actor] = nth + 1
        segment = Segment(
            f"seg{len(self.segments)}", f"{actor}#{nth}", inode, actor, step, kind=kind
        )
        self.segments.append(segment)
        self._by_inode[inode] = segment
        return segment

    def _create(self, step: int, actor: str, effect: Effect) -> Segment:
        assert effect.inode is not None
        segment = self._new(step, actor, effect.inode, effect.made or SegmentKind.FILE)
        for name in effect.names:
            self._give(name, step, actor, segment)
        return segment

    def _give(self, name: str, step: int, actor: str, segment: Segment) -> None:
        entry = self.names.setdefault(name, Name(segment.subject))
        entry.means = entry.last = segment
        entry.history.append((step, actor, segment))
        if name not in segment.names:
            segment.names.append(name)

    def _remove(self, name: str, step: int, actor: str, segment: Segment | None) -> None:
        self._forget(name, step, actor)
        if segment is not None:
            segment.unlinked.append((actor, step))

    def _rename(self, step: int, actor: str, effect: Effect, segment: Segment) -> None:
        source, target = effect.names
        pushed_out = self.segment(effect.replaced)
        inner = self.linked()
        if effect.exchanges and pushed_out is not None:
            self._give(source, step, actor, pushed_out)
        else:
            if pushed_out is not None:
                pushed_out.unlinked.append((actor, step))
            self._forget(source, step, actor)
        self._give(target, step, actor, segment)
        self._move_along(inner, source, target, step, actor)

    def _move_along(
        self, inner: Sequence[tuple[str, Segment]], source: str, target: str, step: int, actor: str
    ) -> None:
        """What lies in a directory moves with it; if two change places, that of both does."""
        moved = [
            (name, there + name.removeprefix(here), segment)
            for here, there in ((source, target), (target, source))
            for name, segment in inner
            if name.startswith(f"{here}/")
        ]
        for name, _, _ in moved:
            self._forget(name, step, actor)
        for _, name, segment in moved:
            self._give(name, step, actor, segment)

    def _forget(self, name: str, step: int, actor: str) -> None:
        """The name means nothing any more, though its segment may have another."""
        entry = self.names.get(name)
        if entry is not None:
            entry.means, entry.removed = None, step
            entry.history.append((step, actor, None))

    @staticmethod
    def _resize(step: int, actor: str, effect: Effect, segment: Segment) -> None:
        if effect.kind in _TELLS_SIZE and effect.size is not None:
            _set_size(segment, step, effect.size)
        elif effect.truncates:
            segment.size = 0
        elif effect.kind == Operation.MAP:
            segment.mapped.append((actor, step))
        if effect.kind in _SEES_SIZE and effect.size == 0:
            segment.looks_at_nothing.append((actor, step))


def _set_size(segment: Segment, step: int, size: int) -> None:
    segment.size = size
    if segment.sized is None and size:
        segment.sized = step
