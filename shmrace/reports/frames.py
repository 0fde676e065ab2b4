"""The user's frames of a step, each with the text of its source line."""

import linecache
from typing import NamedTuple

from shmrace.model.stack import user_frames
from shmrace.model.trace import Step

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
