"""What actors printed, at the step in which they did.

Only one of them moves at a time, so whatever an actor's file has grown by in a turn was printed in
it: by that actor, or by a process that it has started, which prints to the same file.  A line
belongs to the step in which it ends.
"""

from collections.abc import Sequence
from dataclasses import replace

from shmrace.engine.processes.forkserver import ForkServer
from shmrace.engine.state.actor import Actor
from shmrace.engine.state.process import Process
from shmrace.model.trace import Step


class PrintedLines:
    """Follows the files of one execution."""

    def __init__(self, server: ForkServer) -> None:
        self._server = server
        self._seen = {part.name: 0 for part in server.parts}  # bytes

    def skip(self) -> None:
        """What was printed by now belongs to no step."""
        self._seen = {name: len(self._server.printed(name)) for name in self._seen}

    def note(self, steps: list[Step], first: int, actors: Sequence[Actor]) -> None:
        """Give the lines that have ended since to the steps from `first` on."""
        for name in self._seen:
            whole, ended, _ = self._new(name).rpartition(b"\n")
            if ended:
                self._seen[name] += len(whole) + 1
                _give(steps, first, name, whole, actors)

    def close(self, steps: list[Step], actors: Sequence[Actor]) -> None:
        """The same for what is left, whether its line has ended or not."""
        for name in self._seen:
            left = self._new(name)
            if left.strip() and steps:
                _give(steps, 0, name, left, actors)

    def _new(self, name: str) -> bytes:
        """What an actor's file has grown by."""
        return self._server.printed(name, self._seen[name])


def _give(steps: list[Step], first: int, owner: str, text: bytes, actors: Sequence[Actor]) -> None:
    """To the last step of the owner or of a process that it started; else to the very last."""
    own = {one.name for one in actors if _owner(one.process) == owner}
    places = [place for place in range(first, len(steps)) if steps[place].actor in own]
    place = places[-1] if places else len(steps) - 1
    lines = tuple(text.decode(errors="replace").splitlines())
    steps[place] = replace(steps[place], printed=steps[place].printed + lines)


def _owner(process: Process) -> str:
    """Whose file a process prints to: that of the first actor among those it descends from."""
    while process.parent is not None and process.parent.actors:
        process = process.parent
    return process.name
