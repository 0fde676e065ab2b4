"""The shapes of a timeline: what the SVG of a page draws; lengths and places in pixels."""

import linecache
from dataclasses import dataclass
from typing import NamedTuple

from shmrace.model.stack import user_frames
from shmrace.model.trace import Step
from shmrace.reports.steps import Row

_MOST = 6


class Told(NamedTuple):
    """One frame as a reader is shown it."""

    where: str  # "mm_utils.py:1576"
    function: str
    source: str  # empty where the file is not there to be read


def told(step: Step) -> tuple[Told, ...]:
    """The innermost first; empty where no stack was taken."""
    return tuple(
        Told(frame.short, frame.function, linecache.getline(frame.path, frame.line).strip())
        for frame in user_frames(step.stack)[:_MOST]
    )


class Lane(NamedTuple):
    """Where an actor's marks are, and how much of its name fits."""

    actor: str
    x: int
    short: str


class Line(NamedTuple):
    """From one point to another; `kind` says what it means."""

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
    bottom: int  # where its name ends
    held_to: int  # where the last hold of it ends; not above `bottom`
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
    """A row of the picture: one actor's step, or a few."""

    row: Row
    x: int
    y: int
    half: int  # of the row's height
    label: str  # as much as fits
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
            "vain": self.row.vain,
            "quiet": self.row.quiet,
        }
        return " ".join(name for name, set_ in flags.items() if set_)

    @property
    def title(self) -> str:
        """What a pointer that rests on it is told."""
        lines = [f"step {self.row.number}, {self.row.actor}: {self.words}", *self.notes]
        for frame in self.frames:
            lines.append(f"{frame.where}  {frame.function}")
            lines += [f"    {frame.source}"] if frame.source else []
        return "\n".join(lines)


@dataclass(frozen=True)
class Timeline:
    """Everything that is drawn; all lengths in pixels."""

    width: int
    height: int
    lane_width: int
    lanes: tuple[Lane, ...]
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    gaps: tuple[tuple[int, int], ...]  # y, and how many rows are not shown there
    chosen: Mark | None  # the one to look at first
    hidden_segments: int
