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

from shmrace.engine.gate import errnos
from shmrace.engine.protocol import EXIT_SIGNAL, Primitive
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.gate import Gate
from shmrace.errors import UsageError
from shmrace.linux import procfs
from shmrace.model.faults import DEADLY, OUTSIDERS, FaultKind
from shmrace.model.ledger import Ledger
from shmrace.model.objects import DIRECTORY, FAULTS, Accesses, Mode, course_of, life_of, name_of
from shmrace.model.operations import Operation
from shmrace.model.schedule import Choice

OUTSIDER = "outsider"
"""Who does what no actor does."""

_KINDS: dict[str, FaultKind] = {kind.value: kind for kind in FaultKind}

_OVER = (Operation.END, Operation.EXIT)
"""Operations behind which nothing of an actor's body is left."""


@dataclass(frozen=True)
class Fault:
    """A rule for one kind of fault; `operation` and `actor` are patterns."""

    kind: str  # a `FaultKind`, or the name of an errno
    operation: str = "*"
    actor: str = "*"

    def concerns(self, actor: str, gate: Gate) -> bool:
        """Do its patterns match?"""
        if self.actor != "*" and not fnmatchcase(actor, self.actor):
            return False
        return self.operation == "*" or any(
            fnmatchcase(said, self.operation) for said in (gate.operation, gate.detail)
        )

    def __str__(self) -> str:
        operation = "" if self.operation == "*" else f":{self.operation}"
        return f"{self.kind}{operation}" + ("" if self.actor == "*" else f"@{self.actor}")


@dataclass(frozen=True)
class PossibleFault:
    """A fault that may strike now: the choice, and what it would touch."""

    choice: Choice
    accesses: Accesses


def parse(text: str) -> Fault:
    """The fault that `text` spells; raises `UsageError`."""
    what, _, whom = text.partition("@") if isinstance(text, str) else ("", "", "")
    kind, _, operation = what.partition(":")
    if kind not in _KINDS and kind not in errnos.ERRNOS:
        raise UsageError(
            f"unknown fault {text!r}: there is {', '.join(_KINDS)}, and an errno of"
            f" {', '.join(errnos.ERRNOS)}; as in 'kill@rank*', 'kill:unlink@rank0' or"
            " 'ENOMEM:map'"
        )
    allowed = errnos.ALLOWED.get(operation)
    if kind in errnos.ERRNOS and allowed is not None and kind not in allowed:
        raise UsageError(
            f"fault {text!r}: {operation} does not fail with {kind}; it may with"
            f" {', '.join(sorted(allowed))}"
        )
    return Fault(_KINDS.get(kind, kind), operation or "*", whom or "*")


def texts(faults: Sequence[str] | str) -> tuple[str, ...]:
    """One fault or several, as they were given; raises `UsageError` for what is neither."""
    try:
        return (faults,) if isinstance(faults, str) else tuple(faults)
    except TypeError:
        raise UsageError(f"faults must be a list, as in ['kill@rank*'], not {faults!r}") from None


class PossibleFaults:
    """The faults that may strike in one execution.  What each actor offers is found out once, and
    again when anything of its process has moved: another thread may have changed what its signals
    do."""

    def __init__(self, rules: Sequence[Fault]) -> None:
        self._rules = tuple(rules)
        # by actor: what it was like when they were found out, and those of each rule
        self._on: dict[str, tuple[object, dict[int, PossibleFault]]] = {}

    def now(self, actors: Iterable[Actor], ledger: Ledger) -> list[PossibleFault]:
        """Rule by rule, in the order of actors and names."""
        offered = [self._of(actor) for actor in actors if actor.gate is not None]
        found: dict[Choice, PossibleFault] = {}
        for place, rule in enumerate(self._rules):
            if rule.kind in OUTSIDERS:
                made = _by_an_outsider(rule, ledger)
            else:
                made = [one[place] for one in offered if place in one]
            for strike in made:
                found.setdefault(strike.choice, strike)
        return list(found.values())

    def _of(self, actor: Actor) -> dict[int, PossibleFault]:
        moved = [one.last.turn for one in actor.process.actors]
        operation = actor.gate.operation if actor.gate is not None else ""
        since = (actor.gate, operation, moved, actor.outcome, actor.is_role)
        known = self._on.get(actor.name)
        if known is None or known[0] != since:
            places = enumerate(self._rules)
            found = {at: _on(actor, rule) for at, rule in places if _may_strike(rule, actor)}
            known = self._on[actor.name] = (since, found)
        return known[1]


def _may_strike(rule: Fault, actor: Actor) -> bool:
    gate = actor.gate
    if gate is None or actor.ended or not rule.concerns(actor.name, gate):
        return False
    if rule.kind in errnos.ERRNOS:
        return errnos.may_fail(gate, rule.kind)
    if rule.kind == FaultKind.RAISE:
        return gate.primitive == Primitive.CHECKPOINT
    if not actor.is_role:
        return False
    if rule.kind == FaultKind.EXIT:
        able = actor.process.dumps_stacks and actor.outcome is None and gate.operation not in _OVER
        return able and not procfs.blocks_signal(actor.thread, EXIT_SIGNAL)
    if rule.kind == FaultKind.TERM:
        if procfs.blocks_signal(actor.thread, signal.SIGTERM):
            return False
        caught = procfs.handles_signal(actor.thread, signal.SIGTERM)
        return not caught or errnos.interruptible(gate)
    return True


def _on(actor: Actor, rule: Fault) -> PossibleFault:
    assert actor.gate is not None
    struck = course_of(actor.name) if rule.kind not in DEADLY else life_of(actor.process.name)
    return PossibleFault(
        Choice(actor.name, actor.gate.operation, rule.kind),
        frozenset({(struck, Mode.WRITE), (FAULTS, Mode.WRITE)}),
    )


def _by_an_outsider(rule: Fault, ledger: Ledger) -> list[PossibleFault]:
    names = [
        (name, segment)
        for name, segment in ledger.linked()
        if fnmatchcase(segment.creator, rule.actor)
    ]
    groups = [[one] for one in names] if rule.kind == FaultKind.UNLINK else [names] if names else []
    found = []
    for group in groups:
        whose = OUTSIDER if rule.kind == FaultKind.WIPE else group[0][1].subject
        accesses = {(FAULTS, Mode.WRITE), (DIRECTORY, Mode.UPDATE)}
        accesses |= {(name_of(key), Mode.WRITE) for name, _ in group for key in ledger.keys(name)}
        found.append(PossibleFault(Choice(whose, rule.kind, rule.kind), frozenset(accesses)))
    return found
