"""Packages that some scenarios need and the core does not: the extras of the project.

`import shmrace`, the fixture `race` and the command line work without them; a scenario that imports
one that is missing is a usage error, which names the command that installs it.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from shmrace.errors import UsageError


@dataclass(frozen=True)
class OptionalPackage:
    """A package by its name in an index, and the extra of shmrace that installs it."""

    package: str
    extra: str

    @property
    def command(self) -> str:
        """What installs it."""
        return f"pip install 'shmrace[{self.extra}]'"


OPTIONAL = {
    "torch": OptionalPackage("torch", "torch"),
    "numpy": OptionalPackage("numpy", "torch"),
    "zmq": OptionalPackage("pyzmq", "zmq"),
}
"""By the name that is imported.  pyproject.toml lists the same extras."""


@contextlib.contextmanager
def needed_by(what: str) -> Iterator[None]:
    """An import within the block may find an optional package missing: raises `UsageError`, which
    says that `what` needs it and how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        missing = OPTIONAL.get(error.name or "")
        if missing is None:
            raise
        raise UsageError(
            f"{what} needs {missing.package}, which is not installed: {missing.command}"
        ) from None
