"""Optional packages, which some scenarios need: the extras of the project.

`import shmrace`, the fixture `race` and the command line work without them.  A scenario that needs
a missing package is a usage error, and the message names the command that installs the package.
"""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from shmrace.errors import UsageError


@dataclass(frozen=True)
class OptionalPackage:
    """A package's name on PyPI, and the extra of shmrace that installs it."""

    package: str
    extra: str

    @property
    def command(self) -> str:
        """The command that installs the package."""
        return f"pip install 'shmrace[{self.extra}]'"


OPTIONAL = {
    "torch": OptionalPackage("torch", "torch"),
    "numpy": OptionalPackage("numpy", "torch"),
    "zmq": OptionalPackage("pyzmq", "zmq"),
}
"""The optional packages, by import name.  pyproject.toml lists the same extras."""


@contextlib.contextmanager
def needed_by(what: str) -> Iterator[None]:
    """A block in which an optional package may be missing.

    Raises a `UsageError` that says that `what` needs the package, and how to install it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        missing = OPTIONAL.get(error.name or "")
        if missing is None:
            raise
        raise UsageError(
            f"{what} needs {missing.package}, which is not installed: {missing.command}"
        ) from None
