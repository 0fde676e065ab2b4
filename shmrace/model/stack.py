"""Python stacks as data, and which of their frames belong to the code under test."""

import os
import sysconfig
from collections.abc import Sequence
from typing import NamedTuple


class Frame(NamedTuple):
    """One line of a Python stack: a source file, its line, the function around it."""

    path: str
    line: int
    function: str

    @property
    def file(self) -> str:
        """The last part of its path."""
        return os.path.basename(self.path)

    @property
    def short(self) -> str:
        """As a reader is shown it: "mm_utils.py:1576"."""
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

    shmrace's own, the standard library's and installed packages' are cut; the lifecycles,
    transports and scenarios that shmrace carries are what it tests, so they stay.
    """
    return tuple(frame for frame in stack if _is_users(frame.path))


def shared_frames(first: Sequence[Frame], second: Sequence[Frame]) -> tuple[Frame, Frame] | None:
    """The frames of the deepest call that two stacks have in common, one out of each.

    They came to it by the same lines, but may stand at different lines of it now.
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
