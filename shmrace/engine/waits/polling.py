"""What an actor polls, in words, for the report of a livelock."""

from shmrace.engine.state.actor import Actor, gate_of
from shmrace.model.ledger import Ledger
from shmrace.model.objects import Object, ObjectKind
from shmrace.model.prose import listed

_ORDER = tuple(ObjectKind)


def described(actor: Actor, ledger: Ledger) -> str:
    """As in "looks at the bytes of seg0 again and again"."""
    found = sorted(actor.rounds.objects, key=lambda one: (_ORDER.index(one.kind), one.whose))
    seen = [text for text in dict.fromkeys(_text(one, ledger) for one in found) if text]
    what = f"looks at {listed(seen)}" if seen else f"comes to its {gate_of(actor).operation}"
    return f"{what} again and again"


def _text(one: Object, ledger: Ledger) -> str:
    """An object as a reader knows it; empty for what stands beside another one."""
    if one.kind is ObjectKind.NAME:
        return f"the name {ledger.label(one.whose[0])}" if not one.whose[0].startswith("@") else ""
    if one.kind in (ObjectKind.BYTES, ObjectKind.SIZE, ObjectKind.LOCK_STATE):
        labels = {segment.subject: segment.label for segment in ledger.segments}
        what = {ObjectKind.LOCK_STATE: "lock"}.get(one.kind, str(one.kind))
        return f"the {what} of {labels.get(one.whose[0], 'a file')}"
    if one.kind is ObjectKind.LIFE:
        return f"the life of {one.whose[0]}"
    if one.kind is ObjectKind.MESSAGE:
        return f"messages of {one.whose[0]}"
    if one.kind is ObjectKind.NEWS:
        return "its channels"
    if one.kind is ObjectKind.DIRECTORY:
        return "the list of names"
    return ""
