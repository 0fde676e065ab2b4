"""The footprint of a step: which objects it reads and writes, as its outcome tells.

Independence follows from the *outcome*.  A create or unlink that succeeded WRITES its name; one
that failed READS it, and so does every attach.
"""

from collections.abc import Callable

from shmrace.model.effect import Effect
from shmrace.model.locks import LockFamily, LockRequest
from shmrace.model.objects import (
    CHANNELS,
    DIRECTORY,
    SPACE,
    Access,
    Accesses,
    Mode,
    Object,
    ObjectKind,
    attributes_of,
    bytes_of,
    links_of,
    lock_of,
    lock_state_of,
    memory_of,
    name_of,
    size_of,
)
from shmrace.model.operations import (
    CHANGES_NAMES,
    INJECTED,
    LOOKS,
    SEGMENT,
    TAKES_SPACE,
    Inode,
    Operation,
)

_SETS_SIZE = (Operation.SIZE, Operation.RESERVE, Operation.TRUNCATE)
_ADDS_OR_REMOVES_A_NAME = (Operation.LINK, Operation.UNLINK, Operation.RENAME)
_TELLS_ALL = (Operation.STAT, Operation.LOOK)
_DEPENDS_ON_ATTRIBUTES = (Operation.STAT, Operation.ATTACH, Operation.TRUNCATE, *LOOKS)


def accesses_of(
    effect: Effect,
    name_keys: Callable[[str], tuple[str, ...]],
    segment_key: Callable[[Inode], str],
    limited_space: bool = False,
    tells_links: bool = True,
) -> Accesses:
    """The accesses of one step.

    `name_keys` returns all keys of a name, `segment_key` the key of a segment.  `limited_space`
    says that the size of /dev/shm is limited, and `tells_links` that a stat depends on what changes
    the number of names.
    """
    found: set[Access] = set()
    if effect.error != INJECTED:  # an injected error: the call itself was not run
        _touch_names(effect, name_keys, found)
        if effect.inode is not None:
            _touch_segment(effect, segment_key(effect.inode), found, tells_links)
        if effect.replaced is not None:
            found.add((links_of(segment_key(effect.replaced)), Mode.UPDATE))
        if effect.kind == Operation.LIST or effect.lists:
            found.add((DIRECTORY, Mode.READ))
    for inode in effect.sources:
        found |= {
            (bytes_of(segment_key(inode)), Mode.READ),
            (size_of(segment_key(inode)), Mode.READ),
        }
    for inode in effect.held:
        found.add((bytes_of(segment_key(inode)), Mode.READ))
    for inode in effect.written:
        found.add((bytes_of(segment_key(inode)), Mode.WRITE))
    for inode, _ in effect.resized:
        found.add((size_of(segment_key(inode)), Mode.WRITE))
    for inode, space in effect.unlocked:
        found.add((lock_state_of(segment_key(inode), space), Mode.UPDATE))
    for inode, space in effect.looked:
        found.add((lock_state_of(segment_key(inode), space), Mode.READ))
    for name in effect.through:
        for key in name_keys(name):
            found.add((name_of(key), Mode.READ))
    if effect.channel:
        found.add((CHANNELS, Mode.UPDATE if effect.process else Mode.WRITE))
    if effect.process:
        found.add((memory_of(effect.process), Mode.WRITE))
    if limited_space and _takes_space(effect):
        found.add((SPACE, Mode.WRITE))
    return frozenset(found)


def _touch_names(
    effect: Effect, name_keys: Callable[[str], tuple[str, ...]], found: set[Access]
) -> None:
    changed = effect.ok and effect.kind in CHANGES_NAMES
    for name in effect.names:
        for key in name_keys(name):
            found.add((name_of(key), Mode.WRITE if changed else Mode.READ))
    if changed and effect.names:
        found.add((DIRECTORY, Mode.UPDATE))


def _touch_segment(effect: Effect, key: str, found: set[Access], tells_links: bool) -> None:
    sets_size = effect.ok and (effect.kind in _SETS_SIZE or effect.truncates)
    if sets_size:
        found.add((size_of(key), Mode.WRITE))
        found.add((bytes_of(key), Mode.WRITE))
    elif effect.kind in SEGMENT or effect.kind == Operation.LOOK:
        found.add((size_of(key), Mode.READ))
    if effect.kind in (Operation.READ, Operation.WRITE):
        found.add((bytes_of(key), Mode.READ))
    if effect.kind in _ADDS_OR_REMOVES_A_NAME and effect.ok:
        found.add((links_of(key), Mode.UPDATE))
    elif effect.kind in _TELLS_ALL:
        seen = links_of(key) if tells_links else Object(ObjectKind.LINKS_SEEN, (key,))
        found.add((seen, Mode.READ))
    if effect.kind == Operation.CHANGE and effect.ok:
        found.add((attributes_of(key), Mode.WRITE))
    elif effect.kind == Operation.WRITE:
        found.add((attributes_of(key), Mode.UPDATE))
    elif effect.kind in _DEPENDS_ON_ATTRIBUTES:
        found.add((attributes_of(key), Mode.READ))
    if effect.lock is not None:
        _touch_lock(effect, effect.lock, key, found)


def _touch_lock(effect: Effect, lock: LockRequest, key: str, found: set[Access]) -> None:
    """Lock operations that take a lock race with each other, but for two that share one.  Two that
    share a record lock race all the same, since a question tells who of them came first.

    An unlock races only with an operation that asks for the lock without waiting.  An operation
    that waits for the lock is enabled by the unlock, so their order is fixed.
    """
    state = lock_state_of(key, lock.family.space)
    if effect.asks:
        found.add((state, Mode.READ))
    if effect.ok and lock.takes:
        shared = not lock.exclusive and lock.family is LockFamily.FLOCK
        found.add((lock_of(key, lock.family.space), Mode.READ if shared else Mode.WRITE))
        found.add((state, Mode.UPDATE))


def _takes_space(effect: Effect) -> bool:
    return bool(effect.written) or effect.kind in TAKES_SPACE
