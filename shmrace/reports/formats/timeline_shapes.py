"""The shapes of a timeline, which the SVG of a page draws; lengths and places in pixels."""

import linecache
from dataclasses import dataclass
from typing import NamedTuple

from shmrace.model.stack import user_frames
from shmrace.model.trace import Step
from shmrace.reports.steps import Row

_MOST = 6


class Told(NamedTuple):
    """One frame, as a page shows it."""

    where: str  # "mm_utils.py:1576"
    function: str
    source: str  # the line of source; empty if the file cannot be read


def told(step: Step) -> tuple[Told, ...]:
    """The frames of a step, innermost first; empty if no stack was taken."""
    return tuple(
        Told(frame.short, frame.function, linecache.getline(frame.path, frame.line).strip())
        for frame in user_frames(step.stack)[:_MOST]
    )


class Lane(NamedTuple):
    """The column of an actor's marks; `short` is as much of the name as fits."""

    actor: str
    x: int
    short: str


class Line(NamedTuple):
    """A line from one point to another; `kind` says what it means."""

    kind: str  # "message", "switch", "preempts", "race"
    x1: int
    y1: int
    x2: int
    y2: int


class Bar(NamedTuple):
    """A segment's life: while it has a name, and while it is held without one."""

    label: str
    colour: int
    x: int
    top: int
    bottom: int  # its unlink
    held_to: int  # the end of its last holding; never above `bottom`
    left: bool
    said: str


class Band(NamedTuple):
    """A stretch of a lane in which the actor holds a segment."""

    colour: int
    x: int
    width: int
    top: int
    bottom: int
    said: str


@dataclass(frozen=True)
class Mark:
    """A row of the picture: one or more steps of one actor."""

    row: Row
    x: int
    y: int
    half: int  # half of the row's height
    label: str  # as much of `words` as fits
    words: str
    notes: tuple[str, ...]  # "races with step 22", ...
    frames: tuple[Told, ...]

    @property
    def kind(self) -> str:
        """Its classes in the style sheet."""
        flags = {
            "race": self.row.racing,
            "preempts": self.row.preempts,
            "fatal": self.row.fatal,
            "failed": self.row.failed,
            "quiet": self.row.quiet,
        }
        return " ".join(name for name, set_ in flags.items() if set_)

    @property
    def title(self) -> str:
        """The tooltip of the mark."""
        lines = [f"step {self.row.number}, {self.row.actor}: {self.words}", *self.notes]
        for frame in self.frames:
            lines.append(f"{frame.where}  {frame.function}")
            lines += [f"    {frame.source}"] if frame.source else []
        return "\n".join(lines)


@dataclass(frozen=True)
class Timeline:
    """All shapes of a timeline; all lengths are in pixels."""

    width: int
    height: int
    lane_width: int
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[tuple[int, int], ...]  # (y, how many rows are not shown there)
    chosen: Mark | None  # the mark to show first
    hidden_segments: int
