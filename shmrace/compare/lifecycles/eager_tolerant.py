"""Eager unlink that tolerates an earlier unlink: the obvious patch, which does not fix the race.

A reader whose unlink comes second continues; a reader whose attach comes second still fails.
"""

import contextlib
from typing import Any

from shmrace.compare.lifecycles.eager import EagerHandle
from shmrace.compare.lifecycles.named import NamedHandle


class EagerTolerantHandle(EagerHandle):
    """A tensor that travels as the name of a segment; unpickled, it is a tensor again."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        NamedHandle.__setstate__(self, state)
        segment = self.copy_and_close()
        assert segment is not None
        with contextlib.suppress(FileNotFoundError):
            segment.unlink()
        self.name = ""
