"""What a turn touches, as two integers, so that dependence is one AND.

An object has three bits: it is read, updated, written.  `does` holds what a turn does, `minds` what
it would notice another one doing; two turns depend on each other if one minds what the other does,
and this is symmetric.  Whoever moves in a turn counts as an object that it writes, so the turns of
one actor depend on each other too.
"""

from dataclasses import dataclass

from shmrace.model.objects import Accesses, Mode, Object
from shmrace.model.trace import Turn

_DOES = {Mode.READ: 1, Mode.UPDATE: 2, Mode.WRITE: 4}
_ALL = 1 | 2 | 4
_MINDS = {Mode.READ: 2 | 4, Mode.UPDATE: 1 | 4, Mode.WRITE: 1 | 2 | 4}


@dataclass(frozen=True, slots=True)
class Event:
    """A turn as the exhaustive explorer compares it."""

    party: str
    does: int
    changes: int  # the part of `does` that is more than reading
    minds: int
    touches: int  # all three bits of every object
    own: int  # the part of `does` that says who chose to move
    others: int  # the part of `does` that says who moved along
    along: int  # the part of `minds` that is theirs alone
    beside: int  # what other threads of their processes would do by moving
    turn: Turn


class Footprints:
    """Gives objects their bits, in the order in which they turn up."""

    def __init__(self) -> None:
        self._shifts: dict[Object | str, int] = {}  # by object; by actor, for its moves
        self._moves: dict[str, int] = {}  # by actor
        self._masks: dict[Accesses, tuple[int, int, int, int]] = {}

    def of(self, turn: Turn) -> Event:
        masks = self._masks.get(turn.accesses)
        if masks is None:
            masks = self._masks[turn.accesses] = self._masks_of(turn.accesses)
        does, changes, minds, touches = masks
        own = self._writes(turn.actor)
        others = 0
        for actor in turn.moved:
            others |= self._writes(actor)
        others &= ~own
        both = own | others
        along = beside = 0
        if turn.along:
            along = minds & ~self._masks_of(turn.accesses - turn.along)[2]
            for actor in turn.beside:
                beside |= self._writes(actor)
        return Event(
            turn.actor, does | both, changes | both, minds | both, touches | both, own, others,
            along, beside, turn,
        )  # fmt: skip

    def _writes(self, actor: str) -> int:
        found = self._moves.get(actor)
        if found is None:
            found = self._moves[actor] = _DOES[Mode.WRITE] << self._shift(actor)
        return found

    def _masks_of(self, accesses: Accesses) -> tuple[int, int, int, int]:
        does = changes = minds = touches = 0
        for one, mode in accesses:
            shift = self._shift(one)
            does |= _DOES[mode] << shift
            minds |= _MINDS[mode] << shift
            touches |= _ALL << shift
            if mode is not Mode.READ:
                changes |= _DOES[mode] << shift
        return does, changes, minds, touches

    def _shift(self, key: Object | str) -> int:
        shift = self._shifts.get(key)
        if shift is None:
            shift = self._shifts[key] = 3 * len(self._shifts)
        return shift
