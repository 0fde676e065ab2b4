"""The lines of a report that the user can paste; they are complete and never cut.  Pure."""

import shlex

from shmrace.errors import Nondeterminism
from shmrace.model.operations import Outcome
from shmrace.model.verdict import Finding, Verdict


def pasting(verdict: Verdict, finding: Finding) -> list[tuple[str, tuple[str, ...]]]:
    """(heading, lines) pairs; empty if the finding cannot be replayed."""
    if finding.race is Nondeterminism:
        return []
    found: list[tuple[str, tuple[str, ...]]] = [("REPLAY", (replay(verdict, finding),))]
    debug = _debug(verdict, finding)
    if debug:
        found.append(("DEBUG", (debug,)))
    lines = tuple(move.code for move in finding.explanation.by_hand)
    if lines:
        found.append(("BY HAND", lines))
    if verdict.subject.door.more:
        found.append(("MORE", (verdict.subject.door.more,)))
    return found


def replay(verdict: Verdict, finding: Finding) -> str:
    """The line that replays a finding."""
    if not finding.token:  # a parameter cannot be encoded in a token
        return f"shmrace.run({verdict.subject.shown}, {finding.schedule!r}).check()"
    if verdict.subject.door.test:
        return f"pytest {_quoted(verdict.subject.door.test)} --shmrace-replay {finding.token}"
    if not verdict.subject.within_reach:
        return f'shmrace.run({verdict.target}, "{finding.token}").check()'
    return f"shmrace replay {shlex.quote(verdict.target)} {finding.token}"


def _debug(verdict: Verdict, finding: Finding) -> str:
    """The option that runs the failed actor in the debugger; empty if there is none."""
    parts = {step.actor for step in finding.trace if "/" not in step.actor}
    peers = [actor for actor, _ in finding.explanation.peers]
    actor = peers[0] if finding.faults and peers else finding.actor
    if not finding.token or actor not in parts:
        return ""
    option = "--pdb" if verdict.subject.within_reach else ""
    if verdict.subject.door.test:
        option = "--shmrace-pdb"
    raises = any(step.actor == actor and step.outcome == Outcome.RAISED for step in finding.trace)
    where = "stops where it raises" if raises else "stops at its breakpoint()"
    where = "stops where it learns of the death" if actor in peers else where
    return f"... {option} {actor}          {where}; the others stand still" if option else ""


def _quoted(test: str) -> str:
    """A node id in double quotes, as in pytest's documentation, if that is safe in a shell."""
    return shlex.quote(test) if any(one in test for one in '"$`\\!') else f'"{test}"'
