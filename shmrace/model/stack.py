"""Python stacks as plain data, and the frames in them that belong to the code under test."""

import os
import sysconfig
from collections.abc import Sequence
from typing import NamedTuple


class Frame(NamedTuple):
    """One frame of a Python stack: its source file, its line, its function."""

    path: str
    line: int
    function: str

    @property
    def file(self) -> str:
        """The last part of the path."""
        return os.path.basename(self.path)

    @property
    def short(self) -> str:
        """The frame as reports show it, such as "mm_utils.py:1576"."""
        return f"{self.file}:{self.line}"


_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_UNDER_TEST = tuple(
    os.path.join(_PACKAGE, *folders, "")
    for folders in (("compare", "lifecycles"), ("compare", "transports"), ("scenarios",))
)
_STANDARD = tuple(sysconfig.get_path(kind) + os.sep for kind in ("stdlib", "platstdlib"))
_INSTALLED = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


def user_frames(stack: Sequence[Frame]) -> tuple[Frame, ...]:
    """The frames of the code under test, innermost first.

    Frames of shmrace, of the standard library and of installed packages are left out.  The
    lifecycles, transports and scenarios of shmrace are code under test, so their frames stay.
    """
    return tuple(frame for frame in stack if _is_users(frame.path))


def shared_frames(first: Sequence[Frame], second: Sequence[Frame]) -> tuple[Frame, Frame] | None:
    """The frames of the deepest call that two stacks have in common, one from each stack.

    Both stacks reached this call by the same lines.  They may be at different lines of it now.
    """
    found = None
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if (one.path, one.function) != (other.path, other.function):
            break
        found = one, other
        if one.line != other.line:
            break
    return found


def _is_users(path: str) -> bool:
    if path.startswith(_UNDER_TEST):
        return True
    if path.startswith(("<", _PACKAGE, *_STANDARD)):
        return False
    return not any(folder in path for folder in _INSTALLED)
