"""A step is said to be possible since the step that made it so, also where one turn has several."""

import os

import shmrace
from shmrace.reports.formats import mermaid


class Pipes(shmrace.Scenario):
    """The writer waits for its child, in whose turn the wait ends; then it sends a message."""

    ranks = 1

    @shmrace.actor()
    def writer(self, world: shmrace.World) -> None:
        reads, writes = os.pipe()
        if os.fork() == 0:
            os.write(writes, b"x")
            os._exit(0)
        os.read(reads, 1)
        os.wait()
        world.send("rank0", "go")

    def rank(self, world: shmrace.World) -> None:
        assert world.recv("writer") != "go"


def test_a_message_comes_from_its_send() -> None:
    (finding,) = shmrace.explore(Pipes).findings
    received = next(step for step in finding.trace if step.operation == "recv")
    (sent,) = finding.because_of(received)
    assert (sent.actor, sent.operation) == ("writer", "send")
    assert len(finding.turns) < len(finding.trace)  # one turn has more than one step
    assert "sequenceDiagram" in mermaid.diagram(finding)
