"""Faults as decisions: what may strike, at which operation, in whom.

Spelled ``kill``, ``term@sender``, ``exit@rank0``, ``ENOMEM:map``, ``raise:checkpoint``: what, at
which operation, in which actors; ``unlink`` and ``unlink@sender``: an outsider unlinks a name, of
which creator; ``wipe``: it unlinks all.  A fault is a party of its own to the explorer: it may
strike wherever its victim stands at such a gate, waiting or not, and `max_faults` times at most in
an execution.
"""

import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from shmrace.dependence import BUDGET, DIRECTORY, Accesses, Mode, course, life
from shmrace.engine import body, failures
from shmrace.engine.actor import Actor
from shmrace.engine.protocol import Primitive
from shmrace.errors import UsageError
from shmrace.ledger import Ledger
from shmrace.linux import procfs
from shmrace.schedule import Choice

OUTSIDER = "outsider"
"""Who does what no actor does."""

DEADLY = ("kill", "term", "exit")
KINDS = {
    "kill": "SIGKILL",
    "term": "SIGTERM",
    "exit": "the actor leaves, and runs its exit handlers",
    "raise": "an exception at a checkpoint",
    "unlink": "an outsider unlinks a name",
    "wipe": "an outsider unlinks every name",
}
"""What may strike besides errnos."""

_OVER = ("end", "exit")
"""Operations behind which nothing of an actor's body is left."""


@dataclass(frozen=True)
class Fault:
    """A rule for one kind of fault; `operation` and `actor` are patterns."""

    kind: str
    operation: str = "*"
    actor: str = "*"

    def __str__(self) -> str:
        operation = "" if self.operation == "*" else f":{self.operation}"
        return f"{self.kind}{operation}" + ("" if self.actor == "*" else f"@{self.actor}")


@dataclass(frozen=True)
class Strike:
    """A fault that may strike now: the choice, and what it would touch."""

    choice: Choice
    accesses: Accesses


def parse(text: str) -> Fault:
    """The fault that `text` spells; raises `UsageError`."""
    what, _, whom = text.partition("@") if isinstance(text, str) else ("", "", "")
    kind, _, operation = what.partition(":")
    if kind not in KINDS and kind not in failures.ERRNOS:
        raise UsageError(
            f"unknown fault {text!r}: there is {', '.join(KINDS)}, and an errno of"
            f" {', '.join(failures.ERRNOS)}; as in 'kill@rank*', 'kill:unlink@rank0' or"
            " 'ENOMEM:map'"
        )
    allowed = failures.ALLOWED.get(operation)
    if kind in failures.ERRNOS and allowed is not None and kind not in allowed:
        raise UsageError(
            f"fault {text!r}: {operation} does not fail with {kind}; it may with"
            f" {', '.join(sorted(allowed))}"
        )
    return Fault(kind, operation or "*", whom or "*")


def texts(faults: Sequence[str] | str) -> tuple[str, ...]:
    """One fault or several, as they were given; raises `UsageError` for what is neither."""
    try:
        return (faults,) if isinstance(faults, str) else tuple(faults)
    except TypeError:
        raise UsageError(f"faults must be a list, as in ['kill@rank*'], not {faults!r}") from None


def strikes(rules: Sequence[Fault], actors: Iterable[Actor], ledger: Ledger) -> list[Strike]:
    """The faults that may strike now, rule by rule, in the order of actors and names."""
    found: dict[Choice, Strike] = {}
    everybody = list(actors)
    for rule in rules:
        if rule.kind in ("unlink", "wipe"):
            made = _by_an_outsider(rule, ledger)
        else:
            made = [_on(actor, rule) for actor in everybody if _may_strike(rule, actor)]
        for strike in made:
            found.setdefault(strike.choice, strike)
    return list(found.values())


def _may_strike(rule: Fault, actor: Actor) -> bool:
    gate = actor.gate
    if gate is None or actor.ended or not fnmatchcase(actor.name, rule.actor):
        return False
    if not any(fnmatchcase(said, rule.operation) for said in (gate.operation, gate.detail)):
        return False
    if rule.kind in failures.ERRNOS:
        return failures.may_fail(gate, rule.kind)
    if rule.kind == "raise":
        return gate.primitive == Primitive.CHECKPOINT
    if not actor.is_role:
        return False
    if rule.kind == "exit":
        able = actor.process.dumps_stacks and actor.outcome is None and gate.operation not in _OVER
        return able and not procfs.blocks_signal(actor.thread, body.EXIT_SIGNAL)
    if rule.kind == "term":
        if procfs.blocks_signal(actor.thread, signal.SIGTERM):
            return False
        caught = procfs.handles_signal(actor.thread, signal.SIGTERM)
        return not caught or failures.interruptible(gate)
    return True


def _on(actor: Actor, rule: Fault) -> Strike:
    assert actor.gate is not None
    struck = course(actor.name) if rule.kind not in DEADLY else life(actor.process.name)
    return Strike(
        Choice(actor.name, actor.gate.operation, rule.kind),
        frozenset({(struck, Mode.WRITE), (BUDGET, Mode.WRITE)}),
    )


def _by_an_outsider(rule: Fault, ledger: Ledger) -> list[Strike]:
    names = [
        (name, segment)
        for name, segment in ledger.linked()
        if fnmatchcase(segment.creator, rule.actor)
    ]
    groups = [[one] for one in names] if rule.kind == "unlink" else [names] if names else []
    found = []
    for group in groups:
        whose = OUTSIDER if rule.kind == "wipe" else group[0][1].subject
        accesses = {(BUDGET, Mode.WRITE), (DIRECTORY, Mode.UPDATE)}
        accesses |= {(f"name {key}", Mode.WRITE) for name, _ in group for key in ledger.keys(name)}
        found.append(Strike(Choice(whose, rule.kind, rule.kind), frozenset(accesses)))
    return found
