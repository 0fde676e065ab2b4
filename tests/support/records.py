"""Records of executions, written as a list of what happened."""

from collections.abc import Mapping, Sequence

from shmrace.model.effect import Effect
from shmrace.model.footprints import accesses_of
from shmrace.model.ledger import Ledger
from shmrace.model.record import Death, Ending, Record, Stuck, Tracked
from shmrace.model.trace import Step, Turn


def record(
    happened: Sequence[tuple[str, Effect]],
    endings: Mapping[str, Ending] | None = None,
    deaths: Sequence[Death] = (),
    blocked: Sequence[tuple[str, str]] = (),
    polling: Sequence[tuple[str, str]] = (),
    held: Sequence[tuple[str, str, str]] = (),
    after: Mapping[int, tuple[int, ...]] | None = None,
    released_by: Mapping[int, tuple[int, ...]] | None = None,
    trackers: Mapping[str, str] | None = None,
    tracked: Sequence[Tracked] = (),
) -> Record:
    """The record of (actor, effect) pairs, one step and one turn each."""
    ledger = Ledger()
    steps, turns = [], []
    for index, (actor, effect) in enumerate(happened):
        segment = ledger.record(index, actor, effect)
        outcome = effect.error or "ok"
        label = ledger.label(effect.names[-1]) if effect.names else None
        steps.append(
            Step(
                index,
                actor,
                effect.kind,
                outcome,
                label,
                segment.label if segment else None,
            )
        )
        signature = ((actor, effect.kind, outcome, ""),)
        enabled_by = (after or {}).get(index, ())
        released = (released_by or {}).get(index, ())
        touched = accesses_of(effect, ledger.keys, ledger.key)
        turns.append(Turn(actor, effect.kind, touched, enabled_by, released, signature=signature))
    return Record(
        tuple(steps),
        ledger,
        tuple(turns),
        {index: index for index in range(len(steps))},
        endings or {},
        tuple(deaths),
        Stuck(tuple(blocked), tuple(polling)),
        held=tuple(held),
        trackers=trackers or {},
        tracked=tuple(tracked),
    )


def raised(error: str = "FileNotFoundError", **more: object) -> Ending:
    """An actor's body ended in an exception."""
    return Ending(True, 0, error=error, **more)  # type: ignore[arg-type]


SEGMENT, ANOTHER = (1, 1), (1, 2)


def create(name: str = "n", inode: tuple[int, int] = SEGMENT) -> Effect:
    return Effect("create", names=(name,), inode=inode)


def size(size: int = 64, inode: tuple[int, int] = SEGMENT) -> Effect:
    return Effect("size", inode=inode, size=size)


def attach(name: str = "n", inode: tuple[int, int] = SEGMENT) -> Effect:
    return Effect("attach", names=(name,), inode=inode)


def unlink(name: str = "n", inode: tuple[int, int] = SEGMENT) -> Effect:
    return Effect("unlink", names=(name,), inode=inode)


def attach_in_vain(name: str = "n") -> Effect:
    return Effect("attach", "ENOENT", (name,))


def unlink_in_vain(name: str = "n") -> Effect:
    return Effect("unlink", "ENOENT", (name,))
