"""Faults as decisions: what may strike, at which operation, in whom.

Spelled ``kill``, ``kill@rank*``, ``kill:unlink@rank0``: what, before which operation, in which
actors.  A fault is a party of its own to the explorer: it may strike at any gate at which its
victim stands, and it happens at most `max_faults` times in an execution.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from shmrace.dependence import Mode, life
from shmrace.engine.actor import Actor
from shmrace.errors import UsageError
from shmrace.schedule import Choice
from shmrace.trace import Turn

KINDS = ("kill",)
BUDGET = "faults"
"""The object that every fault writes: one uses up what another might have."""


@dataclass(frozen=True)
class Fault:
    """A rule for one kind of fault; `operation` and `actor` are patterns."""

    kind: str
    operation: str = "*"
    actor: str = "*"

    def __str__(self) -> str:
        operation = "" if self.operation == "*" else f":{self.operation}"
        return f"{self.kind}{operation}" + ("" if self.actor == "*" else f"@{self.actor}")

    def strikes(self, actor: str, operation: str) -> bool:
        return fnmatchcase(actor, self.actor) and fnmatchcase(operation, self.operation)


def parse(text: str) -> Fault:
    """The fault that `text` spells; raises `UsageError`."""
    what, _, whom = text.partition("@") if isinstance(text, str) else ("", "", "")
    kind, _, operation = what.partition(":")
    if kind not in KINDS:
        raise UsageError(
            f"unknown fault {text!r}: there is {', '.join(KINDS)}, as in 'kill@rank*' or"
            " 'kill:unlink@rank0'"
        )
    return Fault(kind, operation or "*", whom or "*")


def texts(faults: Sequence[str] | str) -> tuple[str, ...]:
    """One fault or several, as they were given; raises `UsageError` for what is neither."""
    try:
        return (faults,) if isinstance(faults, str) else tuple(faults)
    except TypeError:
        raise UsageError(f"faults must be a list, as in ['kill@rank*'], not {faults!r}") from None


def choices(rules: Sequence[Fault], actors: Iterable[Actor]) -> list[Choice]:
    """The faults that may strike now: actors that play a part, where they stand at a gate."""
    found: dict[Choice, None] = {}
    for rule in rules:
        for actor in actors:
            if actor.part and actor.gate is not None and not actor.ended:
                operation = actor.gate.operation
                if rule.strikes(actor.name, operation):
                    found[Choice(actor.name, operation, rule.kind)] = None
    return list(found)


def pending(rules: Sequence[Fault], actors: Iterable[Actor]) -> list[Turn]:
    """The faults that could have struck before the end of an execution, and did not."""
    return [
        Turn(
            f"{rule.kind} {actor.name}",
            rule.kind,
            frozenset({(life(actor.process.name), Mode.WRITE)}),
        )
        for rule in rules
        for actor in actors
        if actor.part and not actor.killed and fnmatchcase(actor.name, rule.actor)
    ]
