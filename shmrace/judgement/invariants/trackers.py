"""Resource trackers: a name is unregistered although the tracker's set does not hold it.

A tracker has one set for all processes that share it.  If the creator has registered a name, a
second registration by an attach changes nothing.  The first process that unregisters the name
therefore removes it for all.  If the others are killed, the segment is left; at the next unregister
the tracker prints a `KeyError`.

Source: CPython, Lib/multiprocessing/resource_tracker.py; bpo-38119.
"""

from shmrace.errors import TrackerImbalance
from shmrace.model.breach import Breach
from shmrace.model.record import Record, Tracked


def breaches(record: Record) -> list[Breach]:
    """A breach for each unregister of a name that is not registered."""
    registered: set[tuple[str, str]] = set()
    taken: dict[tuple[str, str], Tracked] = {}
    found = []
    for one in record.tracked:
        entry = (one.tracker, one.name)
        if one.registers:
            registered.add(entry)
        elif entry in registered:
            registered.remove(entry)
            taken[entry] = one
        else:
            found.append(_breach(record, one, taken.get(entry)))
    return found


def _breach(record: Record, one: Tracked, before: Tracked | None) -> Breach:
    label = record.ledger.label(one.name)
    text = f"{one.actor} unregisters {label}{record.where(one.step)} from its resource tracker,"
    racing = None
    if before is None:
        text += " with which nobody has registered it"
    else:
        text += f" from which {before.actor} has unregistered it{record.where(before.step)}"
        if before.step >= 0 and before.actor != one.actor:
            racing = (before.step, one.step)
    return Breach(
        TrackerImbalance, text, actor=one.actor, segment=label, racing=racing,
        step=one.step if one.step >= 0 else None,  # -1 in the setup
    )  # fmt: skip
