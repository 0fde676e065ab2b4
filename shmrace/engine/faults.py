"""Faults as decisions: what may strike, at which operation, in whom.

Spelled ``kill``, ``kill@rank*``, ``kill:unlink@rank0``: what, before which operation, in which
actors.  A fault is a party of its own to the explorer: it may strike at any gate at which its
victim stands, and it happens at most `max_faults` times in an execution.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from shmrace.errors import UsageError

KINDS = ("kill",)
BUDGET = "faults"
"""The object that every fault writes: one uses up what another might have."""


@dataclass(frozen=True)
class Fault:
    """A rule for one kind of fault; `operation` and `actor` are patterns."""

    kind: str
    operation: str = "*"
    actor: str = "*"

    def strikes(self, actor: str, operation: str) -> bool:
        return fnmatchcase(actor, self.actor) and fnmatchcase(operation, self.operation)


def parse(text: str) -> Fault:
    """The fault that `text` spells; raises `UsageError`."""
    what, _, whom = text.partition("@")
    kind, _, operation = what.partition(":")
    if kind not in KINDS:
        raise UsageError(
            f"unknown fault {text!r}: there is {', '.join(KINDS)}, as in 'kill@rank*' or"
            " 'kill:unlink@rank0'"
        )
    return Fault(kind, operation or "*", whom or "*")
